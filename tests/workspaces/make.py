"""Makes a workspace in which nearly everything has happened, and writes down what is in it.

    python -m tests.workspaces.make NAME

NAME.zip and NAME.json land beside this file. They were made once, by the version they are named after, and
are kept: later versions open them (tests/scenarios/test_old_workspace.py). The people in it don't exist.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.backup import make_backup
from volenti.consent.purpose import Grant
from volenti.core.canonical import Json, canonical
from volenti.core.digest import sha256
from volenti.perception.sight.faces import Face
from volenti.requests.history import Delay, Ground
from volenti.requests.identity import Identified
from volenti.workspace.workspace import Workspace

HERE = Path(__file__).parent
BEGAN = datetime(2026, 11, 2, 9, tzinfo=UTC)
PEOPLE = ("ada", "ben", "cid", "dee", "eve", "fay", "gus", "hal", "ida", "jon", "kay", "lou", "max", "ned")
DIVIDED = replace(RECIPE, shards=5)
#: The erasure that was stopped, and after which of its steps.
STOPPED, AFTER = "cid", "did erase manifests"


class Stopped(Exception):
    """What stops an erasure here."""


def main() -> None:
    name = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        studio = made(Path(folder))
        at = studio.ws.path
        said = remains(studio.ws)
        studio.ws.close()
        with zipfile.ZipFile(HERE / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(at.rglob("*")):
                packed.write(path, path.relative_to(at))
    (HERE / f"{name}.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n")


def made(folder: Path) -> Studio:
    """The workspace, on disk, in `folder`."""
    now = [BEGAN]

    def watch(step: str) -> None:
        if stopping and step == AFTER:
            raise Stopped

    stopping: list[str] = []
    studio = Studio.open(folder, watch, clock=lambda: now[0], on_disk=True)
    ws = studio.ws
    studio.shoot(*PEOPLE, photos=1)
    studio.photo("ada", "ben", caption="a man and a woman")
    studio.photo("stranger")
    studio.photo("ida", "somebody")
    studio.photo("jon", "_", "passer-by")
    (folder / "inbox" / "broken.jpg").write_bytes(b"\xff\xd8 nothing")
    (folder / "inbox" / "notes.pdf").write_bytes(b"%PDF-1.4 nothing")
    studio.clear()
    others = folder / "others"
    others.mkdir()
    (others / "theirs.png").write_bytes(studio._picture(["nobody"]))
    ws.rights.register(others)
    ws.clear("redistribution")

    now[0] += timedelta(days=1)
    ws.datasets.cut("humans", PURPOSE)
    ws.train("humans", DIVIDED)
    ws.parts.exports.export(
        ws.parts.datasets.snapshot("humans@1"), folder / "delivered", recipient="Example Ltd"
    )
    own = folder / "own.bin"
    with ws.parts.external_runs.begin(
        "my-lora", "humans", shards=2, code=[Path(__file__)], min_people=1
    ) as run:
        for part in run.parts():
            learned = "".join(sorted(each.image for each in part.dataset.entries))
            own.write_text(sha256(learned.encode()))
            part.keep(own)
    ws.parts.external_runs.deliver(
        ws.parts.external_runs.run("my-lora"), 0, folder / "handed.bin", "Example Ltd"
    )
    ws.generate(["a man in a red top", "a woman", "an old man"], seed=7, tries=2)
    refused(studio)

    now[0] += timedelta(days=1)
    make_backup(ws.path, folder / "backup")
    ws.requests.run(done := ws.requests.open("erasure", "dee", identity="in-person").id, audit=True)
    ws.parts.answers.make("ada")
    access = ws.requests.open("access", "ada", identity="in-person")
    ws.parts.requests.answer(access, {"record_sha256": sha256(b"record")})
    ws.parts.withdrawals.run(ws.requests.open("withdrawal", "eve", grant=Grant.GENERATIVE_TRAINING).id)
    ws.parts.restrictions.run(ws.requests.open("restriction", "fay").id)
    ws.parts.restrictions.run(ws.requests.open("objection", "gus").id)
    # Everything of theirs but what they signed goes with the next.
    kept = ws.parts.requests.retain(
        ws.requests.open("erasure", "hal", identity="in-person"), Ground.CLAIMS, date(2032, 1, 1)
    )
    ws.requests.run(ws.parts.requests.identify(kept, Identified.DOCUMENT).id)

    now[0] += timedelta(days=1)
    opened = ws.requests.open("erasure", "ida", identity="in-person")
    ws.parts.requests.extend(ws.parts.requests.identify(opened, Identified.DOCUMENT), Delay.COMPLEXITY)
    ws.requests.open("withdrawal", "ben", grant=Grant.IDENTIFICATION)
    ws.parts.restrictions.refuse(
        ws.requests.open("portability", "ben", identity="in-person"), Ground.UNFOUNDED
    )
    face = next(f"{image.id}.{number}" for image, number, _ in ws.parts.requests._quarantine.faces())
    ws.parts.requests.open_for_faces([face])
    request = ws.requests.open("erasure", STOPPED, identity="in-person")
    stopping.append(request.id)
    with suppress(Stopped):
        ws.requests.run(request.id)
    assert ws.parts.requests.find(request.id).state == "erasing", ws.parts.requests.find(request.id).state
    assert ws.parts.requests.find(done).state == "done"
    return studio


def refused(studio: Studio) -> None:
    """A work that comes too near to somebody, and is refused."""
    (found,) = studio.ws.generate(["a man"], seed=70, tries=1).drawn
    face = Face((8, 8, 40, 40), 0.9, np.zeros((5, 2), np.float32), studio.people["jon"])
    studio.detector.tell(found.pixels, [face])
    assert studio.ws.generate(["a man"], seed=70, tries=1).refused


def remains(ws: Workspace) -> Json:
    """What is in a workspace: each row's content as a digest, and what is served, certified and cut."""
    rows: dict[str, list[Json]] = {}
    for kind in ws.parts.records.kinds():
        for row in ws.parts.records.rows(kind):
            with suppress(Exception):
                body = sha256(canonical(ws.parts.records.opened(row).body))
                rows.setdefault(kind, []).append([row.id, row.state, row.parent, row.position, body])
    return {
        "rows": {kind: sorted(each) for kind, each in rows.items()},
        "served": {
            run.id: {
                str(each.shard): each.sha256 for each in ws.parts.training.model_store.constituents(run.id)
            }
            for run in ws.parts.training.runs()
        },
        "totals": ws.status().totals,
        "log": {"size": ws.parts.log.size, "root": ws.parts.log.root(ws.parts.log.size).hex()},
    }


if __name__ == "__main__":
    main()
