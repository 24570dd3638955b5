"""Canaries: byte strings of one person that must be nowhere once that person has left.

What was planted (name, contact, notes, file names, notes in the metadata, pieces of every
photograph) also lies in the folders the workspace was fed from, which nobody touches: finding
all of it there shows that the search can find. What was computed from the person (face
templates) only the workspace had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from volenti.demo.cast import Person
from volenti.demo.inbox import Given, note
from volenti.perception.sight.faces import Template

#: Bytes of a piece of a photograph, and how many pieces are taken of each.
PIECE_BYTES, PIECES = 64, 8


@dataclass(frozen=True, slots=True)
class Canaries:
    """What to search for."""

    planted: tuple[bytes, ...]
    computed: tuple[bytes, ...]

    @property
    def everything(self) -> tuple[bytes, ...]:
        """What was planted and what was computed, in one tuple."""
        return (*self.planted, *self.computed)


def canaries_of(person: Person, given: Sequence[Given], templates: Sequence[Template]) -> Canaries:
    """Everything to search for, gathered while the person is still there."""
    theirs = [each for each in given if person.number in each.people]
    family = person.legal_name.rpartition(" ")[2]
    texts = [person.legal_name, family, person.handle, person.contact, person.notes, note(person)]
    texts += [person.notes.partition(";")[0], *(each.name for each in theirs)]
    texts += [f"{person.legal_name} / {photo.name}" for photo in person.photos[1:]]
    pieces = [piece for photo in person.photos for piece in _pieces(photo.data)]
    planted = tuple(dict.fromkeys([*(text.encode() for text in texts), *pieces]))
    vectors = [template.astype("<f4").tobytes() for template in templates]
    computed = [form for each in vectors for form in (each[:PIECE_BYTES], each.hex()[:64].encode())]
    return Canaries(planted, tuple(computed))


def found_in(folders: Iterable[Path], canaries: Sequence[bytes]) -> int:
    """How many of the canaries occur in any file of the folders."""
    left = set(canaries)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if left and path.is_file():
                content = path.read_bytes()
                left = {canary for canary in left if canary not in content}
    return len(set(canaries)) - len(left)


def _pieces(data: bytes) -> list[bytes]:
    """Pieces of a photograph's second half: compressed pixels, never a header that others share."""
    half = len(data) // 2
    step = (len(data) - half - PIECE_BYTES) // PIECES
    return [data[half + step * i : half + step * i + PIECE_BYTES] for i in range(PIECES)]
