"""Newcomers: nothing stays of an owner whose transaction came to nothing, and all of everybody else."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.packs.memory import MemoryPackStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.core.errors import StorageError
from volenti.kinds import KINDS
from volenti.vault.holder import Holders
from volenti.vault.ports import KeyStore
from volenti.vault.records import Record, Records
from volenti.vault.service import Vault
from volenti.vault.trial import trial

KEYS: dict[str, Callable[[Path], KeyStore]] = {
    "memory": lambda _: MemoryKeyStore(),
    "files": lambda folder: FileKeyStore(folder / "keys", b"w" * 32),
}


def _record(who: str) -> Record:
    return Record("subject", who, {}, (who,))


class _Studio:
    def __init__(self, keys: KeyStore, *, packs: bool = True) -> None:
        self.keys, self.packs, self.register = keys, MemoryPackStore(), MemoryRegister()
        self.records = self.opened(packs=packs)
        self.vault = Vault(keys, self.packs, b"secret", Holders())

    def opened(self, *, packs: bool = True) -> Records:
        """Records as another process has them."""
        there = self.packs if packs else None
        return Records(self.register, self.keys, b"secret", KINDS, Holders(), there)

    def enrol(self, who: str) -> None:
        self.records.put("subject", who, {"name": who}, owners=[who])
        self.vault.put([who], "reference", b"face")

    def here(self) -> tuple[set[str], set[str], set[str]]:
        """Whose keys, packs and rows there are."""
        rows = {row.owners[0] for row in self.records.rows("subject")}
        return set(self.keys.owners()), set(self.packs.prefixes()), rows


@pytest.fixture(params=KEYS)
def studio(request: pytest.FixtureRequest, tmp_path: Path) -> _Studio:
    return _Studio(KEYS[request.param](tmp_path))


def test_who_is_kept_stays(studio: _Studio) -> None:
    with studio.records.transaction():
        studio.enrol("ada")
    assert studio.here() == ({"ada"}, {"ada"}, {"ada"})
    assert list(studio.keys.begun()) == []


@pytest.mark.parametrize("error", [StorageError("No.", "Repeat."), KeyboardInterrupt()])
def test_a_transaction_that_fails_leaves_nothing_of_whom_it_enrolled(
    studio: _Studio, error: BaseException
) -> None:
    studio.enrol("bo")

    def fail() -> None:
        with studio.records.transaction():
            studio.enrol("ada")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert studio.here() == ({"bo"}, {"bo"}, {"bo"})
    # The name is free again: nobody was erased.
    studio.enrol("ada")
    assert studio.here()[0] == {"ada", "bo"}


def test_what_a_killed_process_left_goes_with_the_next_transaction(studio: _Studio) -> None:
    studio.keys.begin("ada")
    studio.vault.put(["ada"], "reference", b"face")
    studio.enrol("bo")
    assert studio.here() == ({"bo"}, {"bo"}, {"bo"})


def test_who_was_kept_before_the_note_was_taken_away_stays(studio: _Studio) -> None:
    studio.keys.begin("ada")
    studio.register.put([studio.records._seal(_record("ada"), {})])
    with studio.opened().transaction():
        pass
    assert studio.here() == ({"ada"}, set(), {"ada"})
    assert list(studio.keys.begun()) == []


def test_a_trial_leaves_no_key(studio: _Studio) -> None:
    with trial(studio.records):
        studio.records.put("subject", "ada", {}, owners=["ada"])
    assert list(studio.keys.owners()) == []


def test_a_days_pictures_stay_sealed_where_their_rows_are_not_kept(studio: _Studio) -> None:
    day = "quarantine-2026-12-01"
    with suppress(StorageError), studio.records.transaction():
        studio.records.put("subject", "waits", {}, owners=[day])
        raise StorageError("No.", "Repeat.")
    assert list(studio.keys.owners()) == [day]


def test_without_packs_nothing_is_taken_away(tmp_path: Path) -> None:
    studio = _Studio(MemoryKeyStore(), packs=False)
    studio.keys.begin("ada")
    studio.enrol("bo")
    assert list(studio.keys.begun()) == ["ada", "bo"]
    with studio.opened().transaction():
        pass
    assert studio.here()[0] == {"bo"}


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["kept", "failed", "killed"])), max_size=12)
)
def test_after_every_story_keys_and_packs_are_those_of_who_is_on_record(story: list[tuple[str, str]]) -> None:
    studio = _Studio(MemoryKeyStore())
    kept = set()
    for who, ends in story:
        if ends == "killed":
            studio.keys.begin(who)
            studio.vault.put([who], "reference", b"face")
            continue
        with suppress(StorageError), studio.records.transaction():
            studio.enrol(who)
            if ends == "failed":
                raise StorageError("No.", "Repeat.")
            kept.add(who)
    with studio.records.transaction():
        pass
    assert studio.here() == (kept, kept, kept)
