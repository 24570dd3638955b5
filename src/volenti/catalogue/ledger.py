"""Ledger: keeps the rows of works, and decides under whose keys each is sealed.

| row | whose it is | what it says |
|---|---|---|
| work | nobody's; of a refused work, the people's whom it came too near to | how it was made |
| portrait | the controller's; of a refused work, the same people's | what it can be compared by later |
| drawer | the people's whom a constituent learned from | which version of a constituent this is |
| learned | one person's | that a version of a constituent had learned from them |
| knew | nobody's | which works were drawn by constituents that had learned from the person of a request |

A version is a random name, which its works bear. Whom a version had learned from is said only in rows of
these people, so an erasure destroys that along with the person's key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from volenti.catalogue.work import WithdrawnWork, Work
from volenti.core.codec import decoded, encoded
from volenti.core.errors import KeyDestroyedError
from volenti.core.identifiers import new
from volenti.training.run import Constituent, constituent_id
from volenti.vault.event_log import Event, EventLog
from volenti.vault.owner import CONTROLLER
from volenti.vault.ports import Row
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.catalogue.generation_result import GeneratedImage, GenerationResult, RefusedImage
    from volenti.catalogue.portrait import Portrait
    from volenti.training.model_store import ModelStore

#: States of a work's row; rows that earlier versions wrote have none.
DRAWN, REFUSED, WITHDRAWN, OF_BEFORE = "drawn", "refused", "withdrawn", ""
_WORK, _PORTRAIT, _DRAWER, _LEARNED, _KNEW = "work", "portrait", "drawer", "learned", "knew"
_LIKENESS, _GENERATED = "likeness", "works-generated"


class Ledger:
    """Keeps the rows of works, finds them and changes them."""

    def __init__(self, records: Records, model_store: ModelStore, events: EventLog) -> None:
        self._records = records
        self._model_store = model_store
        self._events = events

    # -- keeping

    def name_version(self, run: str, constituent: Constituent) -> str:
        """Return the name of a constituent's version.

        Where it hasn't drawn before, a name is made and recorded for each person whom it learned from.
        """
        identifier = constituent_id(run, constituent.shard)
        owners = self._model_store.learned_from(identifier)
        with suppress(KeyDestroyedError):
            known = self._records.get(_DRAWER, identifier)
            if known is not None and known.body["sha256"] == constituent.sha256 and known.owners == owners:
                return str(known.body["version"])
        version = new("ver")
        body = {"sha256": constituent.sha256, "version": version}
        self._records.put(_DRAWER, identifier, body, owners=owners)
        self._records.put_all(
            Record(
                _LEARNED,
                f"{version}/{self._records.alias(each)}",
                {"constituent": identifier},
                (each,),
                parent=version,
            )
            for each in owners
        )
        return version

    def keep(self, result: GenerationResult) -> None:
        """Keep the works of a result with their portraits, and record the events."""
        every: list[GeneratedImage | RefusedImage] = [*result.drawn, *result.refused]
        rows = []
        for each in every:
            work, near = each.work, each.likeness.too_near_to
            owners = near if work.refused else ()
            rows += [
                Record(_WORK, work.id, encoded(work), owners, work.state, work.drawn_by),
                Record(_PORTRAIT, work.id, each.portrait.to_json(), owners or (CONTROLLER,)),
            ]
        pending = [Event(_GENERATED, {"works": [each.work.sha256 for each in result.drawn]})]
        pending += [
            Event(
                "work-refused", {"work": each.work.id, "sha256": each.work.sha256}, each.likeness.too_near_to
            )
            for each in result.refused
        ]
        # One transaction: where the events can't be recorded, the works aren't kept either.
        with self._records.transaction():
            self._records.put_all(rows)
            self._events.record_all(pending)

    # -- finding

    def works(self, *, refused: bool | None = None) -> list[Work]:
        """Every work that isn't called back, oldest first. refused: only refused ones, or only the others."""
        states = {None: (DRAWN, REFUSED, OF_BEFORE), True: (REFUSED, OF_BEFORE), False: (DRAWN, OF_BEFORE)}
        found = [work for state in states[refused] for work in self._opened(state)]
        kept = [work for work in found if refused is None or bool(work.refused) == refused]
        return sorted(kept, key=lambda work: (work.created, work.id))

    def count(self) -> int:
        """How many works are on record that aren't called back; none of them is opened."""
        return sum(self._records.count("work", state=state) for state in (DRAWN, REFUSED, OF_BEFORE))

    def withdrawn(self) -> list[WithdrawnWork]:
        """Every work that is called back, oldest first."""
        found = self._records.find(_WORK, state=WITHDRAWN)
        return sorted(
            (decoded(WithdrawnWork, each.body, id=each.id) for each in found),
            key=lambda each: (each.created, each.id),
        )

    def find(self, identifier: str) -> Work | WithdrawnWork:
        """The work with that identifier; NotFoundError where there is none, or it was erased."""
        record = self._records.require(_WORK, identifier)
        if record.state == WITHDRAWN:
            return decoded(WithdrawnWork, record.body, id=record.id)
        return Work.read(record.id, record.body)

    def too_near_to(self, work: str) -> tuple[str, ...]:
        """Whom a refused work came too near to; nobody for any other."""
        row = self._records.row(_WORK, work)
        return row.owners if row is not None else ()

    def portrait(self, work: str) -> Portrait | None:
        """A work's portrait; None where the work is called back, or an earlier version kept no portrait."""
        from volenti.catalogue.portrait import Portrait

        with suppress(KeyDestroyedError):
            record = self._records.get(_PORTRAIT, work)
            return None if record is None else Portrait.from_json(record.body)
        return None

    def drawn_by_learners_of(self, subject: str) -> list[str]:
        """Identifiers of works, except refused ones, drawn by versions that had learned from the subject.

        subject: or their alias.
        """
        versions = {row.parent for row in self._records.rows(_LEARNED, owner=subject)}
        rows = (row for each in versions for row in self._records.rows(_WORK, parent=each))
        return sorted(row.id for row in rows if row.state != REFUSED)

    def count_refused(self, subject: str) -> int:
        """How many works were refused because they came too near to the subject; none is opened."""
        return self._records.count(_WORK, owner=subject, state=REFUSED)

    def knew(self, request: str) -> list[str]:
        """Works of constituents that had learned from the person of an erasure; none for other requests."""
        record = self._records.get(_KNEW, request)
        named = [] if record is None else list(record.body["works"])
        # A work that a restore didn't bring back isn't on record any more.
        return [each for each in named if self._records.row(_WORK, each) is not None]

    # -- changing

    def keep_knew(self, request: str, works: Iterable[str]) -> None:
        """Record which works were drawn by constituents that had learned from the person of a request."""
        self._records.put(_KNEW, request, {"works": sorted(works)})

    def hear(self, said: Records) -> None:
        """Take over the rows `knew` that a later copy of the records has and this one hasn't."""
        for row in said.rows(_KNEW):
            if self._records.row(_KNEW, row.id) is None:
                self._records.put(_KNEW, row.id, said.opened(row).body)

    def withdraw(self, works: Iterable[WithdrawnWork]) -> None:
        """Mark works as called back, and delete everything of them but what identifies their files.

        A work that was already called back for another request stays as it is.
        """
        for each in works:
            row = self._records.row(_WORK, each.id)
            if row is not None and row.state == DRAWN:
                self._records.put(_WORK, each.id, encoded(each), state=each.state, parent=row.parent)
                self._records.delete(_PORTRAIT, [each.id])

    def renew(self) -> None:
        """Rewrite the rows of works that earlier versions wrote, so that they say nothing of people.

        A refused work is sealed for the people whom it came too near to; where all of them were erased, it is
        deleted.
        """
        with self._records.transaction():
            self._renew()

    def _renew(self) -> None:
        old = list(self._records.rows(_WORK, state=OF_BEFORE))
        for row in old:
            work = Work.read(row.id, self._records.opened(row).body)
            if not work.refused:
                self._records.put(_WORK, work.id, encoded(work), state=work.state)
                continue
            self._records.delete(_WORK, [work.id])
            owners = set(self._refused_for(work.id))
            if owners:
                self._records.put(_WORK, work.id, encoded(work), owners=sorted(owners), state=work.state)
        if not old:
            return
        self._records.delete(_LIKENESS, [row.id for row in self._records.rows(_LIKENESS)])
        # These events named refused works. Their bodies are deleted; the log keeps the commitments.
        self._events.forget_said(_GENERATED, lambda said: "refused" in said)

    def _refused_for(self, work: str) -> Iterator[str]:
        """The people whom an earlier version's work came too near to, except those who were erased."""
        for row in self._records.rows(_LIKENESS, parent=work):
            with suppress(KeyDestroyedError):
                body = self._records.opened(row).body
                if body["score"] >= body.get("limit", body["score"]):
                    yield from row.owners

    def _opened(self, state: str) -> Iterator[Work]:
        for row in self._records.rows(_WORK, state=state):
            with suppress(KeyDestroyedError):  # refused for somebody whose erasure is under way
                yield _work(self._records, row)


def _work(records: Records, row: Row) -> Work:
    return Work.read(row.id, records.opened(row).body)
