"""The portal: who was photographed gets in by a personal link, sees what they said, and takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.consent.purpose import Grant
from volenti.consent.releasetext import questions
from volenti.core.errors import ConflictError, NotFoundError, RefusedError
from volenti.web.room import EVERYBODY, PERSON, Room
from volenti.web.sign_in import OF_PERSON, cookie_of, set_cookie

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.consent.onrecord import ReleaseOnRecord
    from volenti.core.errors import VolentiError
    from volenti.web.visit import Visit

room = Room()
#: How many pictures the first page shows.
FIRST = 6


@room.get("/me/link", open_to=EVERYBODY)
def asked_for_link(visit: Visit) -> Response:
    """Say to whoever has no session, or none any more, that their personal link opens one."""
    return visit.page("me-link.html")


@room.get("/me/enter/{token}", open_to=EVERYBODY)
def door(visit: Visit) -> Response:
    """Ask whoever opened a personal link for their one-time code."""
    return _door(visit)


@room.post("/me/enter/{token}/code", open_to=EVERYBODY)
def send(visit: Visit) -> Response:
    """Send a one-time code to the address on record of whose link it is."""
    try:
        sent = visit.ws.subjects.send_code(visit.path("token"), language=visit.words.language)
    except ConflictError as error:
        return _door(visit, error, 429)
    return _door(visit, sent=sent, asked=True)


@room.post("/me/enter/{token}", open_to=EVERYBODY)
def enter(visit: Visit) -> Response:
    """Begin a session by link and code; an earlier one of this browser ends."""
    visit.ws.subjects.linked(visit.path("token"))
    try:
        session = visit.ws.subjects.enter(visit.path("token"), visit.said("code"))
    except RefusedError as error:
        return _door(visit, error, 403, asked=True)
    visit.ws.subjects.leave(visit.request.cookies.get(cookie_of(visit.request, OF_PERSON), ""))
    answer = visit.go("/me")
    set_cookie(visit.request, answer, session, OF_PERSON)
    return answer


@room.post("/me/leave", open_to=PERSON)
def leave(visit: Visit) -> Response:
    """End the person's session."""
    name = cookie_of(visit.request, OF_PERSON)
    visit.ws.subjects.leave(visit.request.cookies.get(name, ""))
    answer = visit.go("/me/link")
    answer.delete_cookie(name, path="/", secure=visit.request.app.state.is_https)
    return answer


@room.get("/me", open_to=PERSON)
def home(visit: Visit) -> Response:
    """What they agreed to and what holds today, their latest pictures, and what is under way."""
    ws, who = visit.ws, visit.person
    # The release that was signed last stands first; drafts that nobody signed aren't answers yet.
    releases = [each for each in ws.releases.list(who.id) if each.signed.roles][::-1]
    return visit.page(
        "me.html",
        releases=releases,
        said=questions(visit.words.language),
        grants=tuple(Grant),
        pictures=ws.subjects.pictures(who.id, count=FIRST),
        requests=[each for each in ws.requests.list(subject=who.id) if not each.is_finished],
    )


@room.get("/me/releases/{release}", open_to=PERSON)
def release(visit: Visit) -> Response:
    """What they signed, word for word."""
    found = _own_release(visit, visit.path("release"))
    return visit.page("me-release.html", release=found, text=found.text())


@room.post("/me/withdraw", open_to=PERSON)
def withdraw(visit: Visit) -> Response:
    """Take back one yes or everything. It counts at once; a request has models forget what they learned."""
    ws, who = visit.ws, visit.person
    name, grant = visit.said("release") or None, visit.said("grant") or None
    if name is not None:
        _own_release(visit, name)
    taken = ws.releases.withdraw(release=name, subject=who.id if name is None else None, grant=grant)
    if taken is None:
        return visit.go("/me")
    opened = ws.requests.open("withdrawal", who.id, release=name, grant=grant)
    return visit.go(f"/me/requests/{opened.id}")


def _own_release(visit: Visit, name: str) -> ReleaseOnRecord:
    """A release of theirs; of another person's nobody learns that there is one."""
    for each in visit.ws.releases.list(visit.person.id):
        if each.id == name:
            return each
    raise NotFoundError("There is no such release of yours.", "Go back to the start.")


def _door(
    visit: Visit,
    problem: VolentiError | None = None,
    status: int = 200,
    *,
    sent: bool = False,
    asked: bool = False,
) -> Response:
    who = visit.ws.subjects.linked(visit.path("token"))
    return visit.page(
        "me-enter.html",
        status,
        link=visit.path("token"),
        address=masked(who.contact.strip()) if visit.ws.letters.reach(who.id) else "",
        sent=sent,
        asked=asked,
        problem=problem,
    )


def masked(address: str) -> str:
    """An e-mail address by which only its owner knows it again."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}•••@{host[:1]}•••{host[host.rfind('.') :] if '.' in host else ''}"
