"""Progress of long work, told to whoever listens: a terminal, a page, a test, or nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What long work calls. `total` is None where it isn't known beforehand."""

    def begin(self, what: str, total: int | None) -> None: ...
    def advance(self, steps: int = 1, note: str = "") -> None: ...
    def end(self) -> None: ...


class Silent:
    """Tells nobody."""

    def begin(self, what: str, total: int | None) -> None:
        pass

    def advance(self, steps: int = 1, note: str = "") -> None:
        pass

    def end(self) -> None:
        pass


def track(progress: Progress, what: str, items: Iterable[T], total: int | None = None) -> Iterator[T]:
    """The items, each told to `progress` once it has been dealt with."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    progress.begin(what, total)
    try:
        for item in items:
            yield item
            progress.advance()
    finally:
        progress.end()
