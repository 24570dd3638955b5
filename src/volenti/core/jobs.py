"""Jobs: long work on values, run by whoever has the cores.

A job is a function and a task, both picklable, and has no way to keys, packs or
the register. So it can run in any process on any machine, and what it was given
ends with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class JobRunner(Protocol):
    """Runs a function over tasks, in fresh processes where the adapter has any."""

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        ...

    def run(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """(index of the task, result) as they finish. An error in a task is raised here.

        The function and tasks must be picklable.
        """
        ...
