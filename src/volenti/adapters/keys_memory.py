"""Subject keys in memory: gone with the process."""

from __future__ import annotations

import os
from collections.abc import Iterator

from volenti.core.errors import KeyDestroyedError

GONE = "Nothing of theirs can be opened any more; that is what destroying a key is for."


class MemoryKeyStore:
    """KeyStore over a dict."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self._destroyed: set[str] = set()

    def create(self, owner: str) -> bytes:
        if owner in self._destroyed:
            raise KeyDestroyedError("The owner's key was destroyed.", GONE)
        return self._keys.setdefault(owner, os.urandom(32))

    def get(self, owner: str) -> bytes:
        if owner not in self._keys:
            raise KeyDestroyedError("The owner's key was destroyed or never made.", GONE)
        return self._keys[owner]

    def destroy(self, owner: str) -> None:
        self._keys.pop(owner, None)
        self._destroyed.add(owner)

    def owners(self) -> Iterator[str]:
        return iter(sorted(self._keys))
