"""Files of formats that aren't read are called what they are, by their content."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from volenti.perception.files.foreign import REMEDIES, foreign
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.finding import Finding


def tiff(order: str = "<", **tags: int | bytes) -> bytes:
    """A TIFF of one directory; tags by number, as t254=1."""
    rest = b""
    entries = []
    at = 8 + 2 + 12 * len(tags) + 4
    for name, value in sorted(tags.items(), key=lambda each: int(each[0][1:])):
        tag = int(name[1:])
        if isinstance(value, bytes):
            entries.append(struct.pack(f"{order}HHII", tag, 2, len(value), at + len(rest)))
            rest += value
        elif tag == 330:
            entries.append(struct.pack(f"{order}HHII", tag, 4, 1, value))
        else:
            entries.append(struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0))
    head = b"II*\0" if order == "<" else b"MM\0*"
    return (
        head
        + struct.pack(f"{order}I", 8)
        + struct.pack(f"{order}H", len(entries))
        + b"".join(entries)
        + bytes(4)
        + rest
        + bytes(64)
    )


def ftyp(brand: bytes, *more: bytes) -> bytes:
    return struct.pack(">I", 16 + 4 * len(more)) + b"ftyp" + brand + bytes(4) + b"".join(more) + bytes(64)


FILES = [
    ("Canon CR2", "raw", b"II*\0\x10\0\0\0CR\x02\0" + bytes(64)),
    ("Canon CR3", "raw", ftyp(b"crx ", b"crx ", b"isom")),
    ("Canon CRW", "raw", b"II\x1a\0\0\0HEAPCCDR" + bytes(64)),
    ("Nikon raw file", "raw", tiff(t254=1, t271=b"NIKON CORPORATION\0", t330=200)),
    ("Nikon raw file", "raw", tiff(">", t254=1, t271=b"NIKON CORPORATION\0", t330=200)),
    ("Nikon raw file", "raw", tiff(t259=34713, t271=b"NIKON CORPORATION\0")),
    ("Sony raw file", "raw", tiff(t254=1, t259=6, t271=b"SONY \0", t330=200)),
    ("Pentax raw file", "raw", tiff(">", t259=65535, t262=32803, t271=b"PENTAX Corporation\0")),
    ("Adobe DNG", "raw", tiff(t254=1, t271=b"Apple\0", t50706=1)),
    ("Fujifilm RAF", "raw", b"FUJIFILMCCD-RAW 0201" + bytes(64)),
    ("Olympus ORF", "raw", b"IIRO\x08\0\0\0" + bytes(64)),
    ("Olympus ORF", "raw", b"IIRS\x08\0\0\0" + bytes(64)),
    ("Panasonic RW2", "raw", b"IIU\0\x18\0\0\0" + bytes(64)),
    ("Sigma X3F", "raw", b"FOVb" + bytes(64)),
    ("Minolta MRW", "raw", b"\0MRM" + bytes(64)),
    ("Phase One IIQ", "raw", b"II*\0\0\0\0\0IIII" + bytes(64)),
    ("HEIC", "heif", ftyp(b"heic", b"mif1", b"heic")),
    ("HEIC", "heif", ftyp(b"heix", b"mif1")),
    ("HEIC", "heif", ftyp(b"hevc", b"msf1")),
    ("HEIF", "heif", ftyp(b"mif1", b"mif1", b"heic")),
    ("Photoshop", "layers", b"8BPS\0\x01" + bytes(64)),
    ("GIMP", "layers", b"gimp xcf v011\0" + bytes(64)),
    ("SVG", "drawing", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ("SVG", "drawing", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a drawing -->\n<svg/>"),
    ("PDF", "pages", b"%PDF-1.7\n" + bytes(64)),
    ("PostScript", "pages", b"%!PS-Adobe-3.0\n"),
    ("JPEG XL", "other", b"\xff\x0a" + bytes(64)),
    ("JPEG XL", "other", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(64)),
    ("JPEG 2000", "other", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(64)),
    ("OpenEXR", "other", b"v/1\x01" + bytes(64)),
    ("QuickTime film", "film", ftyp(b"qt  ")),
    ("MPEG-4 film", "film", ftyp(b"isom", b"mp42")),
    ("MPEG-4 film", "film", ftyp(b"3gp4")),
    ("AVI film", "film", b"RIFF\0\0\0\0AVI LIST" + bytes(64)),
    ("Matroska film", "film", b"\x1aE\xdf\xa3" + bytes(64)),
    ("MPEG film", "film", b"\0\0\x01\xba" + bytes(64)),
    ("ZIP archive", "archive", b"PK\x03\x04" + bytes(64)),
    ("tar archive", "archive", b"a.jpg" + bytes(252) + b"ustar" + bytes(64)),
    ("web page", "none", b"<!DOCTYPE html><html></html>"),
    ("text", "none", "Stra\u00dfe, a note".encode()),
    ("an empty file", "empty", b""),
]


@pytest.mark.parametrize(("called", "sort", "data"), FILES)
def test_a_file_is_called_what_it_is(called: str, sort: str, data: bytes) -> None:
    answer = open_picture(data)
    assert isinstance(answer, Finding)
    assert (answer.code, answer.remedy) == ("not-an-image", REMEDIES[sort])
    assert f"({called})" in answer.message


def _saved(name: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(out, name, **options)
    return out.getvalue()


def _scanned() -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[271], tags[254] = "EPSON", 0
    return _saved("TIFF", tiffinfo=tags)


@pytest.mark.parametrize(
    "data",
    [
        *(_saved(name) for name in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF")),
        _saved("TIFF", big_tiff=True),
        _scanned(),
    ],
)
def test_what_is_read_is_not_foreign(data: bytes) -> None:
    assert foreign(data) is None
    assert isinstance(open_picture(data), Picture)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=8))
def test_no_damage_to_a_foreign_file_raises(
    file: tuple[str, str, bytes], damage: list[tuple[int, int]]
) -> None:
    data = bytearray(file[2] or b"\0")
    for place, value in damage:
        data[place % len(data)] = value
    assert foreign(bytes(data)) is None or open_picture(bytes(data)) == foreign(bytes(data))
