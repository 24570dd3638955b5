"""Parquet: rows of picture, caption, token and facts, with the schema `datasets` shows pictures by.

The files are not compressed, because pictures already are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from volenti.core.errors import IntegrityError
from volenti.core.files import create_file, part_of, sync_folder
from volenti.core.inside import is_plain
from volenti.core.progress import Progress, track
from volenti.deliveries.ports import Delivered, Exported

#: Rows in one file, and in one of its row groups. One row group is held in memory at a time.
ROWS, GROUP = 1000, 100


class ParquetFormat:
    """ExportFormat of files `data-00000.parquet`, ..., or `SPLIT-00000.parquet`.

    Their columns are image (bytes, path), text, sample, width, height, people, group, faces and split.
    """

    name = "parquet"

    def __init__(self, rows: int = ROWS, group: int = GROUP) -> None:
        self._rows = rows
        self._group = group

    def write(self, folder: Path, samples: Iterable[Exported]) -> int:
        """Write files of at most `rows` rows, with one row group in memory; returns how many samples."""
        schema = _schema()
        return sum(
            self._write_split(folder, split or "data", schema, some)
            for split, some in groupby(samples, key=lambda each: each.split)
        )

    def _write_split(self, folder: Path, name: str, schema: Any, left: Iterator[Exported]) -> int:
        # Imported here, so that only those who export Parquet need to have it installed.
        import pyarrow
        from pyarrow import parquet

        count = 0
        while rows := list(islice(left, min(self._group, self._rows))):
            number = count // self._rows
            path = folder / f"{name}-{number:05d}.parquet"
            with create_file(path) as sink, parquet.ParquetWriter(sink, schema, compression="none") as writer:
                while rows:
                    writer.write_table(pyarrow.Table.from_pylist([_row(each) for each in rows], schema))
                    count += len(rows)
                    room = (number + 1) * self._rows - count
                    rows = list(islice(left, min(self._group, room)))
        return count

    def samples(self, folder: Path) -> list[Delivered]:
        """All samples in all files; IntegrityError where one can't be read."""
        return [sample for path in _files(folder) for sample in _samples(path)]

    def files(self, folder: Path, tokens: Collection[str] | None = None) -> Sequence[Path]:
        """Every file, or those that hold any of these samples; IntegrityError where one can't be read."""
        found = _files(folder)
        if tokens is None:
            return found
        return [path for path in found if any(each in tokens for each in _tokens(path))]

    def remove(self, folder: Path, tokens: Collection[str], progress: Progress) -> int:
        """Rewrite each file that holds any of these samples without them; returns how many there were."""
        removed = 0
        for path in track(progress, "Removing", _files(folder)):
            going = [token for token in _tokens(path) if token in tokens]
            if going:
                _rewrite(path, set(going))
                removed += len(going)
        return removed


def _row(sample: Exported) -> dict[str, object]:
    return {"image": {"bytes": sample.data, "path": sample.name}, "text": sample.caption, **sample.facts()}


def _schema() -> Any:
    import pyarrow

    text = {"dtype": "string", "_type": "Value"}
    features = {"image": {"_type": "Image"}, "text": text, "sample": text}
    shown = json.dumps({"info": {"features": features}})
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    box = pyarrow.list_(pyarrow.int32())
    face = pyarrow.struct([("person", pyarrow.string()), ("box", box)])
    fields = [
        ("image", image),
        ("text", pyarrow.string()),
        ("sample", pyarrow.string()),
        ("width", pyarrow.int32()),
        ("height", pyarrow.int32()),
        ("people", pyarrow.list_(pyarrow.string())),
        ("group", pyarrow.string()),
        ("faces", pyarrow.list_(face)),
        ("split", pyarrow.string()),
    ]
    return pyarrow.schema(fields, metadata={"huggingface": shown})


def _files(folder: Path) -> Sequence[Path]:
    return sorted(filter(is_plain, folder.glob("*.parquet")))


def _tokens(path: Path) -> list[str]:
    with _open(path) as file:
        return [str(each) for each in file.read(columns=["sample"])["sample"].to_pylist()]


def _samples(path: Path) -> list[Delivered]:
    with _open(path) as file:
        there = [name for name in ("sample", "split", "people") if name in file.schema_arrow.names]
        return [Delivered.of(row) for row in file.read(columns=there).to_pylist()]


def _rewrite(path: Path, going: Collection[str]) -> None:
    """Replace the file by one without the `going` rows, in one step; reads one row group at a time."""
    import pyarrow
    from pyarrow import parquet

    part = part_of(path)
    with _open(path) as file, create_file(part) as sink:
        with parquet.ParquetWriter(sink, file.schema_arrow, compression="none") as writer:
            for number in range(file.num_row_groups):
                table = file.read_row_group(number)
                stays = pyarrow.array([each not in going for each in table["sample"].to_pylist()])
                writer.write_table(table.filter(stays))
        sink.flush()
        os.fsync(sink.fileno())
    part.replace(path)
    sync_folder(path.parent)


def _open(path: Path) -> Any:
    """Open a Parquet file for reading; IntegrityError where it isn't one with an export's columns."""
    from pyarrow import ArrowException, parquet

    try:
        file = parquet.ParquetFile(path)
        if {"image", "sample"} <= set(file.schema_arrow.names):
            return file
    except (OSError, ArrowException):
        pass
    raise IntegrityError(f"{path} can't be read as it was delivered.", "Restore it from the delivery.")
