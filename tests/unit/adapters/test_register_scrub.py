"""Scrubbing the register: SQLite's own overwriting leaves copies in the slack of rebalanced pages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from volenti.adapters.register_sql import SqlRegister
from volenti.vault.ports import Row

KINDS = ("image", "decision", "file", "event", "entry", "release", "subject", "template")


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_no_byte_of_a_deleted_owner_is_left_in_the_file(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    register = SqlRegister.at(tmp_path / "register.db")
    names = [
        (kind, f"{kind}_{chance.getrandbits(96):024x}", f"sub_{number:02d}")
        for number in range(30)
        for kind in KINDS
        for _ in range(4)
    ]
    chance.shuffle(names)

    def row(kind: str, name: str, owner: str, state: str) -> Row:
        body = chance.randbytes(chance.randrange(50, 900))
        return Row(kind, name, body, (owner,), state, "", chance.randrange(99))

    # As pictures do: first everything is the quarantine's, then one by one it gets its owners.
    register.put([row(kind, name, "quarantine", "waiting") for kind, name, _ in names])
    for start in range(0, len(names), 8):
        register.put([row(*each, "cleared") for each in names[start : start + 8]])
    leaving = list(register.owned("sub_16"))

    for kind in KINDS:
        register.delete(kind, [each.id for each in leaving if each.kind == kind])
    register.scrub()
    register.close()

    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert b"sub_16" not in data
        assert [each.id for each in leaving if each.id.encode() in data or each.body in data] == []
