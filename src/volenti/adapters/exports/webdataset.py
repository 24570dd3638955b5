"""WebDataset: numbered tar files of samples, each a picture, a caption and its facts under one key."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from pathlib import Path
from typing import IO

from volenti.core.canonical import parse_given
from volenti.core.errors import IntegrityError
from volenti.core.files import create_file, part_of, sync_folder
from volenti.core.inside import is_plain
from volenti.core.progress import Progress, track
from volenti.deliveries.ports import Delivered, Exported

#: Samples in one tar file.
SAMPLES = 1000


class WebDatasetFormat:
    """ExportFormat of tar files `data-000000.tar`, ..., or of a split's name in place of `data`.

    Each sample has the files `KEY.jpg`, `KEY.txt` and `KEY.json`.
    """

    name = "webdataset"

    def __init__(self, samples: int = SAMPLES) -> None:
        self._samples = samples

    def write(self, folder: Path, samples: Iterable[Exported]) -> int:
        """Write tar files of at most `samples` samples each; returns how many samples."""
        count = 0
        for split, some in groupby(samples, key=lambda each: each.split):
            count += self._write_split(folder, split or "data", some)
        return count

    def _write_split(self, folder: Path, name: str, left: Iterator[Exported]) -> int:
        count = 0
        while some := list(islice(left, 1)):
            with create_file(folder / f"{name}-{count // self._samples:06d}.tar") as file:
                count += self._write_tar(file, chain(some, islice(left, self._samples - 1)))
        return count

    def _write_tar(self, file: IO[bytes], samples: Iterable[Exported]) -> int:
        """Write one tar file of samples; returns how many."""
        count = 0
        with tarfile.open(fileobj=file, mode="w") as shard:
            for sample in samples:
                _add(shard, sample)
                count += 1
        return count

    def samples(self, folder: Path) -> list[Delivered]:
        """All samples in all tar files; IntegrityError where one can't be read."""
        return [sample for path in _shards(folder) for sample in _keys(path)]

    def files(self, folder: Path, tokens: Collection[str] | None = None) -> Sequence[Path]:
        """Every tar file, or those that hold any of these samples; IntegrityError where one can't be read."""
        shards = _shards(folder)
        if tokens is None:
            return shards
        return [path for path in shards if any(sample.token in tokens for sample in _keys(path))]

    def remove(self, folder: Path, tokens: Collection[str], progress: Progress) -> int:
        """Rewrite each tar file that holds any of these samples without them; returns how many there were."""
        removed = 0
        for path in track(progress, "Removing", _shards(folder)):
            going = {key for sample, key in _keys(path).items() if sample.token in tokens}
            if going:
                _rewrite(path, going)
                removed += len(going)
        return removed


def _add(shard: tarfile.TarFile, sample: Exported) -> None:
    key = f"{sample.position:08d}"
    facts = json.dumps(sample.facts()).encode()
    for suffix, data in ((sample.suffix, sample.data), (".txt", sample.caption.encode()), (".json", facts)):
        member = tarfile.TarInfo(key + suffix)
        member.size = len(data)
        shard.addfile(member, io.BytesIO(data))


def _shards(folder: Path) -> list[Path]:
    return sorted(filter(is_plain, folder.glob("*.tar")))


def _keys(path: Path) -> dict[Delivered, str]:
    """The key of each sample. A sample's files in the tar file have the key in common."""
    keys = {}
    for member, data in _members(path, ".json"):
        try:
            keys[Delivered.of(parse_given(data))] = _key(member)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(path) from error
    return keys


def _members(path: Path, suffix: str) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                if member.isfile() and member.name.endswith(suffix):
                    file = tar.extractfile(member)
                    yield member, file.read() if file else b""
    except (OSError, tarfile.TarError) as error:
        raise _unreadable(path) from error


def _key(member: tarfile.TarInfo) -> str:
    """A member's key as WebDataset defines it: its name up to the first dot of the last part."""
    folder, slash, name = member.name.rpartition("/")
    return folder + slash + name.partition(".")[0]


def _rewrite(path: Path, going: Collection[str]) -> None:
    """Replace the tar file by one without the `going` samples, in one step.

    A file that is left without samples stays, empty, because the files' names are numbered without gaps.
    """
    part = part_of(path)
    with create_file(part) as file, tarfile.open(fileobj=file, mode="w") as new:
        for member, data in _members(path, ""):
            if _key(member) not in going:
                new.addfile(member, io.BytesIO(data))
        new.close()
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def _unreadable(path: Path) -> IntegrityError:
    return IntegrityError(
        f"{path} can't be read as it was delivered.", "Restore it from the delivery, uncompressed."
    )
