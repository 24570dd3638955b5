"""The outbox: letters as .eml files (RFC 5322), in a folder for each person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from volenti.core.files import on_disk, overwrite, sync_folder, write_atomically


class FolderOutbox:
    """The `Outbox` port over a folder of the workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, folder: str, name: str, data: bytes) -> None:
        """Write `<folder>/<name>.eml`, all of it or nothing."""
        write_atomically(self._folder / folder / f"{name}.eml", data)

    def sizes(self, folder: str) -> list[int]:
        """The bytes of each letter in somebody's folder."""
        place = self._folder / folder
        return [each.stat().st_size for each in place.iterdir()] if place.is_dir() else []

    def remove(self, folder: str) -> None:
        """Overwrite and unlink everything in somebody's folder, and the folder."""
        place = self._folder / folder
        if not place.is_dir():
            return
        with on_disk("remove letters"):
            for each in sorted(place.iterdir()):
                with each.open("r+b") as file:
                    overwrite(file)
                each.unlink(missing_ok=True)
            place.rmdir()
        sync_folder(self._folder)

    def names(self) -> Iterator[tuple[str, str]]:
        """Folder and name of every letter there is."""
        for each in sorted(self._folder.glob("*/*.eml")):
            yield each.parent.name, each.stem
