"""The clock: whatever needs the time is given a function that tells it, so that tests can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

#: Returns the present moment, in UTC.
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC, to the second: finer times identify people more than they help."""
    return datetime.now(UTC).replace(microsecond=0)


def stamp(moment: datetime) -> str:
    """`moment` as RFC 3339 text in UTC: 2026-11-22T20:37:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """The inverse of `stamp`; also reads other ISO 8601 forms with an offset."""
    return datetime.fromisoformat(text).astimezone(UTC)


def day(text: str) -> date:
    """An ISO 8601 calendar date."""
    return date.fromisoformat(text)
