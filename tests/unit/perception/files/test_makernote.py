"""Identifying fields in camera makers' notes."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.perception.files.makernote import identity_in
from volenti.perception.files.picture import Picture, open_picture

ASCII = 2


def directory(order: str, fields: dict[int, bytes], start: int, base: int) -> bytes:
    """A TIFF directory at `start`, its values after it, offsets counted from `base` bytes before the note."""
    end = start + 2 + 12 * len(fields) + 4
    head, values = struct.pack(f"{order}H", len(fields)), b""
    for tag, text in sorted(fields.items()):
        where = struct.pack(f"{order}I", end + base + len(values)) if len(text) > 4 else text.ljust(4, b"\0")
        values += text if len(text) > 4 else b""
        head += struct.pack(f"{order}HHI", tag, ASCII, len(text)) + where
    return head + bytes(4) + values


NOTES = {
    "Canon": lambda fields: directory("<", fields, 0, 812),
    "NIKON CORPORATION": lambda fields: b"Nikon\0\2\x10\0\0MM\0*\0\0\0\x08" + directory(">", fields, 8, 0),
    "FUJIFILM": lambda fields: b"FUJIFILM\x0c\0\0\0" + directory("<", fields, 12, 0),
    "Panasonic": lambda fields: b"Panasonic\0\0\0" + directory("<", fields, 12, 640),
    "PENTAX": lambda fields: b"AOC\0MM" + directory(">", fields, 6, 700),
}
SERIAL = {"Canon": 0x96, "NIKON CORPORATION": 0x1D, "FUJIFILM": 0x10, "Panasonic": 0x25, "PENTAX": 0x229}


@pytest.mark.parametrize("make", NOTES)
def test_a_serial_number_is_seen_in_every_makers_note(make: str) -> None:
    note = NOTES[make]({0x02: b"other text\0", SERIAL[make]: b"SN-4711\0"})
    assert identity_in(note, make) == ("camera serial number",)


@pytest.mark.parametrize("make", NOTES)
@pytest.mark.parametrize("empty", [b"", b"\0" * 32, b"   \0" + b"left over in memory", b"\0rest"])
def test_a_field_that_is_empty_identifies_nobody(make: str, empty: bytes) -> None:
    assert identity_in(NOTES[make]({0x02: b"other text\0", SERIAL[make]: empty}), make) == ()


def test_the_owner_of_a_canon_is_told_from_its_serial_number() -> None:
    note = NOTES["Canon"]({0x09: b"Ada Example\0", 0x0C: b"4711"})
    assert identity_in(note, "Canon") == ("owner", "camera serial number")


def test_another_makers_note_is_not_taken_for_a_canons() -> None:
    assert identity_in(NOTES["Canon"]({0x09: b"Ada Example\0"}), "Example Corp.") == ()


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"FUJIFILM", b"Nikon\0\2\0\0\0MM", b"AOC\0", b"Panasonic\0"]),
)
def test_no_note_is_too_much(note: bytes, head: bytes) -> None:
    identity_in(head + note, "Canon")


def test_real_cameras_name_their_owners(shared: Path) -> None:
    for name, expected in (
        ("exif__jpg__Canon_PowerShot_S40.jpg", ("owner",)),
        ("exif__jpg__tests__32-lens_data.jpeg", ("camera serial number",)),
        ("exif__jpg__Panasonic_DMC-FZ30.jpg", ("camera serial number",)),
        ("exif__jpg__tests__22-canon_tags.jpg", ()),
        ("exif__jpg__tests__11-tests.jpg", ()),
    ):
        picture = open_picture((shared / "metadata" / name).read_bytes())
        assert isinstance(picture, Picture)
        assert picture.metadata.maker_identity == expected, name
