"""Lesson: what one slice is taught, gathered from a snapshot.

A function of the slice's own pictures, its place and the recipe. Its digest says
whether a slice must be trained again; its seed comes from the recipe and the
place alone, so that somebody leaving another slice changes nothing here.
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
from volenti.perception.perceiver import pixels_of
from volenti.training.partition import Place, place
from volenti.training.ports import SliceTask
from volenti.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Pupil:
    """One picture to be trained on: the image, its caption and whose it is.

    `home` is the owner whose identifier sorts first, and `wave` theirs: the picture lies where
    they do.
    """

    image: Image
    caption: str
    owners: tuple[str, ...]
    wave: int

    @property
    def home(self) -> str:
        """The owner whose identifier sorts first; the picture is trained on in their shard and slice."""
        return min(self.owners)


@dataclass(frozen=True, slots=True)
class Lesson:
    """All pictures of one slice, in order of their identifiers."""

    place: Place
    pupils: tuple[Pupil, ...]
    recipe: Recipe

    @property
    def owners(self) -> tuple[str, ...]:
        """Everybody whose pictures are in the lesson, once each, sorted."""
        return tuple(sorted({owner for pupil in self.pupils for owner in pupil.owners}))

    @property
    def seed(self) -> int:
        """63 bits from the recipe and the place."""
        return int(sha256(f"{self.recipe.digest}/{self.place}".encode())[:16], 16) >> 1

    @property
    def digest(self) -> str:
        """SHA-256 of everything the slice's weights depend on."""
        pupils = [[pupil.image.id, pupil.image.sha256, pupil.caption] for pupil in self.pupils]
        return sha256(canonical({"recipe": self.recipe.digest, "place": str(self.place), "pupils": pupils}))

    def task(self, access: Access) -> SliceTask:
        """The lesson with its pixels, read and framed now."""
        frames = [framed(pupil.image, access, self.recipe.size_px) for pupil in self.pupils]
        captions = tuple(pupil.caption for pupil in self.pupils)
        return SliceTask(self.place, np.stack(frames), captions, self.recipe, self.seed)


class Tasks(Sequence[SliceTask]):
    """Lessons as tasks, each read only when a worker asks for it: pixels of two slices a core."""

    def __init__(self, lessons: Sequence[Lesson], access: Access) -> None:
        self._lessons = lessons
        self._access = access

    def __len__(self) -> int:
        return len(self._lessons)

    def __getitem__(self, index: int) -> SliceTask:  # type: ignore[override]
        return self._lessons[index].task(self._access)


def framed(image: Image, access: Access, size_px: int) -> NDArray[np.uint8]:
    """A picture as a trainer is shown it, uint8 (size_px, size_px, 3), read now."""
    face = image.largest_face
    if face is None:
        raise IntegrityError(f"{image.id} has no face to frame.", "Run `volenti audit`.")
    return frame(Picture.fromarray(pixels_of(access.sealed(image))), face.box, size_px)


def lessons(pupils: Iterable[Pupil], key: bytes, recipe: Recipe) -> list[Lesson]:
    """Every slice that has pictures, in order of place."""
    by_place: dict[Place, list[Pupil]] = {}
    for pupil in pupils:
        if pupil.image.largest_face is not None:
            by_place.setdefault(place(key, pupil.home, recipe, pupil.wave), []).append(pupil)
    return [
        Lesson(place, tuple(sorted(some, key=lambda pupil: pupil.image.id)), recipe)
        for place, some in sorted(by_place.items())
    ]
