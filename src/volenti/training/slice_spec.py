"""Slice specs: what one slice is trained on, gathered from a snapshot.

A spec is a function of the slice's own pictures, its place and the recipe. Its digest
says whether a slice must be trained again. Its seed comes from the recipe and the
place alone, so a slice stays the same where somebody of another slice is erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from volenti.clearance.access import Access
from volenti.clearance.image import Image
from volenti.core.canonical import canonical
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError
from volenti.generation.framing import frame
from volenti.perception.files.kept import pixels_of
from volenti.training.partition import Place, place
from volenti.training.ports import SliceTask
from volenti.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One picture to be trained on: the image, its caption and whose it is.

    `cohort` is that of `home`, the owner who decides in which slice the picture is.
    """

    image: Image
    caption: str
    owners: tuple[str, ...]
    cohort: int

    @property
    def home(self) -> str:
        """The owner whose identifier sorts first; the picture is in their slice."""
        return min(self.owners)


@dataclass(frozen=True, slots=True)
class SliceSpec:
    """All pictures of one slice, in order of their identifiers."""

    place: Place
    examples: tuple[TrainingExample, ...]
    recipe: Recipe

    @property
    def owners(self) -> tuple[str, ...]:
        """Everybody whose pictures are in the spec, once each, sorted."""
        return tuple(sorted({owner for example in self.examples for owner in example.owners}))

    @property
    def seed(self) -> int:
        """63 bits from the recipe and the place."""
        return int(sha256(f"{self.recipe.digest}/{self.place}".encode())[:16], 16) >> 1

    @property
    def digest(self) -> str:
        """SHA-256 of everything the slice's weights depend on."""
        examples = [[example.image.id, example.image.sha256, example.caption] for example in self.examples]
        return sha256(canonical({"recipe": self.recipe.digest, "place": str(self.place), "pupils": examples}))

    def task(self, access: Access) -> SliceTask:
        """The spec with its pixels, read and framed now."""
        frames = [framed(example.image, access, self.recipe.size_px) for example in self.examples]
        captions = tuple(example.caption for example in self.examples)
        return SliceTask(self.place, np.stack(frames), captions, self.recipe, self.seed)


class SliceTasks(Sequence[SliceTask]):
    """Slice specs as tasks: the pixels of each are read only when a worker asks for it.

    So at any time the pixels of two slices a core are in memory.
    """

    def __init__(self, specs: Sequence[SliceSpec], access: Access) -> None:
        self._specs = specs
        self._access = access

    def __len__(self) -> int:
        return len(self._specs)

    def __getitem__(self, index: int) -> SliceTask:  # type: ignore[override]
        return self._specs[index].task(self._access)


def framed(image: Image, access: Access, size_px: int) -> NDArray[np.uint8]:
    """A picture as a trainer gets it, uint8 (size_px, size_px, 3), read now."""
    face = image.largest_face
    if face is None:
        raise IntegrityError(f"{image.id} has no face to frame.", "Run `volenti audit`.")
    return frame(Picture.fromarray(pixels_of(access.sealed(image))), face.box, size_px)


def specs(examples: Iterable[TrainingExample], key: bytes, recipe: Recipe) -> list[SliceSpec]:
    """Every slice that has pictures, in order of place."""
    by_place: dict[Place, list[TrainingExample]] = {}
    for example in examples:
        if example.image.largest_face is not None:
            by_place.setdefault(place(key, example.home, recipe, example.cohort), []).append(example)
    return [
        SliceSpec(place, tuple(sorted(some, key=lambda example: example.image.id)), recipe)
        for place, some in sorted(by_place.items())
    ]


def without_one(wanted: Sequence[SliceSpec], key: bytes) -> list[SliceSpec]:
    """The specs without the last person in order of identifier: the negative control."""
    last = max(owner for spec in wanted for owner in spec.owners)
    examples = [example for spec in wanted for example in spec.examples if last not in example.owners]
    return specs(examples, key, wanted[0].recipe)
