"""Errors that say what is wrong and what to do about it.

Every error of the project is a `VolentiError` and carries four things: a stable
`code`, a message in one line, a `remedy` in one line, and whether trying again
can help. Only `cli` turns them into exit statuses and prints them.
"""

from __future__ import annotations

from math import ceil
from typing import ClassVar


class VolentiError(Exception):
    """Base of all errors the project raises on purpose."""

    code: ClassVar[str] = "error"
    #: Process exit status; the table in docs/reference/exit-codes.md is made from these.
    exit_status: ClassVar[int] = 3
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class FailedCheckError(VolentiError):
    """Everything ran, and a check at the end of it failed."""

    code = "failed-check"
    exit_status = 1


class UsageError(VolentiError):
    """The command or call was given something it can't work with."""

    code = "usage"
    exit_status = 2


class NotUnicodeError(UsageError, ValueError):
    """A text holds half a character or a byte of another encoding, so it can't be kept."""

    code = "not-unicode"


class WorkspaceError(VolentiError):
    """There is no usable workspace where one was looked for."""

    code = "workspace"
    exit_status = 4


class NotFoundError(VolentiError):
    """Something named by its identifier isn't in the register."""

    code = "not-found"
    exit_status = 5


class ConflictError(VolentiError):
    """The step isn't possible now: another process or an earlier step is in the way."""

    code = "conflict"
    exit_status = 6
    retryable = True


class TooOftenError(ConflictError):
    """Somebody tried this too often, and has to wait before they try again."""

    code = "too-often"

    def __init__(self, message: str, minutes: int) -> None:
        """minutes: for how long to wait; from two hours on it is said in hours, which are enough."""
        soon = f"Try again in {minutes} minute{'s'[: minutes != 1]}."
        super().__init__(message, soon if minutes < 120 else f"Try again in {ceil(minutes / 60)} hours.")


class RefusedError(VolentiError):
    """Reading or using something is refused because no release covers it today."""

    code = "refused"
    exit_status = 7


class KeyDestroyedError(RefusedError):
    """A key needed to open something was destroyed, or never existed."""

    code = "key-destroyed"


class IntegrityError(VolentiError):
    """Stored bytes aren't what was written: damage or tampering."""

    code = "integrity"
    exit_status = 8


class MissingModelError(VolentiError):
    """A model file is missing or isn't the one the table names."""

    code = "missing-model"
    exit_status = 9


class StorageError(VolentiError):
    """The disk, or the database on it, failed (full, unreachable, read-only)."""

    code = "storage"
    exit_status = 10
    retryable = True


class NothingProvedError(VolentiError):
    """A proof was asked for, and there was nothing to prove, or nothing that can be compared here."""

    code = "nothing-proved"
    exit_status = 11


def all_errors() -> list[type[VolentiError]]:
    """Every error class, base first: the source of the exit-code table."""
    found: list[type[VolentiError]] = [VolentiError]
    for cls in found:
        found.extend(cls.__subclasses__())
    return found
