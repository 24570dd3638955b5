"""References: several photographs of one person, which have to agree, and by which the person is enrolled.

A person is enrolled by the mean of their templates: it is nearer to the person's other photographs than the
best of the templates is, and no nearer to strangers. Rendered pictures are compared by another rule, for
which each is enrolled by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from volenti.perception.sight.faces import unit
from volenti.perception.sight.matching import Cohort, rendered_cohort
from volenti.perception.sight.reference import Reference

#: The least cosine of the templates of two photographs of one person; of two rendered faces, which all look
#: alike to the network, the least log-likelihood ratio.
ALIKE_MIN, RENDERED_ALIKE_MIN = 0.35, 5.0


def odd_ones(references: Sequence[Reference]) -> list[int]:
    """Which of several photographs don't show the same face as most of them; all, where there are no most.

    Photographs without a template are passed over. Two that are both alike to a third are alike.
    """
    told = [
        (place, unit(each.template)) for place, each in enumerate(references) if each.template is not None
    ]
    if len(told) < 2:
        return []
    alike = _alike(np.stack([template for _, template in told]))
    for _ in told:
        alike = alike @ alike
    most = alike[int(alike.sum(axis=1).argmax())]
    is_tie = 2 * most.sum() <= len(told)
    return [place for (place, _), same in zip(told, most, strict=True) if is_tie or not same]


def _alike(templates: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of (n, 128) templates may be of one person, (n, n)."""
    cohort = rendered_cohort()
    rendered, moved = cohort.rendered(templates), cohort.transformed(templates)
    photographed = templates @ templates.T >= ALIKE_MIN
    return np.where(
        rendered & rendered[:, None], cohort.ratio(moved, moved) >= RENDERED_ALIKE_MIN, photographed
    )


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
