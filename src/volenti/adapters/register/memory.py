"""The register in memory: a dict, with transactions by copying."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from volenti.vault.ports import Query, Row


class MemoryRegister:
    """The `Register` port over a dict."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Row] = {}
        self._number = 0

    def put(self, rows: Iterable[Row]) -> None:
        """Insert or replace rows by (kind, id)."""
        for row in list(rows):
            known = self._rows.get((row.kind, row.id))
            self._number += known is None
            number = known.number if known else self._number
            self._rows[row.kind, row.id] = replace(row, number=number)

    def get(self, kind: str, identifier: str) -> Row | None:
        """The row of that kind and identifier, or None."""
        return self._rows.get((kind, identifier))

    def find(self, query: Query) -> Iterator[Row]:
        """Matching rows as they are at this call, in the query's order; see `Register.find`."""
        found = self._matching(query)
        if query.owner is not None or query.parent:
            return iter(sorted(found, key=lambda row: row.id))
        return iter(sorted(found, key=lambda row: (row.state, row.position)))

    def identifiers(self, query: Query) -> Iterator[str]:
        """Identifiers of matching rows, in the query's order."""
        return (row.id for row in self.find(query))

    def last(self, query: Query) -> Row | None:
        """The matching row with the greatest position, or None; of several such, the last one written."""
        # `max` takes the first of several equal ones.
        return max(reversed(self._matching(query)), key=lambda row: row.position, default=None)

    def _matching(self, query: Query) -> list[Row]:
        """The matching rows, in the order in which they were written."""
        return [row for row in self._rows.values() if _matches(row, query)]

    def page(self, kind: str, after: str, count: int, state: str | None = None) -> list[Row]:
        """At most so many rows of a kind after an identifier, in order of their identifiers."""
        found = [row for row in self._matching(Query(kind, state=state)) if row.id > after]
        return sorted(found, key=lambda row: row.id)[:count]

    def owned(self, owner: str) -> Iterator[Row]:
        """Every row of the owner's, by kind and identifier."""
        found = [row for row in self._rows.values() if owner in row.owners]
        return iter(sorted(found, key=lambda row: (row.kind, row.id)))

    def owners(self) -> Iterator[str]:
        """Every owner of a row, once each, sorted."""
        return iter(sorted({owner for row in self._rows.values() for owner in row.owners}))

    def count(self, query: Query) -> int:
        """How many rows match."""
        return len(self._matching(query))

    def delete(self, kind: str, identifiers: Iterable[str]) -> None:
        """Drop rows of one kind. Absent rows are fine."""
        for identifier in identifiers:
            self._rows.pop((kind, identifier), None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Copy the rows first, and restore the copy where anything inside raises."""
        before = dict(self._rows)
        try:
            yield
        except BaseException:
            self._rows = before
            raise

    def kinds(self) -> Iterator[str]:
        """Every kind of which there is a row, sorted."""
        return iter(sorted({kind for kind, _ in self._rows}))

    def problems(self) -> Iterator[str]:
        """Always empty: there is no file that could be damaged."""
        return iter(())

    def scrub(self) -> None:
        """Nothing to do: there is no write-ahead log."""

    def rewrite(self) -> None:
        """Nothing to do: there is no file."""


def _matches(row: Row, query: Query) -> bool:
    return (
        row.kind == query.kind
        and (query.owner is None or query.owner in row.owners)
        and (query.state is None or query.state == row.state)
        and (query.parent is None or query.parent == row.parent)
        and (query.below is None or row.position < query.below)
    )
