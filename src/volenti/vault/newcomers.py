"""Newcomers: owners whose key is made in a transaction, which may come to nothing.

A row is sealed before it is kept, and for that its owners need keys; photographs are sealed before the row
that names them. Keys and packs aren't the register's: where the transaction fails, or its process is killed,
they would stay behind, of somebody who isn't on record and whom no erasure names. So a new key is noted
until its owner is on record, and the next transaction removes what came to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from volenti.core.logs import Logger
from volenti.vault.alias import Aliases
from volenti.vault.owner import OwnerKind, kind_of
from volenti.vault.ports import KeyStore, PackStore, Register

#: Owners whose keys pictures are sealed under before anything is in the register: they are no newcomers.
_LASTING = (OwnerKind.CONTROLLER, OwnerKind.QUARANTINE)

_log = Logger(__name__)


class Newcomers:
    """Makes the keys of a transaction's owners, and takes those away again of which it keeps no row."""

    def __init__(self, register: Register, keys: KeyStore, packs: PackStore | None, aliases: Aliases) -> None:
        """packs: where photographs lie. Without them nothing is taken away; whoever has them does that."""
        self._register = register
        self._keys = keys
        self._packs = packs
        self._aliases = aliases
        self._came = False

    def key_of(self, owner: str) -> bytes:
        """The owner's key, made if new; call it inside `transaction`. KeyDestroyedError after an erasure."""
        if kind_of(owner) in _LASTING:
            return self._keys.create(owner)
        self._came = True
        return self._keys.begin(owner)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The register's transaction; before and after it, newcomers of whom it keeps nothing are removed."""
        self._came = False
        try:
            with self._register.transaction():
                # What a process left that was killed. Nobody else is in a transaction now.
                self._settle()
                yield
        except BaseException:
            # The next transaction does it too: what is to be told is why this one failed.
            with suppress(Exception):
                self._leave()
            raise
        self._leave()

    def _leave(self) -> None:
        if self._came and self._keys.begun():
            with self._register.transaction():
                self._settle()

    def _settle(self) -> None:
        if self._packs is None:
            return
        for owner in self._keys.begun():
            is_on_record = next(iter(self._register.owned(self._aliases.of(owner))), None) is not None
            if not is_on_record:
                self._packs.remove(owner)
                _log.info("what came to nothing was removed", owner=kind_of(owner).value)
            self._keys.settle(owner, keep=is_on_record)
