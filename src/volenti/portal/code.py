"""One-time codes: six digits, good once, for ten minutes and five tries."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Self

from volenti.core.clock import moment, stamp
from volenti.core.codec import decoded
from volenti.core.digest import sha256
from volenti.core.shown import short_repr
from volenti.vault.records import Record

DIGITS, TRIES = 6, 5
GOOD = timedelta(minutes=10)
#: How many codes are sent within a day at most, and how soon after one the next.
CODES_A_DAY, A_DAY, APART = 10, timedelta(days=1), timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Code:
    """What is kept of somebody's latest code: SHA-256 of a salt and the digits, and how often it was tried.

    Six digits are found from any digest by trying them all; the row is sealed under the person's key.
    `digest` is empty once the code was used. `sent` are the moments of codes that were sent within a day.
    """

    salt: str
    digest: str
    made: str
    tries: int = 0
    sent: tuple[str, ...] = ()

    __repr__ = short_repr

    @classmethod
    def new(cls, now: datetime, sent: tuple[str, ...]) -> tuple[Self, str]:
        """A new code, as it is kept, and its digits."""
        digits, salt = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", secrets.token_hex(16)
        return cls(salt, _digest(salt, digits), stamp(now), sent=sent), digits

    @classmethod
    def read(cls, record: Record) -> Self:
        """The code of a row."""
        return decoded(cls, record.body)

    def is_good(self, now: datetime) -> bool:
        """Whether it may be tried once more."""
        return self.digest != "" and self.tries < TRIES and now < moment(self.made) + GOOD

    def tried(self) -> Self:
        """The code with one more try counted."""
        return replace(self, tries=self.tries + 1)

    def used(self) -> Self:
        """The code once it let somebody in: it is good no more."""
        return replace(self, digest="")

    def fits(self, said: str) -> bool:
        """Whether these are its digits; spaces and hyphens between them make no difference."""
        digits = "".join(each for each in said if each not in " -\u00a0\u2009")
        return compare_digest(_digest(self.salt, digits), self.digest)


def sent_within_a_day(sent: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Those of these moments that are less than a day ago."""
    return tuple(each for each in sent if moment(each) + A_DAY > now)


def _digest(salt: str, digits: str) -> str:
    return sha256(f"{salt} {digits}".encode())
