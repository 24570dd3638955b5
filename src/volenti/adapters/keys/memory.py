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
        self._begun: set[str] = set()
        self._changed = 0.0

    def create(self, owner: str) -> bytes:
        """Return the owner's key, made if there is none; KeyDestroyedError after `destroy`."""
        if owner in self._destroyed:
            raise KeyDestroyedError("The owner's key was destroyed.", GONE)
        if owner not in self._keys:
            # Of two threads that make it at once, both get the first one's.
            self._keys.setdefault(owner, os.urandom(32))
            self._changed = time.time()
        return self._keys[owner]

    def begin(self, owner: str) -> bytes:
        """As `create`; a key that is new is begun until `settle`."""
        if owner not in self._keys and owner not in self._destroyed:
            self._begun.add(owner)
        return self.create(owner)

    def begun(self) -> list[str]:
        """Owners whose key isn't settled."""
        return sorted(self._begun)

    def settle(self, owner: str, *, keep: bool) -> None:
        """Keep a begun owner's key, or drop it without remembering that."""
        if owner in self._begun and not keep:
            self._keys.pop(owner, None)
            self._changed = time.time()
        self._begun.discard(owner)

    def get(self, owner: str) -> bytes:
        """The owner's key; KeyDestroyedError if it was destroyed or never made."""
        if owner not in self._keys:
            raise KeyDestroyedError("The owner's key was destroyed or never made.", GONE)
        return self._keys[owner]

    def destroy(self, owner: str) -> None:
        """Drop the key and remember that it was destroyed. Idempotent."""
        self._keys.pop(owner, None)
        self._destroyed.add(owner)
        self._changed = time.time()

    def owners(self) -> Iterator[str]:
        """Every owner whose key exists, sorted."""
        return iter(sorted(self._keys))

    def keeps(self, owner: str) -> bool:
        """Whether the owner's key exists."""
        return owner in self._keys

    def was_destroyed(self, owner: str) -> bool:
        """Whether `destroy` was ever called for the owner."""
        return owner in self._destroyed

    def changed_since(self, moment: float) -> bool:
        """Whether a key was made or destroyed since `moment` (`time.time()`)."""
        return self._changed >= moment
