"""Ledger: what is kept of works, and under whose keys.

| row | whose it is | what it says |
|---|---|---|
| work | nobody's; of a refused one, theirs whom it came too near to | how it was made |
| portrait | the controller's; of a refused one, theirs | what it can be compared by later |
| drawer | theirs whom a constituent learned from | which version of a constituent this is |
| learned | one person's | that a version of a constituent had learned from them |
| knew | nobody's | which works were drawn by what had learned from the person of a request |

A version is a random name: works bear it, and only the rows of those whom that version had learned from
say whom it knew. Whoever leaves takes theirs along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from volenti.catalogue.generation_result import GeneratedImage, GenerationResult, RefusedImage
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import WithdrawnWork, Work
from volenti.core.codec import decoded, encoded
from volenti.core.errors import KeyDestroyedError
from volenti.core.identifiers import new
from volenti.training.model_store import ModelStore
from volenti.training.run import Constituent, constituent_id
from volenti.vault.event_log import Event, EventLog
from volenti.vault.owner import CONTROLLER
from volenti.vault.ports import Row
from volenti.vault.records import Record, Records

#: States of a work's row; those of earlier versions have none.
DRAWN, REFUSED, WITHDRAWN, OF_BEFORE = "drawn", "refused", "withdrawn", ""
_WORK, _PORTRAIT, _DRAWER, _LEARNED, _KNEW = "work", "portrait", "drawer", "learned", "knew"
_LIKENESS, _GENERATED = "likeness", "works-generated"


class Ledger:
    """Keeps works and finds them again."""

    def __init__(self, records: Records, model_store: ModelStore, events: EventLog) -> None:
        self._records = records
        self._model_store = model_store
        self._events = events

    # -- keeping

    def version(self, run: str, constituent: Constituent) -> str:
        """The name of what draws here; made, with whom it learned from, where it hasn't drawn before."""
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

    def keep(self, edition: GenerationResult) -> None:
        """Works, what they can be compared by, and their entries in the log."""
        every: list[GeneratedImage | RefusedImage] = [*edition.drawn, *edition.refused]
        rows = []
        for each in every:
            work, near = each.work, each.likeness.too_near_to
            owners = near if work.refused else ()
            rows += [
                Record(_WORK, work.id, encoded(work), owners, work.state, work.drawn_by),
                Record(_PORTRAIT, work.id, each.portrait.to_json(), owners or (CONTROLLER,)),
            ]
        pending = [Event(_GENERATED, {"works": [each.work.sha256 for each in edition.drawn]})]
        pending += [
            Event(
                "work-refused", {"work": each.work.id, "sha256": each.work.sha256}, each.likeness.too_near_to
            )
            for each in edition.refused
        ]
        # What can't be logged isn't kept either.
        with self._records.transaction():
            self._records.put_all(rows)
            self._events.record_all(pending)

    # -- finding

    def works(self, *, refused: bool | None = None) -> list[Work]:
        """Everything that was drawn and isn't called back, oldest first; refused: only those, or others."""
        states = {None: (DRAWN, REFUSED, OF_BEFORE), True: (REFUSED, OF_BEFORE), False: (DRAWN, OF_BEFORE)}
        found = [work for state in states[refused] for work in self._opened(state)]
        kept = [work for work in found if refused is None or bool(work.refused) == refused]
        return sorted(kept, key=lambda work: (work.created, work.id))

    def withdrawn(self) -> list[WithdrawnWork]:
        """Everything that is called back, oldest first."""
        found = self._records.find(_WORK, state=WITHDRAWN)
        return sorted(
            (decoded(WithdrawnWork, each.body, id=each.id) for each in found),
            key=lambda each: (each.created, each.id),
        )

    def find(self, identifier: str) -> Work | WithdrawnWork:
        """By identifier; NotFoundError where there is none, or none any more."""
        record = self._records.require(_WORK, identifier)
        if record.state == WITHDRAWN:
            return decoded(WithdrawnWork, record.body, id=record.id)
        return Work.read(record.id, record.body)

    def too_near_to(self, work: str) -> tuple[str, ...]:
        """Whom a refused work came too near to; nobody for any other."""
        row = self._records.row(_WORK, work)
        return row.owners if row is not None else ()

    def portrait(self, work: str) -> Portrait | None:
        """What a work can be compared by; None where it is called back, or an earlier version drew it."""
        with suppress(KeyDestroyedError):
            record = self._records.get(_PORTRAIT, work)
            return None if record is None else Portrait.from_json(record.body)
        return None

    def drawn_after(self, subject: str) -> list[str]:
        """Works, refused ones aside, drawn by what had learned from the subject; by their alias, too."""
        versions = {row.parent for row in self._records.rows(_LEARNED, owner=subject)}
        rows = (row for each in versions for row in self._records.rows(_WORK, parent=each))
        return sorted(row.id for row in rows if row.state != REFUSED)

    def knew(self, request: str) -> list[str]:
        """Works drawn by what had learned from the person of an erasure; none for another request."""
        record = self._records.get(_KNEW, request)
        named = [] if record is None else list(record.body["works"])
        # One that a restore didn't bring back isn't on record any more.
        return [each for each in named if self._records.row(_WORK, each) is not None]

    # -- changing

    def keep_knew(self, request: str, works: Iterable[str]) -> None:
        """Which works were drawn by what had learned from the person of a request."""
        self._records.put(_KNEW, request, {"works": sorted(works)})

    def hear(self, said: Records) -> None:
        """Have on record what a later copy of the records says was drawn by what knew somebody."""
        for row in said.rows(_KNEW):
            if self._records.row(_KNEW, row.id) is None:
                self._records.put(_KNEW, row.id, said.opened(row).body)

    def withdraw(self, works: Iterable[WithdrawnWork]) -> None:
        """Leave nothing of works that are called back but what they are told by.

        What was called back for somebody else by now stays called back for them.
        """
        for each in works:
            row = self._records.row(_WORK, each.id)
            if row is not None and row.state == DRAWN:
                self._records.put(_WORK, each.id, encoded(each), state=each.state, parent=row.parent)
                self._records.delete(_PORTRAIT, [each.id])

    def renew(self) -> None:
        """Keep works of earlier versions as today's are: what is known of people leaves the works' own rows.

        A refused one is sealed for those it came too near to; where they left, it goes.
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
        # What opened such an entry named works that were refused; the log keeps its commitment.
        self._events.forget_said(_GENERATED, lambda said: "refused" in said)

    def _refused_for(self, work: str) -> Iterator[str]:
        """Whom a work of an earlier version came too near to, of those who are still here."""
        for row in self._records.rows(_LIKENESS, parent=work):
            with suppress(KeyDestroyedError):
                body = self._records.opened(row).body
                if body["score"] >= body.get("limit", body["score"]):
                    yield from row.owners

    def _opened(self, state: str) -> Iterator[Work]:
        for row in self._records.rows(_WORK, state=state):
            with suppress(KeyDestroyedError):  # refused for somebody who is just leaving
                yield _work(self._records, row)


def _work(records: Records, row: Row) -> Work:
    return Work.read(row.id, records.opened(row).body)
