"""ImageFolder: picture files beside a metadata.jsonl, as `datasets.load_dataset("imagefolder")` reads it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

from volenti.core.canonical import Json, parse_given
from volenti.core.errors import IntegrityError
from volenti.core.files import create_file, sync_folder, write_atomically
from volenti.core.inside import opened_given
from volenti.core.progress import Progress, track
from volenti.deliveries.ports import Exported

METADATA = "metadata.jsonl"


class ImageFolderFormat:
    """ExportFormat of single files."""

    name = "imagefolder"

    def write(self, folder: Path, samples: Iterable[Exported]) -> int:
        """Write each picture to a file, then a line for each into metadata.jsonl; returns how many."""
        lines = []
        for sample in samples:
            name = f"{sample.position:08d}{sample.suffix}"
            with create_file(folder / name) as file:
                file.write(sample.data)
            lines.append(json.dumps({"file_name": name, "text": sample.caption, "sample": sample.token}))
        write_atomically(folder / METADATA, _text(lines))
        return len(lines)

    def tokens(self, folder: Path) -> set[str]:
        """Tokens of all samples in metadata.jsonl; IntegrityError where it can't be read."""
        return {str(fields["sample"]) for _, fields in _read(folder)}

    def remove(self, folder: Path, tokens: Collection[str], progress: Progress) -> int:
        """Unlink these samples' pictures, then their lines in metadata.jsonl; returns how many there were."""
        read = _read(folder)
        going = [fields for _, fields in read if fields["sample"] in tokens]
        # The picture goes first: if this is interrupted, a repeated call finds it by its line.
        for fields in track(progress, "Removing", going):
            # Whatever path the line names, only a file of this folder is removed.
            (folder / Path(fields["file_name"]).name).unlink(missing_ok=True)
        if going:
            sync_folder(folder)
            stays = (line for line, fields in read if fields["sample"] not in tokens)
            write_atomically(folder / METADATA, _text(stays))
        return len(going)


def _read(folder: Path) -> list[tuple[str, Json]]:
    """Every line of metadata.jsonl as it is written, with its fields."""
    path = folder / METADATA
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
