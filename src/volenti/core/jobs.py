"""Job runner: runs long computations on values, where there are cores for them.

It is given a function and tasks, all picklable. They have no access to keys, packs or
the register. So they can run in any process on any machine, and nothing of what they
were given is left when they end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")
#: Called by a function while it computes, with a picklable value that says how far it is.
Tell = Callable[[Any], None]


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

    def run_telling(
        self,
        function: Callable[[T, Tell], R],
        tasks: Iterable[T],
        told: Callable[[int, Any], None],
    ) -> Iterator[tuple[int, R]]:
        """As `run`, of a function that tells how far it is while it computes.

        told: called with the number of the task and what was told, by the thread that walks through the
        results, and before the result of that task.
        """
        ...
