"""What exports need from outside: formats in which samples are written.

Every adapter passes tests/contracts/test_export_format.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from volenti.core.canonical import Json
from volenti.core.progress import Progress


@dataclass(frozen=True, slots=True)
class ExportedFace:
    """The face of somebody whom a release covers: their number, and (left, top, width, height) in pixels."""

    person: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Exported:
    """One sample: a picture file's bytes without metadata, its caption, and its token in hexadecimal.

    `people` are numbers that stand for the people in it, in this delivery alone. `group` is the number of
    everybody who is connected with them by pictures that show several. `split` is empty where the dataset
    isn't divided; samples of one split come one after the other.
    """

    position: int
    token: str
    caption: str
    data: bytes
    suffix: str
    width: int = 0
    height: int = 0
    people: tuple[str, ...] = ()
    group: str = ""
    faces: tuple[ExportedFace, ...] = ()
    split: str = ""

    @property
    def name(self) -> str:
        """The name of the picture's file."""
        return f"{self.position:08d}{self.suffix}"

    def facts(self) -> Json:
        """Everything but the picture and the caption, as JSON values."""
        facts: Json = {
            "sample": self.token,
            "width": self.width,
            "height": self.height,
            "people": list(self.people),
            "group": self.group,
            "faces": [{"person": each.person, "box": list(each.box)} for each in self.faces],
        }
        return {**facts, "split": self.split} if self.split else facts


@dataclass(frozen=True, slots=True)
class Delivered:
    """One sample of an export as it lies there: its token, its split, and the numbers of the people in it.

    Exports of earlier versions say the token alone.
    """

    token: str
    split: str = ""
    people: tuple[str, ...] = ()

    @classmethod
    def of(cls, facts: Json) -> Delivered:
        """The sample whose facts lie in an export; raises KeyError and TypeError where they are none."""
        return cls(
            str(facts["sample"]), str(facts.get("split") or ""), tuple(map(str, facts.get("people") or ()))
        )


class ExportFormat(Protocol):
    """Writes samples into a folder, and takes some of them out later."""

    @property
    def name(self) -> str:
        """The format's name, unlike that of any other; it never changes, as deliveries on record carry it."""
        ...

    def write(self, folder: Path, samples: Iterable[Exported]) -> int:
        """Write samples in their order; returns how many. The folder is readable once this has returned."""
        ...

    def samples(self, folder: Path) -> list[Delivered]:
        """All samples in a folder. Raises IntegrityError where it can't be read."""
        ...

    def files(self, folder: Path, tokens: Collection[str] | None = None) -> Sequence[Path]:
        """The files that hold samples, or that hold any of these; IntegrityError where one can't be read."""
        ...

    def remove(self, folder: Path, tokens: Collection[str], progress: Progress) -> int:
        """Take samples out, durably; returns how many were there. The others keep their order and bytes.

        After a kill anywhere each sample is whole or gone, and the same call goes on.
        """
        ...
