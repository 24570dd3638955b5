"""Inquiry: somebody asks "am I in there?" with a photograph, and an officer answers.

Whoever asks agrees to being looked for, once. Their photograph lies sealed under a key of the inquiry's own
until an officer has compared it, and for 30 days at most: then photograph and key are destroyed, and what
stays on record is that somebody asked, when, and the answer. Nobody searches but an officer, and the answer
says yes or no about the asker alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from volenti.core.clock import Clock, moment, stamp
from volenti.core.codec import ELSEWHERE, decoded, encoded
from volenti.core.errors import ConflictError, NotFoundError, RefusedError
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.core.shown import short_repr
from volenti.requests.onrecord import PHOTO
from volenti.requests.request import DEADLINE
from volenti.users.limit import network_of
from volenti.users.token import name_of, new_token

if TYPE_CHECKING:
    from volenti.users.limit import Limits
    from volenti.vault.event_log import EventLog
    from volenti.vault.records import Record, Records
    from volenti.vault.service import Vault

INQUIRY, LINK = "inquiry", "inquiry-link"
OPEN, OVER = "open", "over"
#: How many inquiries may wait at a time: an officer has to look at each.
WAITING_MAX = 200
#: How often one address may ask, and within which time.
ASKED = 3, timedelta(days=1)
#: How often a photograph from there is looked at, which takes a processor.
LOOKED = 20, timedelta(hours=1)

_log = Logger(__name__)


class Reply(StrEnum):
    """What an inquiry came to. LAPSED: nobody answered within 30 days, and the photograph was destroyed."""

    FOUND = "found"
    NOT_FOUND = "not-found"
    UNCLEAR = "unclear"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One inquiry: when it was made, until when it is to be answered, and with what it was, once it was."""

    id: str = field(metadata=ELSEWHERE)
    at: str
    due: str
    reply: Reply | None = None
    answered: str = ""

    __repr__ = short_repr

    @classmethod
    def read(cls, record: Record) -> Self:
        """The inquiry of a row."""
        return decoded(cls, record.body, id=record.id)

    @property
    def is_over(self) -> bool:
        """Whether it was answered, so that nothing of its photograph is left."""
        return self.reply is not None


class Inquiries:
    """Takes inquiries, shows them to officers, and keeps their answers."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        events: EventLog,
        check_photo: Callable[[bytes], None],
        clock: Clock,
        limits: Limits,
    ) -> None:
        """check_photo: raises UsageError where a photograph doesn't show one face."""
        self._records = records
        self._vault = vault
        self._events = events
        self._check_photo = check_photo
        self._clock = clock
        self._limits = limits

    def open(self, photo: bytes, address: str = "") -> tuple[Inquiry, str]:
        """Take an inquiry; returns it, and the token of the link with which whoever asks follows it.

        address: where it comes from, to count by; each may ask three times a day. Raises UsageError where the
        photograph doesn't show one face, TooOftenError where one asked too often, ConflictError where too
        many wait. A photograph that isn't taken doesn't count as having asked.
        """
        if address:
            self._limits.take(PHOTO, network_of(address), *LOOKED)
        self._check_photo(photo)
        if address:
            self._limits.take(INQUIRY, network_of(address), *ASKED)
        self.lapse()
        now, token = self._clock(), new_token()
        inquiry = Inquiry(new("req"), stamp(now), stamp(now + DEADLINE))
        with self._records.transaction():
            if self._records.count(INQUIRY, state=OPEN) >= WAITING_MAX:
                raise ConflictError("Many have asked, and wait for an answer.", "Ask again in a few days.")
            self._records.put(INQUIRY, inquiry.id, encoded(inquiry), state=OPEN)
            body = {"photo": base64.b64encode(photo).decode()}
            self._records.put(PHOTO, inquiry.id, body, owners=(inquiry.id,))
            self._records.put(LINK, name_of(token), {}, parent=inquiry.id)
            self._events.record("inquiry-opened", {"inquiry": inquiry.id})
        _log.info("inquiry opened")
        return inquiry, token

    def all(self, *, waiting: bool = False) -> list[Inquiry]:
        """Every inquiry, oldest first. waiting: only those that aren't answered yet."""
        self.lapse()
        found = map(Inquiry.read, self._records.find(INQUIRY, state=OPEN if waiting else None))
        return sorted(found, key=lambda each: (each.at, each.id))

    def find(self, identifier: str) -> Inquiry:
        """The inquiry of an identifier; NotFoundError where there is none."""
        record = self._records.get(INQUIRY, identifier)
        if record is None:
            raise NotFoundError("There is no such inquiry.", "List them: volenti request inquiries")
        return Inquiry.read(record)

    def followed(self, token: str) -> Inquiry:
        """The inquiry that a link leads to; RefusedError where it isn't one's."""
        row = self._records.row(LINK, name_of(token)) if token else None
        if row is None:
            raise RefusedError("This link isn't good.", "Copy it whole, from where you keep it.")
        return self.find(row.parent)

    def photo(self, identifier: str) -> bytes:
        """The photograph of an inquiry that waits; ConflictError once it is over."""
        inquiry = self.find(identifier)
        record = None if inquiry.is_over else self._records.get(PHOTO, inquiry.id)
        if record is None:
            raise ConflictError(
                "It was answered, and its photograph was destroyed.", "Nothing is to be done."
            )
        return base64.b64decode(record.body["photo"])

    def reply(self, identifier: str, reply: Reply) -> Inquiry:
        """Put on record what an officer found, and destroy the photograph; ConflictError where it is over."""
        with self._records.transaction():
            inquiry = self.find(identifier)
            if inquiry.is_over:
                raise ConflictError(f"It was answered already: {inquiry.reply}.", "Nothing is to be done.")
            over = replace(inquiry, reply=reply, answered=stamp(self._clock()))
            self._records.put(INQUIRY, over.id, encoded(over), state=OVER)
            self._records.delete(PHOTO, [over.id])
            self._events.record("inquiry-answered", {"inquiry": over.id, "reply": reply})
        # Killed before this, the next call of `lapse` does it.
        self._vault.destroy_key(over.id)
        self._records.scrub()
        _log.info("inquiry answered", reply=reply.value)
        return over

    def lapse(self) -> int:
        """Destroy the photographs of inquiries that nobody answered in time; returns how many there were."""
        now, lapsed = self._clock(), 0
        for record in list(self._records.find(INQUIRY, state=OPEN)):
            if moment(Inquiry.read(record).due) <= now:
                self.reply(record.id, Reply.LAPSED)
                lapsed += 1
        for row in list(self._records.rows(INQUIRY, state=OVER)):
            if self._vault.keeps_key(row.id):
                self._vault.destroy_key(row.id)
        return lapsed
