"""Reference: the template that a person is enrolled by.

A face is nearly symmetric, and the networks that describe it aren't. The reference template is the mean of
the face's template and that of its mirror image, found and aligned anew: a reference photograph is looked at
only once, so the second pass costs little. A face that is compared with it later is described in one pass;
that loses hardly anything.

Deliberately absent: templates of blurred or reduced copies. With them a few more blurred faces match, and
strangers who look alike come nearer.
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
