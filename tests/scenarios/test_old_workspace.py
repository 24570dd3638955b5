"""A workspace that an earlier version made opens, holds what it held, and goes on."""

import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.studio import reopened
from tests.workspaces.make import BEGAN, HERE, STOPPED, remains
from volenti.core.canonical import Json
from volenti.erasure.certificate import verify
from volenti.workspace import Workspace

MADE = sorted(path.stem for path in HERE.glob("*.zip"))


@pytest.fixture(params=MADE)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Workspace, Json]]:
    """The workspace, and what was written down of it when it was made."""
    at = tmp_path / "workspace"
    with zipfile.ZipFile(HERE / f"{request.param}.zip") as packed:
        packed.extractall(at)
    (at / "secret").chmod(0o700)
    said = json.loads((HERE / f"{request.param}.json").read_text())
    with reopened(at, clock=lambda: BEGAN + timedelta(days=5)) as ws:
        yield ws, said


def test_there_is_one() -> None:
    assert MADE


def test_it_holds_what_it_held(made: tuple[Workspace, Json]) -> None:
    ws, said = made
    assert remains(ws) == said


def test_its_certificates_verify(made: tuple[Workspace, Json]) -> None:
    ws, said = made
    certified = [request for request, *_ in said["rows"]["certificate"]]
    assert certified
    for request in certified:
        certificate = ws.erasure.certificate(request)
        assert (
            verify(json.dumps(certificate).encode(), ws.public_key).statement["predicate"]["request"]
            == request
        )


def test_what_was_begun_in_it_is_carried_through(made: tuple[Workspace, Json]) -> None:
    ws, _ = made
    for each in ws.requests.unfinished():
        if each.kind == "withdrawal":
            ws.withdrawals.run(each.id)
        elif each.kind == "restriction":
            ws.restrictions.lift(each.id)
        elif each.kind == "objection":
            ws.restrictions.uphold(each.id)
    assert len(ws.run_all()) == 3
    assert ws.requests.unfinished() == []
    assert {STOPPED, "ida"}.isdisjoint(each.id for each in ws.consent.subjects())
    assert ws.audit(deep=True).problems == []
    assert all(each.ok for each in ws.prove_forgetting())
