"""Acknowledgement: a recipient's signed word that they took out what the deletion feed named.

It is a C2SP signed note (https://c2sp.org/signed-note) under the delivery's identifier. It says up to which
state of the feed the recipient followed, and is signed with the key that was handed over with the delivery,
so by whoever has that delivery. It is a statement only: the workspace can't look at somebody else's disk.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from volenti.core.errors import IntegrityError
from volenti.core.signing import PublicKey, SigningKey
from volenti.transparency.note import SignedNote, Verifier, exact_base64

_FIRST_LINE = "volenti.dev/acknowledgement/v1"
_NAMES = ("delivery", "feed", "size", "root", "removed", "left", "at")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A recipient's statement about everything that the feed named in its first `size` entries, under `root`.

    That call took `removed` samples out; `left` are still in the delivery.
    """

    delivery: str
    feed: str
    size: int
    root: bytes
    removed: int
    left: int
    at: str

    def signed(self, key: SigningKey) -> str:
        """The signed note, for the sender of the delivery."""
        said = (
            self.delivery,
            self.feed,
            self.size,
            base64.b64encode(self.root).decode(),
            self.removed,
            self.left,
            self.at,
        )
        text = "".join(f"{name} {value}\n" for name, value in zip(_NAMES, said, strict=True))
        return str(SignedNote(f"{_FIRST_LINE}\n{text}").signed(self.delivery, key))

    @classmethod
    def parse(cls, note: str | bytes) -> Acknowledgement:
        """Read a note without checking its signature; IntegrityError where it is no acknowledgement."""
        first, *lines = SignedNote.parse(note).text.split("\n")
        said = dict(line.partition(" ")[::2] for line in lines if line)
        root = exact_base64(said.get("root", ""))
        if first != _FIRST_LINE or tuple(said) != _NAMES or root is None:
            raise _unreadable()
        try:
            size, removed, left = (int(said[name]) for name in ("size", "removed", "left"))
        except ValueError as error:
            raise _unreadable() from error
        return cls(said["delivery"], said["feed"], size, root, removed, left, said["at"])

    @classmethod
    def verify(cls, note: str | bytes, key: PublicKey) -> Acknowledgement:
        """Read a note and check that the delivery's key signed it; IntegrityError where it didn't."""
        read = cls.parse(note)
        SignedNote.parse(note).verify(Verifier(read.delivery, key))
        return read


def _unreadable() -> IntegrityError:
    return IntegrityError(
        "This isn't an acknowledgement.", "It is what `volenti feed apply` writes. Ask for it again."
    )
