"""Releases: what each person agreed to; found by what they amount to, shown in plain words, taken back."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from volenti.consent.attestation import SCAN_BYTES_MAX
from volenti.consent.purpose import Grant
from volenti.consent.wording import LANGUAGES
from volenti.core.clock import day, system_clock
from volenti.core.errors import NotFoundError, RefusedError, UsageError, VolentiError
from volenti.letters.letter import is_address
from volenti.web.given import file_of
from volenti.web.room import OFFICER, OFFICERS, Body, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from volenti.consent.onrecord import ReleaseOnRecord
    from volenti.web.visit import Visit

room = Room(Place("/releases", "Releases", OFFICERS))
#: How many releases a page of the list has.
COUNT = 25
#: By what the list is filtered, in the order of the buttons.
FILTERS = (
    *("signed", "ends soon", "comes of age", "draft", "lacks its photograph", "begins later"),
    *("withdrawn", "ended", "superseded", "restricted", "defective"),
)
ALL = "all"
#: A scanned paper and a key.
PAPER = Body(SCAN_BYTES_MAX + (1 << 20), max_files=2)


@room.get("/releases", open_to=OFFICERS)
def everything(visit: Visit) -> Response:
    """Show the first releases, or those that an address asks for by what they amount to."""
    return _found(visit, visit.request.query_params.get("standing", ALL), None)


@room.post("/releases", open_to=OFFICERS)
def find(visit: Visit) -> Response:
    """Show releases by whose they are, what they amount to and their shoot."""
    shoot = visit.said("shoot")
    return _found(visit, visit.said("standing") or visit.said("now") or ALL, shoot if shoot != "*" else None)


@room.get("/releases/{release}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show one release in plain words, with its signatures checked now."""
    found = visit.ws.releases.show(visit.path("release"))
    can_write = is_address(found.subject.contact.strip())
    facts: dict[str, Any] = {"answers": _answers(found), "text": _text(found), "can_write": can_write}
    return visit.page("release.html", found=found, **facts)


@room.get("/releases/{release}/receipt.pdf", open_to=OFFICERS)
def receipt(visit: Visit) -> Response:
    """The receipt for the person to keep, as a page."""
    name = visit.path("release")
    page = visit.ws.releases.receipt_page(name)
    # An attachment: pages of this application show nothing of others' making.
    return Response(page, media_type="application/pdf", headers=_saved_as("receipt.pdf"))


@room.get("/releases/{release}/receipt.json", open_to=OFFICERS)
def receipt_for_machines(visit: Visit) -> Response:
    """The receipt as JSON-LD."""
    found = visit.ws.releases.receipt(visit.path("release"))
    text = json.dumps(found, indent=1, ensure_ascii=False)
    return Response(text, media_type="application/ld+json", headers=_saved_as("receipt.json"))


@room.get("/releases/{release}/withdraw", open_to=OFFICER)
def ask(visit: Visit) -> Response:
    """Ask what the person takes back, and say what stops."""
    return _asking(visit, None)


@room.post("/releases/{release}/withdraw", open_to=OFFICER)
def withdraw(visit: Visit) -> Response:
    """Take a yes back on behalf of the person. It counts from this moment."""
    name, what = visit.path("release"), visit.said("what")
    try:
        if not what:
            raise UsageError("It isn't said what is taken back.", "Choose one answer, or everything.")
        visit.ws.releases.withdraw(name, grant=None if what == "everything" else what)
    except (NotFoundError, RefusedError):
        raise
    except VolentiError as error:
        return _asking(visit, error)
    return visit.go(f"/releases/{name}")


@room.get("/releases/{release}/attest", open_to=OFFICER)
def paper(visit: Visit) -> Response:
    """Ask for the scanned paper, and for the officer's key."""
    return _paper(visit, None)


@room.post("/releases/{release}/attest", open_to=OFFICER, body=PAPER)
def attest(visit: Visit) -> Response:
    """Attest that the release was signed on paper. The key is used and not kept."""
    name = visit.path("release")
    try:
        visit.ws.releases.attest(
            name,
            scan=file_of(visit, "scan", "The scanned paper"),
            key=file_of(visit, "key", "Your key"),
            signed_on=_day(visit.said("signed_on")),
            role=visit.said("role") or None,
        )
    except (NotFoundError, RefusedError):
        raise
    except VolentiError as error:
        return _paper(visit, error)
    return visit.go(f"/releases/{name}")


@room.get("/releases/{release}/amend", open_to=OFFICER)
def ask_anew(visit: Visit) -> Response:
    """Ask what a release that takes this one's place is to say."""
    known = visit.ws.releases.show(visit.path("release"))
    terms = known.release.terms
    said = {
        "territory": " ".join(terms.territory),
        "valid_until": terms.valid_until.isoformat() if terms.valid_until else "",
        "compensation": visit.words.in_return(terms.compensation),
        "language": known.release.evidence.language,
    }
    stands = {grant: known.stands(grant) for grant in Grant}
    return visit.page("release-amend.html", found=known, said=said, stands=stands, languages=LANGUAGES)


@room.post("/releases/{release}/amend", open_to=OFFICER)
def amend(visit: Visit) -> Response:
    """Write a release that takes this one's place once it is signed."""
    answers = {grant: visit.said(f"grant-{grant}") for grant in Grant}
    if any(each not in ("yes", "no") for each in answers.values()):
        raise UsageError("An answer is missing.", "Say yes or no to each.")
    until = _day(visit.said("valid_until"))
    new = visit.ws.releases.amend(
        visit.path("release"),
        grant=[grant.value for grant, each in answers.items() if each == "yes"],
        refuse=[grant.value for grant, each in answers.items() if each == "no"],
        territory=visit.said("territory").replace(",", " ").split(),
        valid_until=until,
        no_end=until is None,
        compensation=visit.said("compensation"),
        language=visit.said("language"),
    )
    return visit.go(f"/releases/{new.id}")


def _found(visit: Visit, standing: str, shoot: str | None) -> Response:
    page, words = visit.said("page") or "1", visit.said("words")
    if not page.isdecimal() or not 0 < int(page) < 10**6:
        raise UsageError("There is no such page.", "Open the first one.")
    found = visit.ws.releases.browse(
        words, standing=None if standing == ALL else standing, shoot=shoot, count=COUNT, page=int(page)
    )
    filters = [each for each in FILTERS if found.totals.get(each) or each == standing]
    return visit.page(
        "releases.html", found=found, words_said=words, now=standing, shoot=shoot, filters=filters
    )


def _answers(found: ReleaseOnRecord) -> list[tuple[Grant, str]]:
    """Each grant with yes, no, or back where it was taken back since, for all pictures."""
    said = found.release.grants
    return [(grant, "yes" if found.stands(grant) else "back" if said[grant] else "no") for grant in Grant]


def _text(found: ReleaseOnRecord) -> str:
    try:
        return found.text()
    except NotFoundError:
        return ""


def _asking(visit: Visit, problem: VolentiError | None) -> Response:
    found = visit.ws.releases.show(visit.path("release"))
    pictures = visit.ws.pictures.window(0, 1, states=("cleared",), person=found.subject.id)
    standing = [grant for grant in Grant if found.stands(grant)]
    facts: dict[str, Any] = {"found": found, "standing_grants": standing, "pictures": pictures.total}
    return visit.page("release-withdraw.html", 400 if problem else 200, problem=problem, **facts)


def _paper(visit: Visit, problem: VolentiError | None) -> Response:
    found = visit.ws.releases.show(visit.path("release"))
    is_minor = found.subject.is_minor_on(system_clock().date())
    said = visit.said("signed_on")
    return visit.page(
        "release-attest.html",
        400 if problem else 200,
        found=found,
        is_minor=is_minor,
        signed_on=said,
        problem=problem,
    )


def _saved_as(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}


def _day(text: str) -> date | None:
    try:
        return day(text) if text else None
    except ValueError:
        raise UsageError("This isn't a day.", "Write it as YYYY-MM-DD.") from None
