"""Perception: everything that can be seen in a file without knowing anybody.

Runs in worker processes on bytes alone: no key, no register, no gallery. What it
returns holds face templates, so it lives in memory while its picture is judged and
is never stored.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image as Pillow

from volenti.clearance.copies import Fingerprint, fingerprint
from volenti.clearance.faces import Face, FaceDetector, Rgb
from volenti.clearance.finding import Finding
from volenti.clearance.marks import MarkReader
from volenti.clearance.picture import Picture, open_picture
from volenti.clearance.rights import Rights, read_rights
from volenti.core.errors import IntegrityError

#: Long side of a preview in pixels; enough to recognise a face in review.
PREVIEW_SIDE = 192


@dataclass(frozen=True, slots=True)
class Look:
    """A file to look at: its bytes, and its XMP sidecar if there is one."""

    data: bytes
    sidecar: str = ""


@dataclass(frozen=True, slots=True)
class Perception:
    """What was seen. Faces are in pixels of the upright picture."""

    findings: tuple[Finding, ...]
    width: int = 0
    height: int = 0
    faces: tuple[Face, ...] = ()
    rights: Rights | None = None
    fingerprint: Fingerprint | None = None
    preview: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Perceiver:
    """Looks at files. Picklable: its models are loaded where it works."""

    detector: FaceDetector
    marks: MarkReader | None

    def look(self, files: Sequence[Look]) -> list[Perception]:
        """What is in each file, in order. A bad file gives findings, never an error."""
        return [self._look(file) for file in files]

    def _look(self, file: Look) -> Perception:
        picture = open_picture(file.data)
        if not isinstance(picture, Picture):
            return Perception((picture,))
        rgb = picture.rgb
        findings = list(picture.findings)
        if self.marks is not None:
            findings += self.marks.findings(rgb)
        return Perception(
            tuple(findings),
            picture.width,
            picture.height,
            tuple(self.detector.faces(rgb)),
            read_rights(picture, file.sidecar.encode()),
            fingerprint(rgb),
            _preview(rgb),
        )


def preview_of(data: bytes) -> bytes:
    """The preview of a file that opens."""
    return _preview(pixels_of(data))


def pixels_of(data: bytes) -> Rgb:
    """The upright pixels of a file that was opened before; IntegrityError if it no longer opens."""
    picture = open_picture(data)
    if not isinstance(picture, Picture):
        raise IntegrityError("A kept picture no longer opens.", "Run `volenti audit`.")
    return picture.rgb


def _preview(rgb: Rgb) -> bytes:
    small = Pillow.fromarray(rgb)
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=82)
    return out.getvalue()
