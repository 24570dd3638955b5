"""WorkWithdrawals: calls back works when a person is erased.

Before the person's template and copy descriptors are destroyed, every work on record is compared with them.
Works that are near to them are called back. So are works that were drawn by constituents that had learned
from the person and that can't be compared, because nothing shows that they are unlike the person. By a rule
of the workspace, all works that such constituents drew are called back.

The workspace doesn't know who has a work's file, so it can't tell them. `volenti work list --withdrawn`
names the files that have to be deleted, by identifier and digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from volenti.catalogue.comparison import ComparedPerson, Comparison
from volenti.catalogue.ledger import Ledger
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import Ground, Rule, Tally, WithdrawnWork, Work
from volenti.core.clock import Clock, stamp
from volenti.core.logs import Logger
from volenti.training.run import constituent_id
from volenti.training.service import Training
from volenti.vault.event_log import EventLog

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """The result of comparing works with one person: those to be called back, and on what ground."""

    works: tuple[Work, ...]
    #: Identifiers of those drawn by constituents that had learned from the person, called back or not.
    drawn: tuple[str, ...]
    due: dict[str, Ground]
    compared: int


class WorkWithdrawals:
    """Compares works with the person of an erasure, and calls back those that have to be deleted."""

    def __init__(
        self,
        ledger: Ledger,
        comparison: Comparison,
        training: Training,
        events: EventLog,
        rule: Rule,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._comparison = comparison
        self._training = training
        self._events = events
        self._rule = rule
        self._clock = clock

    def foreseen(self, subject: str) -> Tally:
        """What comparing works with the subject would find and call back. Changes nothing."""
        found = self._found(subject)
        return Tally(len(found.drawn), found.compared, len(found.due), self._rule)

    def compare(self, subject: str) -> Found:
        """Compare every work with the subject, before anything of theirs is destroyed.

        The rows of works that earlier versions wrote are renewed first, so that none of them says how near
        the work came to anybody.
        """
        with _log.timed("works compared with a person") as facts:
            self._ledger.renew()
            found = self._found(subject)
            facts["works"], facts["compared"], facts["due"] = len(found.works), found.compared, len(found.due)
        return found

    def call_back(self, found: Found, request: str) -> Tally:
        """Call back the works that were found, for a request; within a transaction of the caller."""
        self._withdraw(found.works, found.due, request)
        return self._record(request, found.drawn, found.compared)

    def finish(self, subject: str, request: str, compared: int) -> Tally:
        """Count the works drawn since `compare` too, once nothing that learned from the subject is served.

        compared: how many works `compare` compared; later ones were compared when they were drawn. Runs
        within a transaction of the caller.
        """
        works = self._ledger.works(refused=False)
        drawn = self._drawn_by_learners_of(subject, works)
        if self._rule == "all":
            self._withdraw(works, dict.fromkeys(drawn, "rule"), request)
        return self._record(request, drawn, compared)

    def presume(self, owner: str) -> int:
        """Call back all works of constituents that had learned from somebody erased; returns how many.

        It is for works that a backup brought back: they can't be compared any more, because the person's key
        is destroyed.
        """
        self._ledger.renew()
        works = self._ledger.works(refused=False)
        unknown = _drawn_in(set(self._training.model_store.affected(owner)), works)
        drawn = [*self._ledger.drawn_by_learners_of(owner), *unknown]
        return self._withdraw(works, dict.fromkeys(drawn, "likeness"), "")

    def _record(self, request: str, drawn: Iterable[str], compared: int) -> Tally:
        # Added to those recorded before: once an earlier version's work is called back, its row doesn't say
        # any more which constituent drew it.
        affected = {*self._ledger.knew(request), *drawn}
        self._ledger.keep_knew(request, affected)
        withdrawn = sum(each.request == request for each in self._ledger.withdrawn())
        return Tally(len(affected), compared, withdrawn, self._rule)

    def _drawn_by_learners_of(self, subject: str, works: Iterable[Work]) -> list[str]:
        """Works drawn by constituents that had learned from the subject, called back or not.

        For an earlier version's work it isn't known whom its constituent had learned from then; it counts
        where the subject is in the same constituent today.
        """
        homes = {*self._training.model_store.affected(subject), *self._training.homes(subject)}
        return sorted({*self._ledger.drawn_by_learners_of(subject), *_drawn_in(homes, works)})

    def _found(self, subject: str) -> Found:
        works = self._ledger.works(refused=False)
        drawn, due, compared = self._drawn_by_learners_of(subject, works), dict[str, Ground](), 0
        if not works:
            return Found((), tuple(drawn), due, 0)
        affected, person = set(drawn), self._comparison.with_one(subject)
        for work in works:
            portrait = self._ledger.portrait(work.id)
            compared += portrait is not None
            near = portrait is not None and bool(person.resemblance.of(portrait).refused)
            if near or (work.id in affected and not _is_told_apart(person, portrait)):
                due[work.id] = "likeness"
            elif work.id in affected and self._rule == "all":
                due[work.id] = "rule"
        return Found(tuple(works), tuple(drawn), due, compared)

    def _withdraw(self, works: Iterable[Work], due: dict[str, Ground], request: str) -> int:
        now = stamp(self._clock())
        found = [
            WithdrawnWork(work.id, work.sha256, work.created, request, now, due[work.id])
            for work in works
            if work.id in due
        ]
        if found:
            self._ledger.withdraw(found)
            said = {"request": request, "works": sorted(each.id for each in found)}
            self._events.record("works-withdrawn", said)
            _log.warning("works called back: their files have to be deleted", works=len(found))
        return len(found)


def _drawn_in(homes: set[str], works: Iterable[Work]) -> list[str]:
    """Earlier versions' works that these constituents drew, whomever these had learned from then."""
    return [
        work.id for work in works if not work.drawn_by and constituent_id(work.run, work.constituent) in homes
    ]


def _is_told_apart(person: ComparedPerson, portrait: Portrait | None) -> bool:
    """Whether a comparison can show that a work isn't like the person."""
    if portrait is None or person.without_copies:
        return False
    return not (person.without_face and len(portrait.faces))
