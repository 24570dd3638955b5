"""Withdrawing works: what becomes of pictures that are out when somebody leaves.

Before their template and their pictures' sketches go, every work on record is compared with them. Near ones
are called back, and of those drawn by what had learned from them, all that can't be compared: what isn't
shown to be unlike them isn't left with anybody. A rule of the workspace may call back all of those.

Nobody was ever handed a work by the workspace, so nobody can be told by it: `volenti work list --withdrawn`
names the files that have to go, by identifier and digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from volenti.catalogue.comparison import Comparison, Model
from volenti.catalogue.ledger import Ledger
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import Ground, Rule, Tally, WithdrawnWork, Work
from volenti.core.clock import Clock, stamp
from volenti.training.run import constituent_id
from volenti.training.service import Training
from volenti.vault.event_log import EventLog


@dataclass(frozen=True, slots=True)
class Found:
    """What comparing works with one person found: those to be called back, and on what ground."""

    works: tuple[Work, ...]
    #: Identifiers of those drawn by what had learned from them, those called back among them.
    drawn: tuple[str, ...]
    due: dict[str, Ground]
    compared: int


class WorkWithdrawals:
    """Compares works with whoever leaves, and calls back what has to be."""

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
        """What comparing works with them would find, and have called back. Changes nothing."""
        found = self._found(subject)
        return Tally(len(found.drawn), found.compared, len(found.due), self._rule)

    def compare(self, subject: str) -> Found:
        """Compare every work with the subject, while that can be done: before anything of theirs goes.

        Works of earlier versions are kept as today's from here on, so that no row of them says how near
        they came to anybody.
        """
        self._ledger.renew()
        return self._found(subject)

    def call_back(self, found: Found, request: str) -> Tally:
        """Call back what was found, for a request; in a transaction of its caller's."""
        self._withdraw(found.works, found.due, request)
        return self._counted(request, found.drawn, found.compared)

    def finished(self, subject: str, request: str, compared: int) -> Tally:
        """Once nothing serves the subject: which works knew them, with those drawn since `compare`.

        compared: how many were compared then. Those drawn since were compared with them when they were drawn.
        In a transaction of its caller's.
        """
        works = self._ledger.works(refused=False)
        drawn = self._drawn_after(subject, works)
        if self._rule == "all":
            self._withdraw(works, dict.fromkeys(drawn, "rule"), request)
        return self._counted(request, drawn, compared)

    def presume(self, owner: str) -> int:
        """Call back all that was drawn by what had learned from somebody whose key is gone; returns how many.

        For works that a backup brought back: they can't be compared with whoever left.
        """
        self._ledger.renew()
        works = self._ledger.works(refused=False)
        unknown = _drawn_in(set(self._training.model_store.affected(owner)), works)
        drawn = [*self._ledger.drawn_after(owner), *unknown]
        return self._withdraw(works, dict.fromkeys(drawn, "likeness"), "")

    def _counted(self, request: str, drawn: Iterable[str], compared: int) -> Tally:
        # Of what drew works of an earlier version nothing is known once they are called back.
        knew = {*self._ledger.knew(request), *drawn}
        self._ledger.keep_knew(request, knew)
        withdrawn = sum(each.request == request for each in self._ledger.withdrawn())
        return Tally(len(knew), compared, withdrawn, self._rule)

    def _drawn_after(self, subject: str, works: Iterable[Work]) -> list[str]:
        """Works drawn by what had learned from the subject, those called back among them.

        Of what drew works of an earlier version nobody knows whom it had learned from then: whoever is
        in the same constituent today counts.
        """
        homes = {*self._training.model_store.affected(subject), *self._training.homes(subject)}
        return sorted({*self._ledger.drawn_after(subject), *_drawn_in(homes, works)})

    def _found(self, subject: str) -> Found:
        works = self._ledger.works(refused=False)
        drawn, due, compared = self._drawn_after(subject, works), dict[str, Ground](), 0
        if not works:
            return Found((), tuple(drawn), due, 0)
        knew, model = set(drawn), self._comparison.with_one(subject)
        for work in works:
            portrait = self._ledger.portrait(work.id)
            compared += portrait is not None
            near = portrait is not None and bool(model.resemblance.of(portrait).refused)
            if near or (work.id in knew and not _is_told_apart(model, portrait)):
                due[work.id] = "likeness"
            elif work.id in knew and self._rule == "all":
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
        return len(found)


def _drawn_in(homes: set[str], works: Iterable[Work]) -> list[str]:
    """Works of earlier versions, drawn by these constituents, whatever they knew then."""
    return [
        work.id for work in works if not work.drawn_by and constituent_id(work.run, work.constituent) in homes
    ]


def _is_told_apart(model: Model, portrait: Portrait | None) -> bool:
    """Whether a comparison with the person can say that a work isn't like them."""
    if portrait is None or model.without_copies:
        return False
    return not (model.without_face and len(portrait.faces))
