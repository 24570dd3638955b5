"""Carrying: what a worker does beside its jobs, such as sending letters, however long a job takes."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING, Self

from volenti.core.errors import VolentiError
from volenti.core.logs import Logger

if TYPE_CHECKING:
    from volenti.wiring.parts import Parts

#: Seconds between two looks at what there is to do.
PAUSE = 0.5

_log = Logger(__name__)


class Carrying:
    """Sends letters in a thread, inside of a `with`. The thread opens the workspace once more for itself."""

    def __init__(self, parts: Parts) -> None:
        self._path = parts.path
        self._settings = {
            each.name: getattr(parts.settings, each.name) for each in dataclasses.fields(parts.settings)
        }
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        # A server that doesn't answer isn't waited for: the letter counts as uncertain then.
        self._thread.join(PAUSE * 4)

    def _carry(self) -> None:
        from volenti.bootstrap import open_parts

        with open_parts(self._path, **self._settings) as parts:
            while not self._ending.wait(PAUSE):
                try:
                    parts.letters.deliver()
                except VolentiError as error:
                    _log.warning("letters not sent", code=error.code)
