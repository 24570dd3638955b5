"""Paging: who and what is on record, so many at a time, without opening the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.vault.paging import page_of

if TYPE_CHECKING:
    from volenti.vault.records import Records


def subjects_after(records: Records, after: str, count: int) -> list[tuple[str, str]]:
    """So many people on record, each with the place after which the next page begins.

    after: such a place; empty for the first page. Their order says nothing, and stays the same.
    """
    return [
        (row.id, owner)
        for row in page_of(records, "subject", after, count, least="own_")
        for owner in row.owners
    ]


def releases_after(records: Records, after: str, count: int) -> list[tuple[str, str]]:
    """So many releases by identifier, each with the place after which the next page begins."""
    return [(row.id, row.id) for row in page_of(records, "release", after, count)]
