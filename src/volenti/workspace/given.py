"""Converting what a verb may be given in several forms, such as a file or its bytes."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TypeVar

from volenti.core.errors import UsageError

E = TypeVar("E", bound=Enum)


def one_of(values: type[E], given: E | str) -> E:
    """The value itself, or the value of a word; UsageError where the word has none."""
    try:
        return values(given)
    except ValueError:
        known = ", ".join(str(each.value) for each in values)
        raise UsageError(f"{given!r} is none of: {known}.", "Choose one of those.") from None


def bytes_of(given: bytes | Path | str) -> bytes:
    """The bytes themselves, or those of a file; UsageError where it can't be read."""
    if isinstance(given, bytes):
        return given
    try:
        return Path(given).read_bytes()
    except OSError as error:
        raise UsageError(f"Can't read {given}: {error.strerror}.", "Check the path.") from error
