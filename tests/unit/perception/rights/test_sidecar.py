"""What lies beside a picture about the rights in it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.perception.rights.downloadrecord import download_record
from volenti.perception.rights.headers import header_lines
from volenti.perception.rights.sidecar import Sidecars, sidecars_of


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "site" / "images" / "photo.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xd8")
    return path


def statements(photo: Path) -> tuple[str, ...]:
    return sidecars_of(photo, photo.parents[2]).reservations


def test_a_picture_by_itself_has_nothing_beside_it(photo: Path) -> None:
    assert sidecars_of(photo, photo.parent) == Sidecars()


@pytest.mark.parametrize("name", ["photo.headers", "photo.jpg.headers", "photo.HEADERS"])
def test_robots_directives_in_saved_headers_count(photo: Path, name: str) -> None:
    photo.with_name(name).write_text(
        "HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\nHTTP/2 200\r\nX-Robots-Tag: noindex, noai, noimageai\r\n"
        "Set-Cookie: secret=4711\r\n"
    )
    assert statements(photo) == tuple(f"{each} (x-robots-tag)" for each in ("noindex", "noai", "noimageai"))


def test_headers_as_wget_writes_them_and_for_one_crawler_count(photo: Path) -> None:
    photo.with_suffix(".headers").write_text("  HTTP/1.1 200 OK\n  x-robots-tag: otherbot: NoAI\n")
    assert statements(photo) == ("noai (x-robots-tag)",)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Robots-Tag": "noai"},
        {"x-robots-tag": ["nofollow", "noai"]},
        [["Content-Type", "image/jpeg"], ["X-Robots-Tag", "noai"]],
        "HTTP/1.1 200 OK\nX-Robots-Tag: noai",
    ],
)
@pytest.mark.parametrize("field", ["headers", "response_headers"])
def test_headers_in_a_downloaders_json_count_in_every_form(photo: Path, headers: object, field: str) -> None:
    record = {"url": "https://example.com/photo.jpg", "caption": "a boat", field: headers}
    photo.with_suffix(".json").write_text(json.dumps(record))
    assert statements(photo) == ("noai (x-robots-tag)",)


def test_a_json_file_that_is_cut_short_still_reserves(photo: Path) -> None:
    photo.with_suffix(".json").write_text('{"headers": {"X-Robots-Tag": "noimageai"')
    assert statements(photo) == ("noimageai (x-robots-tag)", "unread (.json)")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", ("tdm-reservation (header)",)), ("0", ()), ("", ("unknown-value (header)",))],
)
def test_a_tdm_reservation_header_counts(photo: Path, value: str, expected: tuple[str, ...]) -> None:
    photo.with_suffix(".headers").write_text(f"TDM-Reservation: {value}\nTDM-Policy: https://example.com\n")
    assert statements(photo) == expected


@pytest.mark.parametrize(
    "place", ["images/tdmrep.json", "tdmrep.json", ".well-known/tdmrep.json", "../tdmrep.json"]
)
def test_tdmrep_is_found_in_the_folder_and_above_within_what_was_given(photo: Path, place: str) -> None:
    path = photo.parents[1] / place
    path.parent.mkdir(exist_ok=True)
    path.write_text('[{"location": "/", "tdm-reservation": 1}]')
    assert statements(photo) == ("tdm-reservation (tdmrep.json)",)


def test_tdmrep_above_what_was_given_is_nobodys_business(photo: Path) -> None:
    (photo.parents[1] / "tdmrep.json").write_text('[{"location": "/", "tdm-reservation": 1}]')
    assert sidecars_of(photo, photo.parent).reservations == ()


def test_the_address_a_picture_came_from_decides_which_rule_counts(photo: Path) -> None:
    rules = [{"location": "/free/", "tdm-reservation": 0}, {"location": "/art/", "tdm-reservation": 1}]
    (photo.parent / "tdmrep.json").write_text(json.dumps(rules))
    record = photo.with_suffix(".json")
    for path, expected in (
        ("/art/1.jpg?w=9", ("tdm-reservation (tdmrep.json)",)),
        ("/free/1.jpg", ()),
        ("/1.jpg", ()),
    ):
        record.write_text(json.dumps({"url": f"https://example.com{path}"}))
        assert statements(photo) == expected


def test_without_an_address_a_rule_for_another_place_leaves_it_open(photo: Path) -> None:
    (photo.parent / "tdmrep.json").write_text('[{"location": "/art/", "tdm-reservation": 1}]')
    assert statements(photo) == ("tdm-reservation-elsewhere (tdmrep.json)",)
    (photo.parent / "tdmrep.json").write_text('[{"location": "/art/", "tdm-reservation": 0}]')
    assert statements(photo) == ()


def test_every_xmp_sidecar_counts_whatever_program_named_and_encoded_it(photo: Path) -> None:
    photo.with_suffix(".xmp").write_text("<x:xmpmeta>one</x:xmpmeta>")
    photo.with_name("photo.jpg.XMP").write_bytes("<x:xmpmeta>two ü</x:xmpmeta>".encode("utf-16"))
    assert sidecars_of(photo, photo.parent).xmp == "<x:xmpmeta>one</x:xmpmeta>\n<x:xmpmeta>two ü</x:xmpmeta>"


@pytest.mark.parametrize("address", ["http://[", "", "not an address", "https://example.com"])
def test_an_odd_address_is_no_crash(photo: Path, address: str) -> None:
    (photo.parent / "tdmrep.json").write_text('[{"location": "/", "tdm-reservation": 1}]')
    photo.with_suffix(".json").write_text(json.dumps({"url": address}))
    assert statements(photo) == ("tdm-reservation (tdmrep.json)",)


def test_bottomless_json_is_no_crash_and_hides_nothing(photo: Path) -> None:
    depth = 200_000
    photo.with_suffix(".json").write_text('{"X-Robots-Tag": "noai", "x": ' + "[" * depth)
    (photo.parent / "tdmrep.json").write_text('[{"tdm-reservation": 1, "x": ' + "[" * depth)
    assert statements(photo) == (
        "noai (x-robots-tag)",
        *("unread (tdmrep.json)", "tdm-reservation (tdmrep.json)", "unread (.json)"),
    )


@given(st.text(max_size=300))
def test_no_text_is_too_much_for_the_readers_of_headers_and_records(text: str) -> None:
    header_lines(text)
    download_record(text)


KEYS = ("headers", "url", "X-Robots-Tag", "response_headers")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    )
)
def test_no_record_is_too_much(value: object) -> None:
    record = download_record(json.dumps(value))
    assert record is not None
    assert isinstance(record.address, str)
    assert all(isinstance(part, str) for pair in record.headers for part in pair)
