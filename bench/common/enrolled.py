"""Workspaces for measuring: people who do not exist, with sound releases, cleared and cut.

The demo's cast comes with the package. More people than that come from ../shared/data/crowd
(people the base was trained on, which matters for pictures and not for seconds): each is a shoot
of their own, so that a thousand rendered faces aren't held for resembling each other.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import volenti
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.core.digest import derive
from volenti.core.signing import SigningKey
from volenti.demo.cast import Person, Photo
from volenti.demo.releases import SIGNED_AT, entry, release
from volenti.folder import init_workspace

PURPOSE, DATASET = "generative-training", "humans"
CROWD = Path(__file__).resolve().parents[3] / "shared/data/crowd"


def crowd(count: int) -> list[Person]:
    """The first `count` people of the crowd; SystemExit where the data aren't there."""
    if not CROWD.is_dir():
        sys.exit(f"{CROWD} isn't there: only people of the cast can be measured.")
    photos: dict[str, list[Photo]] = {}
    for record in json.loads((CROWD / "records.json").read_text()):
        if len(photos) == count and record["subject"] not in photos:
            break
        data = (CROWD / "images" / record["file"]).read_bytes()
        photos.setdefault(record["subject"], []).append(Photo(record["file"], record["caption"], data))
    return [_person(subject, tuple(some)) for subject, some in photos.items()]


def _person(subject: str, photos: tuple[Photo, ...]) -> Person:
    secret = derive(b"bench/enrolled", subject)
    return Person(
        number=subject,
        legal_name=f"Nobody {subject}",
        birth_date=date(1980, 1, 1),
        contact=f"{subject}@post.example",
        notes="",
        age="middle-aged",
        photos=photos,
        subject_id=f"sub_{subject}",
        release_id=f"rel_{subject}",
        key=SigningKey(derive(secret, "signing")),
    )


def enrol(folder: Path, people: Sequence[Person], *, apart: bool = False) -> Path:
    """A workspace in `folder` in which everybody is covered, cleared and cut; returns it.

    apart: each person is a shoot of their own. The first photograph is the release's reference and
    isn't given again, unless there would be fewer than four others.
    """
    papers = folder / "papers"
    (papers / "references").mkdir(parents=True)
    entries = []
    for person in people:
        paper = entry(person)
        if apart:
            signed = release(person)
            placed = replace(signed.release, shoot=replace(signed.release.shoot, name=person.number))
            signed = SignedRelease(placed).signed_by(person.key, Role.SUBJECT, SIGNED_AT)
            paper = {**paper, **signed.to_json()}
        (papers / str(paper["reference"])).write_bytes(person.reference.data)
        entries.append(paper)
    (papers / "releases.json").write_text(json.dumps(entries))
    workspace = init_workspace(folder / "workspace", seed=0)
    with volenti.open(workspace, watermarks=False) as ws:
        ws.releases.import_(papers / "releases.json")
        inbox = folder / "inbox"
        for person in people:
            _given(inbox / person.number, person)
            if apart:
                ws.add([inbox / person.number], shoot=person.number)
        if not apart:
            ws.add([inbox])
        print(f"{len(people)} people, cleared:", ws.clear(PURPOSE).totals, flush=True)
        ws.datasets.cut(DATASET, PURPOSE)
    return workspace


def _given(folder: Path, person: Person) -> None:
    folder.mkdir(parents=True)
    lines = []
    for number, photo in enumerate(person.photos[1:] if len(person.photos) > 4 else person.photos):
        name = f"{person.handle}-{number}.jpg"
        (folder / name).write_bytes(photo.data)
        lines.append(json.dumps({"file_name": name, "text": photo.caption}))
    (folder / "metadata.jsonl").write_text("\n".join(lines))
