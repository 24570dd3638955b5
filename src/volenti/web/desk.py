"""The review desk: one question after the other, what there is to see of it, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from volenti.clearance.answer import NO_ONE
from volenti.core.errors import UsageError, VolentiError
from volenti.web.room import OFFICERS, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from volenti.clearance.question import Question
    from volenti.web.visit import Visit

room = Room(Place("/desk", "Review", OFFICERS))
#: Answers beside those about a face that is nobody's, and "is" with a person's identifier.
ANSWERS = ("person", "nobody", "reject")


@dataclass(frozen=True, slots=True)
class Queued:
    """Where in the queue a question stands, and which comes after it."""

    number: int
    count: int
    after: str


@room.get("/desk", open_to=OFFICERS)
def first(visit: Visit) -> Response:
    """Go to the question that settles most pictures; say so where there is none."""
    questions = visit.ws.review.list()
    return visit.go(f"/desk/{questions[0].id}") if questions else visit.page("desk-empty.html")


@room.get("/desk/{question}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show a question with everything there is to see of it."""
    return _page(visit, visit.path("question"))


@room.post("/desk/{question}", open_to=OFFICERS)
def decide(visit: Visit) -> Response:
    """Take an answer, and go on to the next question."""
    assert visit.user is not None
    question, answer = visit.path("question"), visit.said("answer")
    if answer not in (*ANSWERS, *NO_ONE) and not answer.startswith("is "):
        raise UsageError("This is no answer.", "Open the question, and press one of its buttons.")
    after = visit.said("after")
    try:
        visit.ws.review.decide(
            question,
            clear=answer != "reject",
            reviewer=visit.user.name,
            subjects=_who(visit, answer),
            nobody=answer == "nobody",
            others=answer if answer in NO_ONE else None,
        )
    except VolentiError as error:
        # Where somebody else answered it meanwhile, there is no such question, and the next one is shown.
        return _page(visit, question, error)
    return visit.go(f"/desk/{after}" if after else "/desk")


@room.get("/desk/{question}/sheet.jpg", open_to=OFFICERS)
def sheet(visit: Visit) -> Response:
    """The sheet: the picture with its faces boxed, and the people that they come near to."""
    return Response(visit.ws.review.show(visit.path("question"), ".jpg"), media_type="image/jpeg")


def _who(visit: Visit, answer: str) -> tuple[str, ...]:
    """Who an answer says it is: whom its button names, or who was chosen."""
    if answer.startswith("is "):
        return (answer.removeprefix("is "),)
    if answer != "person":
        return ()
    if not visit.said("subject"):
        raise UsageError("It isn't said who it is.", "Choose a person.")
    return (visit.said("subject"),)


def _page(visit: Visit, name: str, problem: VolentiError | None = None) -> Response:
    questions = visit.ws.review.list()
    found = next((place for place, each in enumerate(questions) if each.id == name), None)
    if found is None:
        return visit.go("/desk")
    question = questions[found]
    after = questions[found + 1].id if found + 1 < len(questions) else ""
    return visit.page(
        "desk.html",
        400 if problem else 200,
        question=question,
        queued=Queued(found + 1, len(questions), after),
        people=visit.ws.subjects.list() if _asks_who(question) else (),
        problem=problem,
    )


def _asks_who(question: Question) -> bool:
    return bool(question.images[0].faces)
