"""Run: one training of one recipe on one snapshot, with its slices and constituents.

A slice is trained on the pictures of the few people the partition puts there. A
constituent is the base plus the mean of its shard's slices, weighted by their
pictures; it is what is served, never a slice. Both lie sealed under the keys of
everybody they were trained on, so the moment one of those keys is destroyed they
can't be opened by anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
    #: Digest of what the trainer was given, frames and all (`SliceTask.digest`).
    given: str = ""
    #: What the bits depend on, as it was where the slice was trained.
    environment: Json = field(default_factory=dict)

    def to_json(self) -> Json:
        sketches = {"sketches": self.sketches.to_json()} if self.sketches else {}
        return {"task": self.task, "sha256": self.sha256, "images": self.images, "seconds": self.seconds,
                "losses": list(self.losses), "weights": self.weights.to_json(), "given": self.given,
                "environment": self.environment, **sketches}  # fmt: skip

    @classmethod
    def from_json(cls, identifier: str, body: Json) -> Slice:
        return cls(place_in(identifier), body["task"], body["sha256"], body["images"], body["seconds"],
                   tuple(body["losses"]), BlobRef.from_json(body["weights"]),
                   BlobRef.from_json(body["sketches"]) if "sketches" in body else None,
                   body.get("given", ""), body.get("environment", {}))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constituent:
    """A shard's merged weights. `made_of` is the digest of the slices' digests in order, `uses` whose
    pictures it learned from, and from which shoots they are: what has to be covered for it to be served.
    """

    shard: int
    made_of: str
    sha256: str
    images: int
    people: int
    weights: BlobRef
    uses: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> Json:
        return {"shard": self.shard, "made_of": self.made_of, "sha256": self.sha256,
                "images": self.images, "people": self.people, "weights": self.weights.to_json(),
                "uses": [list(each) for each in self.uses]}  # fmt: skip

    @classmethod
    def from_json(cls, body: Json, owners: Sequence[str] = ()) -> Constituent:
        """owners: of its row; all that is known of its uses where an earlier version merged it."""
        uses = tuple((who, shoot) for who, shoot in body.get("uses", [(who, "") for who in owners]))
        return cls(body["shard"], body["made_of"], body["sha256"], body["images"], body["people"],
                   BlobRef.from_json(body["weights"]), uses)  # fmt: skip


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
