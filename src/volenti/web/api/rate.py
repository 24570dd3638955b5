"""Rate: how many calls a token may make in a minute, counted in this process."""

from __future__ import annotations

import time
from threading import Lock

WINDOW_S = 60
#: Tokens that are remembered at most.
_TOKENS_MAX = 10_000


class Rate:
    """Counts calls by token, in windows of a minute that begin with a token's first call."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: dict[str, tuple[float, int]] = {}

    def take(self, token: str, most: int) -> tuple[int, int]:
        """Count a call; returns how many are left, -1 where there was none left, and in how many seconds the
        next window begins."""
        now = time.monotonic()
        with self._lock:
            begun, made = self._calls.pop(token, (now, 0))
            if now - begun >= WINDOW_S:
                begun, made = now, 0
            self._calls[token] = (begun, min(made + 1, most + 1))
            while len(self._calls) > _TOKENS_MAX:
                del self._calls[next(iter(self._calls))]
        return most - made - 1, max(1, round(begun + WINDOW_S - now))
