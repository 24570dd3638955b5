"""ImageFolder: picture files beside a metadata.jsonl, as `datasets.load_dataset("imagefolder")` reads it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from pathlib import Path

from volenti.core.canonical import Json, parse_given
from volenti.core.errors import IntegrityError
from volenti.core.files import create_file, make_folder, sync_folder, write_atomically
from volenti.core.inside import opened_given
from volenti.core.progress import Progress, track
from volenti.deliveries.ports import Delivered, Exported

METADATA = "metadata.jsonl"


class ImageFolderFormat:
    """ExportFormat of single files: in the folder itself, or where there are splits in a folder for each."""

    name = "imagefolder"

    def write(self, folder: Path, samples: Iterable[Exported]) -> int:
        """Write each picture to a file, then a line for each into metadata.jsonl; returns how many."""
        count = 0
        for split, some in groupby(samples, key=lambda each: each.split):
            lines = []
            make_folder(folder / split)
            for sample in some:
                with create_file(folder / split / sample.name) as file:
                    file.write(sample.data)
                lines.append(json.dumps({"file_name": sample.name, "text": sample.caption, **sample.facts()}))
            write_atomically(folder / split / METADATA, _text(lines))
            count += len(lines)
        if not count:
            write_atomically(folder / METADATA, b"")
        return count

    def samples(self, folder: Path) -> list[Delivered]:
        """All samples in metadata.jsonl, or those of the splits; IntegrityError where one can't be read."""
        return [Delivered.of(fields) for listing in _listings(folder) for _, fields in _read(listing, folder)]

    def files(self, folder: Path, tokens: Collection[str] | None = None) -> Sequence[Path]:
        """Every metadata.jsonl and the pictures that it names; with tokens, those that have to change."""
        found = []
        for listing in _listings(folder):
            named = [
                fields for _, fields in _read(listing, folder) if tokens is None or fields["sample"] in tokens
            ]
            found += [listing] if named or tokens is None else []
            found += [_picture(listing, fields) for fields in named]
        return found

    def remove(self, folder: Path, tokens: Collection[str], progress: Progress) -> int:
        """Unlink these samples' pictures, then their lines in metadata.jsonl; returns how many there were."""
        listings = [(listing, _read(listing, folder)) for listing in _listings(folder)]
        removed = 0
        for listing, read in track(progress, "Removing", listings):
            going = [fields for _, fields in read if fields["sample"] in tokens]
            # The picture goes first: if this is interrupted, a repeated call finds it by its line.
            for fields in going:
                _picture(listing, fields).unlink(missing_ok=True)
            if going:
                sync_folder(listing.parent)
                stays = (line for line, fields in read if fields["sample"] not in tokens)
                write_atomically(listing, _text(stays))
                removed += len(going)
        return removed


def _listings(folder: Path) -> list[Path]:
    """Every metadata.jsonl: the folder's own, or where there is none those of the splits."""
    own = folder / METADATA
    return [own] if own.exists() else sorted(folder.glob(f"[!.]*/{METADATA}")) or [own]


def _picture(listing: Path, fields: Json) -> Path:
    """Whatever path a line names, it is a file beside the listing."""
    return listing.parent / Path(fields["file_name"]).name


def _read(path: Path, folder: Path) -> list[tuple[str, Json]]:
    """Every line of a metadata.jsonl as it is written, with its fields."""
    try:
        with opened_given(path, folder) as file:
            lines = file.read().decode().splitlines()
        read = [(line, parse_given(line)) for line in lines if line.strip()]
        if all({"file_name", "sample"} <= set(fields) for _, fields in read):
            return read
    except (OSError, ValueError, TypeError, IntegrityError):
        pass
    raise IntegrityError(
        f"{path} can't be read as it was delivered.",
        "Every line is JSON with file_name, text and sample. Restore it from the delivery.",
    )


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
