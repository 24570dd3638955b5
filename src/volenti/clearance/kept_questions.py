"""Kept questions: which held pictures show one unknown face, kept so that it isn't computed at each call.

Putting faces together takes as many comparisons as faces times people, and every held picture has to be
opened for it. So a row says what came of it. The row is the quarantine's: it is sealed under the keys of all
the days whose pictures it names, and opens only while all of them exist. It names no person and has nothing
measured.

At any moment the row says what putting everything together anew would say, or there is none. What is decided
is struck out in the same transaction. That doesn't change how the others are put together, because each face
is compared with the first face of each question, unless the first picture of a question goes and others
stay. Then, and whenever a picture is held anew or somebody is erased, the row is deleted: so what is kept
later can't depend on who left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from volenti.clearance.decision import Decision
from volenti.clearance.image import Image
from volenti.clearance.queue_memory import QueueMemory
from volenti.consent.purpose import PURPOSES
from volenti.core.codec import OPTIONAL, decoded, encoded
from volenti.vault.ports import Row
from volenti.vault.records import Records

#: The kind of the row, and the one row there is of it.
KEPT_QUESTIONS, _ROW = "kept-questions", "held"


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """The pictures of one question about a face, in the queue's order; each with the day it belongs to.

    `face` is the number of the face in the first picture; -1 where an earlier version didn't keep it.
    """

    purpose: str
    pictures: tuple[tuple[str, str], ...]
    face: int = field(default=-1, metadata=OPTIONAL)

    @property
    def name(self) -> str:
        """The question's identifier."""
        return f"{self.pictures[0][0]}.{self.face}"

    @property
    def images(self) -> tuple[str, ...]:
        """Identifiers of the pictures."""
        return tuple(image for image, _ in self.pictures)


@dataclass(frozen=True, slots=True)
class _Kept:
    questions: tuple[KeptQuestion, ...]


class KeptQuestions:
    """The row of questions about faces."""

    def __init__(self, records: Records, memory: QueueMemory | None = None) -> None:
        """memory: of what the row said last, because opening it takes as long as it is large."""
        self._records = records
        self._memory = QueueMemory() if memory is None else memory

    def read(self) -> tuple[KeptQuestion, ...] | None:
        """What is kept; None where nothing is, so that everything has to be put together."""
        row = self._records.row(KEPT_QUESTIONS, _ROW)
        if row is None or not self._records.has_keys(row):
            self._memory.forget_kept()
            return None
        return self._memory.kept(row, self._opened)

    def _opened(self, row: Row) -> tuple[KeptQuestion, ...] | None:
        kept = decoded(_Kept, self._records.opened(row).body).questions
        return None if any(each.face < 0 for each in kept) else kept

    def keep(self, questions: Iterable[KeptQuestion]) -> None:
        """Keep these, in place of what was kept before."""
        known = tuple(sorted(questions, key=lambda each: (each.purpose, each.pictures)))
        days = {day for each in known for _, day in each.pictures}
        self._records.put(KEPT_QUESTIONS, _ROW, encoded(_Kept(known)), owners=tuple(days))

    def strike(self, gone: Collection[tuple[str, str]]) -> None:
        """Strike out pictures, each with the purpose for which it is no longer asked about."""
        known = self.read() if gone else None
        if known is None:
            return
        left = []
        for each in known:
            pictures = tuple(one for one in each.pictures if (one[0], each.purpose) not in gone)
            if pictures and pictures[0] != each.pictures[0]:
                self.drop()
                return
            if pictures:
                left.append(replace(each, pictures=pictures))
        if left != list(known):
            self.keep(left)

    def drop(self) -> None:
        """Delete the row: everything is put together anew when it is next asked for."""
        self._records.delete(KEPT_QUESTIONS, [_ROW])


class QuestionChanges:
    """What the decisions of a batch change about the questions that are kept."""

    def __init__(self, records: Records) -> None:
        self._kept = KeptQuestions(records)
        self._answered: set[tuple[str, str]] = set()
        self._is_asked_anew = False

    def change(self, was: Image, image: Image, before: Decision | None, decision: Decision) -> None:
        """Take in a picture with what was decided of it; `was` and `before` are what is on record so far."""
        open_faces = image.faces_in_question
        if len(open_faces) != 1:
            self._answered |= {(image.id, purpose) for purpose in PURPOSES}
        elif open_faces != was.faces_in_question:
            self._is_asked_anew = True
        elif decision.verdict != "held":
            self._answered.add((image.id, decision.purpose))
        elif before is None or before.reason != decision.reason:
            self._is_asked_anew = True

    def write(self) -> None:
        """Change what is kept, in the transaction in which the decisions are put on record."""
        if self._is_asked_anew:
            self._kept.drop()
        else:
            self._kept.strike(self._answered)
