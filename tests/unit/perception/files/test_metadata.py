"""Rights from whole files: where formats keep metadata, and what damage leaves of them."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin

from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.clearance.given import given_files
from volenti.perception.analyzer import PictureAnalyzer
from volenti.perception.files.metadata import Metadata, iim_fields, metadata_by_scanning
from volenti.perception.rights.credentials import NO_READER
from volenti.perception.rights.findings import rights_findings
from volenti.perception.rights.statement import Rights, rights_of

PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/">'
    "<plus:DataMining>DMI-PROHIBITED-GENAIMLTRAINING</plus:DataMining>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def codes(rights: Rights) -> list[str]:
    return [each.code for each in rights_findings(rights, "generative-training")]


def perceived(data: bytes) -> Rights:
    (seen,) = PictureAnalyzer(MemoryFaces(), None).analyze([data])
    assert seen.rights is not None
    return seen.rights


def photo(**saved: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG", **saved)
    return out.getvalue()


def test_what_lay_beside_a_picture_is_read_as_what_is_in_it() -> None:
    rights = rights_of(Metadata(), PACKET.encode(), ("noai (x-robots-tag)",))
    (found,) = rights_findings(rights, "generative-training")
    assert found.data == {"reservations": ["DMI-PROHIBITED-GENAIMLTRAINING", "noai (x-robots-tag)"]}


def test_an_opt_out_counts_in_a_file_that_cannot_be_decoded() -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + PACKET.encode()
    (seen,) = PictureAnalyzer(MemoryFaces(), None).analyze([heic])
    assert [each.code for each in seen.findings] == ["not-an-image"]
    assert seen.rights is not None
    assert codes(seen.rights) == ["opt-out"]


def test_exif_in_a_file_that_cannot_be_decoded_is_read() -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = "SN-4711"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    damaged = b"\0\0\0\x18ftypheic" + photo(exif=exif)[2:200]
    rights = rights_of(metadata_by_scanning(damaged))
    assert rights.has_location
    assert rights.device_identity == ("camera serial number",)


def raw_profile(kind: str, data: bytes, hexadecimal: bool = True) -> bytes:
    written = f"\n{kind}\n{len(data):8}\n" + data.hex("\n", 36) + "\n"
    text = written if hexadecimal else data.decode("latin-1")
    info = PngImagePlugin.PngInfo()
    info.add_text(f"Raw profile type {kind}", text, zip=True)
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["xmp", "APP1"])
def test_an_opt_out_in_a_raw_profile_of_a_png_counts(kind: str) -> None:
    assert codes(perceived(raw_profile(kind, PACKET.encode()))) == ["opt-out"]


@pytest.mark.parametrize("hexadecimal", [True, False])
@pytest.mark.parametrize("head", [b"", b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x20"])
def test_iptc_in_a_raw_profile_of_a_png_is_read(head: bytes, hexadecimal: bool) -> None:
    block = head + b"\x1c\x02\x00\x00\x02\x00\x02\x1c\x02\x50\x00\x03Ada\x1c\x02\x5a\x00\x05Wigan"
    rights = perceived(raw_profile("iptc", block, hexadecimal))
    assert rights.creators == ("Ada",)
    assert rights.has_place


@given(st.binary(max_size=200))
def test_no_iptc_block_is_too_much(data: bytes) -> None:
    for (record, dataset), values in iim_fields(b"\x1c\x02" + data).items():
        assert 0 <= record <= 255
        assert 0 <= dataset <= 255
        assert all(value in data for value in values)


def test_without_a_reader_a_file_with_credentials_is_held() -> None:
    rights = perceived(photo() + b"jumb\0\0\0\x1ejumdc2pa\0\x11")
    (found,) = rights_findings(rights, "commercial")
    assert found.code == "credential-unread"
    assert NO_READER in found.message


def test_sidecars_are_not_counted_as_given_and_lonely_ones_are(tmp_path: Path) -> None:
    for name in (
        "a.jpg",
        "a.txt",
        "a.xmp",
        "a.jpg.xmp",
        "a.headers",
        "a.json",
        "a.jpg.json",
        "A2.JPG",
        "A2.XMP",
        "tdmrep.json",
        "metadata.jsonl",
        "lonely.json",
        "notes.txt",
    ):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".well-known").mkdir()
    (tmp_path / ".well-known" / "tdmrep.json").write_bytes(b"[]")
    assert [each.name for each in given_files([tmp_path])] == ["A2.JPG", "a.jpg", "lonely.json", "notes.txt"]
