"""Reference: the template that a person is enrolled by.

A face is nearly symmetric and the networks that describe it aren't. A reference photograph
is looked at once, so it is looked at from both sides: the template is the mean of the face
and of its mirror image, found and aligned anew. A face presented later is described once;
against the mean of both sides that loses hardly anything, and clearing pays for one pass.

Deliberately absent: blurred or reduced copies beside the picture. They find a few more blurred
faces, and bring strangers who look alike nearer.
"""

from __future__ import annotations

import numpy as np

from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Face, FaceDetector, Template, unit

#: Share of either box that the same face must cover in the mirrored picture.
SHARED_MIN = 0.5


def reference_template(detector: FaceDetector, rgb: Rgb, face: Face) -> Template:
    """The template to enrol for a face that `detector` found in an upright (height, width, 3) picture.

    Where the mirror image of the face isn't found, the face's own template. Raises as
    `FaceDetector.faces` does.
    """
    width = rgb.shape[1]
    for other in detector.faces(np.ascontiguousarray(rgb[:, ::-1])):
        if _shared(face.box, _mirrored(other.box, width)) >= SHARED_MIN:
            return unit(unit(face.template) + unit(other.template))
    return unit(face.template)


def _mirrored(box: tuple[float, float, float, float], width: int) -> tuple[float, float, float, float]:
    left, top, wide, high = box
    return width - left - wide, top, wide, high


def _shared(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """The share of the larger box that both cover."""
    spans = [min(one[k] + one[k + 2], other[k] + other[k + 2]) - max(one[k], other[k]) for k in (0, 1)]
    larger = max(one[2] * one[3], other[2] * other[3])
    return max(0.0, spans[0]) * max(0.0, spans[1]) / max(larger, 1e-9)
