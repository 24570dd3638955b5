"""What a picture file says about itself: EXIF tags, IPTC fields and XMP packets, as found.

Collected while the file is open, interpreted in `rights`. Only the tags that are asked
for are kept. XMP is looked for where the format puts it and, as the XMP specification
allows for unknown files, by scanning for packets: a reservation of rights counts wherever
in the file it stands.

Not read: maker notes, C2PA manifests, XMP that a PNG holds as a hexadecimal raw profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

#: A packet larger than this, or more packets than that, are somebody's joke.
PACKET_BYTES_MAX = 8 * 2**20
PACKETS_MAX = 16

_ORIENTATION = int(ExifTags.Base.Orientation)
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
    )
}
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Metadata as found: `exif` and `gps` by tag number, `iptc` by (record, dataset) number."""

    orientation: int = 1
    exif: Mapping[int, Any] = field(default_factory=dict)
    gps: Mapping[int, Any] = field(default_factory=dict)
    iptc: Mapping[tuple[int, int], Any] = field(default_factory=dict)
    xmp: tuple[bytes, ...] = ()


def read_metadata(image: Image.Image, data: bytes) -> Metadata:
    """The metadata of an image that was loaded from `data`. What is damaged counts as absent."""
    exif, gps = _exif(image)
    orientation = exif.pop(_ORIENTATION, 1)
    return Metadata(
        orientation=orientation if orientation in range(1, 9) else 1,
        exif=exif,
        gps=gps,
        iptc=_iptc(image),
        xmp=tuple(dict.fromkeys([*_xmp_of_format(image), *_xmp_by_scanning(data)])),
    )


def _exif(image: Image.Image) -> tuple[dict[int, Any], dict[int, Any]]:
    tags: dict[int, Any] = {}
    gps: dict[int, Any] = {}
    # Pillow raises nearly anything on damaged EXIF, and reading it says nothing about the
    # pixels; each part is taken as far as it can be read.
    try:
        exif = image.getexif()
        tags = {tag: exif[tag] for tag in (*_KEPT, _ORIENTATION) if tag in exif}
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        tags |= {tag: inner[tag] for tag in _KEPT if tag in inner}
        gps = dict(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except Exception:
        pass
    return tags, gps


def _iptc(image: Image.Image) -> dict[tuple[int, int], Any]:
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    try:
        return dict(IptcImagePlugin.getiptcinfo(image) or {})
    except Exception:
        return {}


def _xmp_of_format(image: Image.Image) -> Iterator[bytes]:
    for key in ("xmp", "XML:com.adobe.xmp"):
        packet = image.info.get(key)
        if isinstance(packet, str):
            packet = packet.encode()
        if isinstance(packet, bytes) and packet:
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
