"""People of a question: who a face may be, and what is to be known of them to say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from datetime import date

    from volenti.clearance.question import Question
    from volenti.consent.coverage import Coverage
    from volenti.consent.purpose import Use
    from volenti.consent.service import Consent


@dataclass(frozen=True, slots=True)
class PersonInQuestion:
    """Somebody whom a question may be about.

    coverage: what their releases say about the use today. references: how many reference photographs of
    theirs are here. nearness: how near the face in question comes to them, in per cent of what a match needs;
    None where it was nearer to two others, or nothing measured of it is kept.
    """

    subject: str
    name: str
    birth_date: date
    coverage: Coverage
    references: int
    nearness: float | None = None

    __repr__ = short_repr


def people_of(
    question: Question, also: Sequence[str], consent: Consent, use: Use
) -> dict[str, PersonInQuestion]:
    """Those whom a question may be about, the nearest first. also: others who may be meant."""
    near = {each.subject: each for each in question.candidates}
    found = {}
    for each in dict.fromkeys((*near, *_recognised(question), *also)):
        # Whoever was erased meanwhile isn't meant any more.
        with suppress(NotFoundError, KeyDestroyedError):
            person = consent.subject(each)
            found[each] = PersonInQuestion(
                each,
                person.legal_name,
                person.birth_date,
                near[each].coverage if each in near else consent.coverage_for(each, use),
                len(consent.references(each)),
                near[each].nearness if each in near and near[each].needed > 0 else None,
            )
    return found


def _recognised(question: Question) -> Iterator[str]:
    for face in question.images[0].faces:
        yield from (each for each in (face.match, face.subject, face.nearest) if each)
    for yes in question.decision.approvals:
        yield from yes.subjects
