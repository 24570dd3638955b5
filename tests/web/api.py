"""A caller of the HTTP API: a client with a token."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

import volenti
from tests.web.conftest import SITE
from volenti.users.apitoken import Scope
from volenti.web.application import application
from volenti.web.workspaces import Workspaces

BASE = "/api/v1"
EVERYTHING = tuple(Scope)


@contextmanager
def caller(folder: Path, *scopes: str, per_minute: int = 100_000) -> Iterator[TestClient]:
    """A client that shows a token with these scopes; with all of them where none is named."""
    opened = partial(volenti.open, folder, api_calls_per_minute=per_minute)
    with volenti.open(folder) as ws:
        secret = ws.tokens.add("a test", scopes=scopes or EVERYTHING).secret
    made = application(Workspaces(opened))
    with TestClient(made, base_url=SITE, raise_server_exceptions=False) as client:
        client.headers["authorization"] = f"Bearer {secret}"
        yield client


def png(seed: int) -> bytes:
    """A small picture of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 48, 3), dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()
