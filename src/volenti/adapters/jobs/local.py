"""Jobs in local worker processes: one process per core, one thread each.

A worker is `python -P -m volenti.adapters.jobs.local`: it reads pickled (function,
task) pairs from its standard input and writes pickled results; before a result, what the
function tells meanwhile. The function comes with the first task of a run; the worker keeps
it, with the networks that it has loaded, for the other tasks. When the parent process dies,
for whatever reason, the pipe closes and the worker ends without a word. Ctrl-C reaches every
process of a command; a worker leaves it to the parent, which ends the workers and says once
that it was interrupted. Nothing that a worker is given is written to disk. Workers stay for
the next run of the same runner, because importing torch takes longer than a step of a slice's
training.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import IO, Any, Literal, TypeVar

from volenti.core import interpreter
from volenti.core.errors import StorageError, VolentiError
from volenti.core.jobs import Tell

T = TypeVar("T")
R = TypeVar("R")
#: What a worker writes of a task: something told, and in the end its result or its error.
_Answer = Literal["told", "done", "failed"]

#: One thread in each worker: with two, sums are rounded in another order and the bits differ.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


class LocalJobRunner:
    """The `JobRunner` port over local worker processes."""

    def __init__(self, workers: int = 0) -> None:
        """workers: 0 means one for each core this process may use."""
        self._workers = workers or len(os.sched_getaffinity(0))
        self._idle: list[subprocess.Popen[bytes]] = []

    @property
    def workers(self) -> int:
        """How many worker processes run at once."""
        return self._workers

    def run(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[int, R]]:
        """Run tasks in worker processes; see `JobRunner.run`. StorageError where a worker ends early."""
        return self._run(function, tasks, None)

    def run_telling(
        self,
        function: Callable[[T, Tell], R],
        tasks: Iterable[T],
        told: Callable[[int, Any], None],
    ) -> Iterator[tuple[int, R]]:
        """Run tasks in worker processes; see `JobRunner.run_telling`. Raises as `run` does."""
        return self._run(function, tasks, told)

    def _run(
        self, function: Callable[..., R], tasks: Iterable[T], told: Callable[[int, Any], None] | None
    ) -> Iterator[tuple[int, R]]:
        due: queue.SimpleQueue[tuple[int, T] | None] = queue.SimpleQueue()
        results: queue.SimpleQueue[tuple[int, _Answer, Any]] = queue.SimpleQueue()
        processes: list[subprocess.Popen[bytes]] = []
        home = _home(function)

        def serve(process: subprocess.Popen[bytes]) -> None:
            assert process.stdin is not None
            assert process.stdout is not None
            unsent: Callable[..., R] | None = function
            # The worker has to be able to import the function. If it died, sending the first task shows that.
            with suppress(OSError):
                _write(process.stdin, home)
            while (given := due.get()) is not None:
                index, task = given
                try:
                    _write(process.stdin, (unsent, task, told is not None))
                    unsent = None
                    kind = "told"
                    while kind == "told":
                        kind, value = _read(process.stdout)
                        results.put((index, kind, value))
                except (OSError, EOFError, pickle.PickleError) as error:
                    results.put((index, "failed", _ended(process, error)))
                    return

        under_way = 0
        walk = enumerate(tasks)
        try:
            while True:
                # Twice as many tasks as workers are sent, so that no worker is idle while the caller
                # handles a result.
                while under_way < 2 * self._workers and (given := next(walk, None)) is not None:
                    if len(processes) < min(self._workers, under_way + 1):
                        processes.append(self._idle.pop() if self._idle else _start())
                        threading.Thread(target=serve, args=(processes[-1],), daemon=True).start()
                    due.put(given)
                    under_way += 1
                if not under_way:
                    break
                index, kind, value = results.get()
                if kind == "told":
                    assert told is not None
                    told(index, value)
                    continue
                under_way -= 1
                if kind == "failed":
                    raise value
                yield index, value
        except BaseException:
            # The caller stopped listening, or a task failed: nobody wants the results of the others any more.
            self._stop(processes)
            raise
        finally:
            for _ in processes:
                due.put(None)
        self._idle += processes

    def close(self) -> None:
        """End the workers."""
        self._stop(self._idle)
        self._idle = []

    @staticmethod
    def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            process.kill()
            process.wait()


def _start() -> subprocess.Popen[bytes]:
    # A process inherits which signals are blocked: so no moment is left in which Ctrl-C stops a worker, also
    # not while it imports. In this process it arrives a moment later.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(
            interpreter.command("volenti.adapters.jobs.local"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=interpreter.environment(ONE_THREAD),
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _home(function: Any) -> str:
    """The folder in which a worker finds the module of the function."""
    while isinstance(function, partial):
        function = function.func
    named = getattr(function, "__module__", None) or type(function).__module__
    return interpreter.home_of(type(function.__self__).__module__ if hasattr(function, "__self__") else named)


def _ended(process: subprocess.Popen[bytes], error: BaseException) -> VolentiError:
    failure = StorageError(
        f"A worker process ended early (status {process.poll()}).",
        "It may have run out of memory; run the same command again, it goes on where it stopped.",
    )
    failure.__cause__ = error
    return failure


def _write(pipe: IO[bytes], value: object) -> None:
    data = pickle.dumps(value, protocol=5)
    pipe.write(struct.pack(">Q", len(data)))
    pipe.write(data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    return pickle.loads(_received(pipe))


def _received(pipe: IO[bytes]) -> bytes:
    """What the other process wrote next; EOFError where it is gone, also in the middle of it."""
    header = pipe.read(8)
    if len(header) < 8:
        raise EOFError
    size = struct.unpack(">Q", header)[0]
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _work() -> None:
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not end up among the results.
    os.dup2(2, 1)
    function: Any = None

    def tell(value: object) -> None:
        _write(answers, ("told", value))

    while True:
        try:
            received = _received(requests)
        except EOFError:
            return
        try:
            given = pickle.loads(received)
            if isinstance(given, str):
                # Appended last, so that no module there replaces one of Python or of the project.
                sys.path += [given] if given and given not in sys.path else []
                continue
            sent, task, tells = given
            function = function if sent is None else sent
            result = function(task, tell) if tells else function(task)
            answer: tuple[_Answer, object] = ("done", result)
        except Exception as error:  # handed to the parent, which raises it
            answer = ("failed", error)
        try:
            _write(answers, answer)
        except OSError:
            # The parent is gone. Ending in the usual way would try to write once more, and complain.
            os._exit(1)


if __name__ == "__main__":
    _work()
