"""Every file of the metadata collection gets the findings that its metadata call for, and no others.

metadata.csv lists them: file, purpose (* for every one that has no row of its own), codes,
and what the file carries. The list was made without the project's code: from the C2PA SDK's
own report, a walk over the TIFF directories by hand, and the text of the XMP packets. A
file that isn't listed carries nothing that calls for a finding.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from PIL import Image

from volenti.adapters.credentials.c2pa import C2paCredentials
from volenti.perception.files.formats import signature
from volenti.perception.files.metadata import metadata_by_scanning
from volenti.perception.files.picture import Limits, Picture, open_picture
from volenti.perception.files.stripping import strip
from volenti.perception.finding import Finding
from volenti.perception.rights.credentials import credentials_in
from volenti.perception.rights.findings import rights_findings
from volenti.perception.rights.reservation import PURPOSES
from volenti.perception.rights.statement import Rights, rights_of

TABLE = Path(__file__).parent / "metadata.csv"


@pytest.fixture(scope="module")
def collection(shared: Path) -> list[Path]:
    return sorted((shared / "metadata").iterdir())


def seen(file: Path, reader: C2paCredentials) -> tuple[list[str], Rights]:
    """Codes about the file itself, and the rights that are read from it, as perception does it."""
    data = file.read_bytes()
    opened = open_picture(data, Limits(side_max=64))
    signed = credentials_in(data, signature(data), reader)
    if isinstance(opened, Finding):
        return [opened.code], rights_of(metadata_by_scanning(data), credentials=signed)
    return [], rights_of(opened.metadata, credentials=signed)


def expected() -> dict[tuple[str, str], list[str]]:
    with TABLE.open(newline="", encoding="utf-8") as table:
        return {(row["file"], row["purpose"]): row["findings"].split() for row in csv.DictReader(table)}


def test_every_file_gets_the_findings_its_metadata_call_for(collection: list[Path]) -> None:
    pytest.importorskip("c2pa", reason="the c2pa package isn't installed: pip install 'volenti[credentials]'")
    table, reader = expected(), C2paCredentials()
    assert {name for name, _ in table} <= {file.name for file in collection}
    wrong = []
    for file in collection:
        about_the_file, rights = seen(file, reader)
        for purpose in PURPOSES:
            wanted = table.get((file.name, purpose), table.get((file.name, "*"), []))
            found = sorted([*about_the_file, *(each.code for each in rights_findings(rights, purpose))])
            if found != wanted:
                wrong.append(f"{file.name} for {purpose}: found {found}, not {wanted}")
    assert wrong == []


def test_without_the_c2pa_package_nothing_with_credentials_passes_unseen(collection: list[Path]) -> None:
    marked = {name for (name, _), codes in expected().items() if any("credential" in each for each in codes)}
    for file in collection:
        if file.name in marked:
            data = file.read_bytes()
            opened = open_picture(data, Limits(side_max=64))
            assert isinstance(opened, Picture)
            rights = rights_of(opened.metadata, credentials=credentials_in(data, signature(data), None))
            codes = [each.code for each in rights_findings(rights, "commercial")]
            assert "credential-unread" in codes, file.name


#: What a bare picture of each format is made of.
PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
TIFF_TAGS = {*range(254, 285), 317, 338, 339}
TRACES = (
    b"Exif\0\0",
    b"xmpmeta",
    b"http://ns.adobe.com",
    b"Photoshop 3.0",
    b"8BIM",
    b"jumb",
    b"ICC_PROFILE",
    b"acsp",
)


def left_over(bare: bytes) -> list[str]:
    """Parts of a file that aren't its pixels, read off its bytes without an image library."""
    found = [trace.decode("latin-1") for trace in TRACES if trace in bare]
    if bare.startswith(b"\xff\xd8"):
        told = [(marker, body) for marker, body in jpeg_segments(bare) if 0xE0 <= marker <= 0xFE]
        found += [f"segment {marker:02x}" for marker, body in told if not body.startswith(b"JFIF\0")]
    elif bare.startswith(b"\x89PNG"):
        position = 8
        while position < len(bare):
            size, kind = int.from_bytes(bare[position : position + 4]), bare[position + 4 : position + 8]
            found += [] if kind in PNG_CHUNKS else [f"chunk {kind!r}"]
            position += 12 + size
    elif bare[8:12] == b"WEBP":
        position = 12
        while position < len(bare):
            kind, size = (
                bare[position : position + 4],
                int.from_bytes(bare[position + 4 : position + 8], "little"),
            )
            found += [] if kind in WEBP_CHUNKS else [f"chunk {kind!r}"]
            position += 8 + size + size % 2
    else:
        with Image.open(io.BytesIO(bare)) as image:
            found += [f"tag {tag}" for tag in image.getexif() if tag not in TIFF_TAGS]
            found += [key for key in ("exif", "xmp", "icc_profile", "comment") if image.info.get(key)]
    return found


def jpeg_segments(bare: bytes) -> list[tuple[int, bytes]]:
    """Marker and body of each segment up to the entropy-coded data."""
    found, position = [], 2
    while bare[position] == 0xFF and bare[position + 1] != 0xDA:
        size = int.from_bytes(bare[position + 2 : position + 4])
        found.append((bare[position + 1], bare[position + 4 : position + 2 + size]))
        position += 2 + size
    return found


def test_what_is_handed_on_carries_no_metadata_of_any_kind(collection: list[Path]) -> None:
    stripped, wrong = 0, []
    for file in collection:
        data = file.read_bytes()
        if isinstance(open_picture(data, Limits(side_max=64)), Picture):
            bare = strip(data)
            stripped += 1
            wrong += [f"{file.name}: {each}" for each in left_over(bare)]
            wrong += [f"{file.name}: names the device" for text in identities(data) if text in bare]
    assert wrong == []
    assert stripped > 170


def identities(data: bytes) -> list[bytes]:
    """Serial numbers and names as they stand in the EXIF of a file."""
    with Image.open(io.BytesIO(data)) as image:
        try:
            tags = {**image.getexif(), **image.getexif().get_ifd(0x8769)}
        except Exception:
            return []
    texts = [str(tags.get(tag, "")).strip("\0 ") for tag in (0x013B, 0x8298, 0xA430, 0xA431, 0xA435, 0xC62F)]
    # Shorter ones may stand in compressed data by chance.
    return [text.encode() for text in texts if len(text) >= 6]
