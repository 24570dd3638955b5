"""What metadata say about rights, and leaving metadata behind."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, PngImagePlugin

from volenti.core.canonical import canonical
from volenti.core.codec import encoded
from volenti.core.errors import IntegrityError
from volenti.perception.files.metadata import Metadata
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.rights.findings import rights_findings
from volenti.perception.rights.statement import Rights, read_rights, rights_of, strip

PURPOSES = ("generative-training", "non-generative-training", "redistribution", "commercial")
TRAINING = {"generative-training", "non-generative-training"}
VOCABULARY = "http://ns.useplus.org/ldf/vocab/"

PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" xmlns:tdm="http://www.w3.org/ns/tdmrep#" {attributes}>
{elements}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def packet(elements: str = "", attributes: str = "") -> bytes:
    return PACKET.format(elements=elements, attributes=attributes).encode()


def rights(elements: str = "", attributes: str = "") -> Rights:
    return rights_of(Metadata(xmp=(packet(elements, attributes),)))


def refused(found: Rights) -> set[str]:
    """The purposes for which the rights give an opt-out."""
    return {p for p in PURPOSES if any(each.code == "opt-out" for each in rights_findings(found, p))}


def picture_with(name: str, xmp: bytes) -> bytes:
    image = Image.new("RGB", (16, 16), (10, 200, 30))
    out = io.BytesIO()
    if name == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
        image.save(out, name, pnginfo=info)
    elif name == "TIFF":
        image.save(out, name, tiffinfo={700: xmp})
    else:
        image.save(out, name, xmp=xmp)
    return out.getvalue()


def opened(data: bytes) -> Picture:
    picture = open_picture(data)
    assert isinstance(picture, Picture)
    return picture


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("DMI-PROHIBITED-GENAIMLTRAINING", {"generative-training"}),
        ("DMI-PROHIBITED-AIMLTRAINING", TRAINING),
        ("DMI-PROHIBITED", set(PURPOSES)),
        ("DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING", set(PURPOSES)),
        ("DMI-PROHIBITED-SEECONSTRAINT", set(PURPOSES)),
        ("DMI-PROHIBITED-SEECONSTRAINTS", set(PURPOSES)),
        ("DMI-PROHIBITED-SOMETHINGNEW", set(PURPOSES)),
        ("DMI-ALLOWED", set()),
        ("DMI-UNSPECIFIED", set()),
    ],
)
@pytest.mark.parametrize("prefix", ["", VOCABULARY])
@pytest.mark.parametrize("form", ["element", "attribute", "resource", "bag"])
def test_data_mining_values_refuse_what_they_name_in_every_form_of_rdf(
    value: str, expected: set[str], prefix: str, form: str
) -> None:
    term = prefix + value
    written = {
        "element": (f"<plus:DataMining>{term}</plus:DataMining>", ""),
        "attribute": ("", f'plus:DataMining="{term}"'),
        "resource": (f'<plus:DataMining rdf:resource="{term}"/>', ""),
        "bag": (f"<plus:DataMining><rdf:Bag><rdf:li>{term}</rdf:li></rdf:Bag></plus:DataMining>", ""),
    }[form]
    found = rights(*written)
    assert found.data_mining == (value,)
    assert refused(found) == expected


def test_a_tdm_reservation_refuses_training_only() -> None:
    assert refused(rights("<tdm:reservation>1</tdm:reservation>")) == TRAINING
    assert refused(rights("<tdm:reservation>0</tdm:reservation>")) == set()


def test_no_metadata_refuse_nothing() -> None:
    assert rights_of(Metadata()) == Rights()
    assert refused(Rights()) == set()


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_an_opt_out_is_found_in_every_format_that_carries_xmp(name: str) -> None:
    data = picture_with(name, packet("<plus:DataMining>DMI-PROHIBITED-AIMLTRAINING</plus:DataMining>"))
    assert refused(read_rights(opened(data))) == TRAINING


@pytest.mark.parametrize("name", ["GIF", "BMP"])
def test_an_opt_out_appended_to_a_format_without_a_place_for_xmp_is_found(name: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, name)
    data = out.getvalue() + packet("<plus:DataMining>DMI-PROHIBITED</plus:DataMining>")
    assert refused(read_rights(opened(data))) == set(PURPOSES)


def test_an_opt_out_in_the_sidecar_counts_like_one_in_the_file() -> None:
    picture = opened(picture_with("JPEG", packet("<plus:DataMining>DMI-ALLOWED</plus:DataMining>")))
    sidecar = packet("<plus:DataMining>DMI-PROHIBITED-GENAIMLTRAINING</plus:DataMining>")
    assert refused(read_rights(picture)) == set()
    assert refused(read_rights(picture, sidecar)) == {"generative-training"}


def test_a_second_xmp_packet_cannot_hide_the_first() -> None:
    data = picture_with("JPEG", packet("<plus:DataMining>DMI-PROHIBITED</plus:DataMining>"))
    segment = b"http://ns.adobe.com/xap/1.0/\0" + packet("<dc:rights>mine</dc:rights>")
    end = data.index(b"\xff\xdb")
    doubled = data[:end] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2) + segment + data[end:]
    assert refused(read_rights(opened(doubled))) == set(PURPOSES)


def test_extended_xmp_cut_into_segments_is_put_together() -> None:
    whole = packet("<plus:DataMining>DMI-PROHIBITED</plus:DataMining>" + "<dc:rights>r</dc:rights>" * 20)
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG")
    data, half = out.getvalue(), len(whole) // 2
    segments = b""
    for offset, part in ((half, whole[half:]), (0, whole[:half])):
        head = (
            b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + len(whole).to_bytes(4) + offset.to_bytes(4)
        )
        segments += b"\xff\xe1" + (len(head) + len(part) + 2).to_bytes(2) + head + part
    assert refused(read_rights(opened(data[:2] + segments + data[2:]))) == set(PURPOSES)


def test_xmp_that_does_not_parse_still_refuses_what_it_names() -> None:
    broken = packet("<plus:DataMining>DMI-PROHIBITED-AIMLTRAINING</plus:DataMining><dc:rights>")
    found = rights_of(Metadata(xmp=(broken,)))
    assert found.malformed
    assert refused(found) == TRAINING


def test_utf_16_xmp_is_read() -> None:
    text = packet("<plus:DataMining>DMI-PROHIBITED-AIMLTRAINING</plus:DataMining>").decode().split("?>", 1)[1]
    text = text.split("<?xpacket end")[0]
    found = rights_of(Metadata(xmp=(text.strip().encode("utf-16"),)))
    assert refused(found) == TRAINING


@pytest.mark.timeout(60)
def test_entities_and_endless_nesting_are_turned_away_quickly() -> None:
    laughs = b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + packet("&b;")
    deep = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + b"<a>" * 300_000 + b"</a>" * 300_000 + b"</x:xmpmeta>"
    assert rights_of(Metadata(xmp=(deep,))).malformed
    assert rights_of(Metadata(xmp=(laughs,))).data_mining == ()


def test_names_terms_and_the_release_are_read() -> None:
    found = rights(
        f"<dc:creator><rdf:Seq><rdf:li>Ada Example</rdf:li></rdf:Seq></dc:creator>"
        f'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">(c) Ada</rdf:li></rdf:Alt></dc:rights>'
        f"<xmpRights:UsageTerms><rdf:Alt><rdf:li>ask first</rdf:li></rdf:Alt></xmpRights:UsageTerms>"
        f"<plus:ModelReleaseStatus>{VOCABULARY}MR-UMR</plus:ModelReleaseStatus>"
        f"<plus:ModelReleaseID><rdf:Bag><rdf:li>rel_1</rdf:li><rdf:li>rel_2</rdf:li></rdf:Bag></plus:ModelReleaseID>"
        f"<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
        f"</Iptc4xmpExt:DigitalSourceType>"
    )
    assert found.creators == ("Ada Example",)
    assert found.copyright == ("(c) Ada",)
    assert found.usage_terms == ("ask first",)
    assert found.model_release_status == "MR-UMR"
    assert found.model_release_ids == ("rel_1", "rel_2")
    assert found.digital_source_type == "trainedAlgorithmicMedia"


def with_exif(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada Example"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = "SN-4711"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.CameraOwnerName] = "Ada Example"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    out = io.BytesIO()
    image.save(
        out, "JPEG", exif=exif, comment=b"COMMENT-4711", xmp=packet("<dc:creator>XMP-4711</dc:creator>")
    )
    return out.getvalue()


def test_location_serial_numbers_and_owners_are_noted_without_their_values() -> None:
    found = read_rights(opened(with_exif(Image.new("RGB", (16, 16)))))
    assert found.has_location
    assert found.device_identity == ("camera serial number", "owner")
    notes = rights_findings(found, "commercial")
    assert [note.code for note in notes] == ["location", "device-identity"]
    assert all(note.verdict == "cleared" for note in notes)
    said = canonical([encoded(note) for note in notes])
    assert b"4711" not in said
    assert b"Ada" not in said


def test_a_gps_block_without_coordinates_is_no_location() -> None:
    assert not rights_of(Metadata(gps={0: b"\2\3\0\0"})).has_location


def test_rights_are_json() -> None:
    found = rights("<plus:DataMining>DMI-PROHIBITED</plus:DataMining><dc:creator>Ädä</dc:creator>")
    assert b"DMI-PROHIBITED" in canonical(encoded(found))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"])
def test_stripping_keeps_the_picture_and_nothing_else(name: str) -> None:
    image = Image.linear_gradient("L").convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "SECRET-4711"
    out = io.BytesIO()
    image.save(
        out,
        name,
        exif=exif.tobytes(),
        xmp=packet("<dc:creator>SECRET-4711</dc:creator>"),
        comment="SECRET-4711",
    )
    data = out.getvalue() if name in ("JPEG", "GIF", "WEBP", "AVIF") else out.getvalue() + b"SECRET-4711"
    assert b"SECRET-4711" in data
    bare = strip(data)
    assert b"SECRET" not in bare
    with Image.open(io.BytesIO(bare)) as again:
        # TIFF keeps the picture's own structure in tags; they say nothing else.
        assert {tag for tag in again.getexif() if not 254 <= tag <= 284 and tag != 317} == set()
        assert not {"xmp", "exif", "comment", "icc_profile"} & set(again.info)
        kept = np.asarray(again.convert("RGB")).astype(int)
    difference = np.abs(kept - np.asarray(image).astype(int))
    assert difference.max() == 0 if name in ("PNG", "TIFF", "BMP") else difference.mean() < 3


def test_stripping_turns_the_picture_upright_and_keeps_its_size() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    out = io.BytesIO()
    Image.new("RGB", (3000, 100)).save(out, "JPEG", exif=exif)
    with Image.open(io.BytesIO(strip(out.getvalue()))) as bare:
        assert bare.size == (100, 3000)


def test_what_cannot_be_decoded_cannot_be_handed_on() -> None:
    with pytest.raises(IntegrityError):
        strip(b"not a picture")


def test_the_iptc_reference_picture_is_read_as_the_iptc_filled_it_in(shared: Path) -> None:
    (file,) = (shared / "metadata").glob("*IPTC-PhotometadataRef-Std2021.1.jpg")
    found = read_rights(opened(file.read_bytes()))
    assert found.creators == ("Creator1 (ref2021.1)",)
    assert found.model_release_status == "MR-NAP"
    assert found.model_release_ids[0] == "Model Release ID 1 (ref2021.1)"
    assert found.usage_terms == ("Rights Usage Terms (ref2021.1)",)
    assert found.digital_source_type == "softwareImage"


def test_every_picture_with_metadata_can_be_asked_for_its_rights(shared: Path) -> None:
    asked = 0
    for file in sorted((shared / "metadata").iterdir())[::4]:
        picture = open_picture(file.read_bytes())
        if isinstance(picture, Picture):
            canonical(read_rights(picture).to_json())
            asked += 1
    assert asked > 40
