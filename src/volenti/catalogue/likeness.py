"""Likeness: how near a work comes to the people a model learned from, and to their pictures.

By face: the matcher that clearance uses compares the faces in a work with the face templates of the people
whom the model learned from, on the scale that fits each face (`perception.sight.matching`). Clearance asks
"is it them?", and must never say yes wrongly. Here the question is "could it be taken for them?", and nobody
may be missed. So the limits lie far below those of a match, and the nearest person needs no lead over the
second.

As a copy: a work's copy descriptors are compared with those of the frames that the slices learned from
(`perception.copies.descriptor`). A model that memorised a picture draws it blurred, shifted, recoloured or
mirrored, which changes the descriptor little. Another picture of the same person isn't a copy; it is compared
by face.

bench/likeness.py prints what both limits let pass and what they catch. Not covered: somebody who can be
recognised by anything else than face or picture, such as a tattoo.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import Likeness, Nearness
from volenti.perception.copies.descriptor import best
from volenti.perception.sight.faces import Template
from volenti.perception.sight.matching import Matcher
from volenti.perception.sight.ranking import CROSS_DOMAIN_MIN, Ranking, Scale
from volenti.training.copy_index import CopyIndex


@dataclass(frozen=True, slots=True)
class Limit:
    """The score from which on a work is too near.

    It is `least` among up to `measured_at` compared, and `per_tenfold` more for each tenfold of that. Among
    ten times as many, the nearest comes nearer by chance by about as much, so the share of works that are
    refused without need stays about the same.
    """

    least: float
    per_tenfold: float
    measured_at: int

    def among(self, compared: int) -> float:
        """The limit where that many are compared."""
        return self.least + self.per_tenfold * max(0.0, math.log10(max(compared, 1) / self.measured_at))


#: By face, on each of the matcher's scales: at most one pair of different people in a thousand
#: reaches it, as frames of works' size against references (bench/likeness.py).
FACE_LIMITS: dict[Scale, Limit] = {
    "log-likelihood-ratio": Limit(2.0, 6.0, 96),
    "centred-cosine": Limit(0.30, 0.055, 345),
    "cosine": Limit(0.38, 0.055, 345),
}

#: As a copy: the cosine of copy descriptors, by pictures compared. In bench/likeness.py, changed copies reach
#: it, and hardly any pair of pictures of different people does.
COPY_LIMIT = Limit(0.80, 0.02, 1000)


class Resemblance:
    """Compares works with everybody whom a model learned from, and every picture; all in memory."""

    def __init__(
        self,
        matcher: Matcher,
        people: Iterable[tuple[str, Sequence[Template]]],
        indexes: Sequence[CopyIndex],
    ) -> None:
        """matcher: a new one, in which nobody is enrolled. indexes: the copy indexes of the slices."""
        self._matcher = matcher
        self._indexes = indexes
        for name, templates in people:
            if len(templates):
                matcher.enrol(name, np.stack(templates))

    def of(self, portrait: Portrait) -> Likeness:
        """The likeness of a work."""
        return Likeness(len(portrait.faces), self._by_face(portrait), self._as_copy(portrait))

    def _by_face(self, portrait: Portrait) -> Nearness | None:
        """The nearness of the face that lies furthest above its limit; None where nothing is compared."""
        if not len(portrait.faces):
            return None
        rankings = self._matcher.rank(portrait.faces)
        found = [each for ranking in rankings if (each := nearness(ranking)) is not None]
        nearest = max(found, key=lambda each: each.score - each.limit, default=None)
        if nearest is None:
            return None
        return replace(
            nearest, too_near_to=tuple(sorted({who for each in found for who in each.too_near_to}))
        )

    def _as_copy(self, portrait: Portrait) -> Nearness | None:
        nearest: Nearness | None = None
        views = portrait.views
        limit = round(COPY_LIMIT.among(sum(len(index.rows) for index in self._indexes)), 4)
        too_near: set[str] = set()
        for index in self._indexes:
            if not len(index.rows):
                continue
            score, picture = best(views, index.rows)
            if nearest is None or score > nearest.score:
                nearest = Nearness(round(score, 4), limit, index.owners(picture))
            if round(score, 4) >= limit:
                too_near.update(_owners_near(views, index, limit))
        return None if nearest is None else replace(nearest, too_near_to=tuple(sorted(too_near)))


def _owners_near(views: NDArray[np.float32], index: CopyIndex, limit: float) -> Iterator[str]:
    """Everybody in a copy index to one of whose pictures the work comes too near."""
    for number, group in enumerate(index.groups):
        mine = index.rows[index.of == number]
        if len(mine) and round(best(views, mine)[0], 4) >= limit:
            yield from group


def nearness(ranking: Ranking) -> Nearness | None:
    """How near a face comes to whoever is nearest; None where there is nobody to compare it with."""
    limit = FACE_LIMITS[ranking.scale].among(ranking.compared)
    near = {each.subject for each in ranking.candidates if round(each.score, 4) >= round(limit, 4)}
    nearest, across = ranking.best, ranking.cross_domain
    if across is not None and round(across.score, 4) >= CROSS_DOMAIN_MIN:
        near.add(across.subject)
    found = tuple(sorted(near))
    if across is not None and (across.score >= CROSS_DOMAIN_MIN or nearest is None):
        # This person was enrolled by the other kind of picture, which only plain cosine can compare.
        return Nearness(round(across.score, 4), CROSS_DOMAIN_MIN, (across.subject,), found)
    if nearest is None:
        return None
    return Nearness(round(nearest.score, 4), round(limit, 4), (nearest.subject,), found)
