"""The server's courier: tells webhooks what happened, for as long as the server runs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from volenti.core.logs import Logger

if TYPE_CHECKING:
    from volenti.web.workspaces import Workspaces

#: Seconds between two looks whether there is something to be told.
_PAUSE = 2.0

_log = Logger(__name__)


class Courier:
    """Delivers inside of a `with`, in a thread of its own: jobs that take hours hold nothing up.

    It needs nothing to be handed over when the server ends or is killed: how far each webhook was told is on
    record after each message.
    """

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # A receiver that keeps a message waiting doesn't keep the server from ending.
        self._ending.set()

    def _go(self) -> None:
        while not self._ending.wait(_PAUSE):
            try:
                with self._workspaces.one() as ws:
                    ws.webhooks.deliver()
            except Exception as error:
                # Such as a full disk; the next round tries again. What it says may have an address in it.
                _log.warning("webhooks not delivered", error=type(error).__name__)
