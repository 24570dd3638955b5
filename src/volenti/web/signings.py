"""Signing sessions: an officer opens one, holds its code up to phones, and sees who has signed."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from volenti.consent.purpose import Grant
from volenti.consent.wording import LANGUAGES
from volenti.core.errors import UsageError
from volenti.web.room import OFFICER, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from volenti.signings.session import SigningSession
    from volenti.web.visit import Visit

room = Room(Place("/signings", "Signing", OFFICER))
#: How many sessions a page lists.
LISTED = 50
#: For how many hours a link may be good, as the page offers it.
HOURS = (2, 12, 24, 72, 168)


@room.get("/signings", open_to=OFFICER)
def every(visit: Visit) -> Response:
    """The sessions, the latest first."""
    return visit.page("signings.html", signings=visit.ws.signings.list()[:LISTED])


@room.get("/signings/new", open_to=OFFICER)
def ask(visit: Visit) -> Response:
    """The form for a new session; what rarely changes is as in the latest one."""
    return _form(visit, _usual(visit))


@room.post("/signings/new", open_to=OFFICER)
def begin(visit: Visit) -> Response:
    """Open a session, and show its code."""
    try:
        session = visit.ws.signings.open(visit.said("shoot").strip(), **_given(visit))
    except UsageError as error:
        said = {name: str(value) for name, value in visit.form.multi_items() if isinstance(value, str)}
        many = {name: visit.form.getlist(name) for name in ("ask", "language")}
        return _form(visit, _usual(visit) | said | many | {"witness": visit.said("witness")}, error)
    return visit.go(f"/signings/{session.id}")


@room.get("/signings/{signing}", open_to=OFFICER)
def one(visit: Visit) -> Response:
    """A session: its code to hold up, its link, and who has signed so far."""
    found = visit.ws.signings.show(visit.path("signing"))
    return visit.page("signing-session.html", found=found, link=_link(visit, found.signing.session))


@room.post("/signings/{signing}", open_to=OFFICER)
def end(visit: Visit) -> Response:
    """Close a session."""
    visit.ws.signings.close(visit.path("signing"))
    return visit.go(f"/signings/{visit.path('signing')}")


@room.get("/signings/{signing}/code.svg", open_to=OFFICER)
def code(visit: Visit) -> Response:
    """The link as a QR code (ISO/IEC 18004), dark on white whatever the page's colours are."""
    import segno

    session = visit.ws.signings.show(visit.path("signing")).signing.session
    out = BytesIO()
    segno.make(_link(visit, session), error="m", micro=False).save(
        out, kind="svg", border=3, dark="#000", light="#fff", omitsize=True, xmldecl=False
    )
    return Response(out.getvalue(), media_type="image/svg+xml")


def _link(visit: Visit, session: SigningSession) -> str:
    return str(visit.request.base_url).rstrip("/") + session.path


def _usual(visit: Visit) -> dict[str, Any]:
    """What the form says at first: what rarely changes as in the latest session."""
    today = date.today().isoformat()
    said: dict[str, Any] = dict.fromkeys(
        ("shoot", "photographer", "controller", "law", "valid_until", "compensation", "witness"), ""
    )
    said |= {"first_day": today, "last_day": today, "territory": "WORLD", "people": "50", "hours": "12"}
    said |= {"language": list(LANGUAGES), "ask": []}
    latest = next(iter(visit.ws.signings.list()), None)
    if latest is not None:
        session = latest.session
        said |= {name: getattr(session, name) for name in ("photographer", "controller", "law")}
        said |= {"compensation": session.compensation, "territory": " ".join(session.territory)}
        said |= {"ask": [*map(str, session.asks)], "language": list(session.languages)}
        said |= {"witness": "yes" if session.has_witness else ""}
    return said


def _form(visit: Visit, said: dict[str, Any], problem: UsageError | None = None) -> Response:
    status = 400 if problem else 200
    facts = {"grants": list(Grant), "languages": LANGUAGES, "hours": HOURS}
    return visit.page("signing-new.html", status, said=said, problem=problem, **facts)


def _given(visit: Visit) -> dict[str, Any]:
    """What the form says, as the verb takes it; UsageError for a day or number that is none."""
    given: dict[str, Any] = {
        name: visit.said(name).strip() for name in ("controller", "photographer", "law", "compensation")
    }
    given |= {name: _day(visit.said(name)) for name in ("first_day", "last_day", "valid_until")}
    given |= {name: _number(visit.said(name)) for name in ("people", "hours")}
    given["territory"] = visit.said("territory").replace(",", " ").upper().split()
    given |= {name: [str(each) for each in visit.form.getlist(name)] for name in ("ask", "language")}
    return given | {"witness": visit.said("witness") == "yes"}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError("A day isn't one.", "Write it as 2026-11-30.") from None


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise UsageError("A number isn't one.", "Write it in digits.")
    return int(text)
