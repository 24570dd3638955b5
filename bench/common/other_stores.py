"""The same erasure in stores that others use, each until the person's bytes are gone from its files.

Pictures are random bytes, in an order that mixes people, as shards for training are. Every store is used
as its own documentation says to delete for good; whether the bytes are gone is looked up in the files.
"""

from __future__ import annotations

import io
import mmap
import os
import random
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow

#: Bytes that are made and written together.
BATCH_BYTES = 50_000_000
#: Samples in a tar file: what img2dataset, which many such sets are made with, puts there unless told.
SHARD = 10_000
SCHEMA = pyarrow.schema([("person", pyarrow.string()), ("image", pyarrow.large_binary())])


@dataclass(frozen=True, slots=True)
class Took:
    """What one person's erasure took: seconds, bytes written, bytes of theirs, and whether they are gone."""

    seconds: float
    written: int
    erased: int
    gone: bool


def written() -> int:
    """Bytes this process has handed to write() so far (proc(5), /proc/pid/io: wchar)."""
    facts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(facts["wchar"])


def samples(people: int, each: int, size: int) -> Iterator[tuple[str, bytes]]:
    """Pictures of everybody, mixed; the same for the same numbers."""
    order = [number for number in range(people) for _ in range(each)]
    random.Random("bench/otherstores").shuffle(order)
    for number in order:
        name = f"sub_{number:06d}"
        # Their own beginning can be searched for; the rest is noise that nothing compresses.
        yield name, f"{name}:".encode() + os.urandom(size - len(name) - 1)


def batches(people: int, each: int, size: int) -> Iterator[pyarrow.Table]:
    rows: list[tuple[str, bytes]] = []
    for row in samples(people, each, size):
        rows.append(row)
        if len(rows) * size >= BATCH_BYTES:
            yield _table(rows)
            rows = []
    if rows:
        yield _table(rows)


def _table(rows: list[tuple[str, bytes]]) -> pyarrow.Table:
    names, images = zip(*rows, strict=True)
    return pyarrow.table({"person": list(names), "image": list(images)}, schema=SCHEMA)


def lance(folder: Path, people: int, each: int, size: int) -> Callable[[str], None]:
    """Lance: delete, compact so that deleted rows are written out, remove every older version."""
    import lance

    for table in batches(people, each, size):
        lance.write_dataset(table, str(folder / "data.lance"), mode="append" if folder.exists() else "create")

    def erase(person: str) -> None:
        data = lance.dataset(str(folder / "data.lance"))
        data.delete(f"person = '{person}'")
        data.optimize.compact_files(materialize_deletions=True, materialize_deletions_threshold=0.0)
        data.cleanup_old_versions(older_than=timedelta(0), delete_unverified=True)

    return erase


def delta(folder: Path, people: int, each: int, size: int) -> Callable[[str], None]:
    """Delta: delete, then vacuum with no retention."""
    from deltalake import DeltaTable, write_deltalake

    for table in batches(people, each, size):
        write_deltalake(str(folder), table, mode="append")

    def erase(person: str) -> None:
        data = DeltaTable(str(folder))
        data.delete(f"person = '{person}'")
        data.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)

    return erase


def tars(folder: Path, people: int, each: int, size: int) -> Callable[[str], None]:
    """WebDataset: every tar file that has samples of theirs is written anew without them."""
    where: dict[str, set[int]] = {}
    folder.mkdir()
    shard: tarfile.TarFile | None = None
    for number, (name, data) in enumerate(samples(people, each, size)):
        if number % SHARD == 0:
            if shard is not None:
                shard.close()
            shard = tarfile.open(folder / f"{number // SHARD:06d}.tar", "w")  # noqa: SIM115
        assert shard is not None
        member = tarfile.TarInfo(f"{number:08d}.{name}.jpg")
        member.size = len(data)
        shard.addfile(member, io.BytesIO(data))
        where.setdefault(name, set()).add(number // SHARD)
    if shard is not None:
        shard.close()

    def erase(person: str) -> None:
        for number in sorted(where[person]):
            path = folder / f"{number:06d}.tar"
            part = path.with_suffix(".part")
            with tarfile.open(path) as old, part.open("wb") as file:
                with tarfile.open(fileobj=file, mode="w") as new:
                    for member in old:
                        if f".{person}." not in member.name:
                            new.addfile(member, old.extractfile(member))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)

    return erase


STORES = {"Lance": lance, "Delta Lake": delta, "WebDataset": tars}


def erasures(name: str, folder: Path, people: int, each: int, size: int, leaving: int) -> list[Took]:
    """Make a store, erase some people from it one after the other, and look whether they are gone."""
    erase = STORES[name](folder, people, each, size)
    took = []
    for number in random.Random("leaving").sample(range(people), leaving):
        person = f"sub_{number:06d}"
        before, began = written(), time.perf_counter()
        erase(person)
        seconds = time.perf_counter() - began
        took.append(Took(seconds, written() - before, each * size, not _found(folder, f"{person}:".encode())))
    shutil.rmtree(folder)
    return took


def _found(folder: Path, what: bytes) -> bool:
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                if data.find(what) >= 0:
                    return True
    return False
