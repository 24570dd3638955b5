"""What the metadata of a picture say about rights, and what they give away about people.

Opt-outs are PLUS Data Mining (`plus:DataMining`, PLUS Licence Data Format 2.0.1, also
IPTC Photo Metadata 2023.1) and the W3C TDM Reservation Protocol (`tdm:reservation`).
A value that isn't known but begins like a prohibition counts as one. XMP that doesn't
parse is searched for the values as plain text: damage never removes a reservation.

Not read here: C2PA assertions and HTTP headers. Whether a reservation is justified, and
whether a licence allows what it reserves, is for people to say.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from PIL import ExifTags

from volenti.clearance.finding import Finding, finding
from volenti.clearance.metadata import Metadata
from volenti.clearance.picture import Limits, Picture, decode, guarded
from volenti.core.canonical import Json
from volenti.core.errors import IntegrityError

#: Purposes, as `consent` names them, that a prohibition of training concerns.
TRAINING = frozenset({"generative-training", "non-generative-training"})

#: PLUS Data Mining values and the purposes each refuses; None refuses every purpose.
PROHIBITIONS: dict[str, frozenset[str] | None] = {
    "DMI-PROHIBITED-GENAIMLTRAINING": frozenset({"generative-training"}),
    "DMI-PROHIBITED-AIMLTRAINING": TRAINING,
    "DMI-PROHIBITED": None,
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": None,
    "DMI-PROHIBITED-SEECONSTRAINT": None,
    "DMI-PROHIBITED-SEECONSTRAINTS": None,
}

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PLUS = "{http://ns.useplus.org/ldf/xmp/1.0/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XMP_RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
_IPTC_EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_TDM = "{http://www.w3.org/ns/tdmrep#}"
_TDM_SLASH = "{http://www.w3.org/ns/tdmrep/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_AUX = "{http://ns.adobe.com/exif/1.0/aux/}"
_EXIF_EX = "{http://cipa.jp/exif/1.0/}"

_XMP_DEVICE = {
    f"{_AUX}SerialNumber": "camera serial number",
    f"{_AUX}LensSerialNumber": "lens serial number",
    f"{_AUX}OwnerName": "owner",
    f"{_EXIF_EX}BodySerialNumber": "camera serial number",
    f"{_EXIF_EX}LensSerialNumber": "lens serial number",
    f"{_EXIF_EX}CameraOwnerName": "owner",
}
_ASKED = frozenset(
    {
        f"{_PLUS}DataMining",
        f"{_PLUS}ModelReleaseStatus",
        f"{_PLUS}ModelReleaseID",
        f"{_TDM}reservation",
        f"{_TDM_SLASH}reservation",
        f"{_DC}creator",
        f"{_DC}rights",
        f"{_XMP_RIGHTS}UsageTerms",
        f"{_IPTC_EXT}DigitalSourceType",
        f"{_EXIF}GPSLatitude",
        f"{_EXIF}GPSLongitude",
        *_XMP_DEVICE,
    }
)
_EXIF_DEVICE = {
    int(ExifTags.Base.BodySerialNumber): "camera serial number",
    int(ExifTags.Base.CameraSerialNumber): "camera serial number",
    int(ExifTags.Base.LensSerialNumber): "lens serial number",
    int(ExifTags.Base.CameraOwnerName): "owner",
    int(ExifTags.Base.HostComputer): "computer",
}
_LATITUDE, _LONGITUDE = int(ExifTags.GPS.GPSLatitude), int(ExifTags.GPS.GPSLongitude)
_IPTC_BYLINE, _IPTC_COPYRIGHT = (2, 80), (2, 116)
_DMI = re.compile(r"DMI-[A-Z]+(?:-[A-Z]+)*")
#: XMP nests a handful of levels; what goes deeper is made to exhaust a parser.
_DEPTH_MAX = 64
_PACKET = re.compile(rb"<(?:[\w.-]+:)?(?:xmpmeta|RDF)[\s>].*</(?:[\w.-]+:)?(?:xmpmeta|RDF)\s*>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a picture's metadata say. `device_identity` names kinds of fields, never their values."""

    data_mining: tuple[str, ...] = ()
    tdm_reserved: bool = False
    model_release_status: str = ""
    model_release_ids: tuple[str, ...] = ()
    creators: tuple[str, ...] = ()
    copyright: tuple[str, ...] = ()
    usage_terms: tuple[str, ...] = ()
    digital_source_type: str = ""
    has_location: bool = False
    device_identity: tuple[str, ...] = ()
    malformed: bool = False

    def to_json(self) -> Json:
        """Every field by its name; several values as a list."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}


def read_rights(picture: Picture, sidecar: bytes = b"") -> Rights:
    """What the picture's metadata, and the .xmp file beside it if there is one, say together."""
    return rights_of(picture.metadata, sidecar)


def rights_of(metadata: Metadata, sidecar: bytes = b"") -> Rights:
    """`read_rights` for metadata without their picture."""
    packets = [*metadata.xmp, *([sidecar] if sidecar else [])]
    roots = [_parsed(packet) for packet in packets]
    broken = [packet for packet, root in zip(packets, roots, strict=True) if root is None]
    xmp = _Xmp([root for root in roots if root is not None])
    mining = [
        *xmp.values(f"{_PLUS}DataMining"),
        *(packet.replace(b"\0", b"").decode("latin-1") for packet in broken),
    ]
    exif, iptc = metadata.exif, metadata.iptc
    return Rights(
        data_mining=_distinct(token for text in mining for token in _DMI.findall(text.upper())),
        tdm_reserved="1" in (*xmp.values(f"{_TDM}reservation"), *xmp.values(f"{_TDM_SLASH}reservation")),
        model_release_status=_term(xmp.values(f"{_PLUS}ModelReleaseStatus")),
        model_release_ids=_distinct(xmp.values(f"{_PLUS}ModelReleaseID")),
        creators=_distinct(
            [
                *xmp.values(f"{_DC}creator"),
                *_texts(exif.get(int(ExifTags.Base.Artist))),
                *_texts(iptc.get(_IPTC_BYLINE)),
            ]
        ),
        copyright=_distinct(
            [
                *xmp.values(f"{_DC}rights"),
                *_texts(exif.get(int(ExifTags.Base.Copyright))),
                *_texts(iptc.get(_IPTC_COPYRIGHT)),
            ]
        ),
        usage_terms=_distinct(xmp.values(f"{_XMP_RIGHTS}UsageTerms")),
        digital_source_type=_term(xmp.values(f"{_IPTC_EXT}DigitalSourceType")),
        has_location=any(metadata.gps.get(tag) for tag in (_LATITUDE, _LONGITUDE))
        or any(xmp.values(f"{_EXIF}{name}") for name in ("GPSLatitude", "GPSLongitude")),
        device_identity=_distinct(
            [
                *(kind for tag, kind in _EXIF_DEVICE.items() if any(_texts(exif.get(tag)))),
                *(kind for name, kind in _XMP_DEVICE.items() if xmp.values(name)),
            ]
        ),
        malformed=bool(broken),
    )


def rights_findings(rights: Rights, purpose: str) -> list[Finding]:
    """What stands against using a picture with these rights for `purpose`, and notes about it."""
    found: list[Finding] = []
    reservations = [value for value in rights.data_mining if _refuses(value, purpose)]
    if rights.tdm_reserved and purpose in TRAINING:
        reservations.append("tdm:reservation")
    if reservations:
        found.append(finding("opt-out", {"reservations": reservations}))
    if rights.has_location:
        found.append(finding("location"))
    if rights.device_identity:
        found.append(finding("device-identity", {"fields": list(rights.device_identity)}))
    return found


def strip(data: bytes) -> bytes:
    """The picture alone, for handing on: upright sRGB pixels without any metadata.

    JPEG, WEBP and AVIF are encoded again at quality 95 (lossless WEBP stays lossless), PNG
    and TIFF keep their format, GIF and BMP become PNG. Only the first of several pictures
    is kept, which is the one that was judged. Raises IntegrityError where `data` can't be
    decoded.
    """
    decoded = guarded(data, lambda: decode(data, Limits(), None))
    if isinstance(decoded, Finding):
        raise IntegrityError(f"A picture can't be handed on. {decoded.message}", decoded.remedy)
    image = decoded.upright
    image.info = {}
    out = io.BytesIO()
    if decoded.format == "JPEG":
        image.save(out, "JPEG", quality=95, subsampling=0, optimize=True)
    elif decoded.format == "WEBP":
        image.save(out, "WEBP", quality=95, lossless=b"VP8L" in data[:64])
    elif decoded.format == "AVIF":
        image.save(out, "AVIF", quality=95)
    elif decoded.format == "TIFF":
        image.save(out, "TIFF", compression="tiff_adobe_deflate")
    else:
        image.save(out, "PNG")
    return out.getvalue()


def _refuses(value: str, purpose: str) -> bool:
    if not value.startswith("DMI-PROHIBITED"):
        return False
    purposes = PROHIBITIONS.get(value)
    return purposes is None or purpose in purposes


def _parsed(packet: bytes) -> Element | None:
    """The root of an XMP packet, without the wrapper and padding around it; None where it's broken."""
    match = _PACKET.search(packet)
    text = match.group() if match else packet.strip(b"\0 \t\r\n")
    root: Element | None = None
    depth = 0
    try:
        for event, element in iterparse(io.BytesIO(text), events=("start", "end")):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            if depth > _DEPTH_MAX:
                return None
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


class _Xmp:
    """Property values over several packets, however RDF chose to write them down."""

    def __init__(self, roots: list[Element]) -> None:
        self._values: dict[str, list[str]] = {}
        for root in roots:
            for element in root.iter():
                for name in _ASKED.intersection(element.attrib):
                    self._add(name, [element.attrib[name]])
                if element.tag in _ASKED:
                    self._add(element.tag, _held(element))

    def _add(self, name: str, values: Iterable[str]) -> None:
        kept = [text for value in values if (text := value.strip())]
        if kept:
            self._values.setdefault(name, []).extend(kept)

    def values(self, name: str) -> tuple[str, ...]:
        return tuple(self._values.get(name, ()))


def _held(element: Element) -> Iterator[str]:
    """The texts a property element holds: its own, a list's items, or the resource it refers to."""
    for part in (element, *element.iter(f"{_RDF}li"), *element.iter(f"{_RDF}value")):
        if part.text:
            yield part.text
        if resource := part.get(f"{_RDF}resource"):
            yield resource


def _texts(value: Any) -> list[str]:
    """EXIF and IPTC text values as they come: bytes, text, several of either, or none."""
    if isinstance(value, list | tuple):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    text = str(value or "").strip("\0 \t\r\n")
    return [text] if text else []


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _term(values: tuple[str, ...]) -> str:
    """The last part of a vocabulary term: MR-UMR of http://ns.useplus.org/ldf/vocab/MR-UMR."""
    return re.split(r"[/#:]", values[0])[-1] if values else ""
