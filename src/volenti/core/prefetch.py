"""Work done ahead on what comes next, in other threads, while what came before is dealt with."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
#: Threads that work ahead, and how many results may wait. What waits is in memory.
THREADS, DEPTH = 2, 6


def prefetch(
    work: Callable[[T], R], items: Iterable[T], *, worth: Callable[[T], bool] = lambda item: True
) -> Iterator[tuple[T, R]]:
    """Each item with what `work` makes of it, in their order; an error of it is raised in its place.

    Pays off where the work waits for a disk or leaves the interpreter alone, as hashing does. What isn't
    `worth` it is done when its turn comes: for what is small, threads take longer to give way to each
    other than the work does.
    """
    with ThreadPoolExecutor(THREADS) as threads:
        due: deque[tuple[T, Future[R] | None]] = deque()

        def first() -> tuple[T, R]:
            item, made = due.popleft()
            return item, work(item) if made is None else made.result()

        try:
            for item in items:
                due.append((item, threads.submit(work, item) if worth(item) else None))
                if len(due) > DEPTH:
                    yield first()
            while due:
                yield first()
        finally:
            # Whoever stops half-way doesn't wait for what nobody wants any more.
            threads.shutdown(wait=False, cancel_futures=True)
