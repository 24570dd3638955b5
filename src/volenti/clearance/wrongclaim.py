"""Wrong claims: pictures that were given as somebody's, and were cleared because they show somebody else.

A row says so that belongs to all of them, and goes with whoever leaves first. Neither the picture nor its
decision says it: these belong to those whom the picture shows, and stay when the other is erased.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from volenti.clearance.image import Image
from volenti.vault.records import Record, Records

#: Kind of the rows.
WRONG_CLAIM = "wrong-claim"


def wrong_claims(image: Image, subjects: Sequence[str], alias: Callable[[str], str]) -> list[Record]:
    """A row for each person whose a cleared picture was said to be, where it shows none of them."""
    if not subjects or set(subjects) & set(image.expected):
        return []
    body = {"shows": sorted(subjects)}
    return [
        Record(
            WRONG_CLAIM,
            f"{image.id}/{alias(each)}",
            {"given_as": each, **body},
            (each, *sorted(subjects)),
            parent=image.id,
        )
        for each in image.expected
    ]


def forget_claims(records: Records, image: str) -> None:
    """Delete what is on record of a picture's wrong claims."""
    records.delete(WRONG_CLAIM, [row.id for row in records.rows(WRONG_CLAIM, parent=image)])


def given_as(records: Records, image: str) -> tuple[str, ...]:
    """As whose a cleared picture was given, where it shows somebody else."""
    return tuple(sorted(each.body["given_as"] for each in records.find(WRONG_CLAIM, parent=image)))
