"""Run: one training of one recipe on one snapshot, with its slices and constituents.

A slice is trained on the pictures of the few people whom the partition puts there. A
constituent is the base plus the mean of its shard's slices, weighted by their numbers of
pictures. Constituents are served, slices never are. Both are sealed under the keys of
everybody they were trained on: once one of those keys is destroyed, nobody can open them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from volenti.core.canonical import Json
from volenti.core.codec import ELSEWHERE, OPTIONAL, decoded
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError
from volenti.training.partition import Place
from volenti.training.recipe import Recipe
from volenti.vault.blob import BlobRef

if TYPE_CHECKING:
    from volenti.vault.ports import Row
    from volenti.vault.records import Records

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """A training run. `seconds` is the wall-clock time that training everything took, end to end.

    `split` is the part of the snapshot that it learns from; empty where the snapshot isn't divided.
    `unfinished`: until everything of it was trained and merged for the first time. Until then an earlier run
    is drawn with, where no run is named.
    """

    id: str = field(metadata=ELSEWHERE)
    snapshot: str
    recipe: Recipe
    environment: Json
    created: str
    seconds: float = 0.0
    split: str = field(default="", metadata=OPTIONAL)
    unfinished: bool = field(default=False, metadata=OPTIONAL)

    def over(self, recipe: Recipe) -> Run:
        """The run of the same pictures with another recipe, under its own identifier."""
        return replace(self, id=run_id(self.snapshot, recipe, self.split), recipe=recipe)


@dataclass(frozen=True, slots=True)
class Slice:
    """A trained slice. `task` is the digest of what it was trained on and how."""

    place: Place = field(metadata=ELSEWHERE)
    task: str
    sha256: str
    images: int
    seconds: float
    losses: tuple[float, ...]
    weights: BlobRef
    #: A `CopyIndex`, in the same pack; None where an earlier version trained the slice and kept none.
    sketches: BlobRef | None = field(default=None, metadata=OPTIONAL)
    #: Digest of what the trainer was given, frames and all (`SliceTask.digest`).
    given: str = ""
    #: What the bits depend on (`environment_of`), where the slice was trained.
    environment: Json = field(default_factory=dict)

    @classmethod
    def read(cls, identifier: str, body: Json) -> Slice:
        """The slice that a row's body describes."""
        return decoded(cls, body, place=place_in(identifier))


@dataclass(frozen=True, slots=True)
class Constituent:
    """A shard's merged weights.

    `made_of` is the digest of the slices' digests, in order. `uses` are pairs of a subject whose pictures
    it learned from and the shoot they are from: releases have to cover all of these for it to be served.
    """

    shard: int
    made_of: str
    sha256: str
    images: int
    people: int
    weights: BlobRef
    uses: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, body: Json, owners: Sequence[str] = ()) -> Constituent:
        """The constituent that a row's body describes. owners: the row's, where it has no `uses` yet."""
        uses = {} if "uses" in body else {"uses": [(who, "") for who in owners]}
        return decoded(cls, {**body, **uses})


def made_of(parts: Sequence[Slice]) -> str:
    """What a constituent is made of: the digest of its slices' digests and numbers of pictures, in order."""
    return sha256("\n".join(f"{part.images} {part.sha256}" for part in parts).encode())


def run_id(snapshot: str, recipe: Recipe, split: str = "") -> str:
    """A run's identifier: the same for the same snapshot, recipe and split."""
    part = f"/{split}" if split else ""
    return f"run_{sha256(f'{snapshot}/{recipe.digest}{part}'.encode())[:20]}"


def slice_id(run: str, place: Place) -> str:
    """A slice's identifier, RUN/SHARD-SLICE; `place_in` reads the place back."""
    return f"{run}/{place}"


def place_in(identifier: str) -> Place:
    """The place named in a slice's identifier: it can be read without any key."""
    shard, _, number = identifier.rpartition("/")[2].partition("-")
    return Place(int(shard), int(number))


def constituent_id(run: str, shard: int) -> str:
    """A constituent's identifier, RUN/SHARD, the shard in two digits."""
    return f"{run}/{shard:02d}"


def shard_in(identifier: str) -> int:
    """The shard named in a constituent's identifier."""
    return int(identifier.rpartition("/")[2])


def known_runs(records: Records, kind: str, what: type[T]) -> Iterator[tuple[Row, T | None]]:
    """Every run of a kind, with its row; None where its row doesn't open.

    One that is damaged keeps nobody from using, proving and forgetting the others.
    """
    for row in records.rows(kind):
        try:
            yield row, decoded(what, records.opened(row).body, id=row.id)
        except IntegrityError:
            yield row, None
