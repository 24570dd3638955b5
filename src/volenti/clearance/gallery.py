"""The gallery: who can be recognised, and under which permission.

Only subjects whose release grants face templates today, here, are enrolled. Their
template is computed from the reference photograph of their release and sealed
under their key; nobody else's face is kept or compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from volenti.clearance.perception import pixels_of
from volenti.clearance.sight.faces import FaceDetector, Template
from volenti.clearance.sight.matching import Matcher
from volenti.clearance.sight.reference import reference_template
from volenti.consent.purpose import Grant, Use
from volenti.consent.service import Consent
from volenti.core.canonical import canonical
from volenti.core.digest import sha256
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress, Silent
from volenti.vault.records import Records

#: Subjects whose photographs a worker describes in one go.
DESCRIBE_BATCH = 4


class Gallery:
    """Reference templates of enrolled subjects."""

    def __init__(self, records: Records, consent: Consent, detector: FaceDetector, jobs: JobRunner) -> None:
        self._records = records
        self._consent = consent
        self._detector = detector
        self._jobs = jobs
        # A template outlives no yes: whoever may still be recognised is described anew by `fill`.
        consent.on_withdrawal(
            lambda withdrawal: records.delete("template", [records.alias(withdrawal.subject)])
        )

    def fill(self, matcher: Matcher, use: Use, progress: Progress | None = None) -> str:
        """Enrol everybody who may be recognised today; returns a digest of who that is, by what."""
        allowed = Use(Grant.BIOMETRIC_TEMPLATES, use.territory, use.day)
        subjects = [subject.id for subject in self._consent.subjects()]
        welcome = [each for each in subjects if self._consent.coverage_for(each, allowed).covered]
        # What a restriction forbids is use; what is there stays as it is.
        gone = set(subjects) - set(welcome) - self._consent.restricted()
        self._records.delete("template", map(self._records.alias, gone))
        self._describe(welcome, progress or Silent())
        enrolled = []
        for subject in welcome:
            templates = self.templates(subject)
            if templates:
                matcher.enrol(subject, np.stack(templates))
                enrolled.append([subject, *(template.tobytes().hex() for template in templates)])
        return sha256(canonical(sorted(enrolled)))

    def templates(self, subject: str) -> list[Template]:
        """The subject's sealed templates; none where they were never enrolled."""
        known = self._records.get("template", self._records.alias(subject))
        vectors = [] if known is None else known.body["vectors"]
        return [np.frombuffer(bytes.fromhex(text), "<f4") for text in vectors]

    def _describe(self, subjects: list[str], progress: Progress) -> None:
        """Compute and seal the templates of reference photographs that are new since last time."""
        due: list[tuple[str, list[bytes]]] = []
        for subject in subjects:
            photos = self._photos(subject)
            known = self._records.get("template", self._records.alias(subject))
            if known is None or known.body["photos"] != _digests(photos):
                due.append((subject, photos))
        batches = [due[i : i + DESCRIBE_BATCH] for i in range(0, len(due), DESCRIBE_BATCH)]
        tasks = [[photos for _, photos in batch] for batch in batches]
        progress.begin("Filling the gallery", len(due))
        for index, described in self._jobs.run(Describer(self._detector).describe, tasks):
            for (subject, photos), vectors in zip(batches[index], described, strict=True):
                body = {
                    "photos": _digests(photos),
                    "vectors": [v.astype("<f4").tobytes().hex() for v in vectors],
                }
                self._records.put("template", self._records.alias(subject), body, owners=(subject,))
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
        rgb = pixels_of(photo)
        return [reference_template(self.detector, rgb, face) for face in self.detector.faces(rgb)[:1]]


def _digests(photos: Sequence[bytes]) -> list[str]:
    return sorted(sha256(photo) for photo in photos)
