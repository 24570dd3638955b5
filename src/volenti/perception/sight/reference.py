"""Reference: the templates that a person is enrolled by.

A face is nearly symmetric, and the networks that describe it aren't. The reference template is the mean of
the face's template and that of its mirror image, found and aligned anew: a reference photograph is looked at
only once, so the second pass costs little. A face that is compared with it later is described in one pass;
that loses hardly anything.

Several photographs of a person are enrolled by the mean of their templates: it is nearer to the person's
other photographs than the best of the templates is, and no nearer to strangers. Rendered pictures are
compared by another rule, for which each is enrolled by itself.

Deliberately absent: templates of blurred or reduced copies. With them a few more blurred faces match, and
strangers who look alike come nearer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Face, FaceDetector, Template, unit
from volenti.perception.sight.matching import Cohort, rendered_cohort

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


def enrolled(templates: NDArray[np.float32], cohort: Cohort | None = None) -> NDArray[np.float32]:
    """What a person with these reference templates, (N, 128), is enrolled by: (M, 128) of unit length.

    Where most are photographs, one mean of those; else each of those that are rendered. The few of the other
    kind are left out: they are mistaken for it, or would make every match of the person doubtful.
    """
    if not len(templates):
        return templates
    rendered = (cohort or rendered_cohort()).rendered(templates)
    if rendered.mean() > 0.5:
        return unit(templates[rendered])
    return unit(unit(templates[~rendered]).mean(axis=0, keepdims=True))


def _mirrored(box: tuple[float, float, float, float], width: int) -> tuple[float, float, float, float]:
    left, top, wide, high = box
    return width - left - wide, top, wide, high


def _shared(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """The share of the larger box that both cover."""
    spans = [min(one[k] + one[k + 2], other[k] + other[k + 2]) - max(one[k], other[k]) for k in (0, 1)]
    larger = max(one[2] * one[3], other[2] * other[3])
    return max(0.0, spans[0]) * max(0.0, spans[1]) / max(larger, 1e-9)
