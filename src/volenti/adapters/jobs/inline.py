"""Jobs in this process, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from volenti.core.jobs import Tell

T = TypeVar("T")
R = TypeVar("R")


class InlineJobRunner:
    """JobRunner without processes."""

    @property
    def workers(self) -> int:
        """Always 1: one task runs after the other."""
        return 1

    def run(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[int, R]]:
        """Run the tasks in order; yields (number of the task, result). An error in a task is raised here."""
        for index, task in enumerate(tasks):
            yield index, function(task)

    def run_telling(
        self,
        function: Callable[[T, Tell], R],
        tasks: Iterable[T],
        told: Callable[[int, Any], None],
    ) -> Iterator[tuple[int, R]]:
        """Run the tasks in order, as `run` does; `told` is called while each runs."""
        for index, task in enumerate(tasks):
            yield index, function(task, partial(told, index))
