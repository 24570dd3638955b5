"""The review desk: one question after the other, what there is to see of it, and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from volenti.clearance.review import MANUAL
from volenti.core.errors import ConflictError, NotFoundError, VolentiError
from volenti.web.desk_answers import Given, Memory, pictures, place_of, said, said_by
from volenti.web.desk_decided import Decided, said_in, says_the_same
from volenti.web.desk_view import KEYS, STRIP, View
from volenti.web.pictures import note_reference
from volenti.web.room import OFFICERS, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from volenti.clearance.decision import Approval
    from volenti.clearance.question import Question
    from volenti.users.user import User
    from volenti.web.visit import Visit

room = Room(Place("/desk", "Review", OFFICERS))
#: How many of the questions that come next a page names, so that they can be loaded before.
AHEAD = 6
#: How many people are shown who were found by typing.
FOUND = 6
#: The longer side of a small picture, in pixels.
SMALL = 200


@room.get("/desk", open_to=OFFICERS)
def first(visit: Visit) -> Response:
    """Go to the question that settles most pictures; say so where there is none."""
    place = visit.ws.review.next(reviewer=_user(visit).name, user=_user(visit).id)
    if place.after:
        return visit.go(place_of(f"{place.after[0].id} {place.after[0].purpose}"))
    return visit.page(
        "desk-empty.html", waiting=place.count, given=_memory(visit).answers.last(_user(visit).id)
    )


@room.post("/desk/undo", open_to=OFFICERS)
def undo(visit: Visit) -> Response:
    """Take the user's last answer back, and show its question again."""
    user = _user(visit)
    given = _memory(visit).answers.last(user.id)
    if given is None or not given.can_be_undone:
        raise ConflictError(
            "Your last answer can't be taken back: what is left out isn't kept, and a first yes waits.",
            "Give a picture that was left out again.",
        )
    _memory(visit).answers.drop(user.id, given)
    for image in given.images:
        visit.ws.review.undo(image, purpose=given.purpose, reviewer=user.name)
    return visit.go(place_of(f"{given.question} {given.purpose}"))


@room.get("/desk/{question}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show a question with everything there is to see of it."""
    return _page(visit)


@room.post("/desk/{question}", open_to=OFFICERS)
def decide(visit: Visit) -> Response:
    """Take an answer, and go on to the next question.

    The same answer sent once more finds the question answered, and changes nothing; another answer than what
    was decided meanwhile is refused, with who said what.
    """
    user, name, answer = _user(visit), visit.path("question"), visit.said("answer")
    says = said(visit.form, answer)
    try:
        question = visit.ws.review.question(name, purpose=_purpose(visit))
    except NotFoundError as error:
        return _too_late(visit, error)
    if any(
        _is_of(each, user) and says_the_same(answer, visit.form, each, question.decision)
        for each in question.decision.approvals
    ):
        return _onward(visit)
    try:
        images = pictures(visit.form, question)
        done = visit.ws.review.decide(
            name, images=images, purpose=question.purpose, reviewer=user.name, user=user.id, **says
        )
    except VolentiError as error:
        return _refused(visit, error)
    is_cleared = all(each.verdict == "cleared" for each in done)
    form = said_by(visit.form)
    _memory(visit).answers.add(user.id, Given(name, question.purpose, tuple(images), is_cleared, form))
    return _onward(visit)


@room.post("/desk/{question}/people", open_to=OFFICERS)
def find(visit: Visit) -> Response:
    """Find people by what was typed, and show whether the face may be theirs."""
    return _page(visit, who=visit.said("who"))


@room.post("/desk/{question}/flag", open_to=OFFICERS)
def flag(visit: Visit) -> Response:
    """Add what the user saw and nothing looked for; the picture then waits for an answer to that, too."""
    code, image = visit.said("code"), visit.said("image")
    question = visit.ws.review.question(visit.path("question"), purpose=_purpose(visit))
    if image not in {each.id for each in question.images}:
        raise NotFoundError("The question has no such picture.", "Open the question again.")
    visit.ws.review.flag(image, code, purpose=question.purpose, reviewer=_user(visit).name)
    return visit.go(place_of(f"{image} {question.purpose}"))


@room.picture("/desk/{question}/picture-{number}.jpg", open_to=OFFICERS)
def picture(visit: Visit) -> Response:
    """One picture of the question, as large as a screen."""
    return _picture(visit, "picture")


@room.picture("/desk/{question}/small-{number}.jpg", open_to=OFFICERS)
def small(visit: Visit) -> Response:
    """The face in question in one picture, small."""
    return _picture(visit, "face", side=SMALL)


@room.picture("/desk/{question}/face-{number}.jpg", open_to=OFFICERS)
def face(visit: Visit) -> Response:
    """One face, enlarged."""
    return _picture(visit, "face")


@room.picture("/desk/{question}/reference/{subject}/{number}.jpg", open_to=OFFICERS)
def reference(visit: Visit) -> Response:
    """A photograph by which somebody is enrolled."""
    shown = _picture(visit, "reference", subject=visit.path("subject"))
    note_reference(visit, visit.path("subject"))
    return shown


def _picture(visit: Visit, part: str, subject: str = "", side: int | None = None) -> Response:
    number = visit.path("number")
    if not number.isdecimal():
        raise NotFoundError("The question has no such picture.", "Open the question again.")
    question = visit.ws.review.question(visit.path("question"), purpose=_purpose(visit))
    _look(visit, question)
    data = visit.ws.review.picture(question, part=part, number=int(number), subject=subject, side=side)
    return Response(data, media_type="image/jpeg")


def _onward(visit: Visit) -> Response:
    """Go to the next question; a page that goes there by itself says so."""
    return Response(status_code=204) if visit.said("stay") else visit.go(place_of(visit.said("after")))


def _refused(visit: Visit, problem: VolentiError) -> Response:
    """Show the question again with the reason, or what was decided of it meanwhile."""
    if not isinstance(problem, ConflictError | NotFoundError):
        return _page(visit, problem)
    if _memory(visit).answers.has(_user(visit).id, visit.path("question"), said_by(visit.form)):
        return _onward(visit)
    try:
        visit.ws.review.question(visit.path("question"), purpose=_purpose(visit))
    except NotFoundError as error:
        return _too_late(visit, error)
    return _page(visit, problem)


def _too_late(visit: Visit, problem: NotFoundError) -> Response:
    """Go on where the question was answered so already; or say who answered it otherwise."""
    ws, user, name, purpose = visit.ws, _user(visit), visit.path("question"), _purpose(visit)
    answer = visit.said("answer")
    if _memory(visit).answers.has(user.id, name, said_by(visit.form)):
        return _onward(visit)
    image = name.partition(".")[0]
    decisions = [each for each in ws.review.decisions(image) if purpose in (None, each.purpose)]
    if any(says_the_same(answer, visit.form, yes, each) for each in decisions for yes in each.approvals):
        return _onward(visit)
    place = ws.review.next(name, count=AHEAD, reviewer=user.name, user=user.id, purpose=purpose)
    given, people = _memory(visit).answers.last(user.id), said_in(ws, decisions)
    # Who said what stands there by itself; what else may have become of the picture is in the problem.
    view = Decided(name, purpose or "", place, people, None if people else problem, given)
    return visit.page("desk-decided.html", 409, view=view)


def _page(visit: Visit, problem: VolentiError | None = None, who: str = "") -> Response:
    ws, user, name, purpose = visit.ws, _user(visit), visit.path("question"), _purpose(visit)
    try:
        question = ws.review.question(name, purpose=purpose)
    except NotFoundError:
        return visit.go("/desk")  # answered meanwhile
    found = tuple(each.id for each in list(ws.subjects.find(who))[:FOUND]) if who else ()
    shown = visit.request.query_params.get("picture", "0")
    view = View(
        question,
        ws.review.next(name, count=AHEAD, reviewer=user.name, user=user.id, purpose=question.purpose),
        tuple(ws.review.choices(question, reviewer=user.name, user=user.id, people=found)),
        ws.review.people(question, also=found),
        found,
        int(shown) if shown.isdecimal() and int(shown) < len(question.images) else 0,
        _agreed(question, user),
        problem,
        _memory(visit).answers.last(user.id),
        who,
    )
    flags = [each for each in MANUAL if each not in question.findings]
    status = 200 if problem is None else 409 if isinstance(problem, ConflictError) else 400
    return visit.page("desk.html", status, view=view, keys=KEYS, strip=STRIP, flags=flags)


def _look(visit: Visit, question: Question) -> None:
    """Put on record that the user looks at a question's pictures, for whoever is in them to read.

    A page loads several pictures of a question; the first that is asked for within an hour is the look.
    """
    user, noted = _user(visit).id, _memory(visit).noted
    key = (user, question.id, len(question.images))
    if noted.begin(key):
        try:
            visit.ws.pictures.look([each.id for each in question.images], by=user, why="review")
        except VolentiError:
            noted.forget(key)
            raise


def _agreed(question: Question, user: User) -> bool:
    """Whether the user gave the first of two yeses."""
    return any(_is_of(each, user) for each in question.decision.approvals)


def _is_of(yes: Approval, user: User) -> bool:
    """Whether the user gave a yes."""
    return user.id == yes.user or user.name == yes.reviewer


def _memory(visit: Visit) -> Memory:
    """What the application remembers of the desk until it ends."""
    state = visit.request.app.state
    if not hasattr(state, "desk"):
        state.desk = Memory()
    memory: Memory = state.desk
    return memory


def _purpose(visit: Visit) -> str | None:
    return visit.request.query_params.get("for") or None


def _user(visit: Visit) -> User:
    assert visit.user is not None
    return visit.user
