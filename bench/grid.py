"""What the grid of pictures takes of the server, with 100,000 pictures; bench/out/grid.json.

    python bench/grid.py [--pictures 100000] [--requests 60] [--folder FOLDER]

Pictures are small, of people who do not exist; their rows lie as clearing leaves them
(common/synthetic_store.py). A tenth is held. Each figure is what one request takes in this process, from the
request to the whole answer, asked by an officer who is signed in: the page, a jump to anywhere, a filter, a
picture's page, and a small picture. FOLDER keeps the workspace, and is used again where it is there.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from common.synthetic_store import Said, stock
from PIL import Image
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1]))
import volenti
from tests.web.conftest import PASSWORD, SITE
from volenti.web.application import application
from volenti.web.workspaces import Workspaces

OUT = Path(__file__).parent / "out" / "grid.json"
#: Pictures of one person, of one shoot, and how many other previews there are.
EACH, SHOOT, PREVIEWS = 20, 250, 64
#: Milliseconds: the median and nearly all of a page, and a small picture.
LIMITS = {"median": 100.0, "most": 400.0, "thumbnail": 20.0}


def said_of(previews: list[bytes]) -> Callable[[int], Said]:
    """What is said of a picture, by its number: shoots follow one another day by day."""

    def said(number: int) -> Said:
        is_held = number % 10 == 3
        return Said(
            f"shoot {number // SHOOT:04d}",
            date(2026, 1, 5) + timedelta(days=number // SHOOT % 300),
            "held" if is_held else "cleared",
            "uncertain-match" if is_held else "",
            previews[number % len(previews)],
        )

    return said


def jpeg(side: int, seed: int) -> bytes:
    """A soft picture of nothing, as large as a preview or a small photograph."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC).save(out, "JPEG", quality=82)
    return out.getvalue()


def built(folder: Path, pictures: int) -> Path:
    """A workspace with so many pictures, and an officer; the one that is there, where one is."""
    if folder.exists() and any(folder.iterdir()):
        return folder
    previews, body = [jpeg(192, each) for each in range(PREVIEWS)], jpeg(128, 0)
    at = stock(folder, pictures // EACH, EACH, lambda: body + os.urandom(16), said_of(previews))
    with volenti.open(at) as ws:
        added = ws.users.add("officer@example.org", name="The officer", roles=["officer"])
        ws.users.choose_password(added.token, PASSWORD)
    return at


def measured(client: TestClient, addresses: list[str]) -> dict[str, float]:
    """Milliseconds of requests: the median, nearly all of them, and the median of processor time."""
    took, processor = [], []
    for address in addresses:
        began, used = time.perf_counter(), time.process_time()
        assert client.get(address).status_code == 200, address
        took.append(1e3 * (time.perf_counter() - began))
        processor.append(1e3 * (time.process_time() - used))
    ordered = sorted(took)
    return {
        "median": round(statistics.median(took), 1),
        "most": round(ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], 1),
        "processor": round(statistics.median(processor), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=100_000, metavar="N")
    parser.add_argument("--requests", type=int, default=60, metavar="N", help="Of each kind.")
    parser.add_argument("--folder", type=Path, help="Keeps the workspace, and uses it again.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        at = built(args.folder or Path(place) / "studio", args.pictures)
        figures = asked(at, args.pictures, args.requests)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    kinds = {name: each for name, each in figures.items() if isinstance(each, dict)}
    print(f"{args.pictures:,} pictures; the first list took {figures['first']:,.0f} ms, once a process")
    print(f"{'milliseconds':<16}{'median':>10}{'99 %':>10}{'processor':>12}")
    for name, each in kinds.items():
        print(f"{name:<16}{each['median']:>10.1f}{each['most']:>10.1f}{each['processor']:>12.1f}")
    slow = [name for name, each in kinds.items() if each["median"] > LIMITS.get(name, LIMITS["median"])]
    print(f"Over their limit: {', '.join(slow)}" if slow else "All are within their limits")


def asked(at: Path, pictures: int, requests: int) -> dict[str, object]:
    """What each kind of request takes."""
    chance = random.Random("bench/grid")
    with TestClient(application(Workspaces(partial(volenti.open, at))), base_url=SITE) as client:
        client.post("/sign-in", data={"login": "officer@example.org", "password": PASSWORD})
        began = time.perf_counter()
        client.get("/pictures")
        first = 1e3 * (time.perf_counter() - began)
        with volenti.open(at) as ws:
            shoots = [each.id for each in ws.pictures.window(0, 1).shoots]
            some = ws.pictures.window(chance.randrange(pictures // 2), requests, states=["cleared"]).pictures
        images = [each.id for each in some]
        jumps = [f"/pictures/window?start={chance.randrange(pictures)}&count=60" for _ in range(requests)]
        filters = [
            f"/pictures?shoot={chance.choice(shoots)}&finding=uncertain-match" for _ in range(requests)
        ]
        return {
            "pictures": pictures,
            "first": round(first, 1),
            "page": measured(client, ["/pictures"] * requests),
            "jump": measured(client, jumps),
            "filter": measured(client, filters),
            "picture": measured(client, [f"/pictures/{each}" for each in images]),
            "thumbnail": measured(client, [f"/pictures/{each}/small.jpg" for each in images]),
        }


if __name__ == "__main__":
    main()
