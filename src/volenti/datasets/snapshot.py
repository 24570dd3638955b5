"""Snapshot: a dataset as it was cut at a moment. It is a manifest of identifiers, never a copy of pixels.

To each entry belongs a commitment (HMAC-SHA256 of the entry under a nonce sealed with it), and the snapshot's
root is the RFC 6962 Merkle root of the commitments. Commitments say nothing without the nonce, so they lie in
the clear, apart from the entries. When a person is erased, their entries become tombstones that keep place
and number and lose everything else: the root still verifies, everybody else's position is what it was, and
verifying needs nobody's key.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from volenti.consent.purpose import Grant
from volenti.core.canonical import Json, canonical
from volenti.core.codec import ELSEWHERE, OPTIONAL
from volenti.core.digest import commitment
from volenti.core.errors import UsageError
from volenti.core.identifiers import check
from volenti.core.shown import short_repr
from volenti.datasets.selection import Selection
from volenti.transparency.merkle import leaf_hash, tree_head
from volenti.vault.owner import people_among

if TYPE_CHECKING:
    from volenti.clearance.access import Asked

#: Commitments kept in one row.
PAGE = 256


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of a dataset. `conditions` are grants that everybody in it gives beside the purpose.

    `selection` is which of the cleared pictures it was cut from; None where from all of them. `uncovered`:
    how many cleared pictures were left out as no release covers this use of them; known only as it is cut.
    """

    name: str
    version: int
    purpose: str
    territory: str
    created: str
    entries: int
    subjects: int
    root: str
    conditions: tuple[Grant, ...] = field(default=(), metadata=OPTIONAL)
    selection: Selection | None = field(default=None, metadata=OPTIONAL)
    uncovered: int = field(default=0, metadata=ELSEWHERE)

    __repr__ = short_repr

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of its splits; none where it isn't divided."""
        return tuple(each.name for each in self.selection.splits) if self.selection else ()

    def require(self, split: str) -> None:
        """Refuse a training that would learn from every split: UsageError; NotFoundError for one it hasn't.

        What is kept aside to test a model by must never be learned by accident.
        """
        if split:
            (self.selection or Selection()).require(split)
        elif self.splits:
            raise UsageError(
                f"{self.id} is divided into {', '.join(self.splits)}, and no split was named.",
                f"Say which one is to be learned from: --split {self.splits[0]}",
            )

    @property
    def asked(self) -> Asked:
        """What releases have to cover for a picture to be in it, and to be read from it."""
        return self.purpose, self.territory, self.conditions, False

    @property
    def id(self) -> str:
        """The snapshot's identifier, NAME@VERSION."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of a snapshot; a tombstone has neither image nor owners.

    `chosen_by` are the texts of the selection that it was chosen by, such as shoot=spring.
    """

    position: int = field(metadata=ELSEWHERE)
    image: str
    sha256: str
    caption: str
    owners: tuple[str, ...] = field(metadata=ELSEWHERE)
    nonce: str = ""
    chosen_by: tuple[str, ...] = field(default=(), metadata=OPTIONAL)

    __repr__ = short_repr

    @classmethod
    def read(cls, position: int, owners: tuple[str, ...], body: Json) -> Entry:
        """The entry in its row's body. Not by the codec, because a snapshot may have a million of them."""
        chosen_by = tuple(body.get("chosen_by", ()))
        return cls(position, owners=owners, **{**body, "chosen_by": chosen_by})

    @property
    def people(self) -> tuple[str, ...]:
        """Who is in the picture: nobody in one that a reviewer cleared as a picture of nobody."""
        return people_among(self.owners)

    @property
    def is_tombstone(self) -> bool:
        """Whether somebody in this entry was erased, so that neither image nor owners are known."""
        return not self.image

    def commitment(self) -> bytes:
        """The entry's commitment, 32 bytes. Of a tombstone it can't be computed any more."""
        said: Json = {
            "position": self.position,
            "image": self.image,
            "sha256": self.sha256,
            "caption": self.caption,
        }
        # Left out where there is nothing: so earlier versions committed, too.
        if self.chosen_by:
            said["chosen_by"] = list(self.chosen_by)
        return commitment(bytes.fromhex(self.nonce), canonical(said))


@dataclass(frozen=True, slots=True)
class PlaceInSnapshot:
    """Where an entry is and who owns it, known without opening it; `bytes` is its size."""

    snapshot: str
    position: int
    owners: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What the snapshot `new` has that `old` hasn't, and the other way round, by image identifier.

    `tombstones` counts those of `new`. The selections are what each was cut from.
    """

    old: str
    new: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    tombstones: int
    old_selection: Selection | None = None
    new_selection: Selection | None = None

    @property
    def is_chosen_otherwise(self) -> bool:
        """Whether the two were cut from different selections."""
        one, other = self.old_selection or Selection(), self.new_selection or Selection()
        return one.asked != other.asked


def new_entry(
    position: int,
    image: str,
    sha256: str,
    caption: str,
    owners: Sequence[str],
    chosen_by: tuple[str, ...] = (),
) -> Entry:
    """An entry with a fresh nonce."""
    return Entry(position, image, sha256, caption, tuple(owners), os.urandom(16).hex(), chosen_by)


@dataclass(frozen=True, slots=True)
class Page:
    """The commitments of consecutive entries, kept together: PAGE of them, fewer on the last."""

    number: int
    commitments: tuple[bytes, ...]

    def to_json(self) -> Json:
        """The commitments one after the other, 32 bytes each, in base64."""
        return {"commitments": base64.b64encode(b"".join(self.commitments)).decode()}

    @classmethod
    def from_json(cls, number: int, body: Json) -> Page:
        """The page of that number, with the commitments that `to_json` wrote."""
        whole = base64.b64decode(body["commitments"])
        return cls(number, tuple(whole[at : at + 32] for at in range(0, len(whole), 32)))


def pages_of(commitments: Sequence[bytes]) -> Iterator[Page]:
    """The pages of a snapshot's commitments, in order."""
    for number, at in enumerate(range(0, len(commitments), PAGE)):
        yield Page(number, tuple(commitments[at : at + PAGE]))


def root_of(commitments: Iterable[bytes]) -> str:
    """The RFC 6962 root of the commitments, in hexadecimal."""
    return tree_head([leaf_hash(each) for each in commitments]).hex()


def parse_name(text: str) -> tuple[str, int | None]:
    """A dataset's name and version: `humans@3` -> ("humans", 3); `humans` -> ("humans", None), the latest."""
    name, _, version = text.partition("@")
    if version and not version.isdigit():
        raise UsageError(f"{text!r} isn't a dataset.", "Write a name, or a name and a version: humans@3.")
    return check(name), int(version) if version else None
