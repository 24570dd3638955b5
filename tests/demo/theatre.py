"""A stage for the whole story without models: real stores on disk, faces and marks known beforehand.

The detector is told who is in which picture, the mark reader which picture bears a mark, and
the trainer is the small one. Registers, packs, keys, log, clearance, matcher, erasure, audit
and proof are those of a workspace.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from rich.console import Console

from tests.studio import frontal, nobodys
from volenti.adapters.jobs.inline import InlineJobRunner
from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.locks.memory import MemoryLocks
from volenti.adapters.log.files import FileLogStore
from volenti.adapters.matcher.exact import ExactMatcher
from volenti.adapters.packs.files import FilePackStore
from volenti.adapters.register.sql import SqlRegister
from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.adapters.trainer.memory import MemoryTrainer
from volenti.bootstrap import Adapters, wire
from volenti.core.signing import SigningKey
from volenti.demo.casting import Casting
from volenti.demo.inbox import Given
from volenti.demo.narration import Narration
from volenti.demo.releases import TERRITORY
from volenti.demo.stage import Stage
from volenti.folder import init_workspace
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.files.pixels import Rgb
from volenti.perception.finding import Finding, finding
from volenti.perception.sight.faces import Face, unit
from volenti.perception.sight.reference import DETAIL_MIN, _least_detail
from volenti.settings import Settings
from volenti.workspace.workspace import Workspace

SECRET = b"s" * 32
#: Covered people in the small company: everybody with a part, and a few more.
COVERED = 16


@dataclass
class KnownMarks:
    """A mark reader that knows which pictures bear a mark."""

    marked: set[bytes] = field(default_factory=set)

    def findings(self, rgb: Rgb, added: Sequence[str] = ()) -> list[Finding]:
        return [finding("watermark")] if rgb.tobytes() in self.marked else []


def theatre(folder: Path, casting: Casting, given: Sequence[Given], *, marks: bool = True) -> Stage:
    """A stage in `folder` with a small company; without marks, the mark reader sees none."""
    players = {person.number for person in casting.parts.values()}
    company = [person for person in casting.covered if person.number in players]
    company += [person for person in casting.covered if person.number not in players][
        : COVERED - len(company)
    ]
    casting = replace(casting, covered=tuple(sorted(company, key=lambda person: person.number)))
    here = {person.number for person in casting.people}
    given = [each for each in given if {*each.people} <= here]
    reader, detector = KnownMarks(), MemoryFaces(nobodys)
    for person in casting.people:
        tell(detector, person.reference.data, (person.number,))
    for each in given:
        rgb = tell(detector, each.data, each.people)
        if marks and rgb is not None and each.trap == "trap-watermark":
            reader.marked.add(rgb.tobytes())
    path = init_workspace(folder / "workspace", seed=casting.covered[0].photos[0].data[-1])
    console = Console(file=io.StringIO(), width=100)

    def opened() -> Workspace:
        return _opened(path, detector, reader)

    return Stage(folder, 3, Narration(console), casting, given, opened, opened())


#: Boxes in which the face of a rendered portrait may lie.
PLACES = tuple(
    (48.0 + dx, 40.0 + dy, 160.0 - 2 * dx, 185.0 - dy) for dx in (12, 0, 4, 8) for dy in (10, 0, 20)
)


def tell(detector: MemoryFaces, data: bytes, people: Sequence[str]) -> Rgb | None:
    picture = open_picture(data)
    if not isinstance(picture, Picture):
        return None
    faces = []
    for index, number in enumerate(people):
        # Far apart in 128 dimensions, and a little different in each picture.
        own = np.random.default_rng(int(number[1:])).normal(size=128)
        noise = np.random.default_rng(len(data)).normal(size=128) * 0.05
        box = (60.0 + 190 * index, 50.0 + 40 * index, 120.0 - 40 * index, 150.0 - 50 * index)
        if index == 0:
            # Where eyes, nose and mouth may be: no reference is a face whose features can't be seen.
            seen = (Face(each, 0.9, frontal(each), unit(own)) for each in PLACES)
            told = (face.box for face in seen if _least_detail(picture.rgb, face) > 1.1 * DETAIL_MIN)
            box = next(told, box)
        faces.append(Face(box, 0.9, frontal(box), unit(own + noise)))
    detector.tell(picture.rgb, faces)
    return picture.rgb


def _opened(path: Path, detector: MemoryFaces, reader: KnownMarks) -> Workspace:
    register = SqlRegister.at(path / "register.db")
    adapters = Adapters(
        register=register,
        keys=FileKeyStore(path / "keys", SECRET),
        packs=FilePackStore(path / "packs"),
        log=FileLogStore(path / "log"),
        feed=FileLogStore(path / "feed"),
        detector=detector,
        marks=reader,
        trainer=MemoryTrainer(),
        jobs=InlineJobRunner(),
        locks=MemoryLocks(),
        new_matcher=ExactMatcher,
    )
    signing = SigningKey.load(path / "secret" / "signing.key")
    settings = Settings(territory=TERRITORY)
    parts = wire(path, settings, adapters, SECRET, signing, "test.example/demo", close=register.close)
    return Workspace(parts)
