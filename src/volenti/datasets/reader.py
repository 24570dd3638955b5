"""Reader: a snapshot's pictures for whoever trains with a script of their own.

A reader is a sequence of samples, and so what a torch DataLoader takes as it is. Every read is checked: after
a withdrawal in the middle of an epoch that person's pictures aren't read again. The order stays the same:
samples keep their places, and the order of an epoch is that of a keyed hash of each sample by itself, so that
erasing somebody moves nobody else's samples. (A shuffle of N things is another one for N - 1 things.)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from volenti.clearance.access import Access
from volenti.core.canonical import Json
from volenti.core.digest import commitment
from volenti.core.errors import UsageError
from volenti.core.shown import short_repr, table
from volenti.datasets.shard import shard_of
from volenti.datasets.snapshot import Entry, Snapshot
from volenti.generation.framing import frame, middle
from volenti.perception.files.kept import pixels_of

#: Opens access to the pictures in another process.
OpenAccess = Callable[[], Access]


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture with its caption: (height, width, 3) uint8 pixels, upright, sRGB, read-only.

    `face` is the largest face's (left, top, width, height) in pixels, None where there is none.
    """

    position: int
    image: str
    caption: str
    pixels: NDArray[np.uint8]
    face: tuple[float, float, float, float] | None

    __repr__ = short_repr


class AccessOpener:
    """Gives access to the pictures: the workspace's own in this process, a new one in any other process."""

    def __init__(self, access: Access | None, reopen: OpenAccess) -> None:
        self._access = access
        self._reopen = reopen
        self._process = os.getpid()

    def access(self) -> Access:
        """Access to the pictures; a process that didn't open it (after a fork or a pickle) opens its own."""
        if self._access is None or self._process != os.getpid():
            # Connections and locks don't survive a fork, let alone a pickle.
            self._access, self._process = self._reopen(), os.getpid()
        return self._access

    def __getstate__(self) -> Json:
        return {"_access": None, "_reopen": self._reopen, "_process": 0}


@dataclass(frozen=True)
class Reader(Sequence[object]):
    """The entries of a snapshot that could be read when the reader was made, in their order. Picklable."""

    snapshot: Snapshot
    entries: tuple[Entry, ...]
    opener: AccessOpener
    #: The workspace's partition key: it says who belongs to which shard.
    key: bytes = field(repr=False)
    transform: Callable[[Sample], object] | None = None

    __repr__ = short_repr

    def _repr_html_(self) -> str:
        """What a notebook shows: how much there is, and nobody: no erasure reaches what a notebook keeps."""
        people = {owner for entry in self.entries for owner in entry.owners}
        rows = [("pictures", len(self.entries)), ("people", len(people)), ("for", self.snapshot.purpose)]
        return table(f"Dataset {self.snapshot.id}", rows)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> object:  # type: ignore[override]
        """A sample, or what the transform makes of it. Raises RefusedError once it may not be read.

        No slices, whatever a Sequence promises: a DataLoader asks for one at a time.
        """
        sample = self.sample(index)
        return sample if self.transform is None else self.transform(sample)

    def sample(self, index: int) -> Sample:
        """A sample, read now. Raises RefusedError once it may not be read."""
        entry = self.entries[index]
        access = self.opener.access()
        image, _ = access.image(entry.image, *self.snapshot.asked)
        face = image.largest_face
        box = None if face is None else face.box
        return Sample(entry.position, entry.image, entry.caption, pixels_of(access.sealed(image)), box)

    def shards(self, count: int) -> list[Reader]:
        """The same samples in `count` parts. A person's are all in one part, whoever else there is."""
        if count < 1:
            raise UsageError("A dataset has at least one shard.", "Give a positive number.")
        parts: list[list[Entry]] = [[] for _ in range(count)]
        for entry in self.entries:
            parts[shard_of(self.key, entry.owners, count)].append(entry)
        return [replace(self, entries=tuple(part)) for part in parts]

    def epoch(self, number: int, seed: int = 0) -> list[int]:
        """Indices in the order of an epoch; an erased person's are missing, and no others have moved.

        Give it to a DataLoader as its sampler; to go on in the middle, leave out what was seen.
        """
        key = f"epoch/{seed}/{number}".encode()
        return sorted(range(len(self)), key=lambda index: commitment(key, self.entries[index].image.encode()))

    def people(self) -> set[str]:
        """Whose pictures they are."""
        return {owner for entry in self.entries for owner in entry.owners}

    def to_torch(self, size: int) -> Reader:
        """For a DataLoader: float32 (3, size, size) in [-1, 1] framed on the face, caption, position."""
        return replace(self, transform=Framed(size))


@dataclass(frozen=True, slots=True)
class Framed:
    """Turns a sample into what a DataLoader can batch: the square around the largest face, or the middle."""

    size: int

    def __call__(self, sample: Sample) -> Json:
        """The sample's `pixels`, (3, size, size) float32 in [-1, 1], with its `caption` and `position`."""
        picture = Picture.fromarray(sample.pixels)
        square = frame(picture, sample.face or middle(picture.width, picture.height), self.size)
        pixels = np.ascontiguousarray(square.transpose(2, 0, 1), np.float32) / 127.5 - 1
        return {"pixels": pixels, "caption": sample.caption, "position": sample.position}
