"""Visitor: who a request comes from, by the cookies of its browser.

Users and people who were photographed have cookies of their own. Behind the people's doors their session
counts, behind all others the user's; behind doors that are open to everybody a user's comes first. A session
that waits for a second factor opens the doors to what it waits for, and is none for all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.web.room import PERSON
from volenti.web.sign_in import OF_PERSON, cookie_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from volenti.consent.subject import Subject
    from volenti.users.session import Session
    from volenti.users.user import User, UserRole
    from volenti.web.room import Door
    from volenti.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who comes: a user or a person who was photographed, in which session; neither where nobody is known.

    `roles` are a user's whose session waits for nothing. `token` is what the browser holds of a user's
    session, good or not, `renewed` what it is to hold from now on, empty where that stays the same, and
    `lacks` what the session waits for.
    """

    user: User | None = None
    subject: Subject | None = None
    session: Session | None = None
    roles: tuple[UserRole, ...] = ()
    token: str = ""
    renewed: str = ""
    lacks: str = ""


def visitor_of(door: Door, ws: Workspace, request: Request) -> Visitor:
    """Who comes to a door."""
    token = request.cookies.get(cookie_of(request), "")
    found = ws.users.signed_in(token)
    if door.open_to != PERSON:
        if found:
            user, known = found
            return Visitor(user, None, known.session, user.roles, token, known.token)
        waits = ws.users.waiting(token)
        if waits:
            user, known = waits
            lacks = known.session.lacks
            if lacks in door.waiting:
                return Visitor(user, None, known.session, (), token, known.token, lacks)
            return Visitor(token=token, lacks=lacks)
    if door.open_to in (None, PERSON):
        who = ws.subjects.visiting(request.cookies.get(cookie_of(request, OF_PERSON), ""))
        if who:
            subject, known = who
            return Visitor(None, subject, known.session, (), token, known.token)
    # Somebody else's door says so to a user, rather than asking them to sign in as somebody else.
    if found:
        user, known = found
        return Visitor(user, None, known.session, user.roles, token, known.token)
    return Visitor(token=token)
