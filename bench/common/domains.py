"""Domains to learn: pictures of people, who is in them, and pictures of people whom nobody trains on.

The base that ships has seen rendered heads alone. `renders` are of its own kind: the demo's cast. The other
two are photographs of people, which are far from it. **Nobody in these signed a release.** They are read to
measure with: nothing is enrolled, sealed or kept of them, no weight that learned from them is written to
disk, and no picture drawn by such weights is written unless a grid is asked for.

| domain | trained on | people nobody trains on |
|---|---|---|
| renders | 96 of the cast, five photographs each | the cast's other photographs, of the same people |
| photographs | 96 people of ../shared/data/wild, 80 of them five times | the other people there |
| portraits | 700 people of ../shared/data/portraits, once each | the others there, and those of same-person |

Captions are what the folders' lists declare: nobody's looks are guessed.
"""

from __future__ import annotations

import csv
import io
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from common.mixtures import Pixels, held_out, templates
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.adapters.weights.folder import default_folder
from volenti.demo.cast import read_cast
from volenti.generation.framing import frame

DATA = Path(__file__).resolve().parents[3] / "shared/data"
#: Somebody of same-person whose face is as near as this to one trained on may be the same person: left out.
SAME_PERSON = 0.45
_WORDS = {"M": "man", "F": "woman"}


@dataclass(frozen=True, slots=True)
class Shown:
    """Framed pictures, uint8 (count, size, size, 3), their captions, and who is in each."""

    frames: Pixels
    captions: tuple[str, ...]
    people: tuple[str, ...]

    def only(self, wanted: Callable[[str], bool]) -> Shown:
        """Those of the people who are wanted."""
        kept = [row for row, who in enumerate(self.people) if wanted(who)]
        return Shown(
            self.frames[kept],
            tuple(self.captions[row] for row in kept),
            tuple(self.people[row] for row in kept),
        )


@dataclass(frozen=True, slots=True)
class Domain:
    """What is trained on, and pictures of people whom nobody trains on."""

    name: str
    trained: Shown
    held_out: Shown


def domain(name: str, size: int) -> Domain:
    """A domain by its name, in frames of `size` pixels; ends the program where its folder isn't there."""
    return {"renders": _renders, "photographs": _photographs, "portraits": _portraits}[name](size)


def _renders(size: int) -> Domain:
    given = [photo for person in read_cast(0) for photo in person.photos]
    shown = _framed([(io.BytesIO(photo.data), photo.caption, photo.name[:4]) for photo in given], size)
    frames, captions = held_out(size)
    return Domain("renders", shown, Shown(frames, captions, captions))


def _photographs(size: int, people: int = 96) -> Domain:
    shown = _listed("wild", size)
    # Those who were photographed several times come first: their names begin with w.
    chosen = set(sorted(set(shown.people))[:people])
    return Domain("photographs", shown.only(chosen.__contains__), shown.only(lambda who: who not in chosen))


def _portraits(size: int, people: int = 700) -> Domain:
    shown, others = _listed("portraits", size), _listed("same-person", size)
    everybody = sorted(set(shown.people))
    random.Random("bench/domains").shuffle(everybody)
    chosen = set(everybody[:people])
    trained = shown.only(chosen.__contains__)
    known = templates(trained.frames)
    near = {
        who for who, picture in zip(others.people, others.frames, strict=True) if _is_near(picture, known)
    }
    first = dict(reversed([(who, row) for row, who in enumerate(others.people)]))
    rows = [row for who, row in first.items() if who not in near]
    left = shown.only(lambda who: who not in chosen)
    held = Shown(
        np.concatenate([left.frames, others.frames[rows]]),
        left.captions + tuple(others.captions[row] for row in rows),
        left.people + tuple(others.people[row] for row in rows),
    )
    return Domain("portraits", trained, held)


def _is_near(picture: Pixels, known: NDArray[np.float64]) -> bool:
    """Whether a picture's face is like one of the known ones, or none is found in it."""
    found = templates(picture[None])
    return not len(found) or float((found @ known.T).max()) > SAME_PERSON


@cache
def _listed(folder: str, size: int) -> Shown:
    """The pictures of a folder with an index.csv, framed on their largest face."""
    if not (DATA / folder).is_dir():
        sys.exit(f"{DATA / folder} isn't there: there is nothing to learn from.")
    found: list[tuple[Path | io.BytesIO, str, str]] = []
    with (DATA / folder / "index.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            who = row["person_id"] or row["file"]
            caption = f"a photograph of a {_WORDS.get(row.get('gender', ''), 'person')}"
            found.append((DATA / folder / "images" / row["file"], caption, who))
    return _framed(found, size)


def _framed(pictures: Sequence[tuple[Path | io.BytesIO, str, str]], size: int) -> Shown:
    detector, frames, kept = OpencvFaces(default_folder()), [], []
    for path, caption, who in pictures:
        picture = Image.open(path).convert("RGB")
        faces = detector.faces(np.asarray(picture))
        if faces:
            largest = max(faces, key=lambda face: face.box[2] * face.box[3])
            frames.append(frame(picture, largest.box, size))
            kept.append((caption, who))
    return Shown(np.stack(frames), tuple(each for each, _ in kept), tuple(who for _, who in kept))
