"""Subject keys in memory: gone with the process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from volenti.core.errors import KeyDestroyedError

GONE = "Nothing of theirs can be opened any more; that is what destroying a key is for."


class MemoryKeyStore:
    """KeyStore over a dict."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self._destroyed: set[str] = set()
        self._changed = 0.0

    def create(self, owner: str) -> bytes:
        if owner in self._destroyed:
            raise KeyDestroyedError("The owner's key was destroyed.", GONE)
        if owner not in self._keys:
            self._keys[owner], self._changed = os.urandom(32), time.time()
        return self._keys[owner]

    def get(self, owner: str) -> bytes:
        if owner not in self._keys:
            raise KeyDestroyedError("The owner's key was destroyed or never made.", GONE)
        return self._keys[owner]

    def destroy(self, owner: str) -> None:
        self._keys.pop(owner, None)
        self._destroyed.add(owner)
        self._changed = time.time()

    def owners(self) -> Iterator[str]:
        return iter(sorted(self._keys))

    def keeps(self, owner: str) -> bool:
        return owner in self._keys

    def was_destroyed(self, owner: str) -> bool:
        return owner in self._destroyed

    def changed_since(self, moment: float) -> bool:
        return self._changed >= moment
