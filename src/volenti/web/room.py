"""Room: the routes of one noun. Each says who may use it, and there is no other way to make a route."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from volenti.core.errors import IntegrityError, RefusedError
from volenti.core.logs import Logger
from volenti.users.user import UserRole
from volenti.web.visit import Place, Visit

View = Callable[[Visit], Response]
_log = Logger(__name__)
#: A drawing that says nothing, instead of a picture that can't be shown.
NOT_SHOWN = "/static/not-shown.svg"

#: Whoever comes, signed in or not; and whoever is signed in.
EVERYBODY: None = None
SIGNED_IN = frozenset(UserRole)
#: Who looks at the people in the pictures, and answers at the desk.
OFFICERS = frozenset({UserRole.OFFICER, UserRole.SECOND_OFFICER})
#: Who answers for them: deals with their requests, and changes what is on record.
OFFICER = frozenset({UserRole.OFFICER})
#: Whoever was photographed, in a session of their own, which no user's role opens: to what is theirs alone.
PERSON = frozenset({"person"})
#: Who manages users and settings.
ADMINS = frozenset({UserRole.ADMIN})


@dataclass(frozen=True, slots=True)
class Body:
    """What a request may bring at most: bytes in all, files, and other fields."""

    max_bytes: int
    max_files: int = 0
    max_fields: int = 200


#: A form without files.
FORM = Body(1 << 20)


@dataclass(frozen=True, slots=True)
class Door:
    """One route: its method and path, and who may use it; None: everybody."""

    method: str
    path: str
    open_to: frozenset[str] | None
    view: View
    body: Body = FORM
    #: Of sessions that wait for a second factor, those that it is open to, by what they lack.
    waiting: tuple[str, ...] = ()

    def lets_in(self, roles: Iterable[str]) -> bool:
        """Whether somebody with these roles may use it."""
        return self.open_to is None or not self.open_to.isdisjoint(roles)


class Room:
    """The routes of one noun, and its entry in the navigation where it has one."""

    def __init__(self, place: Place | None = None) -> None:
        self.place = place
        self.doors: list[Door] = []

    def get(
        self, path: str, *, open_to: frozenset[str] | None, waiting: tuple[str, ...] = ()
    ) -> Callable[[View], View]:
        """Make a route that shows something, and changes nothing but what was looked at."""
        return self._door("GET", path, open_to, waiting=waiting)

    def picture(self, path: str, *, open_to: frozenset[str] | None) -> Callable[[View], View]:
        """Make a route that shows one picture.

        Where the bytes are damaged, or were given by somebody and make no picture, it shows a drawing that
        says nothing: what anybody gave is never a failure of the page that it stands on. So it does where
        nobody may look at it for now, such as while somebody's pictures are restricted.
        """

        def made(view: View) -> View:
            def shown(visit: Visit) -> Response:
                try:
                    return view(visit)
                except (IntegrityError, RefusedError) as error:
                    _log.info("picture not shown", code=error.code)
                    return visit.go(NOT_SHOWN)

            self._door("GET", path, open_to)(shown)
            return view

        return made

    def post(
        self,
        path: str,
        *,
        open_to: frozenset[str] | None,
        body: Body = FORM,
        waiting: tuple[str, ...] = (),
    ) -> Callable[[View], View]:
        """Make a route that does something. body: what it takes, where that is more than a form's text."""
        return self._door("POST", path, open_to, body, waiting)

    def _door(
        self, method: str, path: str, open_to: Any, body: Body = FORM, waiting: tuple[str, ...] = ()
    ) -> Callable[[View], View]:
        def made(view: View) -> View:
            self.doors.append(Door(method, path, open_to, view, body, waiting))
            return view

        return made
