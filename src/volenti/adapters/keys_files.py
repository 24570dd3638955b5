"""Subject keys as files in a folder, each wrapped by the workspace key.

`keys/ab/<owner>.key` holds the owner's 32-byte key under AES-256-GCM with the
workspace key; destroying it overwrites, syncs, unlinks and leaves a tombstone
named by a keyed digest, so that the owner's identifier isn't kept and the key
can't be made again by mistake.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from volenti.adapters.keys_memory import GONE
from volenti.core.digest import commitment, derive, sha256
from volenti.core.errors import KeyDestroyedError
from volenti.core.files import destroy, sync_folder, write_atomically
from volenti.core.identifiers import check
from volenti.vault.seal import seal, unseal

#: How much the clock of a file system may lag behind the process's.
CLOCK_SECONDS = 0.1


class FileKeyStore:
    """KeyStore over a folder. Keys once read stay in memory until destroyed here.

    Another process may destroy a key at any moment, so a cached key is used only while its
    file is still there: one `stat` a use.
    """

    def __init__(self, folder: Path, workspace_key: bytes) -> None:
        self._folder = folder
        self._wrap = derive(workspace_key, "key-wrapping")
        self._mark = derive(workspace_key, "key-tombstone")
        self._cache: dict[str, bytes] = {}
        self._places: dict[str, Path] = {}

    def create(self, owner: str) -> bytes:
        with suppress(KeyDestroyedError):
            return self.get(owner)
        path = self._path(owner)
        if self._tombstone(owner).exists():
            raise KeyDestroyedError("The owner's key was destroyed.", GONE)
        path.parent.mkdir(parents=True, exist_ok=True)
        key = os.urandom(32)
        part = path.with_suffix(f".{os.getpid()}.part")
        write_atomically(part, seal(self._wrap, key, owner.encode()), 0o600)
        try:
            # A hard link fails if another process was first: both then use the same key.
            path.hardlink_to(part)
        except FileExistsError:
            return self.get(owner)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(path.parent)
        self._cache[owner] = key
        return key

    def get(self, owner: str) -> bytes:
        place = self._places.get(owner)
        if place is None:
            place = self._places[owner] = self._path(owner)
        if not place.exists():
            self._cache.pop(owner, None)
            raise KeyDestroyedError("The owner's key was destroyed or never made.", GONE)
        if owner not in self._cache:
            self._cache[owner] = unseal(self._wrap, place.read_bytes(), owner.encode())
        return self._cache[owner]

    def destroy(self, owner: str) -> None:
        self._cache.pop(owner, None)
        write_atomically(self._tombstone(owner), b"")
        path = self._path(owner)
        # A process killed while it made the key leaves a second name of it.
        for each in (path, *path.parent.glob(f"{owner}.*.part"), *path.parent.glob(f".{owner}.*.part")):
            destroy(each)
        self._places.pop(owner, None)

    def owners(self) -> Iterator[str]:
        return iter(sorted(path.stem for path in self._folder.glob("??/*.key")))

    def changed_since(self, moment: float) -> bool:
        # A folder's time is that of the last file that came or went in it.
        if not self._folder.is_dir():
            return False
        with os.scandir(self._folder) as walk:
            newest = max((entry.stat().st_mtime for entry in walk), default=0.0)
        return newest >= moment - CLOCK_SECONDS

    def _path(self, owner: str) -> Path:
        return self._folder / sha256(owner.encode())[:2] / f"{check(owner)}.key"

    def _tombstone(self, owner: str) -> Path:
        return self._folder / "destroyed" / commitment(self._mark, owner.encode()).hex()[:32]
