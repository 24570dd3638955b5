"""What is left in the register's files of who left.

SQLite's own overwriting leaves copies in the slack of rebalanced pages. Writing everything anew takes
them away; where that would cost too much, nothing that lies there in the clear says who somebody is.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from volenti import kinds
from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.register.embedded import EmbeddedRegister
from volenti.adapters.register.sql import SqlRegister
from volenti.vault.holder import Holders
from volenti.vault.ports import Row
from volenti.vault.records import Record, Records

#: Each opens a register in a file.
OPENED = pytest.mark.parametrize("opened", [SqlRegister.at, EmbeddedRegister], ids=["sql", "embedded"])
Opened = Callable[[Path], SqlRegister | EmbeddedRegister]
KINDS = ("image", "decision", "file", "event", "entry", "release", "subject", "template")


@OPENED
@pytest.mark.parametrize("seed", [0, 1, 4])
def test_written_anew_no_byte_of_a_deleted_owner_is_left_in_the_file(
    tmp_path: Path, opened: Opened, seed: int
) -> None:
    chance = random.Random(seed)
    register = opened(tmp_path / "register.db")
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
    register.rewrite()
    register.close()

    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert b"sub_16" not in data
        assert [each.id for each in leaving if each.id.encode() in data or each.body in data] == []


@OPENED
@pytest.mark.parametrize("seed", [0, 1, 4])
def test_no_file_ever_says_whose_the_rows_are(tmp_path: Path, opened: Opened, seed: int) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "register"
    folder.mkdir()
    register = opened(folder / "register.db")
    records = Records(register, FileKeyStore(tmp_path / "keys", b"k" * 32), b"secret", kinds.KINDS, Holders())
    everybody = [f"sub_{number:02d}" for number in range(30)]
    rows = [
        Record(kind, f"{kind}_{chance.getrandbits(96):024x}", {"name": f"Marisol {owner}"}, (owner,))
        for owner in everybody
        for kind in KINDS
        for _ in range(4)
    ]
    chance.shuffle(rows)
    for start in range(0, len(rows), 8):
        records.put_all(rows[start : start + 8])

    def told() -> list[str]:
        files = [path.read_bytes() for path in folder.iterdir()]
        return [name for name in (*everybody, "Marisol") if any(name.encode() in data for data in files)]

    assert told() == []
    for kind in KINDS:
        records.delete(kind, [each.id for each in records.owned("sub_16") if each.kind == kind])
    records.scrub()
    assert told() == []
    assert (folder / "register.db-wal").stat().st_size == 0
    assert len(list(records.owned("sub_17"))) == 4 * len(KINDS)
