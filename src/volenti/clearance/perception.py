"""Perception: everything that can be seen in a file without knowing anybody.

Runs in worker processes on bytes alone: no key, no register, no gallery. What it
returns holds face templates, so it lives in memory while its picture is judged and
is never stored.

A file is decoded once, as large as small faces are looked for; everything else works on
a smaller copy. Every picture of an animation is looked at, as far as `Limits` allow; what
nobody looked at is a finding.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from PIL import Image as Pillow

from volenti.clearance.copies.fingerprint import Fingerprint, fingerprint
from volenti.clearance.copies.keypoints import KeypointFinder
from volenti.clearance.files.frames import Frame, further_frames
from volenti.clearance.files.metadata import Metadata, metadata_by_scanning
from volenti.clearance.files.picture import Picture, open_picture, signature
from volenti.clearance.files.pixels import SHRINKING, Rgb
from volenti.clearance.finding import Finding, finding
from volenti.clearance.rights.credentials import CredentialReader, credentials_in
from volenti.clearance.rights.marks import MarkReader
from volenti.clearance.rights.statement import Rights, rights_of
from volenti.clearance.sight.age import AgeEstimator
from volenti.clearance.sight.faces import Face, FaceDetector, Figure
from volenti.clearance.sight.figures import PersonDetector, faceless
from volenti.core.errors import IntegrityError

#: Long side of a preview in pixels; enough to recognise a face in review.
PREVIEW_SIDE = 192


@dataclass(frozen=True, slots=True)
class Look:
    """A file to look at: its bytes, its XMP sidecars' text, and what else lay beside it about rights."""

    data: bytes
    sidecar: str = ""
    reservations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Perception:
    """What was seen.

    `width` and `height` are those of the whole upright picture. Boxes are in pixels of the picture
    that is judged (`pixels_of`), which is smaller where the whole has more than 2048 a side.
    `figures` are signs of people for whom no face was found.
    """

    findings: tuple[Finding, ...]
    width: int = 0
    height: int = 0
    faces: tuple[Face, ...] = ()
    rights: Rights | None = None
    fingerprint: Fingerprint | None = None
    preview: bytes = field(default=b"", repr=False)
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Perceiver:
    """Looks at files. Picklable: its models are loaded where it works."""

    detector: FaceDetector
    marks: MarkReader | None
    credentials: CredentialReader | None = None
    #: None where edited copies of works aren't looked for.
    keypoints: KeypointFinder | None = None
    people: PersonDetector | None = None
    ages: AgeEstimator | None = None
    #: Marks looked for beside the shipped list, as `marks.marks_of` makes them.
    added_marks: tuple[str, ...] = ()
    #: False where no work is registered: there is nothing to compare a fingerprint with.
    works: bool = True

    def look(self, files: Sequence[Look]) -> list[Perception]:
        """What is in each file, in order. A bad file gives findings, never an error."""
        return [self._look(file) for file in files]

    def _look(self, file: Look) -> Perception:
        picture = open_picture(file.data)
        if not isinstance(picture, Picture):
            # What can't be decoded may still say that it isn't to be used.
            return Perception((picture,), rights=self._rights(file, metadata_by_scanning(file.data)))
        rgb = picture.rgb
        faces: list[Face] = []
        figures: list[Figure] = []
        findings: list[Finding] = []
        looked_at = 0
        for frame in chain([Frame(0, rgb)], further_frames(file.data, picture)):
            looked_at += 1
            if frame.rgb is None:
                continue
            seen = self._people(frame.number, frame.rgb, picture.fine if frame.number == 0 else frame.rgb)
            faces += seen[0]
            figures += seen[1]
            if self.marks is not None and not findings:
                findings += self.marks.findings(frame.rgb, self.added_marks)
        if looked_at < picture.frames:
            counts = {"frames": picture.frames, "judged": looked_at}
            findings.append(finding("multi-frame", counts, **counts))
        return Perception(
            tuple(findings),
            picture.width,
            picture.height,
            tuple(faces),
            self._rights(file, picture.metadata),
            fingerprint(rgb, self.keypoints) if self.works else None,
            _preview(rgb),
            tuple(figures),
        )

    def _people(self, number: int, rgb: Rgb, fine: Rgb) -> tuple[list[Face], tuple[Figure, ...]]:
        """Faces, and figures without one, in a frame; small faces are looked for in `fine`."""
        seen = self.detector.sight(fine)
        shrunk = rgb.shape[1] / fine.shape[1]
        faces = [replace(face.scaled(shrunk), frame=number) for face in seen.faces]
        if self.ages is not None and faces:
            young = self.ages.youth(fine, seen.faces)
            faces = [replace(face, youth=youth) for face, youth in zip(faces, young, strict=True)]
        figures = [figure.scaled(shrunk) for figure in seen.figures]
        if self.people is not None:
            figures += self.people.figures(rgb)
        return faces, faceless([replace(figure, frame=number) for figure in figures], faces)

    def _rights(self, file: Look, metadata: Metadata) -> Rights:
        signed = credentials_in(file.data, signature(file.data), self.credentials)
        return rights_of(metadata, file.sidecar.encode(), file.reservations, signed)


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
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), SHRINKING)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=82)
    return out.getvalue()
