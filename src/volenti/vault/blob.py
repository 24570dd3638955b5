"""Blob: a reference to sealed bytes in a pack."""

from __future__ import annotations

from dataclasses import dataclass

from volenti.core.canonical import Json
from volenti.vault.ports import Location


@dataclass(frozen=True, slots=True)
class BlobRef:
    """Where sealed bytes lie and under whose keys. Holds no key and no content."""

    owners: tuple[str, ...]
    kind: str
    location: Location

    @property
    def context(self) -> bytes:
        """What is authenticated with the bytes: they open only here, as this, for these owners."""
        place = self.location
        return "|".join(["blob", self.kind, place.prefix, place.pack, *self.owners]).encode()

    def to_json(self) -> Json:
        place = self.location
        return {"owners": list(self.owners), "kind": self.kind, "prefix": place.prefix,
                "pack": place.pack, "offset": place.offset, "length": place.length}  # fmt: skip

    @classmethod
    def from_json(cls, body: Json) -> BlobRef:
        place = Location(body["prefix"], body["pack"], body["offset"], body["length"])
        return cls(tuple(body["owners"]), body["kind"], place)
