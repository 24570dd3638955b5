from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.vault.alias import Aliases
from volenti.vault.owner import CONTROLLER

IDENTIFIERS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,30}", fullmatch=True)


@given(st.sets(IDENTIFIERS, max_size=8))
def test_an_alias_leads_back_to_its_owner_and_says_nothing(owners: set[str]) -> None:
    keys = MemoryKeyStore()
    for each in owners:
        keys.create(each)
    aliases = {each: Aliases(keys, b"secret").of(each) for each in owners}
    assert len(set(aliases.values())) == len(owners)
    reader = Aliases(keys, b"secret")
    assert {reader.owner(alias): alias for alias in aliases.values()} == aliases
    assert Aliases(keys, b"another").of("ann") != Aliases(keys, b"secret").of("ann")


def test_nobody_needs_no_alias() -> None:
    aliases = Aliases(MemoryKeyStore(), b"secret")
    for each in (CONTROLLER, "quarantine-2026-11-23"):
        assert (aliases.of(each), aliases.owner(each)) == (each, each)
    assert "quarantined" not in aliases.of("quarantined")


def test_whose_key_is_gone_has_no_name_any_more() -> None:
    keys = MemoryKeyStore()
    keys.create("ann")
    alias = Aliases(keys, b"secret").of("ann")
    keys.destroy("ann")
    assert Aliases(keys, b"secret").owner(alias) == alias


def test_somebody_another_process_enrolled_meanwhile_is_found(tmp_path: Path) -> None:
    ours, theirs = (FileKeyStore(tmp_path / "keys", b"k" * 32) for _ in range(2))
    ours.create("ann")
    aliases, others = Aliases(ours, b"secret"), Aliases(theirs, b"secret")
    assert aliases.owner(others.of("ann")) == "ann"
    for name in ("bob", "cid", "dee"):
        theirs.create(name)
        assert aliases.owner(others.of(name)) == name
