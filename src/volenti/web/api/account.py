"""Account: what became of everything that was given, and what is held of one person."""

from __future__ import annotations

import msgspec

from volenti.users.apitoken import Scope
from volenti.web.api.operation import Call, Noun, Reply
from volenti.web.api.subjects import ADA

noun = Noun("Account", "What became of everything that was given, and what is held of one person.")


class PictureCounts(msgspec.Struct, frozen=True):
    """The account of all files that were given: how many there are, and in which state they are."""

    files: int
    states: dict[str, int]


class HeldOf(msgspec.Struct, frozen=True):
    """What one part of the workspace has of a person."""

    holder: str
    what: str
    items: int
    bytes: int


class SubjectAccount(msgspec.Struct, frozen=True):
    """The account of one person: files that show them by state, their releases, and what is held of them."""

    subject: str
    restricted: bool
    releases: dict[str, str]
    files: dict[str, int]
    held: tuple[HeldOf, ...]


@noun.get(
    "/account",
    "account",
    Scope.ACCOUNT_READ,
    gives=PictureCounts,
    example={"files": 1200, "states": {"waiting": 3, "cleared": 1100, "held": 40, "rejected": 57}},
)
def account(call: Call) -> Reply:
    """Give account of all files: how many were given, and how many are in which state.

    What was cleared counts as cleared here, also where somebody took their yes back since.
    """
    states = call.ws.pictures.counts()
    return Reply(PictureCounts(sum(states.values()), states))


@noun.get(
    "/subjects/{subject}/account",
    "accountOfSubject",
    Scope.ACCOUNT_READ,
    gives=SubjectAccount,
    example={
        "subject": ADA["id"],
        "restricted": False,
        "releases": ADA["releases"],
        "files": {"cleared": 12, "held": 1},
        "held": [{"holder": "register", "what": "signed releases", "items": 1, "bytes": 1840}],
    },
)
def account_of_subject(call: Call) -> Reply:
    """Give account of a person: files that show them by state, releases, and everything that is held."""
    name = call.path("subject")
    found = call.ws.subjects.show(name)
    files = call.ws.pictures.list(person=name, count=1).totals
    held = tuple(HeldOf(each.holder, each.what, each.items, each.bytes) for each in found.holdings)
    releases = {each: standing.value for each, standing in found.releases.items()}
    return Reply(SubjectAccount(name, found.restricted, releases, dict(files), held), (name,))
