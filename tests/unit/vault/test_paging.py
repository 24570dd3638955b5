"""Paging: whichever index is walked, the pages are the same."""

from __future__ import annotations

import pytest

from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.kinds import KINDS
from volenti.vault import paging
from volenti.vault.holder import Holders
from volenti.vault.records import Records


@pytest.mark.parametrize("state", [None, "held"])
@pytest.mark.parametrize("few", [0, 1000])
def test_pages_are_the_same_by_either_index(
    monkeypatch: pytest.MonkeyPatch, few: int, state: str | None
) -> None:
    monkeypatch.setattr(paging, "FEW", few)
    records = Records(MemoryRegister(), MemoryKeyStore(), b"s" * 32, KINDS, Holders())
    names = [f"img_{number:02d}" for number in range(25)]
    for number, name in enumerate(reversed(names)):
        records.put("image", name, {}, state="held" if number % 3 else "cleared", position=number)
    wanted = [each for number, each in enumerate(reversed(names)) if state is None or number % 3][::-1]
    found: list[str] = []
    while page := paging.page_of(records, "image", found[-1] if found else "", 4, state=state, least="img_"):
        found += [row.id for row in page]
        assert len(page) <= 4
    assert found == wanted
