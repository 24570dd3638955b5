"""Contact: what is sent or given to somebody who was photographed: their link, a code, copies, reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.letters.letter import is_address
from volenti.web.room import OFFICER, Room

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit

room = Room()
#: How many are reminded at once at most.
REMINDED_MAX = 100


@room.post("/people/{subject}/link", open_to=OFFICER)
def link(visit: Visit) -> Response:
    """Make somebody's personal link, and send it or show it once. Earlier links are good no more."""
    subject = visit.ws.subjects.show(visit.path("subject")).subject
    url = visit.request.url
    path = f"/me/enter/{visit.ws.subjects.link(subject.id)}"
    address = f"{url.scheme}://{url.netloc}{path}"
    if visit.said("how") == "letter":
        visit.ws.letters.send("portal-link", subject.id, link=address)
        return visit.go(f"/people/{subject.id}#contact")
    can_write = visit.ws.letters.reach(subject.id)
    return visit.page("person-link.html", subject=subject, address=address, code="", can_write=can_write)


@room.post("/people/{subject}/code", open_to=OFFICER)
def code(visit: Visit) -> Response:
    """Make a one-time code to be read to somebody who has no e-mail address on record."""
    subject = visit.ws.subjects.show(visit.path("subject")).subject
    digits = visit.ws.subjects.code(subject.id)
    return visit.page("person-link.html", subject=subject, address="", code=digits, can_write=False)


@room.post("/releases/{release}/letter", open_to=OFFICER)
def write(visit: Visit) -> Response:
    """Send the signed copy once more, or a reminder that the release ends."""
    found = visit.ws.releases.show(visit.path("release"))
    until = found.release.terms.valid_until
    if visit.said("kind") == "release-ends" and until is not None:
        visit.ws.letters.send("release-ends", found.subject.id, about=found.id, day=until)
    else:
        visit.ws.letters.send("signed-copy", found.subject.id, about=found.id)
    return visit.go(f"/people/{found.subject.id}#contact")


@room.post("/releases/letters", open_to=OFFICER)
def remind(visit: Visit) -> Response:
    """Remind everybody on a page of releases that are due; whoever was reminded of it isn't written twice."""
    names = [each for each in visit.form.getlist("release") if isinstance(each, str)][:REMINDED_MAX]
    written, left = 0, []
    for name in names:
        found = visit.ws.releases.show(name)
        until, who = found.release.terms.valid_until, found.subject
        if not found.is_in_force or not is_address(who.contact.strip()):
            left.append(who)
        elif visit.said("now") == "comes of age":
            visit.ws.letters.send("of-age", who.id, day=who.comes_of_age)
            written += 1
        elif until is not None:
            visit.ws.letters.send("release-ends", who.id, about=found.id, day=until)
            written += 1
    return visit.page("reminded.html", written=written, left=left)
