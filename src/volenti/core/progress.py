"""Progress of long work, told to whoever listens: a terminal, a page, a test, or nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What long work calls. `total` is None where it isn't known beforehand."""

    def begin(self, what: str, total: int | None) -> None:
        """Called when a piece of work begins, of `total` steps. Work may begin inside other work."""
        ...

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Called when `steps` more of the work begun last are done; `note` is a few words, or empty."""
        ...

    def end(self) -> None:
        """Called when the work begun last is over, finished or not."""
        ...


class Silent:
    """Tells nobody."""

    def begin(self, what: str, total: int | None) -> None:
        """Tell nobody that work begins."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Tell nobody how far work is."""

    def end(self) -> None:
        """Tell nobody that work is over."""


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
