"""Queue memory: what the review queue is made of, in this process's memory.

With ten thousand held pictures, reading which they are takes longer than everything else that a page of the
desk does. So it is kept, once for all who opened the workspace in this process, and brought up to date by the
events since: as for the list of pictures (`pictureindex`), these and the number of held decisions say what
has changed. Only identifiers are in it. Nothing of it is written anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from volenti.clearance.picturechanges import changed_pictures, newest_event

if TYPE_CHECKING:
    from volenti.clearance.kept_questions import KeptQuestion
    from volenti.vault.ports import Row
    from volenti.vault.records import Records

#: From how many events on the names are read anew: one by one takes longer.
MANY = 2_000


class Asked(NamedTuple):
    """A question of the queue, of which nothing was opened; first the one that decides most pictures."""

    #: How many pictures an answer decides, negative: so that they sort.
    rank: int
    #: The question's identifier.
    name: str
    purpose: str


class QueueMemory:
    """What is held, which questions are kept about it, and their order."""

    def __init__(self) -> None:
        self._lock = RLock()
        #: Decisions that hold a picture, as `IMAGE/PURPOSE`; None until they are asked for.
        self._held: set[str] | None = None
        #: How many events there were when the names were as they are.
        self._events = -1
        self._changes = 0
        self._kept: tuple[Row, tuple[KeptQuestion, ...] | None] | None = None
        self._ordered: tuple[Sequence[KeptQuestion], int, list[Asked]] | None = None

    def kept(
        self, row: Row, read: Callable[[Row], tuple[KeptQuestion, ...] | None]
    ) -> tuple[KeptQuestion, ...] | None:
        """What a row says; it is opened only where another one was opened last."""
        with self._lock:
            if self._kept is None or self._kept[0] != row:
                self._kept = row, read(row)
            return self._kept[1]

    def forget_kept(self) -> None:
        """Forget what the row said: it is gone, or its keys are."""
        with self._lock:
            self._kept = self._ordered = None

    def order(self, records: Records, kept: Sequence[KeptQuestion]) -> Sequence[Asked]:
        """Every question in the order in which they are asked: the kept ones, and each other picture."""
        with self._lock:
            held = self._up_to_date(records)
            if self._ordered is None or self._ordered[:2] != (kept, self._changes):
                about_faces = {f"{image}/{each.purpose}" for each in kept for image in each.images}
                asked = [Asked(-len(each.pictures), each.name, each.purpose) for each in kept]
                alone = (each.partition("/") for each in held - about_faces)
                asked += (Asked(-1, image, purpose) for image, _, purpose in alone)
                self._ordered = kept, self._changes, sorted(asked)
            return self._ordered[2]

    def _up_to_date(self, records: Records) -> set[str]:
        events = newest_event(records)
        if self._held is None or not self._events <= events <= self._events + MANY:
            self._read(records)
        else:
            for image in changed_pictures(records, self._events + 1, events):
                self._read_one(records, image)
            if records.count("decision", state="held") != len(self._held or ()):
                self._read(records)
        self._events = events
        assert self._held is not None
        return self._held

    def _read(self, records: Records) -> None:
        self._held = set(records.identifiers("decision", state="held"))
        self._changes += 1

    def _read_one(self, records: Records, image: str) -> None:
        assert self._held is not None
        decisions = {row.id: row.state for row in records.rows("decision", parent=image)}
        before = {each for each in self._of(image, decisions) if each in self._held}
        now = {each for each, state in decisions.items() if state == "held"}
        if before != now:
            self._held = (self._held - before) | now
            self._changes += 1

    def _of(self, image: str, decisions: dict[str, str]) -> set[str]:
        """Names of a picture's decisions: those on record, and those that may have been there before."""
        from volenti.consent.purpose import PURPOSES

        return {*decisions, *(f"{image}/{each}" for each in PURPOSES)}


@cache
def memory_of(place: Path) -> QueueMemory:
    """The memory of the workspace in a folder: one for all who opened it in this process."""
    return QueueMemory()
