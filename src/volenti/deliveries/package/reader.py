"""Package reader: the pictures of one part of an opened package, for whoever trains with their own script.

It is used as a workspace's reader is (`datasets.reader`): a sequence that a torch DataLoader takes as it is,
in an order that nobody's leaving changes for others. There is no consent to be asked here, so what the
deletion feed took out isn't read any more, and nothing else is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from volenti.clearance.image import scale_of
from volenti.core.canonical import Json, parse_given
from volenti.core.digest import commitment
from volenti.core.errors import IntegrityError, RefusedError
from volenti.core.inside import opened_inside
from volenti.core.shown import short_repr
from volenti.datasets.reader import Framed, Sample
from volenti.perception.files.kept import pixels_of

_LISTING = "metadata.jsonl"


@dataclass(frozen=True, slots=True)
class PackedSample:
    """A line of a part's metadata.jsonl: the picture's file, its caption, token, people's numbers and face.

    `face` is the largest face's (left, top, width, height) in pixels of the file; None where there is none.
    """

    file: str
    token: str
    caption: str
    people: tuple[str, ...]
    width: int
    height: int
    face: tuple[float, float, float, float] | None

    __repr__ = short_repr

    @classmethod
    def of(cls, fields: Json) -> PackedSample:
        """The sample of a line; raises KeyError, TypeError, ValueError or IndexError where it is none."""
        boxes = [tuple(map(float, each["box"])) for each in fields["faces"]]
        face = max(boxes, key=lambda box: box[2] * box[3], default=None)
        return cls(
            Path(str(fields["file_name"])).name,
            str(fields["sample"]),
            str(fields["text"]),
            tuple(map(str, fields["people"])),
            int(fields["width"]),
            int(fields["height"]),
            None if face is None else (face[0], face[1], face[2], face[3]),
        )


@dataclass(frozen=True)
class PackageReader(Sequence[object]):
    """The pictures of a part that are there, in their order. Picklable."""

    folder: Path
    part: str
    entries: tuple[PackedSample, ...]
    transform: Callable[[Sample], object] | None = None

    __repr__ = short_repr

    @classmethod
    def of(cls, folder: Path, part: str) -> PackageReader:
        """The pictures of a part that are there now. IntegrityError where its listing can't be read."""
        try:
            with opened_inside(folder, f"{part}/{_LISTING}") as file:
                lines = file.read().decode().splitlines()
            return cls(folder, part, tuple(PackedSample.of(parse_given(line)) for line in lines if line))
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise IntegrityError(
                f"{folder / part / _LISTING} can't be read as it was packed.",
                "Open the package again, into a new folder.",
            ) from error

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> object:  # type: ignore[override]
        """A sample, or what the transform makes of it. Raises RefusedError once it was called back."""
        sample = self.sample(index)
        return sample if self.transform is None else self.transform(sample)

    def sample(self, index: int) -> Sample:
        """A sample, read now; `image` is its token. Raises RefusedError once it was called back."""
        entry = self.entries[index]
        try:
            with opened_inside(self.folder, f"{self.part}/{entry.file}") as file:
                pixels = pixels_of(file.read())
        except FileNotFoundError as error:
            raise RefusedError(
                f"{self.part}/{entry.file} isn't there any more: it was called back.",
                "Begin the part again: it is trained on what is left.",
            ) from error
        face, scale = entry.face, scale_of(entry.width, entry.height)
        if face is not None:
            face = (face[0] / scale, face[1] / scale, face[2] / scale, face[3] / scale)
        return Sample(int(Path(entry.file).stem), entry.token, entry.caption, pixels, face)

    def epoch(self, number: int, seed: int = 0) -> list[int]:
        """Indices in the order of an epoch; what was called back is missing, and nothing else has moved."""
        key = f"epoch/{seed}/{number}".encode()
        return sorted(range(len(self)), key=lambda index: commitment(key, self.entries[index].token.encode()))

    def people(self) -> set[str]:
        """The numbers of the people in the pictures."""
        return {number for entry in self.entries for number in entry.people}

    def tokens(self) -> tuple[str, ...]:
        """The tokens of the pictures, in order."""
        return tuple(entry.token for entry in self.entries)

    def to_torch(self, size: int) -> PackageReader:
        """For a DataLoader: float32 (3, size, size) in [-1, 1] framed on the face, caption, position."""
        return replace(self, transform=Framed(size))
