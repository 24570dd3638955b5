"""The server's worker: a process that does jobs for as long as the server runs."""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

from volenti.core import interpreter
from volenti.core.logs import Logger

#: Seconds before a worker that ended early is started anew, and for which one that is to end is waited for.
_AGAIN, _PATIENCE = 2.0, 10.0

_log = Logger(__name__)


class Worker:
    """Keeps one `volenti job work` running inside of a `with`.

    The worker's standard input is a pipe from this process: where this process ends, however it ends, the
    pipe closes, and the worker ends too. What it was doing goes on with the next worker.
    """

    def __init__(self, folder: Path) -> None:
        """folder: the workspace's."""
        self._command = interpreter.command(
            "volenti", "-C", str(folder.resolve()), "job", "work", "--until-closed"
        )
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ending.is_set():
            process = subprocess.Popen(
                self._command,
                env=interpreter.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl-C is for the server, which then ends its worker in its own way.
                start_new_session=True,
            )
            while process.poll() is None and not self._ending.wait(0.2):
                pass
            if process.poll() is None:
                assert process.stdin is not None
                with suppress(OSError):
                    process.stdin.close()
                try:
                    process.wait(_PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                return
            _log.warning("worker ended early", status=process.returncode)
            self._ending.wait(_AGAIN)
