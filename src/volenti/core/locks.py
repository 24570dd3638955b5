"""Locks: one process at a time does what two at once would spoil for each other."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from volenti.core.progress import Progress


class Locks(Protocol):
    """Locks by the name of what is done. A lock is released when its holder ends, however it ends."""

    def take(self, name: str, progress: Progress) -> AbstractContextManager[None]:
        """Wait until nobody else holds this lock, then hold it; tell `progress` where that takes a while.

        Whoever holds it may take it once more inside.
        """
        ...
