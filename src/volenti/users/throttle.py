"""Throttle: how often somebody may try before they have to wait."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Lock

from volenti.core.errors import ConflictError

#: Names that are remembered at most; then those that were tried longest ago are forgotten.
_NAMES_MAX = 10_000
#: Sign-ins that may fail, of one login and from one address, and within which time.
TRIES, TRIES_FROM, WITHIN = 5, 20, timedelta(minutes=15)


class Throttle:
    """Counts tries by name within a time. It is kept in memory, and may be used by several threads."""

    def __init__(self, tries: int, within: timedelta) -> None:
        self._tries = tries
        self._within = within
        self._lock = Lock()
        self._tried: dict[str, deque[datetime]] = {}

    def take(self, name: str, now: datetime) -> None:
        """Count a try before it is made, so that many at once are no more than one after the other.

        Raises ConflictError, which says for how long to wait, where the name was tried too often.
        """
        with self._lock:
            tried = self._tried.pop(name, deque())
            while tried and tried[0] <= now - self._within:
                tried.popleft()
            # The one that was tried last stands last.
            self._tried[name] = tried
            if len(tried) >= self._tries:
                left = tried[0] + self._within - now
                minutes = max(1, round(left.total_seconds() / 60))
                raise ConflictError(
                    "This was tried too often.", f"Try again in {minutes} minute{'s'[: minutes != 1]}."
                )
            tried.append(now)
            while len(self._tried) > _NAMES_MAX:
                del self._tried[next(iter(self._tried))]

    def give_back(self, name: str) -> None:
        """Don't count the latest try, because it succeeded."""
        with self._lock:
            if tried := self._tried.get(name):
                tried.pop()

    def forget(self, name: str) -> None:
        """Forget all tries of a name."""
        with self._lock:
            self._tried.pop(name, None)


class SignInThrottle:
    """Counts sign-ins by login and by the address that they come from."""

    def __init__(self) -> None:
        self._by_login = Throttle(TRIES, WITHIN)
        self._by_address = Throttle(TRIES_FROM, WITHIN)

    def take(self, login: str, address: str, now: datetime) -> None:
        """Count a try before it is made; raises ConflictError after too many. address: may be empty."""
        if address:
            self._by_address.take(address, now)
        self._by_login.take(login, now)

    def succeeded(self, login: str, address: str) -> None:
        """Forget the failures of a login, and don't count this try by its address."""
        self._by_login.forget(login)
        self._by_address.give_back(address)

    def forget(self, login: str) -> None:
        """Forget the failures of a login."""
        self._by_login.forget(login)


@cache
def throttle_of(workspace: Path) -> SignInThrottle:
    """The one throttle of a workspace in this process, however often the workspace is open."""
    return SignInThrottle()
