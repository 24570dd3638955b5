"""Blob: a reference to sealed bytes in a pack."""

from __future__ import annotations

from dataclasses import dataclass

from volenti.core.canonical import Json
from volenti.vault.ports import Location


@dataclass(frozen=True, slots=True)
class BlobRef:
    """Where sealed bytes lie and under whose keys. Holds no key and no content.

    `identity` says which of its owners' bytes of its kind it is: what of (a picture's identifier, a slice's
    place), and their digest. It is empty where the bytes were sealed before there was one.
    """

    owners: tuple[str, ...]
    kind: str
    location: Location
    identity: str = ""

    @property
    def context(self) -> bytes:
        """What is authenticated with the bytes: they open only here, as this, for these owners."""
        place = self.location
        named = ["blob-of", self.identity] if self.identity else ["blob"]
        return "|".join([*named, self.kind, place.prefix, place.pack, *self.owners]).encode()

    def to_json(self) -> Json:
        place = self.location
        identity = {"identity": self.identity} if self.identity else {}
        return {"owners": list(self.owners), "kind": self.kind, "prefix": place.prefix, "pack": place.pack,
                "offset": place.offset, "length": place.length, **identity}  # fmt: skip

    @classmethod
    def from_json(cls, body: Json) -> BlobRef:
        place = Location(body["prefix"], body["pack"], body["offset"], body["length"])
        return cls(tuple(body["owners"]), body["kind"], place, body.get("identity", ""))
