"""What the vault needs from the outside: keys, packs and a register of rows.

Every adapter of these ports passes the contract suite of the same name in
tests/contracts. An *owner* is whoever a key belongs to: a data subject, or what the
workspace itself has a name for, such as a day's quarantine (`vault.owner`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol


class KeyStore(Protocol):
    """One 32-byte data key for each owner; destroying it is final."""

    def create(self, owner: str) -> bytes:
        """The owner's key, made if there is none; raises KeyDestroyedError after `destroy`."""
        ...

    def begin(self, owner: str) -> bytes:
        """As `create`, for an owner of whom nothing is on record yet: `begun` names them until `settle`."""
        ...

    def begun(self) -> Sequence[str]:
        """Owners whose key was made by `begin`, also by a process that was killed, and isn't settled."""
        ...

    def settle(self, owner: str, *, keep: bool) -> None:
        """Keep a begun owner's key; or else destroy it as if there had never been one. Repeating it is fine.

        It changes nothing of an owner who isn't begun.
        """
        ...

    def get(self, owner: str) -> bytes:
        """The owner's key; raises KeyDestroyedError if it was destroyed or never made."""
        ...

    def destroy(self, owner: str) -> None:
        """Make the key unreadable for ever, durably. Repeating it is fine."""
        ...

    def owners(self) -> Iterator[str]:
        """Everybody whose key exists, sorted."""
        ...

    def keeps(self, owner: str) -> bool:
        """Whether any part of the owner's key is left, also one that doesn't open any more."""
        ...

    def was_destroyed(self, owner: str) -> bool:
        """Whether `destroy` was ever called for the owner, whatever was put back since."""
        ...

    def changed_since(self, moment: float) -> bool:
        """Whether a key may have been made or destroyed since that `time.time()`. In doubt, True."""
        ...


@dataclass(frozen=True, slots=True)
class Location:
    """Where sealed bytes lie: `length` bytes at `offset` of pack `pack` under `prefix`."""

    prefix: str
    pack: str
    offset: int
    length: int


class PackStore(Protocol):
    """Append-only pack files under a prefix for each owner. Holds ciphertext only."""

    def append(self, prefix: str, pack: str, data: bytes) -> Location:
        """Add `data` at the end of a pack. Durable only after `flush`."""
        ...

    def read(self, location: Location) -> bytes:
        """The bytes; raises IntegrityError where the pack is missing or too short."""
        ...

    def flush(self) -> None:
        """Make everything appended so far survive a power cut."""
        ...

    def blank(self, location: Location) -> None:
        """Overwrite the bytes with zeros, durably, and leave all else in its place; absent ones are fine."""
        ...

    def remove_blank(self, prefix: str, pack: str) -> int:
        """Remove a pack in which everything was overwritten; returns the bytes freed, 0 where it has others.

        What another process appends at this moment isn't lost.
        """
        ...

    def remove_packs(self, prefix: str, packs: Iterable[str]) -> int:
        """Unlink packs, durably; returns the bytes freed. Absent packs are fine."""
        ...

    def remove(self, prefix: str) -> int:
        """Unlink everything under the prefix, durably; returns the bytes freed."""
        ...

    def prefixes(self) -> Iterator[str]:
        """Every prefix under which anything lies, sorted."""
        ...

    def packs(self, prefix: str) -> Iterator[str]:
        """The packs under a prefix, sorted."""
        ...

    def size(self, prefix: str) -> int:
        """Bytes under the prefix."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the register.

    All fields but `body` are in the clear and can be searched, so they never hold personal data:
    here `owners` are aliases (`vault.alias`), which `Records` turns back into identifiers.
    Everything about a person is in `body`, which is sealed under the owners' keys before it gets here.
    """

    kind: str
    id: str
    body: bytes
    owners: tuple[str, ...] = ()
    state: str = ""
    parent: str = ""
    position: int = 0
    #: Which came before which: a register numbers its rows as they come, and a row keeps its number.
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Query:
    """Asks for the rows of `kind` that match every field given.

    `below`: only rows whose position is less. Rows asked for by owner or by parent come ordered by
    identifier; all others by state and position, and where those are the same, as they were put.
    """

    kind: str
    owner: str | None = None
    state: str | None = None
    parent: str | None = None
    below: int | None = None


class Register(Protocol):
    """The database of a workspace's rows, as a port: whole rows in, whole rows out, in transactions.

    Rows are indexed by kind, owner, state and parent. A register has no keys and can't read bodies: packages
    keep their rows through `vault.records.Records`, which seals and opens bodies.

    A row whose identifier begins with its parent's and a slash costs less: it lies beside the parent.
    """

    def put(self, rows: Iterable[Row]) -> None:
        """Insert or replace by (kind, id), all or nothing."""
        ...

    def get(self, kind: str, identifier: str) -> Row | None:
        """The row of that kind and identifier; None where there is none."""
        ...

    def find(self, query: Query) -> Iterator[Row]:
        """Matching rows, in the query's order. Rows may be changed while these are read, but not their
        state, unless the query asks for one state."""
        ...

    def identifiers(self, query: Query) -> Iterator[str]:
        """Identifiers of matching rows in the same order, without reading their bodies."""
        ...

    def last(self, query: Query) -> Row | None:
        """The matching row with the greatest position; of several, the one that was put last. The query
        gives no owner and no parent."""
        ...

    def page(self, kind: str, after: str, count: int, state: str | None = None) -> Sequence[Row]:
        """At most so many rows of a kind, in a state where one is given, in order of their identifiers.

        after: the identifier after which they begin; empty for the first ones. What is put or deleted between
        two pages moves no other row from one page to another.
        """
        ...

    def owned(self, owner: str) -> Iterator[Row]:
        """Every row of the owner's, of whatever kind, so that an erasure overlooks none."""
        ...

    def owners(self) -> Iterator[str]:
        """Everybody who owns a row, once each, sorted."""
        ...

    def count(self, query: Query) -> int:
        """How many rows match the query, 0 where none does."""
        ...

    def delete(self, kind: str, identifiers: Iterable[str]) -> None:
        """Delete rows; absent ones are fine."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Everything done inside is kept, or nothing is. A transaction inside another is part of that."""
        ...

    def kinds(self) -> Iterator[str]:
        """Every kind of which there is a row, sorted."""
        ...

    def problems(self) -> Iterator[str]:
        """What is wrong with how the rows are stored, in words; their content isn't looked at."""
        ...

    def scrub(self) -> None:
        """Leave nothing of deleted rows in the write-ahead log and in free pages, at a cost that depends on
        what was deleted.

        Unused bytes of pages in use may keep copies of deleted rows: ciphertext, identifiers, aliases.
        """
        ...

    def rewrite(self) -> None:
        """Leave no byte of deleted rows behind, at the cost of writing everything anew."""
        ...
