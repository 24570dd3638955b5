"""Logs for operators: what the program did, how long it took and how much there was of it; never whose.

    _log = Logger(__name__)
    _log.info("files taken in", given=12, new=11)

Entries go through the standard library's `logging`, under the name of the module, as an event in plain words
and facts. A fact is a number, a word of the program's own (a state, a purpose, the name of a step), or the
identifier of a request or run: those name nobody. Names, captions, paths and identifiers of people or
pictures are none of these: in the place of what isn't one stands REFUSED, so that no file of logs becomes a
store of personal data that no erasure reaches. Logging never raises: an erasure doesn't fail because of it.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from volenti.core.errors import UsageError

if TYPE_CHECKING:
    import logging

Fact = int | float | str
#: The root of all names.
ROOT = "volenti"
#: How many listen, by the name of the handler.
_LISTENERS: Counter[str] = Counter()
#: What stands for a fact that might say something about a person.
REFUSED = "(refused)"
#: A word of the program's own, or the identifier of a request, a run or a delivery.
_SAYABLE = re.compile(r"[a-z][a-z-]{0,40}|(req|run|dlv)_[a-z0-9]+")


class Logger:
    """Logs one module's events. Nothing is imported, and nothing written, unless somebody listens."""

    def __init__(self, name: str) -> None:
        """name: of the module, such as volenti.erasure.service."""
        self._name = name

    def info(self, event: str, **facts: Fact) -> None:
        """Log what was done."""
        self._write("info", event, facts)

    def warning(self, event: str, **facts: Fact) -> None:
        """Log what somebody should look at."""
        self._write("warning", event, facts)

    @contextmanager
    def timed(self, event: str, **facts: Fact) -> Iterator[dict[str, Fact]]:
        """Log an event once it is over, with its seconds, or that it failed, with the error's class.

        Yields facts to add to: what is known only at the end.
        """
        began = time.perf_counter()
        known = dict(facts)
        try:
            yield known
        except BaseException as error:
            self._write("warning", f"failed: {event}", known, error=type(error).__name__)
            raise
        self.info(event, **known, seconds=round(time.perf_counter() - began, 3))

    def _write(self, level: str, event: str, facts: dict[str, Fact], **own: str) -> None:
        """own: facts that the program words itself, and nobody gave."""
        if "logging" not in sys.modules:
            return  # nobody who hasn't imported it can have asked to be told
        import logging

        root = logging.getLogger(ROOT)
        if not root.handlers:
            # Else a warning that nobody asked for would be printed by the library.
            root.addHandler(logging.NullHandler())
        said = {name: value if _is_sayable(value) else REFUSED for name, value in facts.items()}
        getattr(logging.getLogger(self._name), level)(event, extra={"facts": {**said, **own}})


def _is_sayable(fact: Fact) -> bool:
    return not isinstance(fact, str) or _SAYABLE.fullmatch(fact) is not None


def listen(to: Path | TextIO) -> Callable[[], None]:
    """Write every entry from here on to a file, as one JSON object a line, or to a terminal, to be read.

    Returns what ends it. A file is added to, also when something else has moved it away meanwhile; several
    who listen into one file get each entry once. Raises UsageError where the file can't be written.
    """
    import logging.handlers

    class Formatter(logging.Formatter):
        """Defined here: nothing of the library is imported before somebody listens."""

        def format(self, record: logging.LogRecord) -> str:
            return _as_json(record) if isinstance(to, Path) else _as_words(record)

    root = logging.getLogger(ROOT)
    root.setLevel(logging.INFO)
    name = str(to.absolute()) if isinstance(to, Path) else f"stream {id(to)}"
    handler = next((each for each in root.handlers if each.name == name), None)
    if handler is None:
        try:
            handler = _file_handler(to) if isinstance(to, Path) else logging.StreamHandler(to)
        except OSError as error:
            raise UsageError(
                f"Can't write the log to {to}: {error.strerror}.", "Name another file in VOLENTI_LOG_FILE."
            ) from error
        handler.name = name
        handler.setFormatter(Formatter())
        root.addHandler(handler)
    _LISTENERS[name] += 1

    def stop() -> None:
        _LISTENERS[name] -= 1
        if not _LISTENERS[name]:
            root.removeHandler(handler)
            handler.close()

    return stop


def _file_handler(file: Path) -> logging.Handler:
    import logging.handlers

    file.parent.mkdir(parents=True, exist_ok=True)
    return logging.handlers.WatchedFileHandler(file, encoding="utf-8")


def _as_json(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    said = {"at": at, "level": record.levelname.lower(), "module": record.name, "event": record.getMessage()}
    return json.dumps({**said, **getattr(record, "facts", {})})


def _as_words(record: logging.LogRecord) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in getattr(record, "facts", {}).items())
    at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
    module = record.name.removeprefix(f"{ROOT}.")
    return f"{at} {module}: {record.getMessage()}{f' ({facts})' if facts else ''}"
