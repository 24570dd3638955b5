"""Reading the embedded register through SQLite's driver alone.

Most commands only read. SQLAlchemy takes several times as long for a query as SQLite does, and importing it
takes longer than all the rest of such a command; so only writing uses it (`register/sql.py`). The walks are
the same as those in `register/rows.py`: tests/contracts/test_register.py checks that both give the same rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from heapq import merge
from itertools import chain
from pathlib import Path
from typing import Any

from volenti.core.errors import IntegrityError, StorageError
from volenti.vault.ports import Query, Row

#: The newest migration; a database at this revision needs no migration run.
REVISION = "0001"
#: How many rows are read at once.
PAGE = 500
_ROW = "rows.kind, rows.id, rows.body, rows.owners, rows.state, rows.parent, rows.position, rows.seq"
_NAMED = "rows.id, rows.position, rows.seq"
#: True of a row whose identifier doesn't begin with its parent's. SQLite uses the index on parents only
#: where the condition is written exactly as in the index.
APART = "parent <> '' AND substr(id, 1, length(parent) + 1) <> parent || '/'"
_FROM = "FROM rows WHERE rows.kind = :kind"
_JOINED = (
    "FROM owners JOIN rows ON rows.id = owners.id AND rows.kind = owners.kind"
    " WHERE owners.owner = :owner AND owners.kind = :kind"
)
#: How each walk finds its rows, by what it orders them, and after which row the next page begins.
_WALKS = {
    "state": (f"{_FROM} AND rows.state = :state", "rows.position, rows.seq", "(:after, :after_seq)"),
    "owner": (_JOINED, "owners.id", "(:after)"),
    # As an expression the kind is in no index, so that the index of identifiers is used. SQLite would walk
    # all rows of the kind instead, because it doesn't know how many there are.
    "under": (
        "FROM rows WHERE rows.kind || '' = :kind AND rows.id > :first AND rows.id < :end",
        "rows.id",
        "(:after)",
    ),
    "apart": (f"{_FROM} AND rows.parent = :parent AND {APART}", "rows.id", "(:after)"),
}
_FILTERS = {
    "state": "rows.state = :state",
    "parent": "rows.parent = :parent",
    "below": "rows.position < :below",
}
_GET = f"SELECT {_ROW} FROM rows WHERE kind = ? AND id = ?"
_OWNED = (
    f"SELECT {_ROW} FROM rows JOIN owners ON rows.kind = owners.kind AND rows.id = owners.id"
    " WHERE owners.owner = ? ORDER BY owners.kind, owners.id"
)


class SqliteReading:
    """The reading half of `Register`, over one file, outside of any transaction."""

    def __init__(self, path: Path) -> None:
        with failures():
            # The writer sets the isolation; here no lock is held longer than one query takes.
            # A data loader may read from a thread of its own; SQLite runs one query after the other.
            self._driver = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._driver.execute("PRAGMA busy_timeout=30000")

    @property
    def revision(self) -> str | None:
        """The newest migration that was run on the file; None where it has no tables yet."""
        known = self._read("SELECT name FROM sqlite_master WHERE name = 'alembic_version'", ())
        return str(self._read("SELECT version_num FROM alembic_version", ())[0][0]) if known else None

    def get(self, kind: str, identifier: str) -> Row | None:
        """As `Register.get`."""
        with failures():
            answer = self._driver.execute(_GET, (kind, identifier)).fetchone()
        return None if answer is None else _row(answer)

    def find(self, query: Query) -> Iterator[Row]:
        """As `Register.find`."""
        return map(_row, self._found(query, _ROW, lambda each: each[1]))

    def identifiers(self, query: Query) -> Iterator[str]:
        """As `Register.identifiers`."""
        return (each[0] for each in self._found(query, _NAMED, lambda each: each[0]))

    def last(self, query: Query) -> Row | None:
        """As `Register.last`."""
        found: list[Any] = []
        for walk, asked in self._walks(query):
            from_where = _chosen(walk, asked)
            order = "ORDER BY rows.position DESC, rows.seq DESC LIMIT 1"
            found += self._read(f"SELECT {_ROW} {from_where} {order}", asked)
        return _row(max(found, key=lambda each: (each[6], each[7]))) if found else None

    def count(self, query: Query) -> int:
        """As `Register.count`."""
        return sum(
            int(self._read(f"SELECT count(*) {_chosen(walk, asked)}", asked)[0][0])
            for walk, asked in self._walks(query)
        )

    def owned(self, owner: str) -> Iterator[Row]:
        """As `Register.owned`."""
        return map(_row, self._read(_OWNED, (owner,)))

    def owners(self) -> Iterator[str]:
        """As `Register.owners`."""
        found = self._read("SELECT DISTINCT owner FROM owners ORDER BY owner", ())
        return (each[0] for each in found)

    def kinds(self) -> Iterator[str]:
        """As `Register.kinds`."""
        return self._each("SELECT min(kind) FROM rows WHERE kind > :before", {"before": ""})

    def close(self) -> None:
        """Close the file."""
        self._driver.close()

    def _each(self, next_: str, values: dict[str, Any], first: str = "") -> Iterator[str]:
        """Every value of a column, each found in the index after the one before."""
        found = self._read(first or next_, values)[0][0]
        while found is not None:
            yield found
            found = self._read(next_, {**values, "before": found})[0][0]

    def _walks(self, query: Query) -> Iterator[tuple[str, dict[str, Any]]]:
        """The walks that find the rows asked for, each with the values of its statement."""
        names = ("kind", "owner", "state", "parent", "below")
        given = {name: getattr(query, name) for name in names}
        if query.parent is not None:
            # '0' is the character after '/'.
            given |= {"first": f"{query.parent}/", "end": f"{query.parent}0"}
        asked = {name: value for name, value in given.items() if value is not None}
        if query.owner is not None:
            yield "owner", asked
        elif query.parent:
            yield "under", asked
            yield "apart", asked
        elif query.state is not None:
            yield "state", asked
        else:
            # With a condition that may be left out, SQLite would walk all rows of the kind for each state.
            first = "SELECT min(state) FROM rows WHERE kind = :kind"
            for state in self._each(f"{first} AND state > :before", {"kind": query.kind}, first):
                yield "state", {**asked, "state": state}

    def _found(self, query: Query, what: str, identifier: Any) -> Iterator[Any]:
        walks = [self._pages(walk, asked, what) for walk, asked in self._walks(query)]
        # Rows below one parent come in one order, whichever walk finds them.
        return merge(*walks, key=identifier) if query.parent else chain(*walks)

    def _pages(self, walk: str, asked: dict[str, Any], what: str) -> Iterator[Any]:
        # Rows are read in pages, each of which begins after the last row of the one before: memory is
        # bounded, and changes to rows between two pages do no harm.
        _, order, after = _WALKS[walk]
        first, end = f"SELECT {what} {_chosen(walk, asked)}", f"ORDER BY {order} LIMIT {PAGE}"
        found = self._read(f"{first} {end}", asked)
        yield from found
        place = 1 if what == _ROW else 0
        while len(found) == PAGE:
            *_, at, seq = found[-1]
            key = {"after": at, "after_seq": seq} if walk == "state" else {"after": found[-1][place]}
            found = self._read(f"{first} AND ({order}) > {after} {end}", {**asked, **key})
            yield from found

    def _read(self, statement: str, values: dict[str, Any] | Sequence[Any]) -> list[Any]:
        with failures():
            return self._driver.execute(statement, values).fetchall()


def _chosen(walk: str, asked: dict[str, Any]) -> str:
    """The FROM and WHERE clauses of a walk."""
    also = [_FILTERS[name] for name in sorted(_FILTERS.keys() & asked.keys()) if name != walk]
    return " AND ".join([_WALKS[walk][0], *also])


def _row(found: Sequence[Any]) -> Row:
    kind, identifier, body, owners, state, parent, position, number, *_ = found
    named = tuple(owners.split("\n")) if owners else ()
    return Row(kind, identifier, body, named, state, parent, position, number)


@contextmanager
def failures() -> Iterator[None]:
    """Raise SQLite's errors as the project's."""
    try:
        yield
    except sqlite3.Error as error:
        raise in_words(error) from error


def in_words(error: BaseException) -> IntegrityError | StorageError:
    """The project's error for a database's, with what helps."""
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return IntegrityError(
            f"The register is damaged: {error}.", "Restore it: volenti backup restore --help"
        )
    return StorageError(
        f"The register can't be used: {error}.",
        "Check free space and permissions, and that no other process holds it, then repeat.",
    )
