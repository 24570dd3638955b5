"""What is put in the place of a pack, while others take away what was there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from volenti.adapters.keys_memory import MemoryKeyStore
from volenti.adapters.packs_memory import MemoryPackStore
from volenti.adapters.register_memory import MemoryRegister
from volenti.core.codec import decoded, encoded
from volenti.core.errors import ConflictError, KeyDestroyedError
from volenti.kinds import KINDS
from volenti.vault.blob import BlobRef
from volenti.vault.holder import Holders
from volenti.vault.records import Record, Records
from volenti.vault.replacing import TRIES, replace_pack
from volenti.vault.service import Vault

PLACE = ("run", "01")


class Shelf:
    """A vault and its records; something happens at each flush: bytes are written and no row is."""

    def __init__(self, happens: Callable[[Shelf], None] = lambda shelf: None) -> None:
        keys, self.flushed = MemoryKeyStore(), 0
        shelf = self

        class Slow(MemoryPackStore):
            def flush(self) -> None:
                shelf.flushed += 1
                happens(shelf)

        for owner in ("ann", "bob"):
            keys.create(owner)
        self.vault = Vault(keys, Slow(), b"s" * 32, Holders())
        self.records = Records(MemoryRegister(), keys, b"s" * 32, KINDS, Holders())

    def put(self, *owners: str, data: bytes = b"weights") -> Record:
        def record(refs: Sequence[BlobRef]) -> Record:
            return Record("slice", "run/01", {"ref": encoded(refs[0])}, owners, parent="run")

        return replace_pack(self.vault, self.records, owners, PLACE, [("slice", data)], record)

    def opened(self) -> bytes:
        body = self.records.require("slice", "run/01").body
        return self.vault.open(decoded(BlobRef, body["ref"]))


def test_it_takes_the_place_of_what_was_there() -> None:
    shelf = Shelf()
    shelf.put("ann", "bob", data=b"old")
    shelf.put("ann", data=b"new")
    assert shelf.opened() == b"new"
    assert shelf.records.count("slice", owner="bob") == 0
    assert shelf.vault.packs("run") == ["01"]


def test_what_is_taken_away_before_its_row_is_there_is_put_again() -> None:
    def drop(shelf: Shelf) -> None:
        if shelf.flushed == 1:
            with shelf.records.transaction():
                shelf.vault.remove_packs(*PLACE[:1], [PLACE[1]])
                shelf.records.delete("slice", ["run/01"])

    shelf = Shelf(drop)
    shelf.put("ann")
    assert (shelf.opened(), shelf.flushed) == (b"weights", 2)


def test_it_isnt_tried_for_ever() -> None:
    shelf = Shelf(lambda shelf: shelf.vault.remove_packs("run", ["01"]) and None)
    with pytest.raises(ConflictError):
        shelf.put("ann")
    assert shelf.flushed == TRIES
    assert shelf.records.row("slice", "run/01") is None


def test_who_comes_too_late_with_somebody_erased_takes_nothing_away() -> None:
    shelf = Shelf()
    shelf.put("ann", "bob", data=b"old")
    shelf.vault.destroy_key("bob")
    shelf.put("ann", data=b"new")
    with pytest.raises(KeyDestroyedError):
        shelf.put("ann", "bob", data=b"late")
    assert shelf.opened() == b"new"
