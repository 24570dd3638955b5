"""ServingConsent: whether a constituent may be served today, and if not, why.

Each time a constituent is to be served, it asks consent about everybody whom that learned from. It
remembers answers only until anybody's consent changes. So every way of saying no counts from the moment it
is on record: a withdrawal, a later release that says no, a term that ends, a restriction, the first step of
an erasure. A person without a face template counts as saying no, because works are compared with everybody
whom the model learned from, and this person can't be compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.consent.purpose import Grant, Use

if TYPE_CHECKING:
    from volenti.clearance.gallery import Gallery
    from volenti.consent.service import Consent
    from volenti.core.canonical import Json
    from volenti.datasets.service import Datasets

#: Why a constituent isn't served, beside the codes of `consent.coverage`.
NO_TEMPLATE, ERASED, UNTRAINED, DAMAGED = "no-template", "erased", "untaught", "damaged"


@dataclass(frozen=True, slots=True)
class Suspension:
    """A constituent that isn't served: `reasons` are pairs of a reason's code and the people it is about."""

    what: str
    reasons: tuple[tuple[str, tuple[str, ...]], ...]

    def to_json(self) -> Json:
        """What isn't served, and whom each reason is about, as a JSON object."""
        return {"constituent": self.what, "reasons": {code: list(who) for code, who in self.reasons}}


class ServingConsent:
    """Asks consent and the gallery about everybody whom a constituent learned from."""

    def __init__(self, gallery: Gallery, datasets: Datasets, consent: Consent) -> None:
        self._gallery = gallery
        self._datasets = datasets
        self._consent = consent
        self._revision = ""
        self._answers: dict[tuple[str, Use], str] = {}

    def is_recognisable(self, subject: str) -> bool:
        """Whether the subject has a face template, which works can be compared with."""
        return not self._gallery.undescribed([subject])

    def against(self, snapshot: str, uses: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
        """Who stands against serving what learned from a snapshot's pictures, by reason; empty for nobody.

        uses: pairs of a subject and the shoot that pictures of theirs are from.
        """
        cut, day = self._datasets.snapshot(snapshot), self._consent.today
        revision = self._consent.revision
        if revision != self._revision:
            self._answers.clear()
            self._revision = revision
        found: dict[str, list[str]] = {}
        for subject, shoot in uses:
            use = Use(Grant(cut.purpose), cut.territory, day, cut.conditions, shoot)
            code = self._answers.get((subject, use))
            if code is None:
                answer = self._consent.coverage_for(subject, use)
                code = self._answers[subject, use] = "" if answer.covered else answer.code
            code = code or ("" if self.is_recognisable(subject) else NO_TEMPLATE)
            if code and subject not in found.setdefault(code, []):
                found[code].append(subject)
        return found
