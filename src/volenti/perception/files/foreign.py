"""Foreign formats: files that aren't read, what they are, and how to make a picture of them that is.

A file is recognised by its content, as names may say anything. A raw file of most cameras is a TIFF whose
first picture is a small preview, so it would be taken for a tiny picture if it weren't recognised here.
"""

from __future__ import annotations

import re
import struct
from dataclasses import replace

from volenti.perception.files.formats import FORMATS, signature
from volenti.perception.finding import Finding, finding

#: How a file of each sort is made into a picture that is read.
REMEDIES = {
    "raw": "Develop it to JPEG or TIFF in a raw converter, for instance: darktable-cli FILE OUT.jpg",
    "heif": "Convert it to JPEG, for instance: heif-convert FILE OUT.jpg (on a Mac: sips -s format jpeg).",
    "film": "Films aren't read. Save single frames as pictures: ffmpeg -i FILE -vf fps=1 %04d.png",
    "pages": "Save its pages as pictures, for instance: pdftoppm -png FILE OUT",
    "drawing": "Draw it as a picture, for instance: rsvg-convert FILE -o OUT.png",
    "layers": "Save it as PNG or TIFF in the program that made it, or for instance: magick 'FILE[0]' OUT.png",
    "other": "Convert it to JPEG or PNG, for instance: magick FILE OUT.png",
    "empty": "Look for the whole file: a copy or a download may have broken off.",
    "archive": "Unpack it, and add the folder that comes out.",
    "table": "If it lists captions, save it as metadata.jsonl with file_name and text in each line.",
    "none": "Leave it out, or give JPEG, PNG, WEBP, TIFF, GIF, BMP or AVIF.",
}

#: What a file is called, how it is made a picture, and where which bytes stand in it.
_SIGNATURES = (
    ("Canon CR2", "raw", 8, b"CR\x02"),
    ("Canon CR3", "raw", 4, b"ftypcrx "),
    ("Canon CRW", "raw", 6, b"HEAPCCDR"),
    ("Fujifilm RAF", "raw", 0, b"FUJIFILMCCD-RAW"),
    ("Olympus ORF", "raw", 0, b"IIRO"),
    ("Olympus ORF", "raw", 0, b"IIRS"),
    ("Olympus ORF", "raw", 0, b"MMOR"),
    ("Panasonic RW2", "raw", 0, b"IIU\0"),
    ("Sigma X3F", "raw", 0, b"FOVb"),
    ("Minolta MRW", "raw", 0, b"\0MRM"),
    ("Phase One IIQ", "raw", 8, b"IIII"),
    ("HEIC", "heif", 4, b"ftypheic"),
    ("HEIC", "heif", 4, b"ftypheix"),
    ("HEIC", "heif", 4, b"ftypheim"),
    ("HEIC", "heif", 4, b"ftypheis"),
    ("HEIC", "heif", 4, b"ftyphevc"),
    ("HEIC", "heif", 4, b"ftyphevx"),
    ("HEIF", "heif", 4, b"ftypmsf1"),
    ("AVIF", "heif", 4, b"ftypavif"),
    ("AVIF", "heif", 4, b"ftypavis"),
    ("QuickTime film", "film", 4, b"ftypqt  "),
    ("JPEG 2000", "other", 4, b"jP  "),
    ("JPEG 2000", "other", 0, b"\xff\x4f\xff\x51"),
    ("JPEG XL", "other", 4, b"JXL \r\n"),
    ("JPEG XL", "other", 0, b"\xff\x0a"),
    ("JPEG XR", "other", 0, b"II\xbc\x01"),
    ("OpenEXR", "other", 0, b"v/1\x01"),
    ("Radiance HDR", "other", 0, b"#?RADIANCE"),
    ("icon", "other", 0, b"\0\0\x01\0"),
    ("Photoshop", "layers", 0, b"8BPS"),
    ("GIMP", "layers", 0, b"gimp xcf"),
    ("PDF", "pages", 0, b"%PDF"),
    ("PostScript", "pages", 0, b"%!PS"),
    ("AVI film", "film", 8, b"AVI "),
    ("Matroska film", "film", 0, b"\x1aE\xdf\xa3"),
    ("MPEG film", "film", 0, b"\0\0\x01\xba"),
    ("MPEG film", "film", 0, b"\0\0\x01\xb3"),
    ("Windows Media film", "film", 0, b"0&\xb2u\x8ef\xcf\x11"),
    ("Flash film", "film", 0, b"FLV\x01"),
    ("QuickTime film", "film", 4, b"moov"),
    ("QuickTime film", "film", 4, b"mdat"),
    ("ZIP archive", "archive", 0, b"PK\x03\x04"),
    ("RAR archive", "archive", 0, b"Rar!\x1a\x07"),
    ("7-Zip archive", "archive", 0, b"7z\xbc\xaf'\x1c"),
    ("gzip archive", "archive", 0, b"\x1f\x8b"),
    ("tar archive", "archive", 257, b"ustar"),
    ("Parquet table", "table", 0, b"PAR1"),
    ("sound", "none", 0, b"ID3"),
    ("sound", "none", 0, b"OggS"),
    ("sound", "none", 0, b"fLaC"),
    ("sound", "none", 8, b"WAVE"),
)
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SVG = re.compile(rb"\s*(<\?xml|<!DOCTYPE svg|<!--|<svg)[^\0]*<svg|\s*<svg", re.IGNORECASE)
_HEIF_IMAGE = b"ftypmif1"
#: TIFF tags: whether it is a reduced copy, how it is packed, what its numbers mean, who made the camera.
_SUBFILE, _PACKED, _MEANING, _MAKER, _FURTHER, _DNG_VERSION = 254, 259, 262, 271, 330, 50706
#: How raw files pack their numbers: Sony, Samsung, Nikon, Kodak, Pentax; and what their numbers mean.
_RAW_PACKED = {32767, 32769, 32770, 32772, 34713, 65000, 65535}
_RAW_MEANING = {32803, 34892}
#: Entries of a TIFF's first directory that are looked at.
_ENTRIES_MAX = 512


def foreign(data: bytes) -> Finding | None:
    """The finding that says what a file is that isn't read, and how to convert it; None for any other."""
    if not data:
        return not_an_image("an empty file", "empty")
    if signature(data) in FORMATS and not data.startswith(_TIFF):
        return None
    named = _named(data)
    return None if named is None or named[0] in FORMATS else not_an_image(*named)


def not_an_image(called: str, sort: str) -> Finding:
    """The finding about a file of a format that isn't read; `sort`: of REMEDIES."""
    return replace(finding("not-an-image", format=called), remedy=REMEDIES[sort])


def _named(data: bytes) -> tuple[str, str] | None:
    if data.startswith(_TIFF):
        # A Canon CR2 or Phase One file begins as a TIFF too.
        return _signed(data, raw_alone=True) or _camera(data)
    if data[4:12] == _HEIF_IMAGE:
        return ("AVIF", "heif") if b"avif" in data[12:64] else ("HEIF", "heif")
    if data[4:8] == b"ftyp":
        return _signed(data) or ("MPEG-4 film", "film")
    return _signed(data) or _written(data)


def _signed(data: bytes, *, raw_alone: bool = False) -> tuple[str, str] | None:
    return next(
        (
            (called, sort)
            for called, sort, offset, start in _SIGNATURES
            if data.startswith(start, offset) and (sort == "raw" or not raw_alone)
        ),
        None,
    )


def _written(data: bytes) -> tuple[str, str] | None:
    """What a file of text is: a drawing, a web page or plain text."""
    start = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if _SVG.match(start):
        return "SVG", "drawing"
    if re.match(rb"\s*<(!doctype html|html)", start, re.IGNORECASE):
        return "web page", "none"
    try:
        text = start.decode()
    except UnicodeDecodeError as error:
        text = start[: error.start].decode() if error.start > len(start) - 4 else ""
    return (
        ("text", "none") if text and all(each.isprintable() or each in "\t\r\n\f" for each in text) else None
    )


def _camera(data: bytes) -> tuple[str, str] | None:
    """What a TIFF is that a camera made of its sensor's numbers; None for an ordinary TIFF."""
    tags = _first_directory(data)
    if _DNG_VERSION in tags:
        return "Adobe DNG", "raw"
    is_preview = _number(data, tags, _SUBFILE) & 1 and _FURTHER in tags
    is_raw = _number(data, tags, _PACKED) in _RAW_PACKED or _number(data, tags, _MEANING) in _RAW_MEANING
    if not (is_preview or is_raw) or _MAKER not in tags:
        return None
    maker = _text(data, tags[_MAKER]).split(" ")[0].title()
    return f"{maker} raw file" if maker else "raw file", "raw"


#: A tag's kind, count and value, or where the value is.
_Tag = tuple[int, int, int]


def _first_directory(data: bytes) -> dict[int, _Tag]:
    """The tags of a TIFF's first picture; none where it is damaged, or a BigTIFF, which no camera writes."""
    try:
        (place,) = struct.unpack_from(f"{_order(data)}I", data, 4)
        (count,) = struct.unpack_from(f"{_order(data)}H", data, place)
        entries = (
            struct.unpack_from(f"{_order(data)}HHII", data, place + 2 + 12 * number)
            for number in range(min(count, _ENTRIES_MAX))
        )
        return {tag: (kind, many, value) for tag, kind, many, value in entries}
    except struct.error:
        return {}


def _number(data: bytes, tags: dict[int, _Tag], tag: int) -> int:
    kind, _, value = tags.get(tag, (4, 1, 0))
    short = kind == 3 and _order(data) == ">"
    return value >> 16 if short else value & 0xFFFF if kind == 3 else value


def _text(data: bytes, tag: _Tag) -> str:
    """A tag's text of ASCII, cut after 32 letters; letters alone."""
    _, many, place = tag
    text = data[place : place + min(many, 32)] if many > 4 else b""
    return re.sub(r"[^A-Za-z ]", "", text.partition(b"\0")[0].decode("ascii", errors="ignore")).strip()


def _order(data: bytes) -> str:
    return "<" if data.startswith(b"II") else ">"
