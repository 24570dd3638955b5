"""The table of measured quality that the planner of `volenti train --plan` reads: measured.csv."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from volenti.core.canonical import Json

FIELDS = (
    "nearness",
    "shards",
    "pictures",
    "rank",
    "batch",
    "samples",
    "adherence",
    "learned",
    "frechet",
    "base",
)


def write_measured(table: Path, nearness: str, rows: Sequence[Json]) -> None:
    """Put rows of near or far pictures in the place of those that the table has of these."""
    with table.open(newline="") as file:
        others = [row for row in csv.DictReader(file) if row["nearness"] != nearness]
    mine = [{"nearness": nearness, **row} for row in rows]
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows([*mine, *others] if nearness == "near" else [*others, *mine])
