"""Narration: prints the story to a terminal, chapter by chapter.

`Narration` is also the `Progress` that long work reports to. Where the output isn't a
terminal, each piece of work leaves one line when it has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.rule import Rule
from rich.table import Table

_INDENT = (0, 0, 0, 2)


class Narration:
    """Prints the story to a console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def begin_chapter(self, number: int, title: str) -> None:
        """Print a chapter's heading: its number and title on a line of their own."""
        self._console.print()
        self._console.print(Rule(f"[bold]{number}[/]  {title}", align="left", style="dim"))

    def say(self, text: str) -> None:
        """Print a line of the story; it may contain rich markup."""
        self._console.print(Padding(text, _INDENT))

    def show_table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print rows under headings; a column whose heading ends in a space is aligned right, for numbers."""
        table = Table(box=None, pad_edge=False, header_style="dim")
        for heading in columns:
            table.add_column(heading.strip(), justify="right" if heading.endswith(" ") else "left")
        for row in rows:
            table.add_row(*map(str, row))
        self._console.print(Padding(table, _INDENT))

    # -- core.progress.Progress

    def begin(self, what: str, total: int | None) -> None:
        """Draw a bar for a piece of work, after ending the one before; none where `total` is 0."""
        self.end()
        if total == 0:
            return
        self._bar = Progress(
            TextColumn("  {task.description:<22}"),
            BarColumn(20),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            TextColumn("[dim]{task.fields[note]}"),
            console=self._console,
        )
        self._task = self._bar.add_task(what, total=total, note="")
        self._bar.start()

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Move the bar, and show `note` beside it where there is one; does nothing without a bar."""
        if self._bar is not None:
            self._bar.update(self._task, advance=steps)
            if note:
                self._bar.update(self._task, note=note)

    def end(self) -> None:
        """Stop the bar and leave it as it stands; does nothing without a bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
