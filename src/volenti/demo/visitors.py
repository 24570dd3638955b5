"""Visitors: who may walk through the demo's workspace in the browser, each with a link of their own.

A user of each role, somebody who was photographed, and a session in which anybody at the table may sign. The
links are secrets: they are printed, and stand in no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.demo.releases import CONTROLLER, PHOTOGRAPHER
from volenti.users.user import UserRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volenti.demo.stage import Stage

#: Where `volenti serve` listens unless it is told otherwise.
ADDRESS = "http://localhost:8765"
#: What each user of the demo is called.
NAMES = {
    UserRole.OFFICER: "Olga Officer",
    UserRole.SECOND_OFFICER: "Sam Second",
    UserRole.ENGINEER: "Emil Engineer",
    UserRole.LICENSEE: "Lea Licensee",
    UserRole.ADMIN: "Adam Admin",
}


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who may come, the link by which they do, and what they find behind it."""

    who: str
    link: str
    what: str


def invite(stage: Stage) -> list[Invitation]:
    """Add the users, the links and the session; returns what to hand to each visitor."""
    return list(_invitations(stage))


def _invitations(stage: Stage) -> Iterator[Invitation]:
    ws = stage.ws
    for role, name in NAMES.items():
        added = ws.users.add(f"{role}@demo.example", name=name, roles=[role])
        yield Invitation(
            role.replace("-", " "), f"{ADDRESS}/welcome/{added.token}", f"signs in as {added.user.login}"
        )
    stays = [each for each in stage.casting.covered if each.number != stage.casting.leaver.number]
    person = stays[0].subject_id
    # So that there is something to answer, for the officer and for whoever asked.
    ws.requests.open("access", person)
    yield Invitation(
        "photographed person",
        f"{ADDRESS}/me/enter/{ws.subjects.link(person)}",
        f"asks for a code: volenti -C {stage.ws.path} subject code {person}",
    )
    session = ws.signings.open("demo", controller=CONTROLLER, photographer=PHOTOGRAPHER, law="DE")
    yield Invitation("somebody who signs", f"{ADDRESS}{session.path}", "a phone or this browser")
    yield Invitation(
        "anybody", f"{ADDRESS}/verify", f"checks {stage.folder}/certificate.json without the server's word"
    )
