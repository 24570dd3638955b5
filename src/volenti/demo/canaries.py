"""Canaries: byte strings of one person that no file may contain once that person was erased.

Planted strings (name, contact, notes, file names, notes in the metadata, pieces of every
photograph) also lie in the user's own folders that were added, which nobody changes: finding
all of them there shows that the search works. Strings computed from the person (face
templates) were in the workspace alone.
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
    """The strings to search for, planted and computed."""

    planted: tuple[bytes, ...]
    computed: tuple[bytes, ...]

    @property
    def everything(self) -> tuple[bytes, ...]:
        """All strings, those that were planted first."""
        return (*self.planted, *self.computed)


def canaries_of(person: Person, given: Sequence[Given], templates: Sequence[Template]) -> Canaries:
    """All strings to search for; has to be called before the person is erased."""
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
    """Pieces of a photograph's second half: compressed pixels, never a header that other files share."""
    half = len(data) // 2
    step = (len(data) - half - PIECE_BYTES) // PIECES
    return [data[half + step * i : half + step * i + PIECE_BYTES] for i in range(PIECES)]
