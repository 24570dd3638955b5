"""Contents: which tokens of the deletion feed call back which files, beside the files themselves.

A constituent has a token for each picture that it learned from. Once the feed names one of them, all files
of the constituent go, because nothing can be taken out of weights. One more token says that the sender handed
out a successor.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from volenti.core.canonical import parse_given
from volenti.core.codec import decoded, encoded
from volenti.core.digest import sha256_file
from volenti.core.errors import IntegrityError
from volenti.core.files import sync_folder, write_atomically
from volenti.core.inside import opened_inside
from volenti.core.progress import Progress
from volenti.core.shown import short_repr
from volenti.deliveries.delivery import BESIDE
from volenti.deliveries.ports import Delivered
from volenti.deliveries.weights.terms import WeightsFile, key_of

CONTENTS = f"{BESIDE}/weights.json"


@dataclass(frozen=True, slots=True)
class HeldConstituent:
    """One constituent at its recipient's: its files, the tokens that call it back, what was said of it."""

    shard: int
    files: tuple[WeightsFile, ...]
    tokens: tuple[str, ...]
    #: The token by which the feed says that a successor was handed out.
    successor: str
    is_called_back: bool = False
    has_successor: bool = False

    __repr__ = short_repr

    def told(self, tokens: Collection[str]) -> HeldConstituent:
        """What is held after the feed named these tokens."""
        return replace(
            self,
            is_called_back=self.is_called_back or not set(self.tokens).isdisjoint(tokens),
            has_successor=self.has_successor or self.successor in tokens,
        )


@dataclass(frozen=True, slots=True)
class _Contents:
    constituents: tuple[HeldConstituent, ...]


@dataclass(frozen=True, slots=True)
class CalledBackFile:
    """A file that was called back: its name and SHA-256, and whether the sender handed out a successor."""

    name: str
    sha256: str
    has_successor: bool

    __repr__ = short_repr


class WeightsFolder:
    """The constituents in a delivery's folder, read and removed as an `ExportFormat` does samples."""

    def write(self, folder: Path, held: Sequence[HeldConstituent]) -> None:
        """Write which tokens call back which files."""
        body = json.dumps(encoded(_Contents(tuple(held))), indent=1).encode() + b"\n"
        write_atomically(folder / CONTENTS, body)

    def read(self, folder: Path) -> tuple[HeldConstituent, ...]:
        """What is held; IntegrityError where it can't be read."""
        try:
            with opened_inside(folder, CONTENTS) as file:
                return decoded(_Contents, parse_given(file.read())).constituents
        except (OSError, ValueError, TypeError, IntegrityError) as error:
            raise IntegrityError(
                f"{folder / CONTENTS} can't be read as it was delivered.", "Take it from the delivery again."
            ) from error

    def samples(self, folder: Path) -> list[Delivered]:
        """The pictures behind every constituent that is still there, each with its token."""
        return [
            Delivered(token, key_of(each.shard))
            for each in self.read(folder)
            if not each.is_called_back
            for token in each.tokens
        ]

    def named(self, folder: Path, tokens: Collection[str]) -> set[str]:
        """Everything of this delivery that goes, or is told, once the feed named these tokens.

        All tokens of a constituent of which one was named, and the tokens of successors.
        """
        found: set[str] = set()
        for each in self.read(folder):
            after = each.told(tokens)
            if after.is_called_back and not each.is_called_back:
                found.update(each.tokens)
            if after.has_successor and not each.has_successor:
                found.add(each.successor)
        return found

    def files(self, folder: Path, tokens: Collection[str] | None = None) -> Sequence[Path]:
        """The listing and the files of constituents; with tokens, what has to change."""
        held = self.read(folder)
        going = [each for each in held if tokens is None or each.told(tokens) != each]
        if not going:
            return []
        return [folder / CONTENTS, *(_file(folder, of) for each in going for of in each.files)]

    def remove(self, folder: Path, tokens: Collection[str], progress: Progress) -> int:
        """Unlink the files that these tokens call back; returns how many samples were behind them."""
        held = self.read(folder)
        after = [each.told(tokens) for each in held]
        gone = [now for was, now in zip(held, after, strict=True) if now.is_called_back > was.is_called_back]
        # The files go first: if this is interrupted, a repeated call finds them by the listing.
        for each in gone:
            for file in each.files:
                _file(folder, file).unlink(missing_ok=True)
        if gone:
            sync_folder(folder)
        self.write(folder, after)
        return sum(len(each.tokens) for each in gone)

    def copies(self, folder: Path, tokens: Collection[str]) -> tuple[str, ...]:
        """Other files in the folder, or below it, with the bytes of what these or earlier tokens call back.

        Somebody may have renamed a file, or put it back. Links aren't followed.
        """
        held = self.read(folder)
        listed = {_file(folder, file) for each in held for file in each.files}
        gone = {
            (file.bytes, file.sha256)
            for each in held
            if each.told(tokens).is_called_back
            for file in each.files
        }
        sizes, digests = {size for size, _ in gone}, {digest for _, digest in gone}
        back = {_file(folder, file) for each in held if each.is_called_back for file in each.files}
        found = []
        for path in sorted(folder.rglob("*")) if gone else ():
            if path.is_symlink() or not path.is_file() or path in listed - back:
                continue
            if path.stat().st_size in sizes and sha256_file(path) in digests:
                found.append(path.relative_to(folder).as_posix())
        return tuple(found)

    def called_back(self, folder: Path, tokens: Collection[str]) -> tuple[CalledBackFile, ...]:
        """The files that these tokens call back, and earlier ones that have a successor since."""
        return tuple(
            CalledBackFile(file.name, file.sha256, now.has_successor)
            for each in self.read(folder)
            if (now := each.told(tokens)) != each and now.is_called_back
            for file in each.files
        )


def _file(folder: Path, file: WeightsFile) -> Path:
    """Whatever path the listing names, it is a file beside the card."""
    return folder / Path(file.name).name
