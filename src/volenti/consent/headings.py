"""Headings of a table: which column of the template each stands for.

A heading is a column's name in any case, with spaces or hyphens in it, or what `Notation.columns` maps to a
column. Several headings may make one column together, joined in the order said: `Vorname + Nachname`. What
maps to nothing is left out. Nothing else is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from volenti.consent.cells import check_dates
from volenti.consent.document import Problem
from volenti.core.errors import UsageError

#: What a heading is mapped to that is left out.
LEFT_OUT = ""


@dataclass(frozen=True, slots=True)
class Notation:
    """How a table is written, where that isn't as in the template.

    columns: the column of the template by heading, or by headings joined with a plus; empty for a heading
    that is left out. dates: how days are written, such as dd.mm.yyyy. encoding: what a CSV file is saved in
    that isn't Unicode, such as cp1252. filled: what stands in every row, by the column that the table lacks.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    dates: str = ""
    encoding: str = ""
    filled: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dates", check_dates(self.dates))

    def checked(self, known: Collection[str]) -> Notation:
        """The notation itself; UsageError where a heading is mapped to what isn't among the known columns."""
        for heading, column in self.columns.items():
            if column != LEFT_OUT and column not in known:
                raise UsageError(
                    f"{column!r}, which {heading!r} is mapped to, isn't a column of the template.",
                    "List the columns: volenti release template --columns",
                )
        return self


def columns_of(headings: Sequence[str], columns: Mapping[str, str], known: Collection[str]) -> list[str]:
    """The column that each heading stands for, LEFT_OUT, or the heading itself where that isn't known."""
    here = [plain(each) for each in headings]
    mapped = {part: column for column, parts in _parts(here, columns) for part in parts}
    names = {plain(name): name for name in known}
    return [mapped.get(plain(each), names.get(plain(each), each.strip())) for each in headings]


def joined_in(headings: Sequence[str], columns: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    """The places of the cells that make a column together, in their order, by the column's name."""
    here = [plain(each) for each in headings]
    return {
        column: tuple(map(here.index, parts))
        for column, parts in _parts(here, columns)
        if len(parts) > 1 and column != LEFT_OUT and all(here.count(part) == 1 for part in parts)
    }


def _parts(here: Sequence[str], columns: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Each column that something here is mapped to, with its headings; all of them as `plain` has them."""
    for heading, column in columns.items():
        whole = plain(heading)
        parts = [whole] if whole in here else [plain(each) for each in heading.split("+")]
        # Of a name in two cells one alone would be another name.
        if all(part in here for part in parts):
            yield column, parts


def faults_of_headings(
    names: Sequence[str],
    known: Collection[str],
    needed: Collection[str],
    joined: Mapping[str, Sequence[int]] | None = None,
) -> Iterator[Problem]:
    """What is wrong with a table's columns: unknown ones, those that stand there twice, those that lack.

    joined: the places of the cells that make a column together.
    """
    places = {name: len(cells) for name, cells in (joined or {}).items()}
    for name in dict.fromkeys(names):
        if name != LEFT_OUT and name not in known:
            told = name[:40]
            how = f"say which it is, --map '{told}=COLUMN', or leave it out, --map '{told}='."
            yield Problem(told, f"isn't a column of the template: {how}")
        elif name != LEFT_OUT and list(names).count(name) > places.get(name, 1):
            yield Problem(name, "stands in the header twice.")
    for name in needed:
        if name not in names:
            yield Problem(name, "is missing in the header.")


def plain(heading: str) -> str:
    """A heading without case, spaces and hyphens, in which tables differ."""
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", heading).casefold()).strip("_")
