"""Challenges: what has to come back from a browser once, and soon, so that no answer is good twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from volenti.core.clock import Clock, moment, stamp
from volenti.core.codec import decoded, encoded
from volenti.core.errors import RefusedError
from volenti.users.token import name_of, new_token
from volenti.vault.owner import CONTROLLER
from volenti.vault.records import Record, Records

CHALLENGE = "user-challenge"
#: How long an answer may take.
GOOD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What was asked, for what and of whom, if that is known; `more` is what the asker has to remember."""

    purpose: str
    user: str
    until: str
    more: tuple[str, ...] = ()

    @classmethod
    def read(cls, record: Record) -> Self:
        """The challenge of a row."""
        return decoded(cls, record.body)


class Challenges:
    """Makes challenges, and takes each answer once."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def ask(self, purpose: str, user: str = "", more: tuple[str, ...] = ()) -> str:
        """A new challenge: 256 random bits, of which the register has the SHA-256."""
        token, now = new_token(), self._clock()
        body = encoded(Challenge(purpose, user, stamp(now + GOOD), more))
        with self._records.transaction():
            over = self._records.identifiers(CHALLENGE, below=int(now.timestamp()))
            self._records.delete(CHALLENGE, over)
            position = int((now + GOOD).timestamp())
            self._records.put(CHALLENGE, name_of(token), body, owners=(CONTROLLER,), position=position)
        return token

    def answered(self, token: str, purpose: str) -> Challenge:
        """What was asked with a challenge, which is used up.

        Raises RefusedError where nothing was asked with it, not for that purpose, or too long ago.
        """
        with self._records.transaction():
            record = self._records.get(CHALLENGE, name_of(token)) if token else None
            self._records.delete(CHALLENGE, [name_of(token)])
        found = None if record is None else Challenge.read(record)
        if found is None or found.purpose != purpose or moment(found.until) <= self._clock():
            raise RefusedError("This took too long, or was sent twice.", "Open the page again, and repeat.")
        return found

    def drop(self, user: str) -> None:
        """Forget what was asked of a user."""
        every = self._records.find(CHALLENGE)
        self._records.delete(CHALLENGE, [each.id for each in every if Challenge.read(each).user == user])
