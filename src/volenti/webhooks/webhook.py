"""Webhook: an address that is told what happens, and how far it was told.

The messages are those of Standard Webhooks (https://www.standardwebhooks.com): `webhook-id`,
`webhook-timestamp` and `webhook-signature` in the headers, and a body of type, timestamp and data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Self

from volenti.core.canonical import Json
from volenti.core.codec import ELSEWHERE, OPTIONAL, decoded
from volenti.core.errors import UsageError
from volenti.core.shown import short_repr
from volenti.vault.records import Record

#: After how many seconds a message that was sent in vain is sent again, each time; the last one from then on.
PAUSES_S = (5, 60, 300, 1800, 7200, 18_000, 36_000)
#: For how long one message is sent again and again; then the webhook is dead, and nothing more is sent.
PATIENCE = timedelta(days=3)


class Happened(StrEnum):
    """What a webhook is told of."""

    SUBJECT_ADDED = "subject.added"
    RELEASE_SIGNED = "release.signed"
    RELEASE_WITHDRAWN = "release.withdrawn"
    PICTURE_DECIDED = "picture.decided"
    REQUEST_OPENED = "request.opened"
    REQUEST_CHANGED = "request.changed"
    REQUEST_DONE = "request.done"


#: What `volenti webhook test` sends.
TEST = "webhook.test"

_REQUEST = ("request", "kind")
#: Events of the log that webhooks are told of, and what of each: identifiers, and words of the program's own.
TOLD: dict[str, tuple[Happened, tuple[str, ...]]] = {
    "subject-added": (Happened.SUBJECT_ADDED, ("subject",)),
    "release-signed": (Happened.RELEASE_SIGNED, ("subject", "release")),
    "release-signed-on-page": (Happened.RELEASE_SIGNED, ("subject", "release")),
    "release-attested": (Happened.RELEASE_SIGNED, ("subject", "release")),
    # Whether its signatures hold, the release itself says.
    "release-imported": (Happened.RELEASE_SIGNED, ("subject", "release")),
    "release-withdrawn": (Happened.RELEASE_WITHDRAWN, ("subject", "release")),
    "grant-withdrawn": (Happened.RELEASE_WITHDRAWN, ("subject", "release", "grant")),
    "decision": (Happened.PICTURE_DECIDED, ("image", "purpose", "verdict")),
    "request-opened": (Happened.REQUEST_OPENED, _REQUEST),
    "request-identified": (Happened.REQUEST_CHANGED, ("request",)),
    "request-extended": (Happened.REQUEST_CHANGED, ("request",)),
    "request-refused": (Happened.REQUEST_DONE, ("request",)),
    "request-answered": (Happened.REQUEST_DONE, ("request",)),
    "withdrawal-completed": (Happened.REQUEST_DONE, ("request",)),
    "erasure-completed": (Happened.REQUEST_DONE, ("request",)),
}
#: Names that the API has for what events call otherwise.
_RENAMED = {"image": "picture"}


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address, what it is told of, and how far it was told.

    `secret` is what its messages are signed with (`whsec_` and base64). `next` is the number of the log's
    entry that is looked at next. `tries` counts how often the message at hand was sent in vain, since
    `failing`; it is sent again at `again`. `said` is what came of the latest try; `is_dead`: nothing more is
    sent until somebody starts it again. `told` counts messages that were taken.
    """

    id: str = field(metadata=ELSEWHERE)
    address: str
    kinds: tuple[Happened, ...]
    secret: str
    at: str
    next: int
    tries: int = 0
    failing: str = field(default="", metadata=OPTIONAL)
    again: str = field(default="", metadata=OPTIONAL)
    said: str = field(default="", metadata=OPTIONAL)
    is_dead: bool = False
    told: int = 0

    __repr__ = short_repr

    @classmethod
    def read(cls, record: Record) -> Self:
        """The webhook of a row."""
        return decoded(cls, record.body, id=record.id)


def message(event: Json, kinds: Sequence[Happened]) -> Json | None:
    """What a webhook for these kinds is told of an event of the log; None where it is told nothing.

    A message has identifiers and words of the program's own; never a name, a text or a day of birth.
    """
    if (found := TOLD.get(event["kind"])) is None or found[0] not in kinds:
        return None
    kind, names = found
    body = event["body"]
    data = {_RENAMED.get(name, name): body[name] for name in names if body.get(name) is not None}
    return {"type": kind.value, "timestamp": event["at"], "data": data}


def checked_kinds(kinds: Sequence[str]) -> tuple[Happened, ...]:
    """Kinds, each once; all where none is named. UsageError for one that isn't known."""
    known = [each.value for each in Happened]
    if wrong := [each for each in kinds if each not in known]:
        raise UsageError(
            f"{wrong[0]!r} is nothing that a webhook is told of.", f"Choose: {', '.join(known)}."
        )
    return tuple(each for each in Happened if not kinds or each in kinds)


def pause(tries: int) -> timedelta:
    """For how long to wait before a message is sent again that was sent in vain so many times, from 1 on."""
    return timedelta(seconds=PAUSES_S[min(tries, len(PAUSES_S)) - 1])
