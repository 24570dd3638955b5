"""The strings that are searched for, and that the search can find them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from volenti.demo.canaries import PIECE_BYTES, canaries_of, found_in
from volenti.demo.casting import Casting
from volenti.demo.inbox import Given, write_inbox
from volenti.demo.releases import write_releases


def test_everything_planted_lies_in_the_folders_that_are_given(
    tmp_path: Path, casting: Casting, given: list[Given]
) -> None:
    canaries = canaries_of(casting.leaver, given, [])
    write_inbox(tmp_path / "inbox", given)
    write_releases(tmp_path / "releases", casting)
    assert len(canaries.planted) > 40
    assert found_in([tmp_path / "inbox", tmp_path / "releases"], canaries.planted) == len(canaries.planted)


def test_nobody_elses_pictures_hold_any_of_it(casting: Casting, given: list[Given]) -> None:
    canaries = canaries_of(casting.leaver, given, [])
    others = b"".join(each.data for each in given if casting.leaver.number not in each.people)
    assert not [canary for canary in canaries.planted if canary in others]


def test_names_contact_notes_file_names_and_pieces_of_pictures_are_among_it(
    casting: Casting, given: list[Given]
) -> None:
    leaver = casting.leaver
    planted = canaries_of(leaver, given, []).planted
    for text in (leaver.legal_name, leaver.contact, leaver.notes, f"{leaver.handle}-2.jpg"):
        assert text.encode() in planted
    for photo in leaver.photos:
        assert sum(piece in photo.data for piece in planted if len(piece) == PIECE_BYTES) >= 8


def test_the_face_template_is_searched_for_in_both_forms(casting: Casting, given: list[Given]) -> None:
    template = np.arange(128, dtype=np.float32)
    vector = template.tobytes()
    computed = canaries_of(casting.leaver, given, [template]).computed
    assert computed == (vector[:64], vector.hex()[:64].encode())


def test_the_search_counts_each_string_once_and_says_none_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "a.bin").write_bytes(b"\x00canary\x00canary")
    assert found_in([tmp_path], [b"canary", b"canary", b"parrot"]) == 1
    assert found_in([tmp_path / "absent"], [b"canary"]) == 0
