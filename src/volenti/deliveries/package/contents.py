"""Contents: what an opened package says of itself, for the script that trains and for the way back.

It lies beside the pictures, with the delivery's note, terms and key (`deliveries.delivery`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from volenti.core.canonical import parse_given
from volenti.core.codec import decoded, encoded
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.inside import opened_inside
from volenti.core.shown import short_repr
from volenti.deliveries.delivery import BESIDE

CONTENTS = f"{BESIDE}/package.json"


@dataclass(frozen=True, slots=True)
class PackagePart:
    """A part as it was packed: its number in the run, its seed, how many pictures of how many people."""

    shard: int
    seed: int
    images: int
    people: int

    @property
    def folder(self) -> str:
        """The name of the folder in which its pictures lie."""
        return part_folder(self.shard)


@dataclass(frozen=True, slots=True)
class PackageContents:
    """What is trained, for what, by which script, and where results go.

    `code` are SHA-256 digests of the run's script by file name, `shards` in how many parts the run is
    trained, `min_people` how many people a part has to have. `way_back` is the public key that results are
    encrypted to.
    """

    delivery: str
    run: str
    name: str
    dataset: str
    purpose: str
    split: str
    shards: int
    min_people: int
    gpus: int
    code: Mapping[str, str]
    parts: tuple[PackagePart, ...]
    way_back: str

    __repr__ = short_repr

    def to_bytes(self) -> bytes:
        """The file's content."""
        return json.dumps(encoded(self), indent=1).encode() + b"\n"

    @classmethod
    def read(cls, folder: Path) -> PackageContents:
        """The contents of an opened package.

        Raises UsageError where the folder is none, IntegrityError where its file can't be read.
        """
        try:
            with opened_inside(folder, CONTENTS) as file:
                return decoded(cls, parse_given(file.read()))
        except FileNotFoundError as error:
            raise UsageError(
                f"{folder} isn't an opened package: it has no {CONTENTS}.",
                "Open one: volenti package open FILE --key KEY --out DIR",
            ) from error
        except (OSError, ValueError, TypeError) as error:
            raise IntegrityError(
                f"{folder / CONTENTS} can't be read.", "Open the package again, into a new folder."
            ) from error

    def part(self, shard: int) -> PackagePart:
        """One part; UsageError where the package hasn't got it."""
        for each in self.parts:
            if each.shard == shard:
                return each
        held = ", ".join(str(each.shard) for each in self.parts)
        raise UsageError(f"Part {shard} isn't in this package.", f"It has: {held}.")


def part_folder(shard: int) -> str:
    """The name of the folder in which a part's pictures lie; as readers of datasets want splits named."""
    return f"part_{shard:02d}"
