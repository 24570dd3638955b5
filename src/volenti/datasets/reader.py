"""Reader: a snapshot's pictures for whoever trains with a script of their own.

A reader is a sequence of samples, and so what a torch DataLoader takes as it is. Every read is checked: after
a withdrawal in the middle of an epoch that person's pictures aren't read again. The order stays the same:
samples keep their places, and the order of an epoch is that of a keyed hash of each sample by itself, so that
erasing somebody moves nobody else's samples. (A shuffle of N things is another one for N - 1 things.)

What such a read does is the reader's `missing`: it raises RefusedError, which ends the epoch, or it is
skipped and counted. It raises where nothing else is asked for, so that no script goes on in silence.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.context import get_spawning_popen
from multiprocessing.sharedctypes import RawArray

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from volenti.clearance.access import Access
from volenti.core.canonical import Json
from volenti.core.digest import commitment
from volenti.core.errors import RefusedError, UsageError
from volenti.core.shown import short_repr, table
from volenti.datasets.shard import shard_of
from volenti.datasets.snapshot import Entry, Snapshot
from volenti.generation.framing import frame, middle
from volenti.perception.files.kept import pixels_of

#: What happens to a sample that may not be read any more.
RAISE, SKIP = "raise", "skip"
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


class SkipCount:
    """How many reads were skipped, in this process and in those that a DataLoader starts from it.

    Each process counts in a place of its own in memory that they share, so that no count is lost. A copy that
    is pickled for later, and not for a process that is being started, begins at 0.
    """

    _PLACES = 4096

    def __init__(self) -> None:
        self._counts = RawArray("Q", self._PLACES)

    def add(self) -> None:
        """Count one more."""
        self._counts[os.getpid() % self._PLACES] += 1

    @property
    def total(self) -> int:
        """How many so far."""
        return sum(self._counts)

    def __getstate__(self) -> Json:
        # Shared memory is only handed to a process that is being started.
        return {} if get_spawning_popen() is None else {"_counts": self._counts}

    def __setstate__(self, state: Json) -> None:
        self._counts = state["_counts"] if state else RawArray("Q", self._PLACES)


@dataclass(frozen=True)
class Reader(Sequence[object]):
    """The entries of a snapshot that could be read when the reader was made, in their order. Picklable.

    `missing` says what happens to a sample that may not be read any more, because somebody in it was erased,
    said no or was restricted since. "raise", the default: reading it raises RefusedError, in a DataLoader
    too, which ends the epoch; a reader that is made then leaves it out. "skip": iterating, and the batches of
    a DataLoader (torch 2.0 and later), leave it out; `skipped` counts that. A batch has fewer samples then,
    and may have none. Asking for one sample by its index raises in both cases.
    """

    snapshot: Snapshot
    entries: tuple[Entry, ...]
    opener: AccessOpener
    #: The workspace's partition key: it says who belongs to which shard.
    key: bytes = field(repr=False)
    transform: Callable[[Sample], object] | None = None
    missing: str = RAISE
    _skips: SkipCount = field(default_factory=SkipCount, repr=False, compare=False)

    __repr__ = short_repr

    def _repr_html_(self) -> str:
        """What a notebook shows: how much there is, and nobody: no erasure reaches what a notebook keeps."""
        people = len(self.people())
        rows = [("pictures", len(self.entries)), ("people", people), ("for", self.snapshot.purpose)]
        return table(f"Dataset {self.snapshot.id}", rows)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> object:  # type: ignore[override]
        """A sample, or what the transform makes of it. Raises RefusedError once it may not be read.

        No slices, whatever a Sequence promises: a DataLoader asks for one at a time.
        """
        sample = self.sample(index)
        return sample if self.transform is None else self.transform(sample)

    def __iter__(self) -> Iterator[object]:
        """The samples in their order; `missing` says what happens to those that may not be read any more."""
        for index in range(len(self)):
            yield from self.__getitems__([index])

    def __getitems__(self, indices: Sequence[int]) -> list[object]:
        """The samples of a batch, for a DataLoader: fewer where some are skipped."""
        found = []
        for index in indices:
            try:
                found.append(self[index])
            except RefusedError:
                if self.missing == RAISE:
                    raise
                self._skips.add()
        return found

    @property
    def skipped(self) -> int:
        """How many reads were skipped since the reader was made, also by workers of a DataLoader."""
        return self._skips.total

    def on_missing(self, missing: str) -> Reader:
        """The same samples, to be read with "raise" or "skip"; nothing is skipped of it so far."""
        if missing not in (RAISE, SKIP):
            raise UsageError(f"Nothing is known that {missing!r} would do.", f'Give "{RAISE}" or "{SKIP}".')
        return replace(self, missing=missing, _skips=SkipCount())

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
        return [replace(self, entries=tuple(part), _skips=SkipCount()) for part in parts]

    def epoch(self, number: int, seed: int = 0) -> list[int]:
        """Indices in the order of an epoch; an erased person's are missing, and no others have moved.

        Give it to a DataLoader as its sampler; to go on in the middle, leave out what was seen.
        """
        key = f"epoch/{seed}/{number}".encode()
        return sorted(range(len(self)), key=lambda index: commitment(key, self.entries[index].image.encode()))

    def people(self) -> set[str]:
        """Who is in the pictures; a picture of nobody adds nobody."""
        return {person for entry in self.entries for person in entry.people}

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
