"""Workspaces: as many open workspaces as there are requests at a time, each used by one request at a time.

They are as independent of each other as two processes: what keeps two commands from disturbing each other
keeps two requests apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING, TypeVar

from anyio import CapacityLimiter, to_thread

if TYPE_CHECKING:
    from volenti.workspace.workspace import Workspace

T = TypeVar("T")


#: How many requests are worked on at a time; the others wait for their turn. Python runs one thread at a
#: time: of twenty that run at once each waits for all the others, in a workspace that reads everything anew.
AT_ONCE = 4


class Workspaces:
    """Opens workspaces when they are needed, and keeps them open."""

    def __init__(self, open_one: Callable[[], Workspace]) -> None:
        """open_one: opens the workspace once more."""
        self._open_one = open_one
        self._idle: LifoQueue[Workspace] = LifoQueue()
        self._turns = CapacityLimiter(AT_ONCE)

    async def work(self, call: Callable[[], T]) -> T:
        """Call a function that uses a workspace, in a thread, when its turn comes; its answer."""
        return await to_thread.run_sync(call, limiter=self._turns)

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
