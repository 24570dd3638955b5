"""Alias: the name under which the register has an owner.

A deleted row is overwritten, but a database that moves rows between its pages leaves copies of them in
unused bytes of the pages. Bodies are sealed; what isn't sealed must not say who somebody is. So rows name
people by a keyed digest of their identifier, as the tombstone of a destroyed key does. Nobody can read from
it who was here, and whoever has the workspace's key can only look for an identifier that they know already.

Whose alias one is says a table in memory, made from everybody whose key exists.
"""

from __future__ import annotations

import time

from volenti.core.digest import commitment, derive
from volenti.vault.owner import QUARANTINE, OwnerKind, kind_of
from volenti.vault.ports import KeyStore

#: Kinds of owners that rows name as they are.
_NAMED = (OwnerKind.CONTROLLER, OwnerKind.QUARANTINE, OwnerKind.ALIAS)


class Aliases:
    """Aliases of owners, and owners of aliases. The controller and the quarantine have none."""

    def __init__(self, keys: KeyStore, secret: bytes) -> None:
        self._keys = keys
        self._secret = derive(secret, "register-aliases")
        self._aliases: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        self._read_at = 0.0

    def of(self, owner: str) -> str:
        """The owner's alias, whether there is such an owner or not. An alias's alias is that alias."""
        # The bare name is only the prefix of every day's quarantine: it owns nothing.
        if kind_of(owner) in _NAMED and owner != QUARANTINE:
            return owner
        known = self._aliases.get(owner)
        if known is None:
            known = "own_" + commitment(self._secret, owner.encode()).hex()[:32]
            self._aliases[owner], self._owners[known] = known, owner
        return known

    def owner(self, alias: str) -> str:
        """Whose alias it is; the alias itself where its owner's key is gone."""
        if alias.startswith("own_") and alias not in self._owners and self._keys.changed_since(self._read_at):
            self._read_at = time.time()
            for each in self._keys.owners():
                self.of(each)
        return self._owners.get(alias, alias)
