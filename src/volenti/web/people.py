"""People: everybody who was photographed; found by typing, and one person with all that is on record."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from volenti.clearance.looks import Why
from volenti.consent.purpose import Grant
from volenti.core.clock import day, system_clock
from volenti.core.errors import ConflictError, NotFoundError, RefusedError, UsageError, VolentiError
from volenti.letters.letter import is_address
from volenti.web.pictures import KEPT, is_kept, note, note_reference
from volenti.web.room import OFFICER, OFFICERS, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from datetime import date

    from volenti.clearance.picturewindow import PictureWindow
    from volenti.consent.onrecord import ReleaseOnRecord
    from volenti.consent.subject import Subject
    from volenti.web.visit import Visit

room = Room(Place("/people", "People", OFFICERS))
#: How many people a page of the list has, and how many pictures a person's page shows.
COUNT, PICTURES = 25, 12
#: How many letters and looks a person's page shows.
LINES = 8
#: What can be amended of a person, by the field's name.
FIELDS = (
    "name",
    "birth_date",
    "contact",
    "pseudonym",
    "identity_check",
    "notes",
    "guardian",
    "guardian_relation",
)


@room.get("/people", open_to=OFFICERS)
def everybody(visit: Visit) -> Response:
    """Show the first people by name, or those of a page."""
    return _found(visit, "", visit.request.query_params.get("page", "1"))


@room.post("/people", open_to=OFFICERS)
def find(visit: Visit) -> Response:
    """Show who is called so. It is a form that is sent, so that no name stands in an address."""
    return _found(visit, visit.said("words"), visit.said("page") or "1")


@room.get("/people/{subject}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show one person: what holds today, and everything that is on record."""
    return _person(visit, visit.path("subject"))


@room.get("/people/{subject}/amend", open_to=OFFICER)
def ask(visit: Visit) -> Response:
    """Ask what is to be corrected or completed."""
    return _amending(visit, visit.ws.subjects.show(visit.path("subject")).subject)


@room.post("/people/{subject}/amend", open_to=OFFICER)
def amend(visit: Visit) -> Response:
    """Correct or complete what is on record. Releases stay as they were signed.

    Only what was changed in the form is amended, and nothing that somebody else changed meanwhile.
    """
    who = visit.path("subject")
    subject = visit.ws.subjects.show(who).subject
    said = {name: visit.said(name).strip() for name in FIELDS}
    now = _on_record(subject)
    was = {name: str(visit.form.get(f"was-{name}", now[name])) for name in FIELDS}
    changed = [name for name in FIELDS if said[name] != was[name]]
    try:
        if any(now[name] not in (was[name], said[name]) for name in changed):
            raise ConflictError(
                "Somebody else changed the same meanwhile.",
                "What is on record now stands beside it. Save once more, if yours is right.",
            )
        # An empty guardian is none: only what is given is said, so that one on record stays.
        given: dict[str, Any] = {
            name: said[name] or None if name.startswith("guardian") else said[name] for name in changed
        }
        if "birth_date" in given:
            given["birth_date"] = _day(said["birth_date"])
            _check_sure(visit, who)
        visit.ws.subjects.amend(who, **given)
    except (NotFoundError, RefusedError):
        raise
    except VolentiError as error:
        return _amending(visit, subject, said, error)
    return visit.go(f"/people/{who}")


@room.post("/people/{subject}/distinguish", open_to=OFFICER)
def distinguish(visit: Visit) -> Response:
    """Put on record that two people are two."""
    who = visit.path("subject")
    visit.ws.subjects.distinguish(who, visit.said("other"))
    return visit.go(f"/people/{who}")


@room.picture("/people/{subject}/references/{digest}.jpg", open_to=OFFICERS)
def reference(visit: Visit) -> Response:
    """A reference photograph, cut out around the face."""
    shown = visit.ws.subjects.show_reference(visit.path("subject"), visit.path("digest"))
    note_reference(visit, visit.path("subject"))
    return Response(shown, media_type="image/jpeg")


def _check_sure(visit: Visit, who: str) -> None:
    """Refuse to change a birth date that releases were signed with, unless that was ticked."""
    if not visit.said("sure") and any(each.is_in_force for each in visit.ws.releases.list(who)):
        raise ConflictError(
            "They signed with the birth date that is on record: with another one, what they signed doesn't "
            "hold any more, and they aren't recognised.",
            "Have them sign anew. To save it all the same, tick that below.",
        )


def _amending(
    visit: Visit, subject: Subject, said: dict[str, str] | None = None, problem: VolentiError | None = None
) -> Response:
    """The form of somebody's record, filled in with what was typed, or with what is on record."""
    now = _on_record(subject)
    facts = {"subject": subject, "now": now, "said": said or now, "problem": problem}
    return visit.page("person-amend.html", 400 if problem else 200, **facts)


def _on_record(subject: Subject) -> dict[str, str]:
    """What is on record of somebody, as the form's fields say it."""
    guardian = subject.guardian
    return {
        "name": subject.legal_name,
        "birth_date": subject.birth_date.isoformat(),
        "contact": subject.contact,
        "pseudonym": subject.pseudonym,
        "identity_check": subject.identity_check,
        "notes": subject.notes,
        "guardian": guardian.name if guardian else "",
        "guardian_relation": guardian.relation if guardian else "",
    }


def _found(visit: Visit, words: str, page: str) -> Response:
    if not page.isdecimal() or not 0 < int(page) < 10**6:
        raise UsageError("There is no such page.", "Open the first one.")
    found = visit.ws.subjects.browse(words, count=COUNT, page=int(page))
    return visit.page("people.html", found=found, words_said=words)


def _person(visit: Visit, who: str) -> Response:
    ws = visit.ws
    found = ws.subjects.show(who)
    releases = ws.releases.list(who)
    pictures = ws.pictures.window(0, PICTURES, states=KEPT, person=who)
    requests = [each for each in ws.requests.list() if each.subject == who]
    note(visit, [each.id for each in pictures.pictures if is_kept(each)], Why.GRID)
    alike = []
    for other in found.look_alikes:
        with suppress(VolentiError):
            alike.append(ws.subjects.show(other))
    return visit.page(
        "person.html",
        found=found,
        age=found.subject.age_on(system_clock().date()),
        holding=[(grant, _standing_for(releases, grant)) for grant in Grant],
        releases=sorted(releases, key=lambda each: (not each.is_in_force, each.id)),
        pictures=pictures,
        states=_states(pictures),
        requests=requests,
        alike=alike,
        letters=ws.letters.list(who)[:LINES],
        looks=ws.subjects.looks(who)[:LINES],
        can_write=is_address(found.subject.contact.strip()),
    )


def _states(pictures: PictureWindow) -> dict[str, int]:
    """How many pictures are in which state; where all are shown, as each is today."""
    every = [each.state for each in pictures.pictures]
    return dict(Counter(every)) if len(every) == pictures.total else dict(pictures.states)


def _standing_for(releases: list[ReleaseOnRecord], grant: Grant) -> ReleaseOnRecord | None:
    """A release that says yes to a grant today, the one that holds longest; None where none does."""
    yes = [each for each in releases if each.today == "signed" and each.stands(grant)]
    return max(yes, key=lambda each: str(each.release.terms.valid_until or "9999"), default=None)


def _day(text: str) -> date:
    try:
        return day(text)
    except ValueError:
        raise UsageError("The birth date isn't a day.", "Write it as YYYY-MM-DD.") from None
