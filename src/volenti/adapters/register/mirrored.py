"""A register that keeps a second copy of what people said and asked for, for the day its disk breaks.

A backup holds what people said up to its own day. A restore must not undo a withdrawal, a restriction or a
narrower release of a later day, and must not bring back a picture that was dropped because of who was in it.
So the rows that say such things lie in the mirror too, sealed under people's keys as in the register. A row
is written to the mirror before the register commits it, and removed there after the register removed it: a
withdrawal that was acknowledged is missing in the mirror only while it is noted that the mirror is behind.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from volenti.adapters.mirror import Mirror
from volenti.adapters.register.memory import MemoryRegister
from volenti.core.canonical import canonical, parse_given
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError
from volenti.core.files import make_folder, on_disk, remove_folder, sync_folder, write_atomically
from volenti.core.inside import names_inside, opened_inside
from volenti.kinds import KINDS
from volenti.vault.ports import Query, Register, Row
from volenti.vault.rowkind import Mirrored

#: The folder of these rows in the mirror.
CONSENT = "consent"


class SaidRows:
    """The rows that a mirror holds, one file each, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def is_there(self) -> bool:
        """Whether the folder is there."""
        return self._folder.is_dir()

    def keep(self, row: Row) -> None:
        """Write the row to a file of its own, durably; its body stays sealed."""
        said = {
            "kind": row.kind,
            "id": row.id,
            "owners": list(row.owners),
            "state": row.state,
            "parent": row.parent,
            "position": row.position,
            "body": base64.b64encode(row.body).decode(),
        }
        path, data = self._path(self._folder, row.kind, row.id), canonical(said)
        if not (path.is_file() and path.read_bytes() == data):
            write_atomically(path, data)

    def remove(self, kind: str, identifier: str) -> None:
        """Unlink the row's file, durably. Absent is fine."""
        path = self._path(self._folder, kind, identifier)
        with on_disk("remove a row from the mirror"):
            path.unlink(missing_ok=True)
            sync_folder(path.parent)

    def has(self, kind: str, identifier: str) -> bool:
        """Whether the row has a file here."""
        return (self._folder / kind).is_dir() and self._path(self._folder, kind, identifier).exists()

    def add(self, rows: Iterable[Row]) -> None:
        """Hold these rows besides those that are here, where there is a folder of rows already."""
        if self.is_there:
            for row in rows:
                self.keep(row)

    def fill(self, rows: Iterable[Row]) -> None:
        """Hold exactly these rows; former rows are removed once all of these are written."""
        if not self.is_there:
            part = self._folder.with_name(f".{self._folder.name}.part")
            remove_folder(part)
            make_folder(part)
            SaidRows(part).fill(rows)
            with on_disk("begin a mirror"):
                part.rename(self._folder)
            sync_folder(self._folder.parent)
            return
        kept = set()
        for row in rows:
            self.keep(row)
            kept.add(self._path(self._folder, row.kind, row.id))
        for name, _ in names_inside(self._folder):
            if self._folder / name not in kept:
                with on_disk("remove a row from the mirror"):
                    (self._folder / name).unlink(missing_ok=True)

    def read(self) -> MemoryRegister:
        """Read all rows into a register in memory; raises IntegrityError where a file isn't a row."""
        found = MemoryRegister()
        for name, _ in names_inside(self._folder):
            with opened_inside(self._folder, name) as file:
                found.put([_row(name, file.read())])
        return found

    @staticmethod
    def _path(folder: Path, kind: str, identifier: str) -> Path:
        named = sha256(identifier.encode())
        return folder / kind / named[:2] / f"{named[:32]}.row"


def is_said(row: Row) -> bool:
    """Whether a mirror holds the row too."""
    return _mirrored(row.kind).holds(row)


def said_in(register: Register) -> Iterator[Row]:
    """Every row of a register that belongs in a mirror."""
    for kind in KINDS.values():
        if kind.mirrored is not Mirrored.NONE:
            yield from filter(is_said, register.find(Query(kind.name)))


def _mirrored(kind: str) -> Mirrored:
    # A mirror has no rows of kinds that only an earlier version knew.
    return KINDS[kind].mirrored if kind in KINDS else Mirrored.NONE


def _row(name: str, data: bytes) -> Row:
    try:
        said = parse_given(data)
        return Row(
            said["kind"],
            said["id"],
            base64.b64decode(said["body"], validate=True),
            tuple(said["owners"]),
            said["state"],
            said["parent"],
            said["position"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            f"{name} in the mirror isn't a row of a register.", "Take the mirror from a copy of it."
        ) from error


class MirroredRegister:
    """A `Register` over another one, with a mirror of what people said."""

    def __init__(self, register: Register, mirror: Mirror) -> None:
        self._register = register
        self._place = mirror
        self._mirror = SaidRows(mirror.place / CONSENT)
        self._changes: dict[tuple[str, str], Row | None] | None = None

    def put(self, rows: Iterable[Row]) -> None:
        """Insert or replace rows in one transaction, and write those that belong in the mirror there too."""
        with self.transaction():
            self._register.put(self._note(rows))

    def _note(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass the rows on, and note which of them change the mirror."""
        assert self._changes is not None
        for row in rows:
            if is_said(row):
                self._changes[row.kind, row.id] = row
            elif _mirrored(row.kind) is Mirrored.NOBODYS and self._has(row):
                # The row has an owner again, because the file was added again.
                self._changes[row.kind, row.id] = None
            yield row

    def _has(self, row: Row) -> bool:
        with suppress(OSError):
            return self._mirror.has(row.kind, row.id)
        return False

    def delete(self, kind: str, identifiers: Iterable[str]) -> None:
        """Delete rows of one kind, also in the mirror if all rows of that kind lie there."""
        if _mirrored(kind) is not Mirrored.ALL:
            self._register.delete(kind, identifiers)
            return
        with self.transaction():
            assert self._changes is not None
            named = list(identifiers)
            self._register.delete(kind, named)
            self._changes.update({(kind, each): None for each in named})

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """As `Register.transaction`; the mirror gets rows before the commit, and loses deleted ones after."""
        if self._changes is not None:
            yield
            return
        changes: dict[tuple[str, str], Row | None] = {}
        self._changes = changes
        try:
            with self._register.transaction():
                yield
                self._keep(changes)
            gone = [key for key, row in changes.items() if row is None]
            if gone:
                self._place.also(lambda: self._remove(gone))
        finally:
            self._changes = None

    def _keep(self, changes: dict[tuple[str, str], Row | None]) -> None:
        """Write changed rows to the mirror; first all rows on record, where it has no folder of rows yet."""
        if changes:
            self._place.prepare()
            self._place.also(lambda: self._write([row for row in changes.values() if row is not None]))

    def _write(self, rows: list[Row]) -> None:
        if not self._mirror.is_there:
            self._mirror.fill(said_in(self._register))
        for row in rows:
            self._mirror.keep(row)

    def _remove(self, rows: Iterable[tuple[str, str]]) -> None:
        for kind, identifier in rows:
            self._mirror.remove(kind, identifier)

    def fill(self) -> None:
        """Make the mirror hold exactly the rows on record; raises where the mirror can't be reached."""
        self._place.reach()
        with on_disk("bring the mirror up to date"):
            # Most of the work is done while others may write; the rest, and removing, while nobody does: a
            # row that another process wrote to the mirror meanwhile would be removed otherwise.
            self._mirror.add(said_in(self._register))
            with self._register.transaction():
                self._mirror.fill(said_in(self._register))

    def get(self, kind: str, identifier: str) -> Row | None:
        """The row of that kind and identifier, or None; the mirror isn't read."""
        return self._register.get(kind, identifier)

    def find(self, query: Query) -> Iterator[Row]:
        """Matching rows, in the query's order; see `Register.find`."""
        return self._register.find(query)

    def identifiers(self, query: Query) -> Iterator[str]:
        """Identifiers of matching rows, in the query's order."""
        return self._register.identifiers(query)

    def last(self, query: Query) -> Row | None:
        """The matching row with the greatest position, or None; see `Register.last`."""
        return self._register.last(query)

    def page(self, kind: str, after: str, count: int, state: str | None = None) -> Sequence[Row]:
        """At most so many rows of a kind after an identifier, in order of their identifiers."""
        return self._register.page(kind, after, count, state)

    def owned(self, owner: str) -> Iterator[Row]:
        """Every row of the owner's, by kind and identifier."""
        return self._register.owned(owner)

    def owners(self) -> Iterator[str]:
        """Every owner of a row, once each, sorted."""
        return self._register.owners()

    def count(self, query: Query) -> int:
        """How many rows match."""
        return self._register.count(query)

    def kinds(self) -> Iterator[str]:
        """Every kind of which there is a row, sorted."""
        return self._register.kinds()

    def problems(self) -> Iterator[str]:
        """What is wrong with the register, in words; the mirror isn't looked at."""
        return self._register.problems()

    def scrub(self) -> None:
        """Scrub the register; see `Register.scrub`. The mirror stays as it is."""
        self._register.scrub()

    def rewrite(self) -> None:
        """Rewrite the register; see `Register.rewrite`. The mirror stays as it is."""
        self._register.rewrite()
