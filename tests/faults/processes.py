"""Work in a process of its own, which may end in any way."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Any

#: A process that another thread starts meanwhile would keep this one's pipe open.
_FORKING = Lock()


def elsewhere(work: Callable[[], Any], seconds: float = 120.0) -> Any:
    """What `work` returns, in a process of its own; RuntimeError where it doesn't end well."""
    with _FORKING:
        reading, writing = os.pipe()
        child = os.fork()
        if child:
            os.close(writing)
    if child == 0:
        status = 1
        os.close(reading)
        try:
            signal.alarm(int(seconds))
            answer = pickle.dumps((True, work()))
            status = 0
        except BaseException:
            answer = pickle.dumps((False, traceback.format_exc()))
        with suppress(OSError), os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        os._exit(status)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    if not said:
        raise RuntimeError("the process ended without a word")
    well, value = pickle.loads(said)
    if not well:
        raise RuntimeError(value)
    return value


def last_line(error: BaseException) -> str:
    """The last line of a traceback."""
    return str(error).strip().splitlines()[-1]
