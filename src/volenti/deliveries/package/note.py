"""Notes: what is said in plain sight, and signed, of a package and of a result.

Whoever carries the file can read them: so they name no person, no dataset and no run but by identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from volenti.core.age import AgeRecipient
from volenti.core.errors import IntegrityError
from volenti.core.shown import short_repr
from volenti.core.signing import PublicKey, SigningKey
from volenti.deliveries.package.sealed import Sealed
from volenti.transparency.note import SignedNote, Verifier


@dataclass(frozen=True, slots=True)
class _Note:
    """A text of lines, each a name and a value, under a first line that says of what."""

    first_line: ClassVar[str]
    #: What it is a note of, in words, and what writes that.
    what: ClassVar[str]
    made_by: ClassVar[str]

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (f"{each.name} {_written(getattr(self, each.name))}\n" for each in fields(self))
        return f"{self.first_line}\n{''.join(lines)}"

    @classmethod
    def parse(cls, note: SignedNote) -> Self:
        """Read a note without checking its signature; IntegrityError where it is no such note."""
        first, *lines = note.text.split("\n")
        for other in (PackageNote, ResultNote):
            if first == other.first_line != cls.first_line:
                raise IntegrityError(
                    f"This is {other.what}, not {cls.what}.", f"Give the file that `{cls.made_by}` wrote."
                )
        said = dict(line.partition(" ")[::2] for line in lines if line)
        try:
            if first != cls.first_line or list(said) != [each.name for each in fields(cls)]:
                raise ValueError(first)
            found = cls(**{each.name: _read(each.type, said[each.name]) for each in fields(cls)})
        except ValueError as error:
            raise IntegrityError(
                f"This isn't {cls.what} of a version that is known here.",
                "Check that it is the right file; a newer version of Volenti may read it.",
            ) from error
        return found


def _written(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _read(kind: Any, text: str) -> Any:
    if kind == "int":
        return int(text)
    if kind == "float":
        return float(text)
    return tuple(map(int, text.split(","))) if kind == "tuple[int, ...]" else text


@dataclass(frozen=True, slots=True)
class PackageNote(_Note):
    """What a package is: of which delivery and run, which shards with how many pictures and people are in it.

    `to` is the public key of the machine it is for, `sender` what the workspace signs with, `log` the name
    under which it signed. `sealed` and `bytes` are the SHA-256 and the size of what is encrypted.
    """

    first_line: ClassVar[str] = "volenti.dev/package/v1"
    what: ClassVar[str] = "a package"
    made_by: ClassVar[str] = "volenti run pack"

    delivery: str
    run: str
    shards: tuple[int, ...]
    pictures: int
    people: int
    made: str
    to: str
    sealed: str
    bytes: int
    log: str
    sender: str

    __repr__ = short_repr

    def signed(self, key: SigningKey) -> SignedNote:
        """The note, signed by the workspace."""
        return SignedNote(self.text).signed(self.log, key)

    @classmethod
    def verified(cls, note: SignedNote, sender: PublicKey | None) -> PackageNote:
        """Read a note, and check that its sender signed it; IntegrityError where they didn't.

        sender: whose signature it has to be; without it, that of the key in the note. That shows damage, and
        not who made it.
        """
        read = cls.parse(note)
        note.verify(Verifier(read.log, sender or PublicKey.parse(read.sender)))
        return read

    @property
    def recipient(self) -> AgeRecipient:
        """The key that it is encrypted to."""
        return AgeRecipient.parse(self.to)

    @property
    def said(self) -> Sealed:
        """What is encrypted, as it has to be."""
        return Sealed(self.sealed, self.bytes)


@dataclass(frozen=True, slots=True)
class ResultNote(_Note):
    """What a result is: of which delivery, run and part, from how many pictures and people, in which time.

    It is signed with the key that was handed over with the package, under the delivery's identifier.
    """

    first_line: ClassVar[str] = "volenti.dev/result/v1"
    what: ClassVar[str] = "a result"
    made_by: ClassVar[str] = "volenti package result"

    delivery: str
    run: str
    part: int
    pictures: int
    people: int
    seconds: float
    made: str
    sealed: str
    bytes: int

    __repr__ = short_repr

    def signed(self, key: SigningKey) -> SignedNote:
        """The note, signed by whoever has the package."""
        return SignedNote(self.text).signed(self.delivery, key)

    @property
    def said(self) -> Sealed:
        """What is encrypted, as it has to be."""
        return Sealed(self.sealed, self.bytes)
