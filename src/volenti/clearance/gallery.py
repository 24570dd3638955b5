"""The gallery: who can be recognised, and under which permission.

Only subjects whose release grants face templates today, here, are enrolled. Their
template is computed from the reference photograph of their release and sealed
under their key; nobody else's face is kept or compared.
"""

from __future__ import annotations

import numpy as np

from volenti.clearance.faces import FaceDetector, Template
from volenti.clearance.matching import Matcher
from volenti.clearance.perception import pixels_of
from volenti.consent.purpose import Grant, Use
from volenti.consent.service import Consent
from volenti.core.digest import sha256
from volenti.core.progress import Progress, Silent, track
from volenti.vault.records import Records


class Gallery:
    """Reference templates of enrolled subjects."""

    def __init__(self, records: Records, consent: Consent, detector: FaceDetector) -> None:
        self._records = records
        self._consent = consent
        self._detector = detector

    def fill(self, matcher: Matcher, use: Use, progress: Progress | None = None) -> list[str]:
        """Enrol everybody who may be recognised today; returns those whose reference shows no face."""
        faceless = []
        allowed = Use(Grant.BIOMETRIC_TEMPLATES, use.territory, use.day)
        subjects = list(self._consent.subjects())
        for subject in track(progress or Silent(), "Filling the gallery", subjects):
            if not self._consent.coverage_for(subject.id, allowed).covered:
                self._records.delete("template", [subject.id])
                continue
            templates = self.templates(subject.id)
            if templates:
                matcher.enrol(subject.id, np.stack(templates))
            else:
                faceless.append(subject.id)
        return faceless

    def templates(self, subject: str) -> list[Template]:
        """The subject's templates, computed once for each reference photograph and kept sealed."""
        photos = self._photos(subject)
        known = self._records.get("template", subject)
        digests = sorted(sha256(photo) for photo in photos)
        if known is None or known.body["photos"] != digests:
            vectors = [self._template(photo) for photo in photos]
            body = {"photos": digests, "vectors": [v.astype("<f4").tobytes().hex() for v in vectors if v is not None]}
            self._records.put("template", subject, body, owners=(subject,))
            known = self._records.require("template", subject)
        return [np.frombuffer(bytes.fromhex(text), "<f4") for text in known.body["vectors"]]

    def _photos(self, subject: str) -> list[bytes]:
        found = []
        for signed in self._consent.releases(subject):
            photo = self._consent.reference(signed.release.id)
            if photo is not None:
                found.append(photo)
        return found

    def _template(self, photo: bytes) -> Template | None:
        faces = self._detector.faces(pixels_of(photo))
        return faces[0].template if faces else None
