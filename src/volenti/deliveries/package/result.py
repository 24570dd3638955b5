"""Result: what a machine trained on a part of a package, on its way back to the workspace.

It is a sealed file (`package.sealed`) for a key of the workspace's, signed with the key that was handed over
with the package. Inside lie the file that was trained, and the tokens of the pictures that it was trained on:
by these the workspace knows whether anybody left since.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from volenti.core.age import AgeKey, AgeRecipient
from volenti.core.canonical import parse_given
from volenti.core.errors import IntegrityError
from volenti.core.shown import name_as_text, short_repr
from volenti.core.signing import PublicKey, SigningKey
from volenti.deliveries.package.note import ResultNote
from volenti.deliveries.package.sealed import Members, Sealed, SealedFile, write_sealed
from volenti.transparency.note import SignedNote, Verifier

_ABOUT, _WEIGHTS = "result.json", "weights"


@dataclass(frozen=True, slots=True)
class PartResult:
    """A result: its note, name and SHA-256 of the file that was trained, and where the result lies."""

    note: ResultNote
    file: str
    sha256: str
    out: Path

    __repr__ = short_repr

    @property
    def shard(self) -> int:
        """The number of the part."""
        return self.note.part

    @property
    def people(self) -> int:
        """How many people it was trained on."""
        return self.note.people


@dataclass(frozen=True, slots=True)
class OpenedResult:
    """What is in a result: the trained file's name and bytes, and the tokens that it was trained on."""

    note: ResultNote
    file: str
    tokens: tuple[str, ...]
    weights: bytes

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class Trained:
    """What is said of a training on another machine: of which delivery, run and part, in which time, when."""

    delivery: str
    run: str
    part: int
    people: int
    seconds: float
    made: str


def write_result(
    out: Path, weights: Path, said: Trained, tokens: Sequence[str], to: AgeRecipient, signs: SigningKey
) -> PartResult:
    """Write a result into a new file. weights: what was trained. tokens: of the pictures it was trained on.

    to: the workspace's key. signs: the package's. Raises UsageError where the weights can't be read, or the
    file is there already.
    """
    notes, digests = list[ResultNote](), list[str]()
    name = name_as_text(weights.name)

    def fill(members: Members) -> None:
        about = {"file": name, "samples": list(tokens)}
        members.add(_ABOUT, json.dumps(about).encode())
        members.add_file(_WEIGHTS, weights)
        digests.append(members.sums[_WEIGHTS])

    def note(sealed: Sealed) -> SignedNote:
        made = ResultNote(
            said.delivery,
            said.run,
            said.part,
            len(tokens),
            said.people,
            round(said.seconds, 3),
            said.made,
            sealed.sha256,
            sealed.bytes,
        )
        notes.append(made)
        return made.signed(signs)

    write_sealed(out, to, fill, note)
    return PartResult(notes[0], name, digests[0], out)


def read_result_note(path: Path) -> ResultNote:
    """What a result says it is; nothing of it is checked yet."""
    with SealedFile.opened(path, ResultNote.what) as file:
        return ResultNote.parse(file.note)


def open_result(path: Path, signer: PublicKey, key: AgeKey) -> OpenedResult:
    """Check a result and open it. signer: the public key of its package. key: opens what is sealed.

    Raises IntegrityError where it was changed, isn't whole, or another key signed it.
    """
    with SealedFile.opened(path, ResultNote.what) as file:
        note = ResultNote.parse(file.note)
        file.note.verify(Verifier(note.delivery, signer))
        file.check(note.said)
        with closing(file.members(key)) as members:
            found = {name: member.read() for name, member in members}
    try:
        about = parse_given(found[_ABOUT])
        name, tokens = str(about["file"]), tuple(map(str, about["samples"]))
        return OpenedResult(note, name, tokens, found[_WEIGHTS])
    except (KeyError, ValueError, TypeError) as error:
        raise IntegrityError(
            f"{path} doesn't hold a result.", "Make it again, and check the file."
        ) from error
