"""The register in SQL, through SQLAlchemy: SQLite embedded, PostgreSQL with the same schema.

There are two tables: `rows`, and `owners`, which says who owns each row. Alembic makes
and migrates the schema (see migrations/). SQLite runs in WAL mode with secure_delete,
so that a deleted row is overwritten with zeros; `scrub` empties the write-ahead log, and
returns free pages to the file system where there are many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from heapq import merge
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from volenti.adapters.register.engine import alone, failures, open_engine
from volenti.adapters.register.rows import (
    BY_ID,
    CLEAR_OF,
    DELETE,
    DISOWN,
    FIRST_STATE,
    GET,
    NEXT_KIND,
    NEXT_STATE,
    OWNERS,
    PAGE,
    PLACED,
    REPLACE,
    RESEAL,
    ROWS,
    SEALED,
    asked_of,
    chosen,
    key_of,
    last,
    page,
    row_of,
    split,
    values_of,
)
from volenti.adapters.register.writing import owned_by, pages
from volenti.core.files import create_file
from volenti.vault.ports import Query, Row

#: Where more than this share of the file are free pages, `scrub` removes them from the file.
FREE_PAGES = 0.1
#: An owner, and the kind and identifier of what they own.
_Owned = tuple[str, str, str]


class SqlRegister:
    """The `Register` port over one SQLAlchemy engine. One instance serves one thread."""

    def __init__(self, url: str) -> None:
        """url: such as sqlite:////path/register.db, sqlite:// (in memory), postgresql+psycopg://..."""
        self._engine = open_engine(url)
        self._sqlite = self._engine.dialect.name == "sqlite"
        self._open: sql.Connection | None = None
        self._reader: sql.Connection | None = None

    @classmethod
    def at(cls, path: Path) -> SqlRegister:
        """The register in a file that its owner alone can read; so can SQLite's files beside it."""
        with suppress(FileExistsError):
            create_file(path).close()
        return cls(f"sqlite:///{path}")

    def put(self, rows: Iterable[Row]) -> None:
        """Insert or replace rows in one transaction, PAGE at a time."""
        with self.transaction():
            for some in pages(rows):
                newest = {(row.kind, row.id): row for row in some}
                known = self._known(newest.values())
                self._update((newest[key], clear) for key, clear in known.items())
                new = [values_of(row) for key, row in newest.items() if key not in known]
                self._run(sql.insert(ROWS), new)
                before = owned_by({key: split(clear.owners) for key, clear in known.items()})
                after = owned_by({key: row.owners for key, row in newest.items()})
                self._disown(before - after)
                added = [{"owner": owner, "kind": kind, "id": name} for owner, kind, name in after - before]
                self._run(sql.insert(OWNERS), added)

    def _update(self, changed: Iterable[tuple[Row, Any]]) -> None:
        """Update existing rows; each comes with its unencrypted columns as they are now."""
        changes: dict[Any, list[dict[str, Any]]] = {RESEAL: [], REPLACE: []}
        for row, clear in changed:
            values = values_of(row)
            stays = all(values[name] == getattr(clear, name) for name in PLACED)
            given = {name: values[name] for name in (SEALED if stays else SEALED + PLACED)}
            changes[RESEAL if stays else REPLACE].append({"of": row.kind, "named": row.id, **given})
        for statement, each in changes.items():
            self._run(statement, each)

    def _disown(self, owned: Iterable[_Owned]) -> None:
        named = [{"whose": owner, "of": kind, "named": identifier} for owner, kind, identifier in owned]
        self._run(DISOWN, named)

    def _known(self, rows: Collection[Row]) -> dict[tuple[str, str], Any]:
        """The unencrypted columns of those of the rows that exist, by kind and identifier."""
        found = {}
        for kind in {row.kind for row in rows}:
            these = {"kind": kind, "ids": [row.id for row in rows if row.kind == kind]}
            for each in self._read(CLEAR_OF, these):
                found[each.kind, each.id] = each
        return found

    def get(self, kind: str, identifier: str) -> Row | None:
        """The row of that kind and identifier, or None."""
        found = self._read(GET, {"kind": kind, "id": identifier})
        return row_of(found[0]) if found else None

    def find(self, query: Query) -> Iterator[Row]:
        """Matching rows, in the query's order, read PAGE at a time; see `Register.find`."""
        return (row_of(each) for each in self._found(query, ROWS))

    def identifiers(self, query: Query) -> Iterator[str]:
        """Identifiers of matching rows, in the query's order; their bodies aren't read."""
        return (each.id for each in self._found(query, ROWS.c.position, ROWS.c.seq, ROWS.c.id))

    def last(self, query: Query) -> Row | None:
        """The matching row with the greatest position, or None; see `Register.last`."""
        ends = [self._read(last(frozenset(asked)), asked) for _, asked in self._walks(query)]
        found = [end[0] for end in ends if end]
        return row_of(max(found, key=lambda each: (each.position, each.seq))) if found else None

    def count(self, query: Query) -> int:
        """How many rows match."""
        counted = (sql.func.count(),)
        return sum(
            int(self._read(chosen(walk, frozenset(asked), counted), asked)[0][0])
            for walk, asked in self._walks(query)
        )

    def _walks(self, query: Query) -> Iterator[tuple[str, dict[str, Any]]]:
        """The walks that find the rows asked for, each with the values of its statement."""
        asked = asked_of(query)
        if query.owner is not None:
            yield "owner", asked
        elif query.parent:
            yield "under", asked
            yield "apart", asked
        elif query.state is not None:
            yield "state", asked
        else:
            for state in self._each(FIRST_STATE, NEXT_STATE, {"kind": query.kind}):
                yield "state", {**asked, "state": state}

    def _each(self, first: Any, next_: Any, values: dict[str, Any]) -> Iterator[str]:
        """Every value of a column, each found in the index after the one before."""
        found = self._read(first, values)[0][0]
        while found is not None:
            yield found
            found = self._read(next_, {**values, "before": found})[0][0]

    def _found(self, query: Query, *what: Any) -> Iterator[Any]:
        walks = [self._pages(walk, asked, what) for walk, asked in self._walks(query)]
        # Rows below one parent come in one order, whichever walk finds them.
        return merge(*walks, key=lambda each: each.id) if query.parent else chain(*walks)

    def _pages(self, walk: str, asked: dict[str, Any], what: tuple[Any, ...]) -> Iterator[Any]:
        # Rows are read in pages, each of which begins after the last row of the one before: memory is
        # bounded, and changes to rows between two pages do no harm.
        first, next_ = (page(walk, frozenset(asked), what, after) for after in (False, True))
        found = self._read(first, asked)
        yield from found
        while len(found) == PAGE:
            found = self._read(next_, {**asked, **key_of(walk, found[-1])})
            yield from found

    def page(self, kind: str, after: str, count: int, state: str | None = None) -> list[Row]:
        """At most so many rows of a kind after an identifier, in order of their identifiers."""
        asked = {"kind": kind, "after": after, "count": count}
        found = BY_ID if state is None else BY_ID.where(ROWS.c.state == sql.bindparam("state"))
        return [
            row_of(each) for each in self._read(found, asked if state is None else {**asked, "state": state})
        ]

    def owned(self, owner: str) -> Iterator[Row]:
        """Every row of the owner's, by kind and identifier."""
        joined = sql.and_(ROWS.c.kind == OWNERS.c.kind, ROWS.c.id == OWNERS.c.id)
        mine = sql.select(ROWS).join(OWNERS, joined).where(OWNERS.c.owner == owner)
        for each in self._read(mine.order_by(OWNERS.c.kind, OWNERS.c.id)):
            yield row_of(each)

    def owners(self) -> Iterator[str]:
        """Every owner of a row, once each, sorted."""
        for each in self._read(sql.select(OWNERS.c.owner).distinct().order_by(OWNERS.c.owner)):
            yield each.owner

    def delete(self, kind: str, identifiers: Iterable[str]) -> None:
        """Delete rows of one kind in one transaction, PAGE at a time. Absent rows are fine."""
        with self.transaction():
            for some in pages(identifiers):
                these = {"kind": kind, "ids": some}
                gone = {(kind, each.id): split(each.owners) for each in self._read(CLEAR_OF, these)}
                self._disown(owned_by(gone))
                self._run(DELETE, [these])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes made inside or none. A transaction inside another is part of the outer one."""
        if self._open is not None:
            yield
            return
        try:
            with failures(), self._engine.begin() as self._open:
                yield
        finally:
            self._open = None

    def kinds(self) -> Iterator[str]:
        """Every kind of which there is a row, sorted."""
        return self._each(NEXT_KIND, NEXT_KIND, {"before": ""})

    def problems(self) -> Iterator[str]:
        """What SQLite finds damaged, and rows whose owners aren't those that `owners` lists, in words."""
        if self._sqlite:
            for [said] in self._read(sql.text("PRAGMA integrity_check")):
                if said != "ok":
                    yield f"the database: {said}"
        # An erasure finds rows by `owners`: it would overlook a row whose owner is missing there.
        listed: dict[tuple[str, str], set[str]] = {}
        for each in self._read(sql.select(OWNERS)):
            listed.setdefault((each.kind, each.id), set()).add(each.owner)
        for each in self._read(sql.select(ROWS.c.kind, ROWS.c.id, ROWS.c.owners)):
            if set(split(each.owners)) != listed.pop((each.kind, each.id), set()):
                yield f"the owners listed of {each.kind} {each.id} aren't those it has"
        for kind, identifier in sorted(listed):
            yield f"owners are listed of {kind} {identifier}, which isn't there"

    def scrub(self) -> None:
        """On SQLite, empty the write-ahead log, and remove free pages where there are many."""
        if not self._sqlite:
            return
        with failures(), alone(self._engine) as connection:
            free, pages = (
                connection.exec_driver_sql(f"PRAGMA {which}").scalar() or 0
                for which in ("freelist_count", "page_count")
            )
            # A free page is all zeros already. Removing it moves another page into its place, which isn't
            # worth the cost until there are many.
            if free > pages * FREE_PAGES:
                # Run as a script: each step of the statement removes one page, and a script runs all steps.
                driver: Any = connection.connection.driver_connection
                driver.executescript("PRAGMA incremental_vacuum")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def rewrite(self) -> None:
        """On SQLite, write the file anew, without any byte of deleted rows."""
        if not self._sqlite:
            return
        with failures(), alone(self._engine) as connection:
            # secure_delete zeroes what is freed, but rebalanced pages keep copies in unused space
            # (measured: tests/unit/adapters/test_register_scrub.py). A file written anew has no such
            # copies; the checkpoint then empties the write-ahead log of old pages.
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file; the register can't be used afterwards."""
        if self._reader is not None:
            self._reader.close()
        self._engine.dispose()

    def _run(self, statement: sql.Executable, values: list[dict[str, Any]] | None = None) -> None:
        """Run a statement once; or once for each of the values, where values are given."""
        assert self._open is not None
        if values is None:
            self._open.execute(statement)
        elif values:
            self._open.execute(statement, values)

    def _read(self, statement: sql.Executable, values: dict[str, Any] | None = None) -> list[Any]:
        if self._open is not None:
            return list(self._open.execute(statement, values))
        with failures():
            return list(self._reading().execute(statement, values))

    def _reading(self) -> sql.Connection:
        """The connection for reads outside of transactions, where it holds no lock.

        It stays open, because taking one from the pool costs several times what a read does.
        """
        if self._reader is None:
            self._reader = alone(self._engine)
        return self._reader
