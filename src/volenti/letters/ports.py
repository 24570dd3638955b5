"""What letters need from the outside: somebody who carries them, and a folder where nobody does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Protocol


class NotSentError(Exception):
    """A letter isn't sent. `is_temporary`: trying later may help. `is_uncertain`: it may have arrived."""

    def __init__(self, message: str, *, is_temporary: bool = False, is_uncertain: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_temporary = is_temporary
        self.is_uncertain = is_uncertain


class Carrier(Protocol):
    """Carries letters to their addresses."""

    def carry(self, message: EmailMessage, begin: Callable[[], None]) -> None:
        """Hand a letter over; raises NotSentError where it isn't.

        begin: called as the last thing before the letter itself is sent. Where this process ends after that,
        nobody knows whether it arrived.
        """
        ...


class Outbox(Protocol):
    """A folder of letters that somebody else sends, divided by whom they are to."""

    def keep(self, folder: str, name: str, data: bytes) -> None:
        """Put a letter there, or the same once more."""
        ...

    def sizes(self, folder: str) -> list[int]:
        """The bytes of each letter in somebody's folder."""
        ...

    def remove(self, folder: str) -> None:
        """Overwrite and remove somebody's letters, durably; absent ones are fine."""
        ...

    def names(self) -> Iterator[tuple[str, str]]:
        """Folder and name of every letter there is."""
        ...
