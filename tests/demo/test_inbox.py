"""Every trap is what the table says it is."""

from __future__ import annotations

import io
import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from volenti.clearance.account import Account, FileAccount
from volenti.clearance.given import given_files
from volenti.demo import traps
from volenti.demo.casting import Casting, Flaw, Part
from volenti.demo.inbox import Given, catches, inbox, note, third_party_work, write_inbox
from volenti.demo.traps import BY_NAME, TRAPS
from volenti.perception.copies.fingerprint import fingerprint
from volenti.perception.copies.resemblance import is_copy
from volenti.perception.files.kept import pixels_of
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.finding import Finding, finding
from volenti.perception.rights.findings import rights_findings
from volenti.perception.rights.statement import read_rights

Trapped = dict[str, list[Given]]


def _only(trapped: Trapped, name: str) -> Given:
    (found,) = trapped[name]
    return found


def _codes(jpeg: bytes) -> list[str]:
    picture = open_picture(jpeg)
    assert isinstance(picture, Picture)
    return [each.code for each in rights_findings(read_rights(picture), "generative-training")]


def test_the_same_seed_makes_the_same_bytes(casting: Casting, given: list[Given]) -> None:
    assert inbox(casting, 3) == given


def test_file_names_are_unique_and_give_nothing_away(given: list[Given]) -> None:
    names = [each.name for each in given]
    assert len(set(names)) == len(names)
    assert not [name for name in names for word in ("trap", "bomb", "minor", "expired") if word in name]


def test_every_trap_of_the_table_is_planted_and_no_other(trapped: Trapped) -> None:
    assert set(trapped) - {""} == set(BY_NAME)


def test_everybody_covered_has_their_pictures_there(casting: Casting, given: list[Given]) -> None:
    for person in casting.covered:
        assert sum(person.number in each.people for each in given) in (4, 5)


def test_pictures_without_a_trap_show_covered_people_and_name_their_release(
    casting: Casting, trapped: Trapped
) -> None:
    releases = {person.number: person.release_id for person in casting.covered}
    for each in trapped[""][::20]:
        picture = open_picture(each.data)
        assert isinstance(picture, Picture)
        assert read_rights(picture).model_release_ids == (releases[each.people[0]],)
        assert _codes(each.data) == []


@pytest.mark.parametrize("flaw", Flaw)
def test_pictures_under_a_flawed_release_name_it(casting: Casting, trapped: Trapped, flaw: Flaw) -> None:
    assert len(trapped[f"trap-{flaw}"]) == 4
    for each in trapped[f"trap-{flaw}"]:
        assert casting.flawed[flaw].release_id.encode() in each.data


def test_pictures_of_people_who_signed_nothing_name_no_release(trapped: Trapped) -> None:
    assert len(trapped["trap-no-release"]) == 11
    assert not [each for each in trapped["trap-no-release"] if b"ModelReleaseID" in each.data]


def test_the_reservation_is_in_the_xmp(trapped: Trapped) -> None:
    assert _codes(_only(trapped, "trap-opt-out").data) == ["opt-out"]


def test_the_coordinates_are_in_the_exif_data(trapped: Trapped) -> None:
    assert _codes(_only(trapped, "trap-location").data) == ["location"]


def test_the_bomb_is_small_and_a_valid_png_of_enormous_size(trapped: Trapped) -> None:
    data = _only(trapped, "trap-bomb").data
    assert len(data) < 200_000
    assert data[12:16] == b"IHDR"
    assert [int.from_bytes(data[at : at + 4], "big") for at in (16, 20)] == [30_000, 30_000]
    answer = open_picture(data)
    assert isinstance(answer, Finding)
    assert answer.code == "bomb"


def test_the_bomb_would_really_go_off() -> None:
    # The same maker at a size that can be decoded: what is announced is what comes out.
    small = traps.bomb(250)
    with Image.open(io.BytesIO(small)) as picture:
        assert np.asarray(picture).shape == (250, 250)
    start = small.index(b"IDAT") + 4
    assert len(zlib.decompress(small[start : small.index(b"IEND") - 8])) == 250 * (1 + 32)


def test_the_truncated_jpeg_begins_as_one_and_cannot_be_decoded(trapped: Trapped) -> None:
    data = _only(trapped, "trap-truncated").data
    assert data[:3] == b"\xff\xd8\xff"
    assert data[-2:] != b"\xff\xd9"
    answer = open_picture(data)
    assert isinstance(answer, Finding)
    assert answer.code == "unreadable"


def test_the_text_file_is_text_and_called_jpg(trapped: Trapped) -> None:
    each = _only(trapped, "trap-text")
    assert each.name.endswith(".jpg")
    assert each.data.decode("ascii")
    answer = open_picture(each.data)
    assert isinstance(answer, Finding)
    assert answer.code == "not-an-image"


def test_the_duplicate_has_the_same_bytes_and_comes_second(tmp_path: Path, given: list[Given]) -> None:
    (copy,) = [each for each in given if each.trap == "trap-duplicate"]
    (first,) = [each for each in given if each.data == copy.data and each is not copy]
    write_inbox(tmp_path / "inbox", given)
    order = [each.name for each in given_files([tmp_path / "inbox"])]
    assert order.index(first.name) < order.index(copy.name)


def test_the_copy_is_resized_and_saved_again_yet_recognised(casting: Casting, trapped: Trapped) -> None:
    _, work = third_party_work(casting)
    copy = _only(trapped, "trap-third-party-copy").data
    assert pixels_of(copy).shape != pixels_of(work).shape
    assert is_copy(fingerprint(pixels_of(copy)), fingerprint(pixels_of(work)))
    assert work == casting.parts[Part.COPY].photos[-1].data


def test_nothing_else_in_the_inbox_is_a_copy_of_the_registered_work(
    casting: Casting, trapped: Trapped
) -> None:
    work = fingerprint(pixels_of(third_party_work(casting)[1]))
    assert not [each.name for each in trapped[""] if is_copy(fingerprint(pixels_of(each.data)), work)]


def test_the_group_shows_two_covered_people_and_the_other_a_stranger(
    casting: Casting, trapped: Trapped
) -> None:
    covered = {person.number for person in casting.covered}
    assert set(_only(trapped, "trap-group").people) <= covered
    host, stranger = _only(trapped, "trap-bystander").people
    assert host in covered
    assert stranger == casting.unreleased[0].number
    assert pixels_of(_only(trapped, "trap-group").data).shape == (256, 448, 3)


def test_the_watermark_changes_the_picture_where_it_lies(casting: Casting, trapped: Trapped) -> None:
    before = pixels_of(casting.parts[Part.WATERMARK].photos[-1].data).astype(int)
    after = pixels_of(_only(trapped, "trap-watermark").data).astype(int)
    change = np.abs(before - after).mean(axis=(1, 2))
    assert change[10:40].max() > 10
    assert change[80:200].max() < 6


def test_the_landscape_is_drawn_from_the_seed() -> None:
    assert traps.landscape(1) == traps.landscape(1)
    assert traps.landscape(1) != traps.landscape(2)
    assert pixels_of(traps.landscape(1)).shape == (256, 384, 3)


def test_whoever_leaves_has_left_strings_in_each_of_their_files(casting: Casting, given: list[Given]) -> None:
    theirs = [each for each in given if casting.leaver.number in each.people]
    assert len(theirs) == 4
    assert all(note(casting.leaver).encode() in each.data for each in theirs)
    assert all(casting.leaver.handle in each.name for each in theirs)


def test_captions_lie_beside_the_pictures(tmp_path: Path, given: list[Given]) -> None:
    write_inbox(tmp_path / "inbox", given)
    lines = (tmp_path / "inbox" / "metadata.jsonl").read_text().splitlines()
    captions = {entry["file_name"]: entry["text"] for entry in map(json.loads, lines)}
    assert captions == {each.name: each.caption for each in given if each.caption}


def _account(verdicts: dict[str, tuple[str, list[str]]]) -> Account:
    return Account(
        tuple(
            FileAccount(name, None, verdict, tuple(finding(code, format="", measure="") for code in codes))
            for name, (verdict, codes) in verdicts.items()
        )
    )


def test_a_trap_is_caught_only_for_the_right_reason() -> None:
    given = [Given("a", b"", trap="trap-opt-out"), Given("b", b"", trap="trap-location")]
    right = _account({"a": ("rejected", ["opt-out", "location"]), "b": ("cleared", ["location"])})
    wrong = _account({"a": ("rejected", ["no-release"]), "b": ("cleared", [])})
    found = {each.trap.name: each for each in catches(given, right)}
    assert found["trap-opt-out"].ok
    assert found["trap-location"].ok
    found = {each.trap.name: each for each in catches(given, wrong)}
    assert found["trap-opt-out"].got == "rejected: no-release"
    assert not found["trap-opt-out"].ok
    assert not found["trap-location"].ok


def test_a_trap_of_several_files_is_caught_only_if_all_are() -> None:
    given = [Given(name, b"", trap="trap-minor") for name in "ab"]
    account = _account({"a": ("rejected", ["minor"]), "b": ("held", ["uncertain-match"])})
    found = {each.trap.name: each for each in catches(given, account)}
    assert found["trap-minor"].got == "held: uncertain-match | rejected: minor"
    assert not found["trap-minor"].ok


def test_a_file_that_nobody_accounts_for_is_not_caught() -> None:
    caught = catches([Given("a", b"", trap="trap-text")], Account(()))
    assert not [each for each in caught if each.ok]


def test_expected_verdicts_are_those_of_the_table_of_findings() -> None:
    for trap in TRAPS:
        if trap.code:
            assert finding(trap.code, format="", measure="").verdict == trap.verdict
