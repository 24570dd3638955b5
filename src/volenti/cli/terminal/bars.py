"""Progress bars on a terminal's standard error: how many, how fast, how long still.

This is a module of its own so that commands without a bar need not import rich.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from volenti.core.shown import printable


class Rate(ProgressColumn):
    """A column: steps per second, or seconds per step where a step takes longer than a second."""

    def render(self, task: Task) -> Text:
        """The column's text for one bar; empty as long as the speed isn't known."""
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:,.1f}/s" if speed >= 1 else f"{1 / speed:,.1f} s each")


class TerminalBars:
    """The `core.progress.Progress` of a terminal. A finished step's bar stays to be read."""

    def __init__(self, console: Console | None = None, drawn_by: Callable[..., Progress] = Progress) -> None:
        self._bars = drawn_by(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeRemainingColumn(elapsed_when_finished=True),
            TextColumn("{task.fields[note]}", markup=False),
            console=console or Console(stderr=True),
        )
        self._open: list[TaskID] = []

    def begin(self, what: str, total: int | None) -> None:
        """Show a bar for a piece of work; without a known `total` it has no end."""
        if not self._open:
            self._bars.start()
        self._open.append(self._bars.add_task(printable(what), total=total, note=""))

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Move the bar of the work begun last, and show `note` beside it; does nothing without a bar."""
        if self._open:
            self._bars.update(self._open[-1], advance=steps, note=printable(note))

    def end(self) -> None:
        """End the work begun last, with its bar full; once no work is open, close the bars."""
        if not self._open:
            return
        task = self._open.pop()
        # Where the length wasn't known beforehand, it is what was done.
        done = self._bars.tasks[self._bars.task_ids.index(task)].completed
        self._bars.update(task, total=done, note="")
        if not self._open:
            self.close()

    def close(self) -> None:
        """Leave the terminal as it was, also while work is open."""
        self._open.clear()
        self._bars.stop()
        for task in self._bars.task_ids:
            self._bars.remove_task(task)
