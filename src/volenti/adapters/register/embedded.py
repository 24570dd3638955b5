"""The embedded register: a file that is read and written through SQLite's driver alone.

SQLAlchemy makes it and cares for it: migrations, and what an erasure does to the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from volenti.adapters.register.reading import REVISION, SqliteReading
from volenti.adapters.register.writing import SqliteWriting
from volenti.core.files import create_file

if TYPE_CHECKING:
    from pathlib import Path

    from volenti.adapters.register.sql import SqlRegister
    from volenti.vault.ports import Query, Row


class EmbeddedRegister:
    """The `Register` port over one file that its owner alone can read; so can SQLite's files beside it.

    One instance serves one thread. The first write opens the file for writing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writes = False
        with suppress(FileExistsError):
            create_file(path).close()
        self._reading = SqliteReading(path)
        if self._reading.revision != REVISION:
            _ = self._keeper  # opening it brings the file to the newest migration

    @cached_property
    def _writer(self) -> SqliteWriting:
        return SqliteWriting(self._path)

    @cached_property
    def _keeper(self) -> SqlRegister:
        from volenti.adapters.register.sql import SqlRegister

        return SqlRegister.at(self._path)

    @property
    def _reads(self) -> SqliteReading:
        """Where to read: inside a transaction from the writer, which sees what has changed so far."""
        return self._writer if self._writes else self._reading

    def get(self, kind: str, identifier: str) -> Row | None:
        """The row of that kind and identifier, or None."""
        return self._reads.get(kind, identifier)

    def find(self, query: Query) -> Iterator[Row]:
        """Matching rows, in the query's order; see `Register.find`."""
        return self._reads.find(query)

    def identifiers(self, query: Query) -> Iterator[str]:
        """Identifiers of matching rows, in the query's order."""
        return self._reads.identifiers(query)

    def last(self, query: Query) -> Row | None:
        """The matching row with the greatest position, or None; see `Register.last`."""
        return self._reads.last(query)

    def count(self, query: Query) -> int:
        """How many rows match."""
        return self._reads.count(query)

    def page(self, kind: str, after: str, count: int, state: str | None = None) -> list[Row]:
        """At most so many rows of a kind after an identifier, in order of their identifiers."""
        return self._reads.page(kind, after, count, state)

    def owned(self, owner: str) -> Iterator[Row]:
        """Every row of the owner's, by kind and identifier."""
        return self._reads.owned(owner)

    def owners(self) -> Iterator[str]:
        """Every owner of a row, once each, sorted."""
        return self._reads.owners()

    def kinds(self) -> Iterator[str]:
        """Every kind of which there is a row, sorted."""
        return self._reads.kinds()

    def put(self, rows: Iterable[Row]) -> None:
        """Insert or replace rows in one transaction."""
        with self.transaction():
            self._writer.put(rows)

    def delete(self, kind: str, identifiers: Iterable[str]) -> None:
        """Delete rows of one kind in one transaction. Absent rows are fine."""
        with self.transaction():
            self._writer.delete(kind, identifiers)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes made inside or none; reads inside see the changes so far."""
        if self._writes:
            yield
            return
        with self._writer.transaction():
            self._writes = True
            try:
                yield
            finally:
                self._writes = False

    def problems(self) -> Iterator[str]:
        """What is wrong with the database, in words; see `SqlRegister.problems`."""
        return self._keeper.problems()

    def scrub(self) -> None:
        """Empty the write-ahead log; see `SqlRegister.scrub`."""
        self._keeper.scrub()

    def rewrite(self) -> None:
        """Write the file anew, without any byte of deleted rows."""
        self._keeper.rewrite()

    def close(self) -> None:
        """Close the file; the register can't be used afterwards."""
        self._reading.close()
        if "_writer" in self.__dict__:
            self._writer.close()
        if "_keeper" in self.__dict__:
            self._keeper.close()
