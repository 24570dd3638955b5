"""Letter: what is to be sent to somebody, whether it was, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from volenti.core.codec import ELSEWHERE, decoded
from volenti.core.errors import UsageError
from volenti.core.shown import short_repr
from volenti.vault.records import Record


class LetterKind(StrEnum):
    """What a letter is for."""

    SIGNED_COPY = "signed-copy"
    PORTAL_LINK = "portal-link"
    CODE = "code"
    REQUEST_DONE = "request-done"
    RELEASE_ENDS = "release-ends"
    OF_AGE = "of-age"
    REQUEST_DUE = "request-due"


#: What a letter of each kind has to be told, and what it is about.
NEEDS: dict[LetterKind, tuple[str, ...]] = {
    LetterKind.SIGNED_COPY: ("about",),
    LetterKind.PORTAL_LINK: ("link",),
    LetterKind.CODE: ("code",),
    LetterKind.REQUEST_DONE: ("about",),
    LetterKind.RELEASE_ENDS: ("about", "day"),
    LetterKind.OF_AGE: ("day",),
    LetterKind.REQUEST_DUE: ("about", "day"),
}


class LetterState(StrEnum):
    """How far a letter is."""

    HELD = "held"
    QUEUED = "queued"
    HANDING_OVER = "handing-over"
    SENT = "sent"
    #: No mail server is set: it is a file in the folder `outbox`, for whoever runs the workspace to send.
    IN_OUTBOX = "in-outbox"
    FAILED = "failed"
    #: The connection, or this program, ended after everything was said and before the server answered.
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter.

    `subject` is who gets it, empty where that is a user or somebody who was erased. `about` is the identifier
    of a release or a request. `to` is the address, where it isn't the person's on record. `link`, `code`,
    `day` and `copy` are what it says, and are gone once it is sent. `due` is when it is tried next, RFC 3339.
    `why` is what the server said where it isn't sent.
    """

    id: str = field(metadata=ELSEWHERE)
    state: LetterState = field(metadata=ELSEWHERE)
    subject: str = field(metadata=ELSEWHERE)
    kind: LetterKind
    language: str
    about: str
    made: str
    due: str
    to: str = ""
    link: str = ""
    code: str = ""
    day: str = ""
    #: A document that is attached, as text.
    copy: str = ""
    tries: int = 0
    sent: str = ""
    why: str = ""

    __repr__ = short_repr

    @classmethod
    def read(cls, record: Record, subject: str) -> Self:
        """The letter of a row. subject: who gets it."""
        return decoded(cls, record.body, id=record.id, state=record.state, subject=subject)


#: An address as letters take it: RFC 5322's dot-atom on either side of the @; none that is quoted.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII)


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address."""
    return _ADDRESS.fullmatch(text) is not None


def address_of(text: str) -> str:
    """The e-mail address that a text is; UsageError where it is none."""
    if not is_address(text.strip()):
        raise UsageError(
            "There is no e-mail address to write to.",
            'Put it on record: volenti subject amend SUBJECT --contact "ADDRESS"',
        )
    return text.strip()
