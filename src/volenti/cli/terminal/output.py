"""What the command line prints: facts on standard output, everything else on standard error.

With --json standard output holds one JSON value and nothing else; where there is an error it stays empty, and
the error is one JSON object on the last line of standard error. Tables
are plain text in columns, never cut to a terminal's width: what is shown can be piped.

Everything that is printed passes through here, so that no file's name and no text of anybody's can move the
cursor or forge a line: what isn't seen is written as an escape, as is what the output's encoding lacks.
"""

from __future__ import annotations

import io
import json
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from volenti.core.amounts import counted as counted
from volenti.core.amounts import size as size
from volenti.core.progress import Progress, Silent
from volenti.core.shown import printable, printable_json


class Bars(Progress, Protocol):
    """A `Progress` that can be closed, also while work is open."""

    def close(self) -> None:
        """Remove every bar, and leave the terminal as it was."""
        ...


def show_everything() -> None:
    """From here on write an escape, such as \\u1ec5, for each character that the output's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str = "") -> None:
    """Print one line of facts."""
    print(printable(text), flush=True)


def say_text(text: str) -> None:
    """Print facts that are a text of several lines, such as a page."""
    for line in text.rstrip().split("\n"):
        say(line)


def note(text: str) -> None:
    """Print one line for the person at the terminal; it is never part of the facts."""
    print(printable(text), file=sys.stderr, flush=True)


def advise(remedy: str) -> None:
    """Print what to do next, in the form that errors use too."""
    note(f"  -> {remedy}")


def note_json(value: Any) -> None:
    """Print one JSON value on one line of standard error, for programs that called with --json."""
    wide = (sys.stderr.encoding or "").lower().replace("_", "-").startswith("utf")
    print(printable_json(json.dumps(value, ensure_ascii=not wide)), file=sys.stderr, flush=True)


def say_json(value: Any) -> None:
    """Print the facts as one JSON value: whatever the encoding, it says exactly what they are."""
    wide = (sys.stdout.encoding or "").lower().replace("_", "-").startswith("utf")
    print(printable_json(json.dumps(value, indent=1, ensure_ascii=not wide)), flush=True)


def say_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headers, each column as wide as its widest cell, numbers aligned right."""
    given = [list(row) for row in rows]
    texts = [list(headers), *([printable(_cell(value)) for value in row] for row in given)]
    widths = [max(_width(row[column]) for row in texts) for column in range(len(headers))]
    numeric = [
        bool(given) and all(isinstance(row[i], int | float) for row in given) for i in range(len(headers))
    ]
    for row in texts:
        cells = [
            " " * (width - _width(text)) + text if right else text + " " * (width - _width(text))
            for text, width, right in zip(row, widths, numeric, strict=True)
        ]
        say("  ".join(cells).rstrip())


def say_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one pair per line; empty values are left out."""
    kept = [(name, _cell(value)) for name, value in fields if value not in ("", None, ())]
    width = max((len(name) for name, _ in kept), default=0)
    for name, text in kept:
        first, *more = text.rstrip("\n").split("\n")
        say(f"{name:<{width}}  {first}")
        for line in more:
            say(f"{'':<{width}}  {line}")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian wide characters two, accents none."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 for each in text)


def duration(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 3 min 5 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


@contextmanager
def progress(quiet: bool = False, bars: Bars | None = None) -> Iterator[Progress]:
    """Show how far long work is: with bars in a terminal, otherwise with two plain lines per step.

    quiet: show nothing, for --json. bars: use these bars.
    """
    if quiet and bars is None:
        yield Silent()
        return
    shown = bars or _bars()
    try:
        yield shown
    finally:
        shown.close()


def _bars() -> Bars:
    if not sys.stderr.isatty():
        return Lines()
    from volenti.cli.terminal.bars import TerminalBars

    return TerminalBars()


class Lines:
    """Progress without a terminal: one line when a step begins, and one when it ends."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, int | None, float]] = []
        self._done: list[int] = []

    def begin(self, what: str, total: int | None) -> None:
        """Print that a piece of work begins, with its number of steps where that is known."""
        self._steps.append((what, total, time.monotonic()))
        self._done.append(0)
        note(f"{what} ..." if total is None else f"{what} ({total:,}) ...")

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Count steps of the work begun last; nothing is printed."""
        if self._done:
            self._done[-1] += steps

    def end(self) -> None:
        """Print how many steps of the work begun last were counted, and how long they took."""
        if self._steps:
            what, _, began = self._steps.pop()
            note(f"{what}: {self._done.pop():,} in {duration(time.monotonic() - began)}")

    def close(self) -> None:
        """Forget all work that is under way; nothing is printed."""
        self._steps.clear()
        self._done.clear()
