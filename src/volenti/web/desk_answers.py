"""Answers at the review desk: what a form says, and what each user answered last, to be taken back."""

from __future__ import annotations

import re
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

from volenti.clearance.answer import NO_ONE
from volenti.core.errors import ConflictError, UsageError
from volenti.web.desk_view import seen

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from volenti.clearance.question import Question

#: How many answers of a user can be taken back, and of how many users they are remembered.
BACK, USERS = 50, 500
#: Of how many looks it is remembered that they are on record.
NOTED = 10_000
_IDENTIFIER = re.compile(r"[\w.-]{1,80}")


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that a user gave: to which question, and about which pictures.

    What was left out isn't kept, and a first yes isn't a decision: they can't be undone. `form` is a digest
    of what was said (`said_by`).
    """

    question: str
    purpose: str
    images: tuple[str, ...]
    can_be_undone: bool
    form: str = ""


@dataclass(slots=True)
class LastAnswers:
    """What each user answered last. Nobody's name is among it; it is forgotten when the server ends."""

    _by_user: OrderedDict[str, deque[Given]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, user: str, given: Given) -> None:
        """Remember an answer."""
        with self._lock:
            self._by_user.setdefault(user, deque(maxlen=BACK)).append(given)
            self._by_user.move_to_end(user)
            if len(self._by_user) > USERS:
                self._by_user.popitem(last=False)

    def last(self, user: str) -> Given | None:
        """The answer that would be taken back."""
        with self._lock:
            answers = self._by_user.get(user)
            return answers[-1] if answers else None

    def has(self, user: str, question: str, form: str) -> bool:
        """Whether the user gave just this answer to the question, and hasn't taken it back."""
        with self._lock:
            answers = self._by_user.get(user, ())
            return any(each.question == question and each.form == form for each in answers)

    def drop(self, user: str, given: Given) -> None:
        """Forget an answer that was taken back, or that can't be."""
        with self._lock:
            answers = self._by_user.get(user)
            if answers and given in answers:
                answers.remove(given)


#: A user, a question, and how many pictures it had.
Looked = tuple[str, str, int]


@dataclass(slots=True)
class Noted:
    """Of which questions it is on record in this hour that a user looks at them: once is enough."""

    _known: OrderedDict[Looked, int] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, look: Looked) -> bool:
        """Whether it isn't on record yet, so that whoever asks puts it there; nobody else is told so."""
        hour = int(time.time() // 3600)
        with self._lock:
            if self._known.get(look) == hour:
                return False
            self._known[look] = hour
            self._known.move_to_end(look)
            if len(self._known) > NOTED:
                self._known.popitem(last=False)
            return True

    def forget(self, look: Looked) -> None:
        """It couldn't be put on record."""
        with self._lock:
            self._known.pop(look, None)


@dataclass(frozen=True, slots=True)
class Memory:
    """What one application remembers of its desk."""

    answers: LastAnswers = field(default_factory=LastAnswers)
    noted: Noted = field(default_factory=Noted)


def said(form: FormData, answer: str) -> dict[str, Any]:
    """What an answer says, as `ws.review.decide` takes it; UsageError where it is none."""
    if answer == "reject":
        return {"clear": False}
    if answer == "clear":
        return {"clear": True, "nobody": True}
    if answer in NO_ONE:
        return {"clear": True, "nobody": True, "others": answer}
    if answer.startswith("is "):
        return {"clear": True, "subjects": [answer.removeprefix("is ")]}
    if answer == "faces":
        faces = {
            int(name.removeprefix("face-")): str(value)
            for name, value in form.items()
            if name.removeprefix("face-").isdecimal() and value
        }
        return {"clear": True, "nobody": True, "faces": faces}
    raise UsageError("This is no answer.", "Open the question, and press one of its buttons.")


def said_by(form: FormData) -> str:
    """A short digest of what a form answers, and of which pictures."""
    said = sorted((name, str(value)) for name, value in form.multi_items() if name not in ("form", "after"))
    return sha256(repr([each for each in said if each[0] != "stay"]).encode()).hexdigest()[:16]


def pictures(form: FormData, question: Question) -> list[str]:
    """The pictures that an answer is about: those that were shown, without those that were taken out.

    Raises ConflictError where the question has other pictures by now, UsageError where none is left.
    """
    if form.get("seen") != seen(question):
        raise ConflictError("The question has changed meanwhile.", "Look at it again.")
    out = {str(each) for each in form.getlist("without")}
    left = [each.id for each in question.images if each.id not in out]
    if not left:
        raise UsageError("Every picture is taken out of the answer.", "Leave one in.")
    return left


def place_of(text: str) -> str:
    """Where the next question is, by what a form says of it: its identifier and purpose."""
    name, _, purpose = text.partition(" ")
    if not _IDENTIFIER.fullmatch(name):
        return "/desk"
    return f"/desk/{name}?for={purpose}" if _IDENTIFIER.fullmatch(purpose) else f"/desk/{name}"
