"""What the desk says to an answer that comes too late: what was said meanwhile, and by whom."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.clearance.answer import NO_ONE
from volenti.core.errors import KeyDestroyedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import FormData

    from volenti.clearance.decision import Approval, Decision
    from volenti.clearance.place import Place
    from volenti.core.errors import VolentiError
    from volenti.web.desk_answers import Given
    from volenti.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Said:
    """What one reviewer said: whose the face is, by name, or else what was answered."""

    reviewer: str
    at: str
    people: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """Everything that the page shows in place of a question that isn't asked any more."""

    name: str
    purpose: str
    place: Place
    said: tuple[Said, ...]
    problem: VolentiError | None
    given: Given | None


def says_the_same(answer: str, form: FormData, yes: Approval, decision: Decision) -> bool:
    """Whether an answer is the one that a reviewer gave, as it is on record."""
    if answer == "reject" or decision.verdict == "rejected":
        return answer == "reject" and decision.verdict == "rejected"
    replies = {each.partition("=")[2] for each in yes.answers}
    if answer.startswith("is "):
        return answer.removeprefix("is ") in (replies or yes.subjects)
    if answer in NO_ONE:
        return replies == {answer}
    if answer == "faces":
        faces = {(name.removeprefix("face-"), str(value)) for name, value in form.items()}
        return all((number, reply) in faces for number, _, reply in (x.partition("=") for x in yes.answers))
    return answer == "clear" and not replies


def said_in(ws: Workspace, decisions: Sequence[Decision]) -> tuple[Said, ...]:
    """What reviewers said of a picture, in the order in which they did."""
    return tuple(_said(ws, yes, each) for each in decisions for yes in each.approvals)


def _said(ws: Workspace, yes: Approval, decision: Decision) -> Said:
    if decision.verdict == "rejected":
        return Said(yes.reviewer, yes.at, (), ("reject",))
    replies = list(dict.fromkeys(each.partition("=")[2] for each in yes.answers))
    kinds = tuple(each for each in replies if each in NO_ONE)
    people = [each for each in replies if each not in NO_ONE] if replies else list(yes.subjects)
    names = []
    for each in people:
        # Whoever was erased meanwhile isn't named any more.
        with suppress(NotFoundError, KeyDestroyedError):
            names.append(ws.subjects.show(each).subject.legal_name)
    return Said(yes.reviewer, yes.at, tuple(names), kinds or (() if people else ("clear",)))
