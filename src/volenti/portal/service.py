"""Portal: lets people who were photographed in to what is theirs, by a personal link and a one-time code.

The link is 256 random bits, of which the register has the hash. Whoever opens it is asked for a code of six
digits, which was sent to the address on record, or which an officer reads to them. So a link that somebody
else finds opens nothing, and neither does a code alone. Every row here is owned by the person: they go with
an erasure, and nobody gets in any more.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from volenti.core.clock import moment, stamp
from volenti.core.codec import encoded
from volenti.core.errors import ConflictError, KeyDestroyedError, NotFoundError, RefusedError
from volenti.core.logs import Logger
from volenti.portal.code import APART, CODES_A_DAY, Code, sent_within_a_day
from volenti.users.session import Sessions
from volenti.users.token import name_of, new_token

if TYPE_CHECKING:
    from volenti.consent.service import Consent
    from volenti.consent.subject import Subject
    from volenti.core.clock import Clock
    from volenti.users.session import Known
    from volenti.vault.event_log import EventLog
    from volenti.vault.records import Records

LINK, CODE, SESSION = "portal-link", "portal-code", "portal-session"

_log = Logger(__name__)


class Portal:
    """Personal links, one-time codes, and the sessions that they begin."""

    def __init__(self, records: Records, events: EventLog, consent: Consent, clock: Clock) -> None:
        self._records = records
        self._events = events
        self._consent = consent
        self._clock = clock
        self.sessions = Sessions(records, clock, SESSION, lambda subject: subject)

    def link(self, subject: str) -> str:
        """Make somebody's personal link; returns its token. An earlier link is good no more.

        Raises NotFoundError where there is no such person.
        """
        who, token = self._consent.subject(subject).id, new_token()
        with self._records.transaction():
            self._records.delete(LINK, [row.id for row in self._records.rows(LINK, owner=who)])
            self._records.put(LINK, name_of(token), {"made": stamp(self._clock())}, owners=(who,))
            self.sessions.end_all(who)
            self._events.record("portal-link-made", {}, (who,))
        _log.info("personal link made")
        return token

    def linked(self, token: str) -> Subject:
        """Whose link it is; RefusedError where it isn't good any more."""
        with suppress(KeyDestroyedError, NotFoundError):
            row = self._records.row(LINK, name_of(token)) if token else None
            if row is not None:
                self._records.opened(row)
                return self._consent.subject(row.owners[0])
        raise RefusedError("This link isn't good any more.", "Ask for a new one.")

    def code(self, subject: str, *, sent: bool = False) -> str:
        """Make a new one-time code for somebody; an earlier one is good no more. Returns its digits.

        sent: whether it is sent to them because their link asked for it, which isn't done without end.
        Raises NotFoundError where there is no such person, ConflictError after too many that were sent.
        """
        who, now = self._consent.subject(subject).id, self._clock()
        with self._records.transaction():
            before = self._code_of(who)
            earlier = sent_within_a_day(before.sent if before else (), now)
            if sent and (len(earlier) >= CODES_A_DAY or (earlier and moment(earlier[-1]) + APART > now)):
                raise ConflictError(
                    "A code was sent to you a moment ago, or many were sent today.",
                    "Look for the latest one, also among unwanted messages, or try again later.",
                )
            code, digits = Code.new(now, (*earlier, stamp(now)) if sent else earlier)
            self._keep(who, code)
            self._events.record("portal-code-made", {"sent": sent}, (who,))
        return digits

    def enter(self, token: str, said: str) -> str:
        """Begin a session by a link and its one-time code, which is used up; returns the session's token.

        Raises RefusedError where one of them isn't good, which doesn't say how near the code was.
        """
        who = self.linked(token).id
        with self._records.transaction():
            # The try is counted and kept before anything is compared, so that many at once are no more.
            code = self._code_of(who)
            may = code is not None and code.is_good(self._clock())
            if code is not None and may:
                code = code.tried()
                self._keep(who, code)
        if code is None or not may:
            raise RefusedError(
                "No code is good any more: it was used, tried too often, or ten minutes are over.",
                "Ask for a new code.",
            )
        if not code.fits(said):
            raise RefusedError("The code isn't right.", "Type the six digits of the latest code.")
        with self._records.transaction():
            latest = self._code_of(who)
            if latest is None or latest.digest != code.digest:
                raise RefusedError("The code was used already.", "Ask for a new code.")
            self._keep(who, latest.used())
            self._events.record("portal-entered", {}, (who,))
            session = self.sessions.begin(who)
        _log.info("personal link opened")
        return session

    def visiting(self, session: str) -> tuple[Subject, Known] | None:
        """Whose session it is, which counts as a use of it; None where there is none, or they were erased."""
        with suppress(KeyDestroyedError, NotFoundError):
            if known := self.sessions.find(session):
                return self._consent.subject(known.session.user), known
        return None

    def _code_of(self, subject: str) -> Code | None:
        record = self._records.get(CODE, self._records.alias(subject))
        return None if record is None else Code.read(record)

    def _keep(self, subject: str, code: Code) -> None:
        self._records.put(CODE, self._records.alias(subject), encoded(code), owners=(subject,))
