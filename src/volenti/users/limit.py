"""Limits: how often something may be tried before one has to wait.

Tries are counted in rows of the register, so they count for every process that opened the workspace, and
still after a restart. A row doesn't say who tried: its name is a keyed digest, and it goes once its time is
over.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from volenti.core.clock import Clock, moment, stamp
from volenti.core.digest import commitment, derive
from volenti.core.errors import TooOftenError
from volenti.vault.owner import CONTROLLER
from volenti.vault.records import Records

ATTEMPTS = "attempts"
#: Sign-ins that may fail, of one login and from one address, and within which time.
TRIES, TRIES_FROM, WITHIN = 5, 20, timedelta(minutes=15)
SIGN_IN = "sign-in"


class Period(StrEnum):
    """A time within which tries are limited."""

    MINUTE = "minute"
    #: Of an hour.
    QUARTER = "quarter"
    HOUR = "hour"
    DAY = "day"

    @property
    def time(self) -> timedelta:
        """How long it is."""
        return timedelta(minutes={"minute": 1, "quarter": 15, "hour": 60, "day": 1440}[self.value])


#: Who has an IPv6 address has a whole network of 2^64 of them (RFC 6177), so they are counted by network.
_NETWORK_BITS = 64


class Limits:
    """Counts tries by what is tried and by whom."""

    def __init__(self, records: Records, secret: bytes, clock: Clock) -> None:
        """secret: the workspace's; names of rows are made with it."""
        self._records = records
        self._secret = derive(secret, "attempts")
        self._clock = clock

    def take(self, what: str, who: str, times: int, within: timedelta) -> None:
        """Count a try before it is made, so that many at once are no more than one after the other.

        Raises TooOftenError, which says for how long to wait, where there were `times` tries `within` that
        time.
        """
        now, name = self._clock(), self._name(what, who)
        with self._records.transaction():
            self._records.delete(ATTEMPTS, self._records.identifiers(ATTEMPTS, below=_second(now)))
            tried = [each for each in self._tries(name) if each > now - within]
            if len(tried) < times:
                self._keep(name, [*tried, now], within)
                return
        left = tried[len(tried) - times] + within - now
        minutes = max(1, ceil(left.total_seconds() / 60))
        raise TooOftenError("This was tried too often.", minutes)

    def give_back(self, what: str, who: str, within: timedelta) -> None:
        """Don't count the latest try, because it succeeded."""
        name = self._name(what, who)
        with self._records.transaction():
            if left := self._tries(name)[:-1]:
                self._keep(name, left, within)
            else:
                self._records.delete(ATTEMPTS, [name])

    def forget(self, what: str, who: str) -> None:
        """Forget all tries."""
        self._records.delete(ATTEMPTS, [self._name(what, who)])

    def _tries(self, name: str) -> list[datetime]:
        record = self._records.get(ATTEMPTS, name)
        return [] if record is None else [moment(each) for each in record.body["at"]]

    def _keep(self, name: str, tried: list[datetime], within: timedelta) -> None:
        # The position is the second at which the row is over.
        over = _second(tried[-1] + within) + 1
        body = {"at": [stamp(each) for each in tried]}
        self._records.put(ATTEMPTS, name, body, owners=(CONTROLLER,), position=over)

    def _name(self, what: str, who: str) -> str:
        return commitment(self._secret, f"{what}\0{who}".encode()).hex()


def network_of(address: str) -> str:
    """What an address is counted as: an IPv4 address itself, an IPv6 address as its network.

    What is no address stays as it is.
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((int(known), _NETWORK_BITS), strict=False))
    return str(known)


def _second(when: datetime) -> int:
    return int(when.timestamp())
