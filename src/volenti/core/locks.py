"""Locks: one process at a time does what two would do at cross purposes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from volenti.core.progress import Progress


class Locks(Protocol):
    """Whose turn it is, by the name of what is done. Given back when its holder ends, however it ends."""

    def take(self, name: str, progress: Progress) -> AbstractContextManager[None]:
        """Wait until nobody else has this turn, and tell `progress` where that takes a while.

        Who has it already may take it again inside.
        """
        ...
