"""Run: one training of one recipe on one snapshot, with its slices and constituents.

A slice is trained on the pictures of the few people the partition puts there. A
constituent is the base plus the mean of its shard's slices, weighted by their
pictures; it is what is served, never a slice. Both lie sealed under the keys of
everybody they were trained on, so the moment one of those keys is destroyed they
can't be opened by anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from volenti.core.canonical import Json
from volenti.training.partition import Place
from volenti.training.recipe import Recipe
from volenti.vault.blob import BlobRef


@dataclass(frozen=True, slots=True)
class Run:
    """A training run. `seconds` is wall-clock time of training everything, end to end."""

    id: str
    snapshot: str
    recipe: Recipe
    environment: Json
    created: str
    seconds: float = 0.0

    def to_json(self) -> Json:
        return {"snapshot": self.snapshot, "recipe": self.recipe.to_json(), "seconds": self.seconds,
                "environment": self.environment, "created": self.created}  # fmt: skip

    @classmethod
    def from_json(cls, identifier: str, body: Json) -> Run:
        return cls(identifier, body["snapshot"], Recipe.from_json(body["recipe"]),
                   body["environment"], body["created"], body["seconds"])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """A trained slice. `task` is the digest of what it was trained on and how."""

    place: Place
    task: str
    sha256: str
    images: int
    seconds: float
    losses: tuple[float, ...]
    weights: BlobRef
    #: A `Sketchbook`, in the same pack; None where the slice was trained before they were kept.
    sketches: BlobRef | None = None

    def to_json(self) -> Json:
        sketches = {"sketches": self.sketches.to_json()} if self.sketches else {}
        return {"task": self.task, "sha256": self.sha256, "images": self.images, "seconds": self.seconds,
                "losses": list(self.losses), "weights": self.weights.to_json(), **sketches}  # fmt: skip

    @classmethod
    def from_json(cls, identifier: str, body: Json) -> Slice:
        return cls(place_in(identifier), body["task"], body["sha256"], body["images"], body["seconds"],
                   tuple(body["losses"]), BlobRef.from_json(body["weights"]),
                   BlobRef.from_json(body["sketches"]) if "sketches" in body else None)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constituent:
    """A shard's merged weights. `made_of` is the digest of the slices' digests in order."""

    shard: int
    made_of: str
    sha256: str
    images: int
    people: int
    weights: BlobRef

    def to_json(self) -> Json:
        return {"shard": self.shard, "made_of": self.made_of, "sha256": self.sha256,
                "images": self.images, "people": self.people, "weights": self.weights.to_json()}  # fmt: skip

    @classmethod
    def from_json(cls, body: Json) -> Constituent:
        return cls(body["shard"], body["made_of"], body["sha256"], body["images"], body["people"],
                   BlobRef.from_json(body["weights"]))  # fmt: skip


def slice_id(run: str, place: Place) -> str:
    return f"{run}/{place}"


def place_in(identifier: str) -> Place:
    """The place named in a slice's identifier: it can be read without any key."""
    shard, _, number = identifier.rpartition("/")[2].partition("-")
    return Place(int(shard), int(number))


def constituent_id(run: str, shard: int) -> str:
    return f"{run}/{shard:02d}"


def shard_in(identifier: str) -> int:
    """The shard named in a constituent's identifier."""
    return int(identifier.rpartition("/")[2])
