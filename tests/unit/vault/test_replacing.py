"""What is put in the place of a pack, while others take away what was there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.packs.memory import MemoryPackStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.core.codec import decoded, encoded
from volenti.core.errors import ConflictError, KeyDestroyedError
from volenti.kinds import KINDS
from volenti.vault.blob import BlobRef
from volenti.vault.holder import Holders
from volenti.vault.records import Record, Records
from volenti.vault.replacing import TRIES, packs_of, replace_pack
from volenti.vault.service import Vault

PLACE = ("run", "01")


class ModelStore:
    """A vault and its records; something happens at each flush: bytes are written and no row is."""

    def __init__(self, happens: Callable[[ModelStore], None] = lambda model_store: None) -> None:
        keys, self.flushed = MemoryKeyStore(), 0
        model_store = self

        class Slow(MemoryPackStore):
            def flush(self) -> None:
                model_store.flushed += 1
                happens(model_store)

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
    model_store = ModelStore()
    model_store.put("ann", "bob", data=b"old")
    model_store.put("ann", data=b"new")
    assert model_store.opened() == b"new"
    assert model_store.records.count("slice", owner="bob") == 0
    assert model_store.vault.packs("run") == ["01"]


@pytest.mark.parametrize("at", [1, 2, 3])
def test_what_the_row_names_opens_whenever_it_is_interrupted(at: int) -> None:
    class Killed(BaseException):
        pass

    def kill(model_store: ModelStore) -> None:
        if model_store.flushed == at:
            raise Killed

    model_store = ModelStore(kill)
    for data in (b"old", b"new"):
        with suppress(Killed):
            model_store.put("ann", data=data)
            continue
        break
    if at == 1:
        assert model_store.records.row("slice", "run/01") is None
    else:
        assert model_store.opened() == (b"old" if at == 2 else b"new")
    assert set(model_store.vault.packs("run")) <= set(packs_of("01"))
    model_store.put("ann", data=b"newest")
    assert (model_store.opened(), model_store.vault.packs("run")) == (b"newest", ["01"])


def test_what_is_taken_away_before_its_row_is_there_is_put_again() -> None:
    def drop(model_store: ModelStore) -> None:
        if model_store.flushed == 1:
            with model_store.records.transaction():
                model_store.vault.remove_packs(*PLACE[:1], [PLACE[1]])
                model_store.records.delete("slice", ["run/01"])

    model_store = ModelStore(drop)
    model_store.put("ann")
    assert (model_store.opened(), model_store.flushed) == (b"weights", 2)


def test_it_isnt_tried_for_ever() -> None:
    model_store = ModelStore(lambda model_store: model_store.vault.remove_packs("run", ["01"]) and None)
    with pytest.raises(ConflictError):
        model_store.put("ann")
    assert model_store.flushed == TRIES
    assert model_store.records.row("slice", "run/01") is None


def test_who_comes_too_late_with_somebody_erased_takes_nothing_away() -> None:
    model_store = ModelStore()
    model_store.put("ann", "bob", data=b"old")
    model_store.vault.destroy_key("bob")
    model_store.put("ann", data=b"new")
    with pytest.raises(KeyDestroyedError):
        model_store.put("ann", "bob", data=b"late")
    assert model_store.opened() == b"new"
