"""Damaged pictures: they are named, and hold up nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.core.errors import IntegrityError
from volenti.vault.ports import Query


def damage_bytes(studio: Studio, image: str) -> None:
    """Turn a bit of a picture where it lies."""
    [pack] = [each for each in studio.ws.path.rglob(f"*{image}*") if each.is_file()]
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.write_bytes(data)


def damage_row(studio: Studio, image: str) -> None:
    """Turn a bit of a picture's row."""
    register = studio.parts.records._register
    [row] = [each for each in register.find(Query("image")) if each.id == image]
    register.put([replace(row, body=row.body[:-1] + bytes([row.body[-1] ^ 1]))])


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Two people, and four pictures that were judged."""
    studio = Studio.open(tmp_path, on_disk=True)
    studio.shoot("ann", "ben")
    studio.clear()
    return studio


@pytest.mark.parametrize("damage", [damage_bytes, damage_row])
def test_those_that_wait_are_named_and_all_others_are_judged(
    studio: Studio, damage: Callable[[Studio, str], None]
) -> None:
    for name in ("ann", "ben", "ann", "ben"):
        studio.photo(name)
    studio.ws.add([studio.folder / "inbox"])
    waiting = [each.id for each in studio.ws.pictures.list(state="waiting").pictures]
    assert len(waiting) == 4
    damage(studio, waiting[1])
    changes, unsaid = studio.parts.clearance.changes(studio.ws.policies.show("strict"))
    assert (changes, unsaid) == ([], 4)
    for _ in range(2):
        with pytest.raises(IntegrityError, match="1 damaged pictures.*" + waiting[1]) as caught:
            studio.ws.clear(PURPOSE)
    assert "picture remove" in caught.value.remedy
    assert len(studio.ws.pictures.list(state="cleared").pictures) == 4 + 3
    studio.ws.pictures.remove([waiting[1]])
    assert studio.ws.clear(PURPOSE).totals["cleared"] == 4 + 3
    assert studio.ws.audit(deep=True).ok


@pytest.mark.parametrize("damage", [damage_bytes, damage_row])
def test_those_that_are_judged_again_are_named_too(
    studio: Studio, damage: Callable[[Studio, str], None]
) -> None:
    cleared = [each.id for each in studio.ws.pictures.list(state="cleared").pictures]
    damage(studio, cleared[0])
    studio.photo("ann")
    studio.ws.add([studio.folder / "inbox"])
    try:
        studio.ws.clear("commercial")
    except IntegrityError as error:
        assert cleared[0] in error.message
    others = {each.id for each in studio.ws.pictures.list(state="cleared").pictures}
    assert len(others - {cleared[0]}) == 4
