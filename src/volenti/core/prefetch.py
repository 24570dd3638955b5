"""Prefetch: other threads work on the next items while the caller deals with those before."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
#: Threads that work ahead, and how many results may wait in memory.
THREADS, DEPTH = 2, 6


def prefetch(
    work: Callable[[T], R], items: Iterable[T], *, worth: Callable[[T], bool] = lambda item: True
) -> Iterator[tuple[T, R]]:
    """Each item with what `work` makes of it, in the items' order; an error is raised in its item's place.

    It pays off where the work waits for a disk or releases the interpreter's lock, as hashing does. Where an
    item isn't `worth` it, the calling thread does the work when it gets there: for small items, switching
    threads takes longer than the work.
    """
    with ThreadPoolExecutor(THREADS) as threads:
        due: deque[tuple[T, Future[R] | None]] = deque()

        def take_first() -> tuple[T, R]:
            item, made = due.popleft()
            return item, work(item) if made is None else made.result()

        try:
            for item in items:
                due.append((item, threads.submit(work, item) if worth(item) else None))
                if len(due) > DEPTH:
                    yield take_first()
            while due:
                yield take_first()
        finally:
            # A caller that stops half-way doesn't wait for results that nobody wants any more.
            threads.shutdown(wait=False, cancel_futures=True)
