"""Workspaces: as many open workspaces as there are requests at a time, each used by one request at a time.

They are as independent of each other as two processes: what keeps two commands from disturbing each other
keeps two requests apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volenti.workspace.workspace import Workspace


class Workspaces:
    """Opens workspaces when they are needed, and keeps them open."""

    def __init__(self, open_one: Callable[[], Workspace]) -> None:
        """open_one: opens the workspace once more."""
        self._open_one = open_one
        self._idle: LifoQueue[Workspace] = LifoQueue()

    @contextmanager
    def one(self) -> Iterator[Workspace]:
        """A workspace that nobody else uses inside of the `with`."""
        try:
            ws = self._idle.get_nowait()
        except Empty:
            ws = self._open_one()
        try:
            yield ws
        finally:
            self._idle.put(ws)

    def close(self) -> None:
        """Close those that are idle; none is in use any more when the application ends."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return
