"""Face search: what is held of somebody who brings a photograph along, and need not be enrolled.

Whoever asks "do you hold pictures of me?" consents to being looked for, once. Their photograph and
its template are in memory while that is done and are kept nowhere. The template is compared with the people
enrolled and with every face that waits in quarantine; cleared pictures show enrolled people alone, and
rejected ones weren't kept. A search finds candidates: a person looks at them before anything is done.

Not found are people who were cleared as somebody else, and faces that the detector doesn't find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from volenti.clearance.gallery import Gallery
from volenti.clearance.quarantine import Quarantine
from volenti.clearance.same_faces import template_of
from volenti.consent.service import Consent
from volenti.core.clock import Clock
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.logs import Logger
from volenti.core.progress import Progress
from volenti.perception.exhibit import Exhibit, sheet
from volenti.perception.files.kept import pixels_of
from volenti.perception.sight.faces import FaceDetector
from volenti.perception.sight.matching import Matcher
from volenti.perception.sight.ranking import CROSS_DOMAIN_MIN, THRESHOLDS, Ranking
from volenti.perception.sight.reference import look_at

#: The name under which the asker is enrolled; no identifier contains this character.
_ASKER = "?"
#: Held faces compared at once, and faces on a sheet.
BATCH, SHOWN = 256, 8

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Resembling:
    """Somebody enrolled, or a face of a held picture, that the asker may be."""

    kind: Literal["subject", "face"]
    #: The subject's identifier, or the picture's with the face's number in it: IMAGE.NUMBER.
    name: str
    file: str
    #: The score of the comparison, and the score that a match needs; the scale depends on the kind of face.
    score: float
    needed: float
    is_match: bool

    @property
    def share(self) -> float:
        """How near it comes to what a match needs, which is 1."""
        return self.score / self.needed


class FaceSearch:
    """Looks for a face among the people enrolled and the pictures held."""

    def __init__(
        self,
        consent: Consent,
        gallery: Gallery,
        quarantine: Quarantine,
        detector: FaceDetector,
        new_matcher: Callable[[], Matcher],
        clock: Clock,
    ) -> None:
        self._consent = consent
        self._gallery = gallery
        self._quarantine = quarantine
        self._detector = detector
        self._new_matcher = new_matcher
        self._clock = clock

    def search(self, photo: bytes, progress: Progress | None = None) -> list[Resembling]:
        """The people and held faces that resemble the one face in the photograph, the likeliest first.

        Raises UsageError where it shows no face, or several.
        """
        with _log.timed("face search over") as facts:
            found = self._search(photo, progress)
            facts["candidates"] = len(found)
        return found

    def _search(self, photo: bytes, progress: Progress | None) -> list[Resembling]:
        template = self._template(photo)
        matcher = self._new_matcher()
        self._gallery.fill(matcher, progress)
        found = list(_subjects(matcher.rank(template[None])[0]))
        matcher.enrol(_ASKER, template[None])
        walk = self._quarantine.faces()
        while some := list(islice(walk, BATCH)):
            rankings = matcher.rank(np.stack([template_of(face) for _, _, face in some]))
            for (image, number, _), ranking in zip(some, rankings, strict=True):
                mine = [each for each in _subjects(ranking) if each.name == _ASKER]
                name = f"{image.id}.{number}"
                found += [replace(each, kind="face", name=name, file=image.file) for each in mine]
        return sorted(found, key=lambda each: (not each.is_match, -each.share, each.name))

    def check(self, photo: bytes) -> None:
        """Raise UsageError where a photograph shows no face, or several."""
        self._template(photo)

    def sheet(self, photo: bytes, found: Sequence[Resembling], suffix: str) -> bytes:
        """The photograph beside the likeliest candidates, numbered in order, for a person to compare."""
        exhibits = [Exhibit(pixels_of(photo), ("?",))]
        for number, each in enumerate(found[:SHOWN], 1):
            exhibits.append(self._exhibit(each, (str(number), f"{each.share:.0%}")))
        return sheet(exhibits, suffix)

    def _exhibit(self, candidate: Resembling, lines: tuple[str, ...]) -> Exhibit:
        # One whose bytes are damaged is a blank frame: the others can still be compared.
        if candidate.kind == "subject":
            with suppress(IntegrityError):
                photo = self._consent.photo_of(candidate.name)
                return Exhibit(None if photo is None else pixels_of(photo), lines)
            return Exhibit(None, lines)
        image, face = self._quarantine.face(candidate.name)
        with suppress(IntegrityError):
            rgb = pixels_of(self._quarantine.opened(image))
            return Exhibit(rgb, lines, face.box, enlarged=True)
        return Exhibit(None, lines)

    def _template(self, photo: bytes) -> NDArray[np.float32]:
        # What is only doubtful is no reason to refuse: a person looks at whoever is found.
        seen = look_at(self._detector, photo)
        if seen.template is None:
            raise UsageError(f"The photograph {seen.flaws[0].message}", seen.flaws[0].remedy)
        return seen.template


def _subjects(ranking: Ranking) -> Iterable[Resembling]:
    """Whom a face may be, by the shipped thresholds; no policy is asked, because a person compares."""
    rule = THRESHOLDS[ranking.scale]
    needed = rule.match_min_for(ranking.compared)
    is_match = ranking.weighed_by(rule) == "match"
    for each in ranking.candidates:
        # Whoever asks whether they are shown is told of all who come near: nothing is decided by it.
        if each.score >= rule.uncertain_least:
            sure = is_match and each is ranking.best
            yield Resembling("subject", each.subject, "", each.score, needed, sure)
    named = {each.subject for each in ranking.candidates if each.score >= rule.uncertain_least}
    across = ranking.cross_domain
    if across is not None and across.score >= CROSS_DOMAIN_MIN and across.subject not in named:
        yield Resembling("subject", across.subject, "", across.score, 1.0, False)
