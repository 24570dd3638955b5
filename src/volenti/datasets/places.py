"""Places: where in snapshots a picture is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from volenti.core.errors import KeyDestroyedError
from volenti.datasets.snapshot import PlaceInSnapshot

if TYPE_CHECKING:
    from volenti.vault.ports import Row
    from volenti.vault.records import Records


def places_of_picture(
    records: Records, image: str, owners: Iterable[str] | None = None
) -> list[PlaceInSnapshot]:
    """Where a picture's entries are, in every snapshot.

    owners: look only among entries of these people, which is quicker; else among everybody's. An entry
    belongs to those whose picture it was when the snapshot was cut.
    """
    if owners is None:
        rows = list(records.rows("entry"))
    else:
        rows = list({row.id: row for each in owners for row in records.rows("entry", owner=each)}.values())
    return [
        PlaceInSnapshot(row.parent, row.position, row.owners, len(row.body))
        for row, name in _images(records, [row for row in rows if row.owners])
        if name == image
    ]


def _images(records: Records, rows: list[Row]) -> Iterator[tuple[Row, str]]:
    """Entries with the picture of each; without those of people who are being erased."""
    try:
        for row, entry in zip(rows, records.opened_all(rows), strict=True):
            yield row, entry.body["image"]
    except KeyDestroyedError:
        for row in rows:
            with suppress(KeyDestroyedError):
                yield row, records.opened(row).body["image"]
