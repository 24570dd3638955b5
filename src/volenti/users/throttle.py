"""Throttle: how often somebody may try before they have to wait."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

from volenti.core.clock import Clock
from volenti.core.errors import ConflictError

#: Names that are remembered at most; then those that were tried longest ago are forgotten.
_NAMES_MAX = 10_000


class Throttle:
    """Counts tries by name within a time. It is kept in memory, and may be used by several threads."""

    def __init__(self, tries: int, within: timedelta, clock: Clock) -> None:
        self._tries = tries
        self._within = within
        self._clock = clock
        self._lock = Lock()
        self._tried: dict[str, deque[datetime]] = {}

    def check(self, *names: str) -> None:
        """Raise ConflictError where one of the names was tried too often; it says how long to wait."""
        with self._lock:
            for name in names:
                tried = self._recent(name)
                if len(tried) >= self._tries:
                    left = tried[0] + self._within - self._clock()
                    minutes = max(1, round(left.total_seconds() / 60))
                    raise ConflictError(
                        "This was tried too often.", f"Try again in {minutes} minute{'s'[: minutes != 1]}."
                    )

    def count(self, *names: str) -> None:
        """Count a try that failed."""
        with self._lock:
            for name in names:
                tried = self._recent(name)
                tried.append(self._clock())
                # The one that was tried last stands last.
                self._tried.pop(name, None)
                self._tried[name] = tried
            while len(self._tried) > _NAMES_MAX:
                del self._tried[next(iter(self._tried))]

    def forget(self, *names: str) -> None:
        """Forget the tries, because one succeeded."""
        with self._lock:
            for name in names:
                self._tried.pop(name, None)

    def _recent(self, name: str) -> deque[datetime]:
        tried, since = self._tried.get(name, deque()), self._clock() - self._within
        while tried and tried[0] <= since:
            tried.popleft()
        return tried
