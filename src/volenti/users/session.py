"""Sessions: who is signed in, in which browser, since when.

A browser holds a random token; the row has its hash. A session ends after a while without a request, and
after some hours in any case. While it is used its token is exchanged now and then, so a token that was copied
is of no use for long. The one before stays good for a moment, for requests that are under way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self

from volenti.core.clock import Clock, moment, stamp
from volenti.core.codec import ELSEWHERE, OPTIONAL, decoded, encoded
from volenti.core.shown import short_repr
from volenti.users.token import name_of, new_token
from volenti.vault.owner import CONTROLLER
from volenti.vault.records import Record, Records

SESSION = "user-session"
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
#: What a session waits for: the second factor, or that one is set up; and for how long it waits.
CODE, SET_UP = "code", "set-up"
WAITS = timedelta(minutes=10)
#: For how long whoever signed in, or typed the password again, may change how they sign in.
PROVED = timedelta(minutes=10)
#: After how long a token is exchanged, and how long the one before stays good.
EXCHANGED, OVERLAP = timedelta(minutes=15), timedelta(seconds=60)
#: Requests within this time don't change the row.
_NOTED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which a user is signed in.

    `begun` is when they signed in, `issued` when this token was made, `seen` when it was used last, to the
    minute. `until` is when it ends in any case, where its token was exchanged or it waits. `form` is what
    forms of this session carry, so that no other site can send one. `lacks` is what it waits for, `proved`
    when whoever is in it showed that they know the password, where that was after they signed in.
    """

    id: str = field(metadata=ELSEWHERE)
    user: str
    begun: str
    issued: str
    seen: str
    form: str
    until: str = ""
    lacks: str = field(default="", metadata=OPTIONAL)
    proved: str = field(default="", metadata=OPTIONAL)

    __repr__ = short_repr

    @classmethod
    def read(cls, record: Record) -> Self:
        """The session of a row."""
        return decoded(cls, record.body, id=record.id)


@dataclass(frozen=True, slots=True)
class Known:
    """A session that is going on, and the token to hold from now on; empty where it stays the same."""

    session: Session
    token: str = ""

    __repr__ = short_repr


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(
        self,
        records: Records,
        clock: Clock,
        kind: str = SESSION,
        owner: Callable[[str], str] = lambda user: CONTROLLER,
    ) -> None:
        """kind: of the rows. owner: under whose key a user's session is sealed, and with whom it goes."""
        self._records = records
        self._clock = clock
        self._kind = kind
        self._owner = owner

    def begin(self, user: str, lacks: str = "") -> str:
        """Begin a session, one that waits where something is lacking; returns its token."""
        token, now = new_token(), self._clock()
        at, until = stamp(now), stamp(now + WAITS) if lacks else ""
        self._keep(Session(name_of(token), user, at, at, at, new_token(), until, lacks))
        return token

    def of(self, user: str) -> list[Session]:
        """The sessions of a user that go on, the latest first; none that waits."""
        every = map(Session.read, self._records.find(SESSION))
        ours = [each for each in every if each.user == user and not each.until and not self._is_over(each)]
        return sorted(ours, key=lambda each: (each.begun, each.id), reverse=True)

    def proved(self, session: Session) -> None:
        """Note that whoever is in a session showed just now that they know the password."""
        self._keep(replace(session, proved=stamp(self._clock())))

    def is_proved(self, session: Session) -> bool:
        """Whether whoever is in a session showed a short while ago that it is they."""
        return self._clock() - moment(session.proved or session.begun) < PROVED

    def end_others(self, user: str, kept: str) -> int:
        """End the sessions of a user's except the one whose form token is `kept`; returns how many."""
        return self._end(lambda session: session.user == user and session.form != kept)

    def end_waiting(self, user: str) -> int:
        """End the sessions of a user's that wait for a second factor; returns how many."""
        return self._end(lambda session: session.user == user and session.lacks != "")

    def end_one(self, user: str, identifier: str) -> bool:
        """End one session of a user's; returns whether there was one."""
        return self._end(lambda session: session.user == user and session.id == identifier) > 0

    def find(self, token: str) -> Known | None:
        """The session of a token, which counts as used now; None where it has ended, or never was."""
        record = self._records.get(self._kind, name_of(token)) if token else None
        if record is None:
            return None
        session, now = Session.read(record), self._clock()
        if self._is_over(session):
            self.end(token)
            return None
        if session.until:
            return Known(session)
        if now - moment(session.issued) >= EXCHANGED:
            return self._exchanged(session)
        if now - moment(session.seen) >= _NOTED:
            session = replace(session, seen=stamp(now))
            self._keep(session)
        return Known(session)

    def end(self, token: str) -> None:
        """End the session of a token. Where there is none, nothing happens."""
        self._records.delete(self._kind, [name_of(token)])

    def end_all(self, user: str) -> int:
        """End every session of a user's; returns how many there were."""
        return self._end(lambda session: session.user == user, self._owner(user))

    def tidy(self) -> int:
        """Delete the rows of sessions that are over; returns how many."""
        return self._end(self._is_over)

    def _end(self, which: Callable[[Session], bool], owner: str | None = None) -> int:
        with self._records.transaction():
            every = map(Session.read, self._records.find(self._kind, owner=owner))
            gone = [each.id for each in every if which(each)]
            self._records.delete(self._kind, gone)
        return len(gone)

    def _is_over(self, session: Session) -> bool:
        now = self._clock()
        ends = [moment(session.seen) + IDLE, moment(session.begun) + ABSOLUTE]
        if session.until:
            ends.append(moment(session.until))
        return now >= min(ends)

    def _exchanged(self, session: Session) -> Known:
        token, now = new_token(), self._clock()
        new = replace(session, id=name_of(token), issued=stamp(now), seen=stamp(now))
        with self._records.transaction():
            self._keep(new)
            self._keep(replace(session, until=stamp(now + OVERLAP)))
        return Known(new, token)

    def _keep(self, session: Session) -> None:
        owners = (self._owner(session.user),)
        self._records.put(self._kind, session.id, encoded(session), owners=owners)
