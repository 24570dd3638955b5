"""The key store's contract, run over every adapter."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.mirror import Mirror
from volenti.core.errors import IntegrityError, KeyDestroyedError, UsageError
from volenti.vault.ports import KeyStore


def _made(folder: Path) -> Mirror:
    for name in ("keys", "log", "feed"):
        (folder / name).mkdir(parents=True)
    return Mirror(folder, folder.parent)


ADAPTERS: dict[str, Callable[[Path], KeyStore]] = {
    "memory": lambda _: MemoryKeyStore(),
    "files": lambda folder: FileKeyStore(folder / "keys", b"w" * 32),
    "rotating": lambda folder: FileKeyStore(folder / "keys", b"", None, lambda: (b"n" * 32, b"o" * 32)),
    "mirrored": lambda folder: FileKeyStore(folder / "keys", b"w" * 32, _made(folder / "mirror")),
}


@pytest.fixture(params=ADAPTERS)
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> KeyStore:
    return ADAPTERS[request.param](tmp_path)


def test_a_key_has_32_bytes_and_stays_the_same(keys: KeyStore) -> None:
    key = keys.create("s1")
    assert len(key) == 32
    assert keys.create("s1") == keys.get("s1") == key


@pytest.mark.parametrize(
    ("adapter", "stores"),
    [("memory", 1), ("files", 1), ("files", 4), ("rotating", 4), ("mirrored", 1)],
)
def test_threads_that_make_one_key_at_once_get_the_same(tmp_path: Path, adapter: str, stores: int) -> None:
    made = [ADAPTERS[adapter](tmp_path) for _ in range(stores)]
    with ThreadPoolExecutor(4) as threads:
        for number in range(200):
            together = Barrier(4)

            def make(place: int, owner: str = f"s{number}", together: Barrier = together) -> bytes:
                together.wait()
                return made[place % len(made)].create(owner)

            keys = set(threads.map(make, range(4)))
            assert keys == {each.get(f"s{number}") for each in made}
            assert len(keys) == 1


def test_keys_of_two_owners_differ(keys: KeyStore) -> None:
    assert keys.create("s1") != keys.create("s2")


def test_a_key_never_made_is_as_good_as_destroyed(keys: KeyStore) -> None:
    with pytest.raises(KeyDestroyedError):
        keys.get("nobody")


def test_a_destroyed_key_is_gone_and_stays_gone(keys: KeyStore) -> None:
    keys.create("s1")
    keys.destroy("s1")
    with pytest.raises(KeyDestroyedError):
        keys.get("s1")
    with pytest.raises(KeyDestroyedError):
        keys.create("s1")


def test_destroying_twice_or_for_nobody_is_fine(keys: KeyStore) -> None:
    keys.create("s1")
    keys.destroy("s1")
    keys.destroy("s1")
    keys.destroy("never-there")


def test_destroying_one_leaves_the_others(keys: KeyStore) -> None:
    kept = keys.create("s2")
    keys.create("s1")
    keys.destroy("s1")
    assert keys.get("s2") == kept
    assert list(keys.owners()) == ["s2"]


def test_owners_are_listed_in_order(keys: KeyStore) -> None:
    for owner in ("b", "a", "quarantine-2026-11-22"):
        keys.create(owner)
    assert list(keys.owners()) == ["a", "b", "quarantine-2026-11-22"]


def test_files_survive_a_new_process(tmp_path: Path) -> None:
    key = ADAPTERS["files"](tmp_path).create("s1")
    assert ADAPTERS["files"](tmp_path).get("s1") == key


def test_files_see_a_destruction_by_another_process_despite_the_cache(tmp_path: Path) -> None:
    here, there = ADAPTERS["files"](tmp_path), ADAPTERS["files"](tmp_path)
    here.create("s1")
    assert there.get("s1")
    here.destroy("s1")
    with pytest.raises(KeyDestroyedError):
        there.get("s1")


def test_files_never_hold_the_key_itself_nor_keep_the_owners_name(tmp_path: Path) -> None:
    store = ADAPTERS["files"](tmp_path)
    key = store.create("marisol")
    assert all(key not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    store.destroy("marisol")
    assert all("marisol" not in str(file) for file in tmp_path.rglob("*"))


def test_files_leave_no_second_name_of_a_destroyed_key(tmp_path: Path) -> None:
    # What a process leaves that is killed between the two names it gives a new key.
    store = ADAPTERS["files"](tmp_path)
    store.create("s1")
    store.create("s10")
    named = next(tmp_path.rglob("s1.key"))
    named.with_suffix(".4711.part").hardlink_to(named)
    named.with_name(".s1.4711.part.4711.part").write_bytes(named.read_bytes())
    store.destroy("s1")
    assert [path.name for path in tmp_path.rglob("*s1*") if path.is_file()] == ["s10.key"]


def test_files_under_another_workspace_key_do_not_open(tmp_path: Path) -> None:
    ADAPTERS["files"](tmp_path).create("s1")
    with pytest.raises(IntegrityError):
        FileKeyStore(tmp_path / "keys", b"x" * 32).get("s1")


def test_a_name_that_would_leave_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        ADAPTERS["files"](tmp_path).create("../../etc/passwd")


def test_whether_anybody_came_or_went_is_known(keys: KeyStore) -> None:
    keys.create("a")
    assert keys.changed_since(time.time() - 1)
    assert not keys.changed_since(time.time() + 10)
    keys.destroy("a")
    assert keys.changed_since(time.time() - 1)


def test_keys_are_wrapped_anew_and_what_they_were_wrapped_in_is_gone(tmp_path: Path) -> None:
    wrapping = [b"o" * 32]
    store = FileKeyStore(tmp_path / "keys", b"", _made(tmp_path / "mirror"), lambda: tuple(wrapping))
    keys = {owner: store.create(owner) for owner in ("a", "b", "c")}
    before = [path.read_bytes() for path in tmp_path.rglob("*.key")]
    handles = [path.open("rb") for path in tmp_path.rglob("*.key")]
    wrapping.insert(0, b"n" * 32)
    assert store.rewrap() == 6
    assert store.rewrap() == 0
    wrapping.pop()
    again = FileKeyStore(tmp_path / "keys", b"", None, lambda: tuple(wrapping))
    assert {owner: again.get(owner) for owner in keys} == keys
    # What the old files still have, for whoever holds them open, or finds their blocks on the disk.
    assert all(not any(handle.read()) for handle in handles)
    assert not {path.read_bytes() for path in tmp_path.rglob("*.key")} & set(before)


def test_a_destruction_that_was_killed_is_finished_by_whoever_looks(tmp_path: Path) -> None:
    store = ADAPTERS["files"](tmp_path)
    store.create("s1")
    [path] = tmp_path.rglob("s1.key")
    whole = path.read_bytes()
    store.destroy("s1")
    # As it was after the file was overwritten, and before it was unlinked.
    path.write_bytes(bytes(len(whole)))
    again = ADAPTERS["files"](tmp_path)
    with pytest.raises(KeyDestroyedError):
        again.get("s1")
    assert not path.exists()


def test_a_damaged_key_is_not_taken_for_a_destroyed_one(tmp_path: Path) -> None:
    ADAPTERS["files"](tmp_path).create("s1")
    [path] = tmp_path.rglob("s1.key")
    path.write_bytes(bytes(61))
    with pytest.raises(IntegrityError):
        ADAPTERS["files"](tmp_path).get("s1")
    assert path.exists()


def test_a_key_that_is_destroyed_while_it_is_wrapped_anew_does_not_come_back(tmp_path: Path) -> None:
    wrapping = [b"n" * 32, b"o" * 32]
    other = FileKeyStore(tmp_path / "keys", b"", None, lambda: (b"o" * 32,))
    for owner in ("a", "b"):
        other.create(owner)

    class Racing(FileKeyStore):
        def _read(self, owner: str, place: Path) -> bytes:
            key = super()._read(owner, place)
            if owner == "a":
                other.destroy(owner)
            return key

    Racing(tmp_path / "keys", b"", None, lambda: tuple(wrapping)).rewrap()
    assert [path.name for path in tmp_path.rglob("*.key")] == ["b.key"]


def test_a_key_whose_destruction_began_is_not_copied_elsewhere(tmp_path: Path) -> None:
    here, there = (FileKeyStore(tmp_path / name, b"w" * 32) for name in ("here", "there"))
    for owner in ("a", "b"):
        here.create(owner)
    [path] = (tmp_path / "here").rglob("a.key")
    whole = path.read_bytes()
    here.destroy("a")
    path.write_bytes(whole)
    assert here.copy_to(there) == 1
    assert [path.name for path in (tmp_path / "there").rglob("*.key")] == ["b.key"]
    there.keep("a", whole)
    assert not list((tmp_path / "there").rglob("a.key"))


def test_what_a_kill_left_of_a_destruction_opens_nothing_is_kept_and_goes_with_the_next(
    tmp_path: Path,
) -> None:
    store = ADAPTERS["files"](tmp_path)
    store.create("s1")
    [path] = tmp_path.rglob("s1.key")
    whole = path.read_bytes()
    store.destroy("s1")
    # As it was when the tombstone was there, and the file not overwritten yet.
    path.write_bytes(whole)
    again = ADAPTERS["files"](tmp_path)
    with pytest.raises(KeyDestroyedError):
        again.get("s1")
    assert again.keeps("s1")
    again.destroy("s1")
    assert not again.keeps("s1")
    assert not path.exists()


def test_a_begun_key_that_is_kept_is_a_key_like_others(keys: KeyStore) -> None:
    key = keys.begin("s1")
    assert keys.begin("s1") == keys.create("s1") == key
    assert list(keys.begun()) == ["s1"]
    keys.settle("s1", keep=True)
    keys.settle("s1", keep=False)
    assert keys.get("s1") == key
    assert list(keys.begun()) == []


def test_a_begun_key_that_isnt_kept_was_never_there(keys: KeyStore) -> None:
    first = keys.begin("s1")
    keys.settle("s1", keep=False)
    keys.settle("s1", keep=False)
    assert not keys.keeps("s1")
    assert not keys.was_destroyed("s1")
    assert list(keys.begun()) == list(keys.owners()) == []
    assert keys.create("s1") != first


def test_who_has_a_key_or_had_one_is_not_begun(keys: KeyStore) -> None:
    kept = keys.create("s1")
    assert keys.begin("s1") == kept
    keys.create("s2")
    keys.destroy("s2")
    with pytest.raises(KeyDestroyedError):
        keys.begin("s2")
    assert list(keys.begun()) == []
    keys.settle("s1", keep=False)
    assert keys.get("s1") == kept


def test_the_mirror_loses_a_begun_key_too(tmp_path: Path) -> None:
    keys = ADAPTERS["mirrored"](tmp_path)
    keys.begin("s1")
    assert len(list(tmp_path.rglob("s1.key"))) == 2
    keys.settle("s1", keep=False)
    assert not list(tmp_path.rglob("*s1*"))
