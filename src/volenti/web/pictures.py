"""Pictures: the grid of all that were given, and one picture with its whole history.

Whoever looks is noted before anything is shown. A page notes what it shows in one go; a small picture that is
asked for by itself is noted by itself, unless the same user was noted for it within this hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from volenti.clearance.looks import Why
from volenti.core.clock import system_clock
from volenti.core.errors import NotFoundError
from volenti.web import judging
from volenti.web.room import OFFICERS, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from volenti.clearance.picturelist import ListedPicture
    from volenti.clearance.picturewindow import PictureWindow
    from volenti.web.visit import Visit

room = Room(Place("/pictures", "Pictures", OFFICERS))
#: Pictures of a page, and how many may be asked for at once.
COUNT, COUNT_MAX = 60, 240
#: What of the pictures can be asked for, in the order of the page: all that is kept, and each state.
KEPT = ("cleared", "held", "waiting")
STATES = (*KEPT, "rejected", "unreadable")
#: What a link to the grid may say.
FILTERS = (
    "state",
    "shoot",
    "person",
    "finding",
    "given_from",
    "given_until",
    "decided_from",
    "decided_until",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A day or a month at the side of the grid: what it is called, and the place of its first picture."""

    day: str
    start: int
    share: float


@room.get("/pictures", open_to=OFFICERS)
def grid(visit: Visit) -> Response:
    """Show pictures from any place of the list on, with what they can be filtered by."""
    asked, window, start = _asked(visit)
    notice = None
    if asked["person"]:
        with suppress(NotFoundError):
            notice = visit.ws.subjects.show(asked["person"]).subject.legal_name
    return visit.page(
        "pictures.html",
        window=window,
        asked=asked,
        states=STATES,
        kept=KEPT,
        start=start,
        count=COUNT,
        person=notice,
        marks=_marks(window),
        link=_link(asked),
        purposes=judging.purposes(visit) if asked["state"] == "waiting" and window.total else (),
    )


@room.get("/pictures/window", open_to=OFFICERS)
def window(visit: Visit) -> Response:
    """Answer with the tiles from a place on, for a grid that is scrolled."""
    _, window, start = _asked(visit)
    page = visit.page("picture-tiles.html", window=window, start=start)
    assert isinstance(page, HTMLResponse)
    return page


@room.get("/pictures/{image}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show one picture with its whole history."""
    found = visit.ws.pictures.show(visit.path("image"))
    if found.state in (*KEPT, "uncovered"):
        note(visit, [found.id], Why.PICTURE_PAGE)
    return visit.page("picture.html", found=found)


@room.picture("/pictures/{image}/small.jpg", open_to=OFFICERS)
def small(visit: Visit) -> Response:
    """The picture as it is in the grid."""
    data = visit.ws.pictures.preview(visit.path("image"))
    note(visit, [visit.path("image")], Why.GRID)
    return Response(data, media_type="image/jpeg")


@room.picture("/pictures/{image}/large.jpg", open_to=OFFICERS)
def large(visit: Visit) -> Response:
    """The picture to be looked at closely."""
    data = visit.ws.pictures.preview(visit.path("image"), large=True)
    note(visit, [visit.path("image")], Why.PICTURE_PAGE)
    return Response(data, media_type="image/jpeg")


class _Noted:
    """Who was noted for which picture in this hour by this process: (workspace, user, picture, reason)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hour = ""
        self._known: set[tuple[str, str, str, str]] = set()

    def new(self, keys: Iterable[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
        """Those that weren't noted yet."""
        with self._lock:
            hour = f"{system_clock():%Y-%m-%dT%H}"
            if hour != self._hour:
                self._hour, self._known = hour, set()
            return [each for each in dict.fromkeys(keys) if each not in self._known]

    def add(self, keys: Iterable[tuple[str, str, str, str]]) -> None:
        """Remember what was noted."""
        with self._lock:
            self._known.update(keys)


_noted = _Noted()


def note(visit: Visit, images: Iterable[str], why: Why) -> None:
    """Put on record that the visitor sees pictures, unless they were noted for them within this hour."""
    assert visit.user is not None
    place = str(visit.ws.path)
    new = _noted.new((place, visit.user.id, each, str(why)) for each in images if each)
    if new:
        visit.ws.pictures.look([image for _, _, image, _ in new], by=visit.user.id, why=str(why))
        _noted.add(new)


def note_reference(visit: Visit, subject: str) -> None:
    """Put on record that the visitor sees a photograph by which somebody is recognised, as `note` does."""
    assert visit.user is not None
    new = _noted.new([(str(visit.ws.path), visit.user.id, subject, Why.REFERENCE)])
    if new:
        visit.ws.subjects.look(subject, by=visit.user.id)
        _noted.add(new)


def _asked(visit: Visit) -> tuple[dict[str, str], PictureWindow, int]:
    """What a link asks for, the pictures that fit, and from which place on they are."""
    query = visit.request.query_params
    asked = {name: query.get(name, "").strip() for name in FILTERS}
    start, count = _number(query.get("start")), _number(query.get("count")) or COUNT
    if page := _number(query.get("page")):
        start = (page - 1) * COUNT
    days: dict[str, Any] = {
        name: _day(asked[name]) for name in FILTERS if asked[name] and name.endswith(("_from", "_until"))
    }
    found = visit.ws.pictures.window(
        start,
        min(count, COUNT_MAX),
        states=[asked["state"]] if asked["state"] else list(KEPT),
        shoot=asked["shoot"] or None,
        person=asked["person"] or None,
        finding=asked["finding"] or None,
        **days,
    )
    note(visit, (each.id for each in found.pictures if is_kept(each)), Why.GRID)
    return asked, found, start


def is_kept(each: ListedPicture) -> bool:
    """Whether there is a picture to be seen."""
    return each.state in (*KEPT, "uncovered")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _link(asked: Mapping[str, str]) -> Any:
    """Makes links to the grid with other filters: `link(state="held")`; an empty text takes one away."""

    def link(**others: object) -> str:
        said = {**asked, **{name: str(value) for name, value in others.items()}}
        text = urlencode({name: value for name, value in said.items() if value})
        return f"/pictures?{text}" if text else "/pictures"

    return link


def _marks(window: PictureWindow, most: int = 36) -> list[Mark]:
    """The days at the side of the grid: every one where there are few, else those that lie evenly apart."""
    named = [(each.isoformat(), place) for each, place in window.days if each is not None]
    marks: list[Mark] = []
    for day, place in named:
        share = place / max(1, window.total)
        if not marks or share - marks[-1].share >= 1 / most:
            marks.append(Mark(day, place, share))
    return marks
