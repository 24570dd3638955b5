"""Reference: the one clear face that a person is enrolled by, or what is wrong with the photograph.

A reference photograph says who somebody is, so it shows that person alone: a face far smaller than theirs in
the background is nobody's mistake, and a second one of comparable size is. `look_at` is the only place that
decides this, for who gives a photograph as for who enrols by it. What it finds is either grave (there is no
picture, no face, or more than one to choose from), or a doubt: the face is too small, blurred, turned, cut
by the picture's edge, or half covered, so that it may not be recognised, or resembles others. A person may
accept a doubt. How the limits were chosen is in docs/design/whose-face.md.

A face is nearly symmetric, and the networks that describe it aren't. The reference template is the mean of
the face's template and that of its mirror image, found and aligned anew: a reference photograph is looked at
only once, so the second pass costs little. A face that is compared with it later is described in one pass;
that loses hardly anything.

Deliberately absent: templates of blurred or reduced copies. With them a few more blurred faces match, and
strangers who look alike come nearer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volenti.perception.files.picture import pixels_of
from volenti.perception.files.pixels import Rgb
from volenti.perception.finding import Finding
from volenti.perception.sight.faces import Face, FaceDetector, Template, unit

#: Share of either box that the same face must cover in the mirrored picture.
SHARED_MIN = 0.5
#: From which share of the largest face's longer side on, and from which score on, another face is comparable.
COMPARABLE_MIN, SCORE_MIN = 0.4, 0.6
#: The least score of the detector for a face that is seen whole.
WHOLE_MIN = 0.88
#: The least longer side of a face's box, in pixels.
SIDE_MIN = 40.0
#: The least sharpness (`_sharpness`), and the side of the square that it is measured in, in pixels.
SHARP_MIN, SHARP_SIDE = 0.025, 64
#: How far from the middle between the eyes the nose may be, as a share of their distance.
TURNED_MAX = 0.4
#: How many degrees the line of the eyes may be off level: beyond, a face lies on its side or upside down.
TILTED_MAX = 45.0
#: How much of the box's side may lie outside of the picture.
OUTSIDE_MAX = 0.1
#: The least likeness of the face to its mirror image.
MIRRORED_MIN = 0.7
#: The least spread of grey around an eye, the nose or the mouth, as a share of the whole face's: a part that
#: is all of one colour is covered.
DETAIL_MIN = 0.18


class Flaw(StrEnum):
    """What is wrong with a reference photograph."""

    NO_PICTURE = "no-picture"
    NO_FACE = "no-face"
    SEVERAL_FACES = "several-faces"
    SMALL = "small"
    BLURRED = "blurred"
    TURNED = "turned"
    CUT = "cut"
    COVERED = "covered"
    ANOTHER_FACE = "another-face"

    @property
    def is_grave(self) -> bool:
        """Whether nobody can be enrolled by it, whatever a person says of it."""
        return self in (Flaw.NO_PICTURE, Flaw.NO_FACE, Flaw.SEVERAL_FACES)

    @property
    def message(self) -> str:
        """What is wrong, to be read after the photograph's name."""
        return _SAID[self][0]

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return _SAID[self][1]


_SAID = {
    Flaw.NO_PICTURE: ("can't be read as a picture.", "Give a photograph: a whole JPEG or PNG file."),
    Flaw.NO_FACE: ("shows no face that is found.", "Give a photograph of the face, from the front."),
    Flaw.SEVERAL_FACES: (
        "shows several faces, and it isn't known whose is meant.",
        "Give a photograph of one person alone, or cut this one to the face.",
    ),
    Flaw.SMALL: (
        f"shows a face of less than {SIDE_MIN:.0f} pixels.",
        "Give a larger photograph, or one from nearer.",
    ),
    Flaw.BLURRED: ("shows a blurred face.", "Give a sharp photograph."),
    Flaw.TURNED: (
        "shows a face that is turned away or lies on its side.",
        "Give an upright photograph from the front.",
    ),
    Flaw.CUT: ("shows a face that the picture's edge cuts.", "Give a photograph with the whole face."),
    Flaw.COVERED: (
        "shows a face that can't be seen well: it may be covered, dark or turned.",
        "Give a photograph of the bare face, in even light.",
    ),
    Flaw.ANOTHER_FACE: (
        "shows another face than the other photographs.",
        "Give photographs of one and the same person.",
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What is seen in a reference photograph.

    `face` is the one face to enrol, and `template` what to enrol; None where a grave flaw leaves none.
    """

    flaws: tuple[Flaw, ...]
    face: Face | None = None
    template: Template | None = None


def look_at(detector: FaceDetector, photo: bytes) -> Reference:
    """The one clear face in a photograph, and every flaw. Raises as `FaceDetector.faces` does."""
    rgb = pixels_of(photo)
    if isinstance(rgb, Finding):
        return Reference((Flaw.NO_PICTURE,))
    faces = [face for face in detector.faces(rgb) if face.score >= SCORE_MIN]
    if not faces:
        return Reference((Flaw.NO_FACE,))
    comparable = [face for face in faces if _side(face) >= COMPARABLE_MIN * _side(faces[0])]
    if len(comparable) > 1:
        return Reference((Flaw.SEVERAL_FACES,))
    face = comparable[0]
    mirrored = _mirror_template(detector, rgb, face)
    template = face.template if mirrored is None else unit(unit(face.template) + mirrored)
    return Reference(tuple(_doubts(rgb, face, mirrored)), face, template)


def reference_template(detector: FaceDetector, rgb: Rgb, face: Face) -> Template:
    """The template to enrol for a face that `detector` found in an upright (height, width, 3) picture.

    Where the mirror image of the face isn't found, the face's own template. Raises as
    `FaceDetector.faces` does.
    """
    mirrored = _mirror_template(detector, rgb, face)
    return unit(face.template) if mirrored is None else unit(unit(face.template) + mirrored)


def _doubts(rgb: Rgb, face: Face, mirrored: Template | None) -> list[Flaw]:
    left, top, width, height = face.box
    side = _side(face)
    outside = max(-left, -top, left + width - rgb.shape[1], top + height - rgb.shape[0])
    unlike = mirrored is not None and float(unit(face.template) @ mirrored) < MIRRORED_MIN
    found = {
        Flaw.SMALL: side < SIDE_MIN,
        Flaw.BLURRED: _sharpness(rgb, face) < SHARP_MIN,
        Flaw.TURNED: face.turn > TURNED_MAX or _tilted(face) > TILTED_MAX,
        Flaw.CUT: outside > OUTSIDE_MAX * side,
        Flaw.COVERED: face.score < WHOLE_MIN or unlike or _least_detail(rgb, face) < DETAIL_MIN,
    }
    return [flaw for flaw, is_so in found.items() if is_so]


def _side(face: Face) -> float:
    return max(face.box[2], face.box[3])


def _tilted(face: Face) -> float:
    """By how many degrees the eyes' line is off level: 90 in a photograph on its side, 180 upside down."""
    right, left = (np.asarray(point, np.float64) for point in face.landmarks[:2])
    return abs(math.degrees(math.atan2(left[1] - right[1], left[0] - right[0])))


def _least_detail(rgb: Rgb, face: Face) -> float:
    """The least spread of grey around an eye, the nose and the mouth, as a share of the face's."""
    left, top, width, height = face.box
    whole = float(_grey(rgb, (left, top, left + width, top + height)).std())
    right_eye, left_eye, nose, *corners = (tuple(map(float, point)) for point in face.landmarks)
    mouth = (sum(x for x, _ in corners) / 2, sum(y for _, y in corners) / 2)
    reach = max(2.0, 0.3 * math.dist(right_eye, left_eye))
    spreads = [
        float(_grey(rgb, (x - reach, y - 0.7 * reach, x + reach, y + 0.7 * reach)).std())
        for x, y in (right_eye, left_eye, nose, mouth)
    ]
    return min(spreads) / max(whole, 1.0)


def _grey(rgb: Rgb, edges: tuple[float, float, float, float]) -> NDArray[np.float32]:
    """The grey values inside of these edges (left, top, right, bottom), as far as they lie in the picture."""
    left, top, right, bottom = (max(0, round(edge)) for edge in edges)
    part = rgb[top : bottom + 1, left : right + 1]
    if not part.size:
        part = rgb[:1, :1]
    return np.asarray(Image.fromarray(part).convert("L"), np.float32)


def _sharpness(rgb: Rgb, face: Face) -> float:
    """The variance of the face's second derivative, at one size, as a share of its own variance."""
    left, top, width, height = face.box
    cut = Image.fromarray(_grey(rgb, (left, top, left + width, top + height)).astype(np.uint8))
    grey = np.asarray(cut.resize((SHARP_SIDE, SHARP_SIDE), Image.Resampling.BICUBIC), np.float32)
    second = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    return float(second.var() / max(float(grey.var()), 1.0))


def _mirror_template(detector: FaceDetector, rgb: Rgb, face: Face) -> Template | None:
    """The template of the face's mirror image; None where that isn't found."""
    width = rgb.shape[1]
    for other in detector.faces(np.ascontiguousarray(rgb[:, ::-1])):
        if _shared(face.box, _mirrored(other.box, width)) >= SHARED_MIN:
            return unit(other.template)
    return None


def _mirrored(box: tuple[float, float, float, float], width: int) -> tuple[float, float, float, float]:
    left, top, wide, high = box
    return width - left - wide, top, wide, high


def _shared(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """The share of the larger box that both cover."""
    spans = [min(one[k] + one[k + 2], other[k] + other[k + 2]) - max(one[k], other[k]) for k in (0, 1)]
    larger = max(one[2] * one[3], other[2] * other[3])
    return max(0.0, spans[0]) * max(0.0, spans[1]) / max(larger, 1e-9)
