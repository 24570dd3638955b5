"""The gallery: who can be recognised, and under which permission.

Only subjects whose release grants face templates, today and in the territory of the use, are enrolled. Their
template is computed from the reference photograph of their release and sealed under their key; nobody else's
face is kept or compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.consent.purpose import Grant, Use
from volenti.core.digest import sha256
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from volenti.consent.service import Consent
    from volenti.core.jobs import JobRunner
    from volenti.perception.sight.faces import FaceDetector, Template
    from volenti.perception.sight.matching import Matcher
    from volenti.vault.records import Record, Records

#: Subjects of whose photographs a worker computes templates in one go.
DESCRIBE_BATCH = 4
#: States of a template's row.
_ENROLLED, _RESTRICTED = "enrolled", "resting"

_log = Logger(__name__)


class Gallery:
    """Keeps the reference templates of enrolled subjects, and fills matchers with them."""

    def __init__(self, records: Records, consent: Consent, detector: FaceDetector, jobs: JobRunner) -> None:
        self._records = records
        self._consent = consent
        self._detector = detector
        self._jobs = jobs

    def fill(self, matcher: Matcher, use: Use, progress: Progress | None = None) -> int:
        """Enrol everybody who may be recognised today; returns the gallery's number.

        The number changes whenever somebody was enrolled, got new templates or was taken out, and it says no
        more than how often that was: a digest of those enrolled would say who was among them.
        """
        with _log.timed("gallery filled") as facts:
            enrolled = self._fill(matcher, use, progress or Silent())
            facts["enrolled"] = enrolled
        return self.number

    def _fill(self, matcher: Matcher, use: Use, progress: Progress) -> int:
        allowed = Use(Grant.BIOMETRIC_TEMPLATES, use.territory, use.day)
        subjects = [subject.id for subject in self._consent.subjects()]
        granted = [each for each in subjects if self._consent.coverage_for(each, allowed).covered]
        # A restriction forbids use alone: the templates of restricted people are kept, and not compared.
        restricted = self._consent.restricted()
        self._take_out(set(subjects) - set(granted) - restricted)
        self._describe(granted, progress)
        for subject in set(subjects) & restricted:
            self._mark(subject, _RESTRICTED)
        enrolled = 0
        for subject in granted:
            templates = _templates_in(self._mark(subject, _ENROLLED))
            if templates:
                matcher.enrol(subject, _enrolled(templates))
                enrolled += 1
        return enrolled

    def foreseen(self, use: Use) -> int:
        """The number that the gallery would have once it is filled for a use. Changes nothing."""
        allowed = Use(Grant.BIOMETRIC_TEMPLATES, use.territory, use.day)
        restricted = self._consent.restricted()
        for subject in self._consent.subjects():
            known = self._records.row("template", self._records.alias(subject.id))
            if subject.id in restricted:
                changes = known is not None and known.state != _RESTRICTED
            elif self._consent.coverage_for(subject.id, allowed).covered:
                changes = known is None or known.state != _ENROLLED or self._is_new(subject.id)
            else:
                changes = known is not None
            if changes:
                return self.number + 1
        return self.number

    def _is_new(self, subject: str) -> bool:
        """Whether templates of the subject's reference photographs have to be computed."""
        known = self._records.get("template", self._records.alias(subject))
        return known is None or known.body["photos"] != _digests(self._photos(subject))

    @property
    def number(self) -> int:
        """The number of the gallery as it was last filled, from 1."""
        row = self._records.row("gallery", "gallery")
        return 1 if row is None else row.position

    def apply_consent(self, subject: str) -> None:
        """Take a subject out of the gallery, unless a release grants face templates somewhere today."""
        if not self.undescribed([subject]) and not self._is_recognisable_somewhere(subject):
            self._take_out([subject])

    def _is_recognisable_somewhere(self, subject: str) -> bool:
        said = self._consent.releases(subject)
        places = {place for signed in said for place in signed.release.terms.territory}
        uses = (Use(Grant.BIOMETRIC_TEMPLATES, place, self._consent.today) for place in sorted(places))
        return any(self._consent.granted(subject, use).covered for use in uses)

    def _take_out(self, subjects: Collection[str]) -> None:
        aliases = map(self._records.alias, subjects)
        there = [alias for alias in aliases if self._records.row("template", alias)]
        if there:
            with self._records.transaction():
                self._records.delete("template", there)
                self._count_change()

    def _mark(self, subject: str, state: str) -> Record | None:
        """Put on record whether the subject's templates are compared or only kept; returns their row."""
        known = self._records.get("template", self._records.alias(subject))
        if known is not None and known.state != state:
            known = replace(known, state=state)
            with self._records.transaction():
                self._records.put_all([known])
                self._count_change()
        return known

    def _count_change(self) -> None:
        self._records.put("gallery", "gallery", {}, position=self.number + 1)

    def undescribed(self, subjects: Iterable[str]) -> list[str]:
        """Those of the subjects who have no face template: nothing can be compared with them."""
        return [each for each in subjects if self._records.row("template", self._records.alias(each)) is None]

    def count(self) -> int:
        """How many people have face templates."""
        return self._records.count("template")

    def templates(self, subject: str) -> list[Template]:
        """The subject's sealed templates; none where they were never enrolled."""
        return _templates_in(self._records.get("template", self._records.alias(subject)))

    def _describe(self, subjects: list[str], progress: Progress) -> None:
        """Compute and seal the templates of reference photographs that are new since the last time."""
        due: list[tuple[str, list[bytes]]] = []
        for subject in subjects:
            if self._is_new(subject):
                due.append((subject, self._photos(subject)))
        batches = [due[i : i + DESCRIBE_BATCH] for i in range(0, len(due), DESCRIBE_BATCH)]
        tasks = [[photos for _, photos in batch] for batch in batches]
        progress.begin("Filling the gallery", len(due))
        for index, described in self._jobs.run(Describer(self._detector).describe, tasks):
            for (subject, photos), vectors in zip(batches[index], described, strict=True):
                body = {
                    "photos": _digests(photos),
                    "vectors": [v.astype("<f4").tobytes().hex() for v in vectors],
                }
                with self._records.transaction():
                    self._records.put(
                        "template", self._records.alias(subject), body, owners=(subject,), state=_ENROLLED
                    )
                    self._count_change()
            progress.advance(len(batches[index]))
        progress.end()

    def _photos(self, subject: str) -> list[bytes]:
        found = []
        for signed in self._consent.releases(subject):
            photo = self._consent.reference(signed.release.id)
            if photo is not None:
                found.append(photo)
        return found


@dataclass(frozen=True)
class Describer:
    """Makes templates of reference photographs. Picklable, for worker processes."""

    detector: FaceDetector

    def describe(self, subjects: Sequence[Sequence[bytes]]) -> list[list[Template]]:
        """For each subject's photographs: the template of the largest face of each that shows one."""
        return [[vector for photo in photos for vector in self._vectors(photo)] for photos in subjects]

    def _vectors(self, photo: bytes) -> list[Template]:
        # Imported where a picture is looked at: whoever only asks who has templates needs none of it.
        from volenti.perception.files.kept import pixels_of
        from volenti.perception.sight.reference import reference_template

        rgb = pixels_of(photo)
        return [reference_template(self.detector, rgb, face) for face in self.detector.faces(rgb)[:1]]


def _templates_in(known: Record | None) -> list[Template]:
    vectors = [] if known is None else known.body["vectors"]
    if not vectors:
        return []
    import numpy as np

    return [np.frombuffer(bytes.fromhex(text), "<f4") for text in vectors]


def _digests(photos: Sequence[bytes]) -> list[str]:
    return sorted(sha256(photo) for photo in photos)


def _enrolled(templates: Sequence[Template]) -> NDArray[np.float32]:
    import numpy as np

    from volenti.perception.sight.reference import enrolled

    return enrolled(np.stack(templates))
