"""Writing the embedded register through SQLite's driver alone, as `reading` reads it.

Importing SQLAlchemy takes longer than most commands that write one row. The statements are those of
`register/sql.py`, which has them for PostgreSQL too: tests/contracts/test_register.py checks that both do the
same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from volenti.adapters.register.reading import PAGE, SqliteReading, failures
from volenti.vault.ports import Row

#: What every connection that writes is set to.
PRAGMAS = (
    "journal_mode=WAL",
    "secure_delete=ON",
    "synchronous=FULL",
    # SQLite keeps in memory what it may have to undo, so that nothing is written to temporary folders.
    "temp_store=MEMORY",
)
_INSERT = "INSERT INTO rows (owners, body, state, parent, position, kind, id) VALUES (?, ?, ?, ?, ?, ?, ?)"
#: Where only a row's owners and body change, no index is touched, which saves many pages.
_RESEAL = "UPDATE rows SET owners = ?, body = ? WHERE kind = ? AND id = ?"
_REPLACE = (
    "UPDATE rows SET owners = ?, body = ?, state = ?, parent = ?, position = ? WHERE kind = ? AND id = ?"
)
_OWN = "INSERT INTO owners (owner, kind, id) VALUES (?, ?, ?)"
_DISOWN = "DELETE FROM owners WHERE owner = ? AND kind = ? AND id = ?"

T = TypeVar("T")
#: A row's kind and identifier.
_Key = tuple[str, str]
#: What of a row isn't encrypted: owners, state, parent and position.
_Clear = tuple[str, str, str, int]


class SqliteWriting(SqliteReading):
    """A connection that writes: what `SqliteReading` reads, and `put` and `delete` in transactions."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with failures():
            for pragma in PRAGMAS:
                self._driver.execute(f"PRAGMA {pragma}")

    def put(self, rows: Iterable[Row]) -> None:
        """Insert or replace rows, PAGE at a time. To be called in a transaction, as `delete` is."""
        for some in pages(rows):
            newest = {(row.kind, row.id): row for row in some}
            known = self._known(newest)
            changes: dict[str, list[tuple[Any, ...]]] = {_RESEAL: [], _REPLACE: [], _INSERT: []}
            for key, row in newest.items():
                sealed, placed = ("\n".join(row.owners), row.body), (row.state, row.parent, row.position)
                if key not in known:
                    changes[_INSERT].append((*sealed, *placed, *key))
                elif known[key][1:] == placed:
                    changes[_RESEAL].append((*sealed, *key))
                else:
                    changes[_REPLACE].append((*sealed, *placed, *key))
            before = owned_by({key: clear[0].split("\n") for key, clear in known.items() if clear[0]})
            after = owned_by({key: row.owners for key, row in newest.items()})
            changes |= {_DISOWN: [*before - after], _OWN: [*after - before]}
            self._run(changes)

    def delete(self, kind: str, identifiers: Iterable[str]) -> None:
        """Delete rows of one kind; absent ones are fine."""
        for some in pages(identifiers):
            known = self._known([(kind, each) for each in some])
            owned = owned_by({key: clear[0].split("\n") for key, clear in known.items() if clear[0]})
            self._run({_DISOWN: [*owned], "DELETE FROM rows WHERE kind = ? AND id = ?": [*known]})

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes made inside or none."""
        with failures():
            self._driver.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._driver.execute("COMMIT")
            finally:
                # After some errors, such as a full disk, SQLite has undone everything already.
                if self._driver.in_transaction:
                    self._driver.execute("ROLLBACK")

    def _known(self, keys: Collection[_Key]) -> dict[_Key, _Clear]:
        """The unencrypted columns of those of the rows that exist."""
        found: dict[_Key, _Clear] = {}
        for kind in {kind for kind, _ in keys}:
            names = [name for one, name in keys if one == kind]
            marks = ", ".join("?" * len(names))
            for name, *clear in self._read(
                f"SELECT id, owners, state, parent, position FROM rows WHERE kind = ? AND id IN ({marks})",
                (kind, *names),
            ):
                owners, state, parent, position = clear
                found[kind, name] = (owners, state, parent, position)
        return found

    def _run(self, changes: Mapping[str, Iterable[tuple[Any, ...]]]) -> None:
        """Run each statement once for each of its values."""
        with failures():
            for statement, values in changes.items():
                self._driver.executemany(statement, values)


def owned_by(rows: Mapping[_Key, Iterable[str]]) -> set[tuple[str, str, str]]:
    """(owner, kind, identifier) for each owner of each row; `rows`: owners by kind and identifier."""
    return {(owner, *key) for key, owners in rows.items() for owner in owners}


def pages(items: Iterable[T]) -> Iterator[list[T]]:
    """The items, PAGE at a time."""
    walk = iter(items)
    while page := list(islice(walk, PAGE)):
        yield page
