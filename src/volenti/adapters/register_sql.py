"""The register in SQL, through SQLAlchemy: SQLite embedded, PostgreSQL with the same schema.

Two tables: `rows`, and `owners`, which says whose each row is. The schema is made
and migrated by Alembic (see migrations/). SQLite runs in WAL mode with
secure_delete, so that a deleted row is overwritten with zeros; `scrub` gives free
pages back and empties the write-ahead log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sql
from sqlalchemy.exc import DBAPIError

from volenti.adapters.register_rows import (
    CLEAR,
    GET,
    OWNERS,
    PAGE,
    ROWS,
    UPDATE,
    asked_of,
    clear_of,
    conditions,
    page,
    row_of,
    values_of,
)
from volenti.core.errors import IntegrityError, StorageError
from volenti.vault.ports import Query, Row

T = TypeVar("T")
#: The newest migration; a database at this revision needs no migration run.
REVISION = "0001"


class SqlRegister:
    """Register over one SQLAlchemy engine. One instance serves one thread."""

    def __init__(self, url: str) -> None:
        """url: such as sqlite:////path/register.db, sqlite:// (in memory), postgresql+psycopg://..."""
        self._url = url
        options: dict[str, Any] = {}
        if url == "sqlite://":
            options["poolclass"] = sql.StaticPool
        self._engine = sql.create_engine(url, **options)
        self._sqlite = self._engine.dialect.name == "sqlite"
        if self._sqlite:
            sql.event.listen(self._engine, "connect", _configure_sqlite)
            sql.event.listen(self._engine, "begin", _begin_immediate)
        self._open: sql.Connection | None = None
        self._reader: sql.Connection | None = None
        self._migrate()

    @classmethod
    def at(cls, path: Path) -> SqlRegister:
        """The embedded register in a file."""
        return cls(f"sqlite:///{path}")

    def put(self, rows: Iterable[Row]) -> None:
        with self.transaction():
            for some in _pages(rows):
                newest = {(row.kind, row.id): row for row in some}
                known = self._known(newest.values())
                # Where only the body is another, no index is touched: a tenth of the pages.
                same = [row for key, row in newest.items() if known.get(key) == clear_of(row)]
                other = [row for key, row in newest.items() if known.get(key) != clear_of(row)]
                for kind in {row.kind for row in other if (row.kind, row.id) in known}:
                    self.delete(kind, [row.id for row in other if row.kind == kind])
                owners = [{"owner": owner, "kind": row.kind, "id": row.id}
                          for row in other for owner in set(row.owners)]  # fmt: skip
                if same:
                    bodies = [{"of": row.kind, "named": row.id, "body": row.body} for row in same]
                    self._run(UPDATE, bodies)
                if other:
                    self._run(sql.insert(ROWS), [values_of(row) for row in other])
                if owners:
                    self._run(sql.insert(OWNERS), owners)

    def _known(self, rows: Collection[Row]) -> dict[tuple[str, str], tuple[Any, ...]]:
        """Of rows of these identifiers what lies in the clear, by kind and identifier."""
        found = {}
        for kind in {row.kind for row in rows}:
            chosen = sql.and_(ROWS.c.kind == kind, ROWS.c.id.in_([r.id for r in rows if r.kind == kind]))
            for each in self._read(CLEAR.where(chosen)):
                found[each.kind, each.id] = (each.state, each.parent, each.position, each.owners)
        return found

    def get(self, kind: str, identifier: str) -> Row | None:
        found = self._read(GET, {"kind": kind, "id": identifier})
        return row_of(found[0]) if found else None

    def find(self, query: Query) -> Iterator[Row]:
        return (row_of(each) for each in self._pages(query, ROWS))

    def identifiers(self, query: Query) -> Iterator[str]:
        return (each.id for each in self._pages(query, ROWS.c.position, ROWS.c.id))

    def last(self, query: Query) -> Row | None:
        asked = asked_of(query)
        backwards = (ROWS.c.position.desc(), ROWS.c.id.desc())
        found = self._read(sql.select(ROWS).where(*conditions(asked)).order_by(*backwards).limit(1), asked)
        return row_of(found[0]) if found else None

    def _pages(self, query: Query, *what: Any) -> Iterator[Any]:
        # Pages, each after the last row of the one before: memory is bounded, and rows may be
        # changed between pages without upsetting the walk.
        asked = asked_of(query)
        first, next_ = (page(what, frozenset(asked), after) for after in (False, True))
        found = self._read(first, asked)
        yield from found
        while len(found) == PAGE:
            last = found[-1]
            found = self._read(next_, {**asked, "after": last.position, "after_id": last.id})
            yield from found

    def owned(self, owner: str) -> Iterator[Row]:
        joined = sql.and_(ROWS.c.kind == OWNERS.c.kind, ROWS.c.id == OWNERS.c.id)
        mine = sql.select(ROWS).join(OWNERS, joined).where(OWNERS.c.owner == owner)
        for each in self._read(mine.order_by(ROWS.c.kind, ROWS.c.id)):
            yield row_of(each)

    def owners(self) -> Iterator[str]:
        for each in self._read(sql.select(OWNERS.c.owner).distinct().order_by(OWNERS.c.owner)):
            yield each.owner

    def count(self, query: Query) -> int:
        asked = asked_of(query)
        chosen = sql.select(sql.func.count()).select_from(ROWS).where(*conditions(asked))
        return int(self._read(chosen, asked)[0][0])

    def delete(self, kind: str, identifiers: Iterable[str]) -> None:
        with self.transaction():
            for some in _pages(identifiers):
                self._run(sql.delete(OWNERS).where(OWNERS.c.kind == kind, OWNERS.c.id.in_(some)))
                self._run(sql.delete(ROWS).where(ROWS.c.kind == kind, ROWS.c.id.in_(some)))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._open is not None:
            yield
            return
        try:
            with _failures(), self._engine.begin() as self._open:
                yield
        finally:
            self._open = None

    def kinds(self) -> Iterator[str]:
        for each in self._read(sql.select(ROWS.c.kind).distinct().order_by(ROWS.c.kind)):
            yield each.kind

    def problems(self) -> Iterator[str]:
        if self._sqlite:
            for [said] in self._read(sql.text("PRAGMA integrity_check")):
                if said != "ok":
                    yield f"the database: {said}"
        # An owner who is missing there would be overlooked when they leave.
        listed: dict[tuple[str, str], set[str]] = {}
        for each in self._read(sql.select(OWNERS)):
            listed.setdefault((each.kind, each.id), set()).add(each.owner)
        for each in self._read(sql.select(ROWS.c.kind, ROWS.c.id, ROWS.c.owners)):
            owners = set(each.owners.split("\n")) if each.owners else set()
            if owners != listed.pop((each.kind, each.id), set()):
                yield f"the owners listed of {each.kind} {each.id} aren't those it has"
        for kind, identifier in sorted(listed):
            yield f"owners are listed of {kind} {identifier}, which isn't there"

    def scrub(self) -> None:
        if not self._sqlite:
            return
        with _failures(), self._alone() as connection:
            # As a script: each step of the statement gives one page back, and a script takes them all.
            driver: Any = connection.connection.driver_connection
            driver.executescript("PRAGMA incremental_vacuum")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def rewrite(self) -> None:
        if not self._sqlite:
            return
        with _failures(), self._alone() as connection:
            # secure_delete zeroes what is freed, but rebalanced pages keep copies in their slack
            # (measured: tests/unit/adapters/test_register_scrub.py). Writing the file anew leaves
            # them behind; the checkpoint then empties the log of old pages.
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give the file back; the register can't be used afterwards."""
        if self._reader is not None:
            self._reader.close()
        self._engine.dispose()

    def _run(self, statement: sql.Executable, values: list[dict[str, Any]] | None = None) -> None:
        assert self._open is not None
        self._open.execute(statement, values) if values else self._open.execute(statement)

    def _read(self, statement: sql.Executable, values: dict[str, Any] | None = None) -> list[Any]:
        if self._open is not None:
            return list(self._open.execute(statement, values))
        with _failures():
            if self._reader is None:
                # Kept open: taking one from the pool costs several times what a read does. Outside
                # a transaction it holds no lock.
                self._reader = self._alone()
            return list(self._reader.execute(statement, values))

    def _alone(self) -> sql.Connection:
        """A connection outside of any transaction."""
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _migrate(self) -> None:
        with _failures(), self._alone() as connection:
            if sql.inspect(connection).has_table("alembic_version"):
                found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
                if found == REVISION:
                    return
        # Imported here: it takes a tenth of a second and is needed once in a workspace's life.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with _failures(), self._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    walk = iter(items)
    while page := list(islice(walk, PAGE)):
        yield page


def _configure_sqlite(connection: Any, _record: object) -> None:
    # SQLAlchemy's "begin" event below starts transactions; sqlite3 must not do so on its own.
    connection.isolation_level = None
    # The first works before there is a table, and says nothing afterwards.
    for pragma in (
        "auto_vacuum=INCREMENTAL",
        "journal_mode=WAL",
        "secure_delete=ON",
        "synchronous=FULL",
        "busy_timeout=30000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: sql.Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _failures() -> Iterator[None]:
    """The database's failures in the project's words."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        why = getattr(error, "orig", None) or error
        if isinstance(why, sqlite3.DatabaseError) and not isinstance(why, sqlite3.OperationalError):
            raise IntegrityError(
                f"The register is damaged: {why}.", "Restore it: volenti backup restore --help"
            ) from error
        raise StorageError(
            f"The register can't be used: {why}.",
            "Check free space and permissions, and that no other process holds it, then repeat.",
        ) from error
