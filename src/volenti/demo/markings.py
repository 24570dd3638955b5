"""Markings: metadata that a studio writes into its files, added without changing the picture.

XMP and EXIF go into APP1 segments right after a JPEG's start (XMP specification part 3,
section 1.1.3; Exif 2.3, section 4.5.2), so the compressed picture stays byte for byte that
of the pack. The fields are those of IPTC and PLUS that `perception.rights` reads, and a title
and instructions that say whose picture it is: notes of the sort that everybody forgets later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from PIL import ExifTags, Image

_XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_SEGMENT_MAX = 65_533
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/">
{fields}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True, slots=True)
class Markings:
    """The metadata that is written into one file. Empty fields are left out.

    `releases` are identifiers of the releases a picture was taken under; `data_mining` is a
    PLUS value such as DMI-PROHIBITED-GENAIMLTRAINING; `place` is (latitude, longitude) in
    degrees, north and east positive.
    """

    title: str = ""
    instructions: str = ""
    description: str = ""
    releases: tuple[str, ...] = ()
    data_mining: str = ""
    place: tuple[float, float] | None = None

    def xmp(self) -> bytes:
        """The XMP packet."""
        fields = []
        if self.title:
            fields.append(_property("dc:title", "Alt", [self.title], ' xml:lang="x-default"'))
        if self.instructions:
            fields.append(f"   <photoshop:Instructions>{escape(self.instructions)}</photoshop:Instructions>")
        if self.releases:
            status = "http://ns.useplus.org/ldf/vocab/MR-UMR"
            fields.append(f"   <plus:ModelReleaseStatus>{status}</plus:ModelReleaseStatus>")
            fields.append(_property("plus:ModelReleaseID", "Bag", self.releases))
        if self.data_mining:
            value = f"http://ns.useplus.org/ldf/vocab/{escape(self.data_mining)}"
            fields.append(f"   <plus:DataMining>{value}</plus:DataMining>")
        return _PACKET.format(fields="\n".join(fields)).encode()

    def exif(self) -> bytes:
        """The Exif block, with its own header."""
        exif = Image.Exif()
        if self.description:
            exif[ExifTags.Base.ImageDescription] = self.description
        if self.place is not None:
            latitude, longitude = self.place
            gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
            gps[ExifTags.GPS.GPSLatitudeRef] = "N" if latitude >= 0 else "S"
            gps[ExifTags.GPS.GPSLatitude] = _degrees(latitude)
            gps[ExifTags.GPS.GPSLongitudeRef] = "E" if longitude >= 0 else "W"
            gps[ExifTags.GPS.GPSLongitude] = _degrees(longitude)
        return exif.tobytes()


def marked(jpeg: bytes, markings: Markings) -> bytes:
    """The JPEG with the markings in it. Raises ValueError where it isn't a JPEG."""
    if jpeg[:2] != b"\xff\xd8":
        raise ValueError("Only a JPEG can be marked.")
    return jpeg[:2] + _segment(markings.exif()) + _segment(_XMP_HEAD + markings.xmp()) + jpeg[2:]


def _segment(content: bytes) -> bytes:
    if len(content) > _SEGMENT_MAX:
        raise ValueError("The markings don't fit into a segment.")
    return b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content


def _property(name: str, kind: str, values: Sequence[str], attribute: str = "") -> str:
    items = "".join(f"<rdf:li{attribute}>{escape(value)}</rdf:li>" for value in values)
    return f"   <{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


def _degrees(value: float) -> tuple[float, float, float]:
    """An angle in degrees, minutes and seconds, as Exif stores it."""
    seconds = round(abs(value) * 3600)
    return float(seconds // 3600), float(seconds // 60 % 60), float(seconds % 60)
