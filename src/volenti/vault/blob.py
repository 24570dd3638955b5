"""Blob: a reference to sealed bytes in a pack."""

from __future__ import annotations

from dataclasses import dataclass, field

from volenti.core.codec import OPTIONAL
from volenti.vault.ports import Location


@dataclass(frozen=True, slots=True)
class BlobRef:
    """Where sealed bytes lie and under whose keys. Holds no key and no content.

    `identity` tells the bytes from others of the same kind and owners: what they are of (a picture's
    identifier, a slice's place), and their digest. It is empty in references that earlier versions made.
    """

    owners: tuple[str, ...]
    kind: str
    prefix: str
    pack: str
    offset: int
    length: int
    identity: str = field(default="", metadata=OPTIONAL)

    @classmethod
    def at(cls, owners: tuple[str, ...], kind: str, place: Location, identity: str = "") -> BlobRef:
        """The reference to bytes that lie at a place."""
        return cls(owners, kind, place.prefix, place.pack, place.offset, place.length, identity)

    @property
    def location(self) -> Location:
        """Where they lie."""
        return Location(self.prefix, self.pack, self.offset, self.length)

    @property
    def context(self) -> bytes:
        """What is authenticated with the bytes: they open only here, as this kind, for these owners."""
        named = ["blob-of", self.identity] if self.identity else ["blob"]
        return "|".join([*named, self.kind, self.prefix, self.pack, *self.owners]).encode()
