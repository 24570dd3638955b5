"""Likeness: whom a work resembles most, of everybody the model learned from, and which picture.

By face: the gate's matcher compares the face that a work shows with the reference templates of
the people behind the model, on the scale that fits the kind of face (`perception.sight.matching`).
What is asked here isn't "is it them?", which must never be wrong, but "could it be taken for
them?", which must miss nobody. So the limits lie far below a match's, and no lead over the second
is needed.

As a copy: a work's sketch is compared with those of the frames that the slices learned from
(`perception.copies.sketch`). A model that remembers a picture gives it back blurred, shifted,
recoloured or mirrored, and the sketch sees through that; another picture of the same person is
left to the face.

bench/likeness.py prints what both limits let pass and what they catch. Not covered: somebody
recognised by anything but face and picture, such as a tattoo.
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
    """The score that is too near: `least` among up to `measured_at`; `per_tenfold` is added for each tenfold.

    It rises by about as much as the nearest of ten times as many comes nearer by chance, so that
    the share of works refused for nothing stays about the same.
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

#: As a copy: cosines of sketches, by pictures compared. Spoilt copies reach it in bench/likeness.py,
#: hardly any pair of pictures of different people does.
COPY_LIMIT = Limit(0.80, 0.02, 1000)


class Resemblance:
    """Everybody and every picture behind a model, in memory while works are checked."""

    def __init__(
        self,
        matcher: Matcher,
        people: Iterable[tuple[str, Sequence[Template]]],
        books: Sequence[CopyIndex],
    ) -> None:
        """matcher: a new one, in which nobody is enrolled."""
        self._matcher = matcher
        self._books = books
        for name, templates in people:
            if len(templates):
                matcher.enrol(name, np.stack(templates))

    def of(self, portrait: Portrait) -> Likeness:
        """The likeness of a work."""
        return Likeness(len(portrait.faces), self._by_face(portrait), self._as_copy(portrait))

    def _by_face(self, portrait: Portrait) -> Nearness | None:
        """The nearest of all faces, measured by how far beyond its limit it is."""
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
        limit = round(COPY_LIMIT.among(sum(len(book.rows) for book in self._books)), 4)
        too_near: set[str] = set()
        for book in self._books:
            if not len(book.rows):
                continue
            score, picture = best(views, book.rows)
            if nearest is None or score > nearest.score:
                nearest = Nearness(round(score, 4), limit, book.owners(picture))
            if round(score, 4) >= limit:
                too_near.update(_owners_near(views, book, limit))
        return None if nearest is None else replace(nearest, too_near_to=tuple(sorted(too_near)))


def _owners_near(views: NDArray[np.float32], book: CopyIndex, limit: float) -> Iterator[str]:
    """Everybody in a book of whose pictures one comes too near."""
    for number, group in enumerate(book.groups):
        mine = book.rows[book.of == number]
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
        # Somebody enrolled by the other kind of picture: only plain cosine can compare them.
        return Nearness(round(across.score, 4), CROSS_DOMAIN_MIN, (across.subject,), found)
    if nearest is None:
        return None
    return Nearness(round(nearest.score, 4), round(limit, 4), (nearest.subject,), found)
