"""Jobs: long work on values, run by whoever has the cores.

A job is a function and a task, both picklable, and has no way to keys, packs or
the register. So it can run in any process on any machine, and what it was given
ends with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class JobRunner(Protocol):
    """Runs a function over tasks, in fresh processes where the adapter has any."""

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        ...

    def run(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[int, R]]:
        """(number of the task, result) as they finish. An error in a task is raised here.

        The function and tasks must be picklable. Tasks are taken as they are due, no more than
        two a worker at a time, by whoever walks the results: memory is bounded, and what makes
        tasks needn't be safe for threads.
        """
        ...
