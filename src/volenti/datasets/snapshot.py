"""Snapshot: a dataset as it was cut at a moment. A manifest of identifiers, never a copy of pixels.

Each entry carries a commitment (HMAC-SHA256 of the entry under a nonce sealed
with it), and the snapshot's root is the RFC 6962 Merkle root of the commitments. When a
person leaves, their entries become tombstones that keep place, number and
commitment and lose everything else: the root still verifies, and everyone else's
position is what it was.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from volenti.core.canonical import Json, canonical
from volenti.core.digest import commitment
from volenti.core.errors import UsageError
from volenti.core.identifiers import check


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of a dataset."""

    name: str
    version: int
    purpose: str
    territory: str
    created: str
    entries: int
    subjects: int
    root: str

    @property
    def id(self) -> str:
        return f"{self.name}@{self.version}"

    def to_json(self) -> Json:
        return {"name": self.name, "version": self.version, "purpose": self.purpose,
                "territory": self.territory, "created": self.created, "entries": self.entries,
                "subjects": self.subjects, "root": self.root}  # fmt: skip

    @classmethod
    def from_json(cls, body: Json) -> Snapshot:
        return cls(**body)


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of a snapshot; a tombstone has neither image nor owners."""

    position: int
    image: str
    sha256: str
    caption: str
    owners: tuple[str, ...]
    nonce: str = ""
    commitment: str = ""

    @property
    def is_tombstone(self) -> bool:
        return not self.image

    def content(self) -> bytes:
        """What the commitment is about."""
        return canonical({"position": self.position, "image": self.image, "sha256": self.sha256,
                          "caption": self.caption})  # fmt: skip

    def opens(self) -> bool:
        """Whether the commitment is this entry's."""
        return commitment(bytes.fromhex(self.nonce), self.content()).hex() == self.commitment

    def to_json(self) -> Json:
        return {"image": self.image, "sha256": self.sha256, "caption": self.caption,
                "nonce": self.nonce, "commitment": self.commitment}  # fmt: skip


def committed(position: int, image: str, sha256: str, caption: str, owners: Sequence[str]) -> Entry:
    """An entry with a fresh nonce and its commitment."""
    nonce = os.urandom(16)
    bare = Entry(position, image, sha256, caption, tuple(owners))
    proof = commitment(nonce, bare.content()).hex()
    return Entry(position, image, sha256, caption, tuple(owners), nonce.hex(), proof)


def parse_name(text: str) -> tuple[str, int | None]:
    """`humans@3` -> ("humans", 3); `humans` -> ("humans", None), the latest."""
    name, _, version = text.partition("@")
    if version and not version.isdigit():
        raise UsageError(f"{text!r} isn't a dataset.", "Write a name, or a name and a version: humans@3.")
    return check(name), int(version) if version else None
