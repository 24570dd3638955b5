"""Opened packages: on the machine that trains, without a workspace and without a network."""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from volenti.core.age import AgeKey
from volenti.core.clock import Clock, stamp, system_clock
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.files import create_file, make_folder, on_disk, remove_folder, sync_folder
from volenti.core.inside import walked
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.core.shown import short_repr
from volenti.core.signing import PublicKey
from volenti.deliveries.acknowledgement import Acknowledgement
from volenti.deliveries.card import CARD
from volenti.deliveries.checksums import SUMS, lines_of
from volenti.deliveries.delivery import BESIDE, NOTE, DeliveryNote, handed_over
from volenti.deliveries.package.contents import PackageContents, PackagePart
from volenti.deliveries.package.note import PackageNote
from volenti.deliveries.package.sealed import SealedFile
from volenti.deliveries.package.trained import trained_on
from volenti.transparency.note import exact_base64

if TYPE_CHECKING:
    from volenti.deliveries.package.reader import PackageReader

_log = Logger(__name__)
_PIECE = 1 << 20
#: Every name that a package may have in it.
_NAME = re.compile(
    rf"{re.escape(BESIDE)}/[a-z]+\.(json|key)|{re.escape(CARD)}|{SUMS}"
    r"|part_\d{2,6}/(\d{8}\.[a-z0-9]{2,5}|metadata\.jsonl)"
)


@dataclass(frozen=True, slots=True)
class OpenedPart:
    """A part in an opened package: as it was packed, and how many pictures of how many people are left."""

    part: PackagePart
    images: int
    people: int

    __repr__ = short_repr

    @property
    def shard(self) -> int:
        """The number of the part."""
        return self.part.shard


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """A package as it lies open in a folder: what it says of itself, and its parts."""

    folder: Path
    contents: PackageContents
    held: tuple[OpenedPart, ...]

    __repr__ = short_repr

    @classmethod
    def of(cls, folder: Path) -> OpenedPackage:
        """The package in a folder.

        Raises UsageError where the folder is none, or the opening broke off; IntegrityError where it can't be
        read.
        """
        if (folder / NOTE).is_file() and not (folder / SUMS).is_file():
            raise UsageError(
                f"{folder} holds a package that wasn't opened to its end.",
                "Open it again into the same folder, or drop it: volenti package drop DIR",
            )
        contents = PackageContents.read(folder)
        found = cls(folder, contents, ())
        readers = ((each, found.reader(each.shard)) for each in contents.parts)
        parts = tuple(OpenedPart(each, len(reader), len(reader.people())) for each, reader in readers)
        return replace(found, held=parts)

    @property
    def to_train_again(self) -> tuple[int, ...]:
        """The parts that lost pictures since they were packed, and of which no result was made since."""
        trained = trained_on(self.folder)
        return tuple(
            each.shard
            for each in self.held
            if each.images < each.part.images and trained.get(each.shard) != each.images
        )

    def reader(self, shard: int) -> PackageReader:
        """The pictures of a part that are there now; UsageError where the package hasn't got the part."""
        from volenti.deliveries.package.reader import PackageReader

        return PackageReader.of(self.folder, self.contents.part(shard).folder)


@dataclass(frozen=True, slots=True)
class DroppedPackage:
    """What dropping a package removed, and the acknowledgement for whoever packed it.

    `acknowledgement` is empty where the package wasn't opened to its end.
    """

    delivery: str
    images: int
    bytes: int
    acknowledgement: str

    __repr__ = short_repr


def show_package(path: Path, sender: PublicKey | None = None) -> PackageNote:
    """What a package is, without opening it: its note, and all of its bytes, are checked.

    sender: whose signature it has to bear; without it, that of the key in the note, which shows damage and
    not who made it. Raises UsageError where the file can't be read, IntegrityError where it isn't a package,
    isn't whole, was changed, or somebody else signed it.
    """
    with SealedFile.opened(path, PackageNote.what) as file:
        return _checked(file, sender)


def _checked(file: SealedFile, sender: PublicKey | None) -> PackageNote:
    note = PackageNote.verified(file.note, sender)
    file.check(note.said)
    return note


def open_package(
    path: Path,
    key: AgeKey,
    out: Path,
    *,
    sender: PublicKey | None = None,
    progress: Progress | None = None,
) -> OpenedPackage:
    """Check a package as `show_package`, and unpack it into a new folder that only its owner can read.

    Where an earlier opening into the folder was broken off, it begins again. Raises UsageError where the
    package is for another key, and where the folder isn't empty.
    """
    with SealedFile.opened(path, PackageNote.what) as file:
        note = _checked(file, sender)
        if str(key.public) != note.to:
            raise UsageError(
                f"This package is for {note.to}, and the key given is that of {key.public}.",
                "Give the key that it was packed for, or have it packed for this one: volenti run pack --to",
            )
        if (out / NOTE).is_file() and not (out / SUMS).is_file():
            remove_folder(out)
        make_folder(out)
        if any(out.iterdir()):
            raise UsageError(f"{out} isn't empty.", "Give a new folder.")
        try:
            _unpack(file, key, out, note, progress or Silent())
            opened = OpenedPackage.of(out)
            _compare(opened, note)
        except BaseException:
            remove_folder(out)
            raise
    _log.info("package opened", delivery=note.delivery, parts=len(note.shards), pictures=note.pictures)
    return opened


def _unpack(file: SealedFile, key: AgeKey, out: Path, note: PackageNote, progress: Progress) -> None:
    """Write every member, the checksums last; IntegrityError where these don't fit the others."""
    sums: dict[str, str] = {}
    written = b""
    progress.begin("Opening", note.pictures)
    with closing(file.members(key)) as members:
        for name, member in members:
            if not _NAME.fullmatch(name) or name in sums or written:
                raise _unlike(out)
            if name == SUMS:
                written = member.read()
                if written != lines_of(sums):
                    raise _unlike(out)
                continue
            make_folder((out / name).parent)
            sums[name] = _write(out / name, member)
            if name.startswith("part_") and not name.endswith(".jsonl"):
                progress.advance(1)
    progress.end()
    if not written:
        raise _unlike(out)
    for folder in sorted({(out / name).parent for name in sums}):
        sync_folder(folder)
    with on_disk(f"write {SUMS}"), create_file(out / SUMS) as last:
        last.write(written)
    sync_folder(out)


def _write(path: Path, member: IO[bytes]) -> str:
    """Write a new file in pieces; returns its SHA-256."""
    digest = hashlib.sha256()
    with on_disk(f"write {path.name}"), create_file(path) as file:
        while piece := member.read(_PIECE):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _compare(opened: OpenedPackage, note: PackageNote) -> None:
    """Refuse a package in which something else lies than its note says; raises IntegrityError."""
    contents = opened.contents
    inside = (
        contents.delivery,
        DeliveryNote.read(opened.folder).delivery,
        contents.run,
        tuple(each.shard for each in contents.parts),
        sum(each.images for each in opened.held),
    )
    if inside != (note.delivery, note.delivery, note.run, note.shards, note.pictures):
        raise _unlike(opened.folder)


def _unlike(out: Path) -> IntegrityError:
    return IntegrityError(
        "What is in this package isn't what its note says.",
        f"Nothing is left in {out}. Have it packed anew by whoever it should be from.",
    )


def drop_package(folder: Path, clock: Clock = system_clock) -> DroppedPackage:
    """Remove an opened package's folder with everything in it; it may be one that wasn't opened to its end.

    Raises UsageError where the folder is none: nothing else is removed.
    """
    note = DeliveryNote.read(folder)
    images, said = 0, ""
    if (folder / SUMS).is_file():
        images = sum(each.images for each in OpenedPackage.of(folder).held)
        root = exact_base64(note.root)
        if root is None:
            raise IntegrityError(
                f"{folder / NOTE} can't be read.", "Remove the folder yourself, and say so to its sender."
            )
        stated = Acknowledgement(note.delivery, note.feed, note.size, root, images, 0, stamp(clock()))
        said = stated.signed(handed_over(folder))
    elif not all(each.is_dir() or _NAME.fullmatch(str(each.relative_to(folder))) for each in walked(folder)):
        raise UsageError(f"{folder} holds other files, too.", "Move them away, then repeat.")
    freed = remove_folder(folder)
    _log.info("package dropped", delivery=note.delivery, pictures=images, bytes=freed)
    return DroppedPackage(note.delivery, images, freed, said)
