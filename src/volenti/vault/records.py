"""Records: rows of the register with their bodies sealed under their owners' keys.

Every row is authenticated, with all its fields that are in the clear: whoever edits the database can't turn
"held" into "cleared", or move a row to another snapshot. A row without owners bears a keyed digest instead.
A row with owners opens only while all their keys exist. What must be searchable (kind, id, state, parent,
position, owner) stays in the clear and holds nothing personal: the register has owners by aliases, and names,
captions and boxes of faces are in the body. Callers see owners by their identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hmac import compare_digest

from volenti.core.canonical import Json, canonical, parse
from volenti.core.digest import commitment, derive
from volenti.core.errors import IntegrityError, KeyDestroyedError, NotFoundError
from volenti.vault.alias import Aliases
from volenti.vault.event import ERASED, EVENT, emptied
from volenti.vault.holder import Holders
from volenti.vault.holders import RowHolder
from volenti.vault.newcomers import Newcomers
from volenti.vault.ports import KeyStore, PackStore, Query, Register, Row
from volenti.vault.rowkind import RowKinds
from volenti.vault.seal import context_of, joint_key, seal, unseal

#: Bytes of the keyed digest before a body that nobody's key seals.
MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class Record:
    """A row whose body was opened: a JSON object."""

    kind: str
    id: str
    body: Json
    owners: tuple[str, ...] = ()
    state: str = ""
    parent: str = ""
    position: int = 0


class Records:
    """Rows of every kind, for all packages: sealed for a `vault.ports.Register` below, and opened again."""

    def __init__(
        self,
        register: Register,
        keys: KeyStore,
        secret: bytes,
        declared: RowKinds,
        holders: Holders,
        packs: PackStore | None = None,
    ) -> None:
        """secret: of which aliases are made. declared: kinds of rows that may be kept. packs: `Newcomers`."""
        self.declared = declared
        holders.announce(RowHolder(self))
        self._register = register
        self._keys = keys
        self._secret = derive(secret, "row-authentication")
        self._aliases = Aliases(keys, secret)
        self._newcomers = Newcomers(register, keys, packs, self._aliases)
        #: What to do once the open transaction is kept; None where none is open.
        self._deferred: list[Callable[[], None]] | None = None

    def alias(self, owner: str) -> str:
        """The register's name for an owner; also the identifier of rows of which each owner has one."""
        return self._aliases.of(owner)

    def put(
        self,
        kind: str,
        identifier: str,
        body: Json,
        *,
        owners: Sequence[str] = (),
        state: str = "",
        parent: str = "",
        position: int = 0,
    ) -> None:
        """Insert or replace one record. Keys of owners who have none yet are made."""
        self.put_all([Record(kind, identifier, body, tuple(owners), state, parent, position)])

    def put_all(self, records: Iterable[Record]) -> None:
        """Insert or replace many, all or nothing."""
        with self.transaction():
            # Sealed inside the transaction, where nobody else writes. An erasure destroys the key first and
            # then deletes rows: so either sealing fails here, or the erasure finds these rows.
            keys: dict[tuple[str, ...], bytes] = {}
            self._register.put([self._seal(record, keys) for record in records])

    def get(self, kind: str, identifier: str) -> Record | None:
        """The record, or None; KeyDestroyedError if an owner's key is gone."""
        row = self.row(kind, identifier)
        return None if row is None else self.opened(row)

    def require(self, kind: str, identifier: str) -> Record:
        """The record; NotFoundError where there is none."""
        if (record := self.get(kind, identifier)) is None:
            about = self.declared.check(kind)
            what = f"There is no {about.called or kind} {identifier!r}."
            raise NotFoundError(what, f"List what there is: {about.listed}")
        return record

    def find(
        self, kind: str, *, owner: str | None = None, state: str | None = None, parent: str | None = None
    ) -> Iterator[Record]:
        """Matching records, in the order of a query (see `vault.ports.Query`)."""
        for row in self.rows(kind, owner=owner, state=state, parent=parent):
            yield self.opened(row)

    def opened(self, row: Row) -> Record:
        """The record of a row; KeyDestroyedError if an owner's key is gone."""
        return self.opened_all([row])[0]

    def has_keys(self, row: Row) -> bool:
        """Whether the keys of all the row's owners exist, so that it opens."""
        with suppress(KeyDestroyedError):
            return all(map(self._keys.get, row.owners))
        return False

    def opened_all(self, rows: Iterable[Row]) -> list[Record]:
        """The records of rows, as `opened`; of those with the same owners the keys are asked for once."""
        keys: dict[tuple[str, ...], bytes] = {}
        records = []
        for row in rows:
            context = context_of(row)
            if row.owners:
                if row.owners not in keys:
                    keys[row.owners] = joint_key([self._keys.get(owner) for owner in row.owners])
                try:
                    body = unseal(keys[row.owners], row.body, context)
                except IntegrityError as error:
                    said = f"The {row.kind} {row.id} doesn't open: it isn't as it was written."
                    raise IntegrityError(said, "Run `volenti audit --deep` to see what else.") from error
            else:
                mark, body = row.body[:MARK_BYTES], row.body[MARK_BYTES:]
                if not compare_digest(mark, self._mark(context, body)):
                    said = f"The {row.kind} {row.id} isn't as it was written."
                    raise IntegrityError(said, "Run `volenti audit` to see what else.")
            known = (row.owners, row.state, row.parent, row.position)
            records.append(Record(row.kind, row.id, parse(body), *known))
        return records

    def row(self, kind: str, identifier: str) -> Row | None:
        """The row, unopened, or None."""
        row = self._register.get(self.declared.check(kind).name, identifier)
        return None if row is None else self._named(row)

    def rows(
        self, kind: str, *, owner: str | None = None, state: str | None = None, parent: str | None = None
    ) -> Iterator[Row]:
        """Matching rows, unopened, so also those whose keys are gone."""
        return map(self._named, self._register.find(self._query(kind, owner, state, parent)))

    def identifiers(self, kind: str, *, state: str | None = None, below: int | None = None) -> Iterator[str]:
        """Identifiers of matching rows, by state and position; no row is read. below: of a less position."""
        return self._register.identifiers(replace(self._query(kind, None, state, None), below=below))

    def page(self, kind: str, after: str, count: int, *, state: str | None = None) -> list[Row]:
        """At most so many rows of a kind, unopened, in order of their identifiers, after one of them."""
        return [*map(self._named, self._register.page(self.declared.check(kind).name, after, count, state))]

    def with_packs(self) -> set[str]:
        """Identifiers of rows that, like people's identifiers, may be prefixes of packs."""
        return {row.id for kind in self.declared.values() if kind.has_packs for row in self.rows(kind.name)}

    def last(self, kind: str) -> Row | None:
        """The row of that kind with the greatest position, unopened, or None."""
        row = self._register.last(self._query(kind, None, None, None))
        return None if row is None else self._named(row)

    def owned(self, owner: str) -> Iterator[Row]:
        """Every row of the owner's, of whatever kind, unopened."""
        return map(self._named, self._register.owned(self._aliases.of(owner)))

    def keyless(self) -> list[str]:
        """Owners of rows whose key doesn't exist, by alias: nothing else is known of them."""
        there = {self._aliases.of(owner) for owner in self._keys.owners()}
        return [alias for alias in self._register.owners() if alias not in there]

    def owners_among(self, names: Iterable[str]) -> list[str]:
        """Those of these names that own a row."""
        there = set(self._register.owners())
        return [name for name in names if self._aliases.of(name) in there]

    def count(
        self,
        kind: str,
        *,
        owner: str | None = None,
        state: str | None = None,
        parent: str | None = None,
        below: int | None = None,
    ) -> int:
        """How many rows match, none of them opened. below: only rows whose position is less."""
        return self._register.count(replace(self._query(kind, owner, state, parent), below=below))

    def delete(self, kind: str, identifiers: Iterable[str]) -> None:
        """Delete rows; absent ones are fine."""
        self._register.delete(kind, identifiers)

    def forget(self, owner: str) -> list[Row]:
        """Delete every row of the owner's, and empty those of events; returns them as they were, unopened."""
        rows = list(self.owned(owner))
        self.take_away(rows)
        return rows

    def forget_about(self, identifier: str) -> None:
        """Empty the rows of the events about a row, as `forget` does."""
        self.take_away(list(self.rows(EVENT, parent=identifier)))

    def take_away(self, rows: Sequence[Row]) -> None:
        """Delete rows, and empty those of events as `forget` does."""
        with self.transaction():
            for kind in {row.kind for row in rows}:
                self.delete(kind, [row.id for row in rows if row.kind == kind])
            self.put_all(
                Record(EVENT, row.id, emptied(self._content(row)), (), ERASED, "", row.position)
                for row in rows
                if row.kind == EVENT
            )

    def _content(self, row: Row) -> Json | None:
        with suppress(IntegrityError, KeyDestroyedError):
            return self.opened(row).body
        return None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is kept, or nothing is. Then the deferred work is done (`do_afterwards`)."""
        if self.is_in_transaction:
            yield
            return
        self._deferred = []
        try:
            with self._newcomers.transaction():
                yield
            deferred = self._deferred
        finally:
            self._deferred = None
        for work in dict.fromkeys(deferred):
            work()

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._deferred is not None

    def do_afterwards(self, work: Callable[[], None]) -> None:
        """Do some work once the open transaction is kept, only once however often it is asked for."""
        if self._deferred is None:
            work()
        else:
            self._deferred.append(work)

    def kinds(self) -> list[str]:
        """Every kind of which there is a record."""
        return list(self._register.kinds())

    def problems(self) -> list[str]:
        """What is wrong with how the register stores rows; none is opened."""
        return list(self._register.problems())

    def scrub(self) -> None:
        """Clean up after deleted rows (`Register.scrub`). What may be left is sealed, or an alias."""
        self._register.scrub()

    def rewrite(self) -> None:
        """Leave no byte of deleted rows behind; writes everything anew."""
        self._register.rewrite()

    def _query(self, kind: str, owner: str | None, state: str | None, parent: str | None) -> Query:
        self.declared.check(kind)
        return Query(kind, None if owner is None else self._aliases.of(owner), state, parent)

    def _named(self, row: Row) -> Row:
        """The row with identifiers of its owners in place of their aliases."""
        if not row.owners:
            return row
        owners = tuple(map(self._aliases.owner, row.owners))
        return replace(row, owners=owners)

    def _seal(self, record: Record, keys: dict[tuple[str, ...], bytes]) -> Row:
        """Make a record's row, and keys of owners without one. keys: joint keys so far; more are added."""
        self.declared.check(record.kind)
        owners = tuple(sorted(set(record.owners)))
        body = canonical(record.body)
        row = Row(record.kind, record.id, b"", owners, record.state, record.parent, record.position)
        context = context_of(row)
        if owners and owners not in keys:
            keys[owners] = joint_key(list(map(self._newcomers.key_of, owners)))
        sealed = seal(keys[owners], body, context) if owners else self._mark(context, body) + body
        return replace(row, body=sealed, owners=tuple(map(self._aliases.of, owners)))

    def _mark(self, context: bytes, body: bytes) -> bytes:
        return commitment(self._secret, len(context).to_bytes(4, "big") + context + body)[:MARK_BYTES]
