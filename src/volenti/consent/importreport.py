"""The report of an import: what came in, and what is wrong with which rows, summarised by kind."""

from __future__ import annotations

from dataclasses import dataclass

from volenti.consent.onrecord import ReleaseOnRecord
from volenti.core.shown import short_repr

#: Most ranges of rows that are listed in words; the report itself has every row.
RANGES_MAX = 8


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something wrong in one row. A fatal problem keeps the file out; others are only reported. `voids`:
    whether the release covers nothing because of it.

    Rows of JSON count from 1; in a table row 1 is the first, as spreadsheets count. Row 0 is the file.
    """

    row: int
    field: str
    message: str
    fatal: bool = True
    voids: bool = True

    def __str__(self) -> str:
        place = f"row {self.row}" if self.row else "the file"
        return f"{place}, {self.field}: {self.message}" if self.field else f"{place} {self.message}"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One thing that is wrong in several rows."""

    field: str
    message: str
    fatal: bool
    voids: bool
    rows: tuple[int, ...]

    def __str__(self) -> str:
        if len(self.rows) == 1:
            return str(RowProblem(self.rows[0], self.field, self.message))
        place = f"{len(self.rows)} rows ({ranges(self.rows)})"
        return f"{self.field}: {place}: {self.message}" if self.field else f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was imported: identifiers of releases that are new here or gained something.

    `unchanged`: those that were here already. After a dry run, `imported` are those that an import would
    bring. `attested`: those of them whose scanned paper was attested now. `document`: where the file holds a
    single release, that release as it is on record now; after a dry run as it was given, with the state that
    it would have.
    """

    imported: tuple[str, ...]
    problems: tuple[RowProblem, ...]
    unchanged: tuple[str, ...] = ()
    rows: int = 0
    dry_run: bool = False
    document: ReleaseOnRecord | None = None
    attested: tuple[str, ...] = ()

    __repr__ = short_repr

    @property
    def refused(self) -> bool:
        """Whether a fault kept the whole file out."""
        return any(problem.fatal for problem in self.problems)

    @property
    def kinds(self) -> tuple[ProblemKind, ...]:
        """The problems by kind, each once with its rows, in the order in which they were met."""
        rows: dict[tuple[str, str, bool, bool], list[int]] = {}
        for each in self.problems:
            rows.setdefault((each.field, each.message, each.fatal, each.voids), []).append(each.row)
        return tuple(ProblemKind(*kind, tuple(dict.fromkeys(found))) for kind, found in rows.items())


def ranges(numbers: tuple[int, ...]) -> str:
    """Numbers in words: 2-4, 7."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][-1] + 1:
            found[-1][1:] = [number]
        else:
            found.append([number])
    told = ["-".join(map(str, each)) for each in found]
    if len(told) > RANGES_MAX:
        told[RANGES_MAX - 1 : -1] = ["..."]
    return ", ".join(told)
