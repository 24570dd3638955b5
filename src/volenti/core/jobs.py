"""Job runner: runs long computations on values, where there are cores for them.

It is given a function and tasks, all picklable. They have no access to keys, packs or
the register. So they can run in any process on any machine, and nothing of what they
were given is left when they end.
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

        The function and tasks must be picklable. The thread that walks through the results takes
        the tasks, as they are due and at most two a worker at a time: memory is bounded, and the
        iterable of tasks needn't be thread-safe.
        """
        ...
