"""What a picture file says about itself: EXIF tags, IPTC fields and XMP packets, as found.

Metadata are collected while the file is open, and interpreted in `rights.statement`. Only the tags that are
asked for are kept. XMP is looked for where the format puts it and, as the XMP specification allows for
unknown files, by scanning for packets: a reservation of rights counts wherever in the file it stands. The
same is done with a file that can't be decoded, for EXIF too.

C2PA manifests are read by `credentials`, makers' notes by `makernote`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from volenti.perception.files.makernote import identity_in

#: Bytes of a packet that are read, and packets of a file: no honest file has more.
PACKET_BYTES_MAX = 8 * 2**20
PACKETS_MAX = 16

#: Characters of a comment that are read.
COMMENT_MAX = 2**16

_ORIENTATION = int(ExifTags.Base.Orientation)
#: Texts that Exif 3.0 added, which Pillow doesn't name: the picture's title, photographer and editor, the
#: camera's firmware, and the programs that developed and edited the picture and its metadata.
_EXIF_3 = range(0xA436, 0xA43D)
_KEPT = {
    int(tag)
    for tag in (
        ExifTags.Base.Artist,
        ExifTags.Base.Copyright,
        ExifTags.Base.CameraOwnerName,
        ExifTags.Base.BodySerialNumber,
        ExifTags.Base.LensSerialNumber,
        ExifTags.Base.CameraSerialNumber,
        ExifTags.Base.ImageUniqueID,
        ExifTags.Base.HostComputer,
        ExifTags.Base.XPAuthor,
        ExifTags.Base.ImageDescription,
        ExifTags.Base.UserComment,
        ExifTags.Base.XPTitle,
        ExifTags.Base.XPComment,
        ExifTags.Base.XPKeywords,
        ExifTags.Base.XPSubject,
        ExifTags.Base.DocumentName,
        ExifTags.Base.PageName,
        ExifTags.Base.Software,
        ExifTags.Base.ProcessingSoftware,
        ExifTags.Base.ImageHistory,
        ExifTags.Base.SecurityClassification,
        ExifTags.Base.RelatedSoundFile,
        *_EXIF_3,
    )
}
_TIFF_BLOCK = re.compile(rb"Exif\0\0(?:II\*\0|MM\0\*)")
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Metadata as found: `exif` and `gps` by tag number, `iptc` by (record, dataset) number."""

    orientation: int = 1
    exif: Mapping[int, Any] = field(default_factory=dict)
    gps: Mapping[int, Any] = field(default_factory=dict)
    iptc: Mapping[tuple[int, int], Any] = field(default_factory=dict)
    xmp: tuple[bytes, ...] = ()
    #: Kinds of identifying fields in the camera maker's note, never their values.
    maker_identity: tuple[str, ...] = ()
    #: Comments and texts of the format itself, by name.
    comments: Mapping[str, str] = field(default_factory=dict)


def read_metadata(image: Image.Image, data: bytes) -> Metadata:
    """The metadata of an image that was loaded from `data`. What is damaged counts as absent."""
    exif, gps, identity = _exif(image.getexif)
    return Metadata(
        orientation=orientation_of(image),
        exif=exif,
        gps=gps,
        iptc=_iptc(image),
        xmp=tuple(dict.fromkeys([*_xmp_of_format(image), *_xmp_by_scanning(data)])),
        maker_identity=identity,
        comments=_comments(image),
    )


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation tag, 1 to 8; 1 (upright) where there is none or it can't be read."""
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except Exception:
        # As in `_exif`: Pillow raises nearly anything on damaged EXIF.
        return 1
    return orientation if orientation in range(1, 9) else 1


def metadata_by_scanning(data: bytes) -> Metadata:
    """The metadata in the bytes of a file that can't be decoded: EXIF blocks and XMP packets."""
    exif: dict[int, Any] = {}
    gps: dict[int, Any] = {}
    identity: tuple[str, ...] = ()
    for match in islice(_TIFF_BLOCK.finditer(data), PACKETS_MAX):
        block = data[match.start() : match.start() + PACKET_BYTES_MAX]

        def loaded(block: bytes = block) -> Image.Exif:
            found = Image.Exif()
            found.load(block)
            return found

        with warnings.catch_warnings():
            # Pillow warns about every damaged field; here damage is what is expected.
            warnings.simplefilter("ignore")
            tags, places, maker = _exif(loaded)
        exif, gps = tags | exif, places | gps
        identity += maker
    xmp = tuple(dict.fromkeys(_xmp_by_scanning(data)))
    return Metadata(exif=exif, gps=gps, xmp=xmp, maker_identity=tuple(dict.fromkeys(identity)))


def _exif(load: Callable[[], Image.Exif]) -> tuple[dict[int, Any], dict[int, Any], tuple[str, ...]]:
    """The tags that are kept, the GPS block, and what the maker's note identifies."""
    tags: dict[int, Any] = {}
    gps: dict[int, Any] = {}
    identity: tuple[str, ...] = ()
    # Pillow raises nearly anything on damaged EXIF, and the pixels may be sound all the same: each part is
    # taken as far as it can be read.
    try:
        exif = load()
        tags = {tag: exif[tag] for tag in _KEPT if tag in exif}
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        tags |= {tag: inner[tag] for tag in _KEPT if tag in inner}
        note = inner.get(int(ExifTags.Base.MakerNote), b"")
        if isinstance(note, bytes):
            identity = identity_in(note, str(exif.get(int(ExifTags.Base.Make), "")))
        gps = dict(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except Exception:
        pass
    return tags, gps, identity


def _comments(image: Image.Image) -> dict[str, str]:
    """The comment of a JPEG or GIF, and a PNG's texts but those that hold other metadata."""
    found = {}
    for name, value in image.info.items():
        text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value
        of_format = name == "comment" or image.format == "PNG"
        other = str(name).startswith(("Raw profile", "XML:")) or name in ("exif", "icc_profile", "xmp")
        if of_format and not other and isinstance(text, str):
            found[str(name)] = text[:COMMENT_MAX]
    return found


def _iptc(image: Image.Image) -> dict[tuple[int, int], Any]:
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    found: dict[tuple[int, int], Any] = {}
    for kind in ("iptc", "8bim"):
        found |= iim_fields(_raw_profile(image, kind))
    try:
        return found | dict(IptcImagePlugin.getiptcinfo(image) or {})
    except Exception:
        return found


def iim_fields(data: bytes) -> dict[tuple[int, int], list[bytes]]:
    """The fields of an IPTC block, bare or inside Photoshop's resources (IPTC IIM 4.2, 1.5).

    Ends without an error where the block ends, or where it is no longer one.
    """
    found: dict[tuple[int, int], list[bytes]] = {}
    # The part that describes the picture begins with record 2, whatever stands before it.
    position = data.find(b"\x1c\x02")
    while 0 <= position <= len(data) - 5 and data[position] == 0x1C:
        key = (data[position + 1], data[position + 2])
        size = int.from_bytes(data[position + 3 : position + 5])
        if size > 0x7FFF:
            break
        found.setdefault(key, []).append(data[position + 5 : position + 5 + size])
        position += 5 + size
    return found


def _raw_profile(image: Image.Image, kind: str) -> bytes:
    """A profile that ImageMagick and others keep in a PNG's text: name, length and hexadecimal; or bytes."""
    text = image.info.get(f"Raw profile type {kind}")
    if not isinstance(text, str):
        return b""
    # Split, not matched by a pattern: blanks may stand among the hexadecimal digits and before them.
    _, length, digits = ([*text.split(maxsplit=2), "", ""])[:3] if text.strip() else ("", "", "")
    if length.isdecimal():
        with suppress(ValueError):
            return bytes.fromhex(digits)
    try:
        return text.encode("latin-1")
    except ValueError:
        return text.encode("utf-8", errors="replace")


def _xmp_of_format(image: Image.Image) -> Iterator[bytes]:
    for key in ("xmp", "XML:com.adobe.xmp"):
        packet = image.info.get(key)
        if isinstance(packet, str):
            packet = packet.encode()
        if isinstance(packet, bytes) and packet:
            yield packet[:PACKET_BYTES_MAX]
    for kind in ("xmp", "APP1"):
        packet = _raw_profile(image, kind)
        if b"xmpmeta" in packet or b":RDF" in packet:
            yield packet[:PACKET_BYTES_MAX]
    if isinstance(image, JpegImageFile):
        yield from _extended(content for marker, content in image.applist if marker == "APP1")


def _extended(segments: Iterator[bytes]) -> Iterator[bytes]:
    """Extended XMP (XMP specification part 3, 1.1.3.1): packets cut into pieces of up to 64 KB."""
    pieces: dict[bytes, dict[int, bytes]] = {}
    for segment in segments:
        if segment.startswith(_EXTENSION):
            head = segment[len(_EXTENSION) :]
            pieces.setdefault(head[:32], {})[int.from_bytes(head[36:40])] = head[40:]
    for whole in pieces.values():
        yield b"".join(whole[offset] for offset in sorted(whole))[:PACKET_BYTES_MAX]


def _xmp_by_scanning(data: bytes) -> Iterator[bytes]:
    start = 0
    for _ in range(PACKETS_MAX):
        start = data.find(b"<x:xmpmeta", start)
        if start < 0:
            return
        end = re.compile(rb"</x:xmpmeta\s*>").search(data, start, start + PACKET_BYTES_MAX)
        if end is None:
            return
        yield data[start : end.end()]
        start = end.end()
