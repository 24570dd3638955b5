"""Damaged pictures: they are named, and hold up nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.clearance.image import Image
from volenti.core.errors import IntegrityError
from volenti.vault.ports import Query


def damage_bytes(studio: Studio, image: str) -> None:
    """Turn a bit of a picture where it lies."""
    ref = Image.read(image, studio.parts.records.get("image", image).body).original
    [pack] = [
        each for each in (studio.ws.path / "packs").rglob(f"{ref.prefix}/{ref.pack}.*") if each.is_file()
    ]
    data = bytearray(pack.read_bytes())
    data[ref.offset + ref.length // 2] ^= 1
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
    strict = studio.ws.policies.list()["strict"]
    foreseen = studio.parts.clearance.changes(strict)
    damage(studio, waiting[1])
    assert studio.parts.clearance.changes(strict) == foreseen
    for _ in range(2):
        with pytest.raises(IntegrityError, match="all others were: " + waiting[1]) as caught:
            studio.ws.clear(PURPOSE)
    assert "picture remove" in caught.value.remedy
    states = [studio.ws.pictures.show(each).state for each in waiting if each != waiting[1]]
    assert states == ["cleared"] * 3
    if damage is damage_row:
        return  # nothing about it can be read: a backup has it
    studio.ws.pictures.remove([waiting[1]])
    assert studio.ws.clear(PURPOSE).totals["cleared"] == 4 + 3
    assert studio.ws.audit(deep=True).ok


def test_one_that_is_judged_again_is_named_too(studio: Studio) -> None:
    cleared = [each.id for each in studio.ws.pictures.list(state="cleared").pictures]
    damage_row(studio, cleared[0])
    already = {each: len(studio.ws.pictures.show(each).decisions) for each in cleared[1:]}
    studio.photo("ann")
    studio.ws.add([studio.folder / "inbox"])
    with pytest.raises(IntegrityError, match=cleared[0]):
        studio.ws.clear("commercial")
    for each, decisions in already.items():
        assert len(studio.ws.pictures.show(each).decisions) == decisions + 1
