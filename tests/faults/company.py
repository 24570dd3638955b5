"""A workspace in use: while people leave, others take pictures in, clear, cut, train, read and copy it.

Either all of them at once, as it happens, or one of them while an erasure stands still at one call. Each does
so in a process of its own, and may be told to try again; nobody may meet an error that isn't the project's. A
reader must get every picture of whoever stays, always, and none of whoever has left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from tests.faults.processes import elsewhere, last_line
from tests.studio import PURPOSE, RECIPE, Studio, reopened
from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.backup import make_backup
from volenti.core.errors import KeyDestroyedError, RefusedError, VolentiError
from volenti.workspace.workspace import Workspace

#: How often somebody who was told to try again does.
ATTEMPTS = 5
#: How long a reader goes through the dataset at most.
SECONDS = 90.0


#: Something to do with a workspace.
Work = Callable[[Workspace], object]


class Company:
    """Those who use a workspace in `at` while people leave it, each in a process of its own."""

    def __init__(self, at: Path, scratch: Path, staying: Sequence[str]) -> None:
        """scratch: a folder for what is given and what is copied. staying: who isn't leaving."""
        (scratch / "inbox").mkdir(parents=True)
        maker = Studio(scratch, None, MemoryFaces(), photos=1000)  # type: ignore[arg-type]
        for name in (*staying, "zoe"):
            maker.photo(name)

        def taken_in(ws: Workspace) -> None:
            ws.add([scratch / "inbox"])
            ws.clear(PURPOSE)
            ws.datasets.cut("more", PURPOSE)

        self._at, self._detector = at, maker.detector
        self._left = scratch / "left"
        self.works: dict[str, Work] = {
            "intake": taken_in,
            "training": lambda ws: ws.train("humans", RECIPE),
            "reader": lambda ws: read(ws, set(staying), self._left),
            "backup": lambda ws: make_backup(ws.path, scratch / "copy"),
        }

    def do(self, work: Work) -> str:
        """One of the works, or another; what went wrong, in words."""
        try:
            return str(elsewhere(lambda: attempted(self._at, work, self._detector)))
        except RuntimeError as error:
            return last_line(error)

    def left(self) -> None:
        """Whoever was leaving has left: nothing of theirs may be read from now on."""
        self._left.touch()

    def disturb(self, requests: Sequence[str]) -> list[str]:
        """Everybody at once, and these erasures; returns what went wrong, in words."""
        erasures = {each: partial(erased, each) for each in requests}
        with ThreadPoolExecutor(len(self.works) + len(erasures)) as threads:
            others = {name: threads.submit(self.do, work) for name, work in self.works.items()}
            ended = {name: threads.submit(self.do, work) for name, work in erasures.items()}
            wait(ended.values())
            self.left()
        said = {name: future.result() for name, future in {**ended, **others}.items()}
        return [f"{name}: {each}" for name, each in said.items() if each]


def erased(request: str, ws: Workspace) -> None:
    ws.requests.run(request)


def attempted(at: Path, work: Callable[[Workspace], object], detector: MemoryFaces) -> str:
    """Try until it works; what went wrong, in words. An error that isn't the project's is raised."""
    said = ""
    for _ in range(ATTEMPTS):
        ws = reopened(at, detector=detector)
        try:
            answer = work(ws)
            return answer if isinstance(answer, str) else ""
        except VolentiError as error:
            said = str(error)
        finally:
            ws.close()
    return said


def read(ws: Workspace, staying: set[str], left: Path) -> str:
    """Go through the dataset until `left` is there, and once more; what went wrong, in words.

    Who stays is read every time; who leaves is read or refused, and the last time refused.
    """
    reader: Any = ws.parts.datasets.reader(ws.parts.datasets.snapshot("humans"))
    began = time.monotonic()
    for epoch in count():
        if time.monotonic() - began > SECONDS:
            return "the erasures didn't end"
        last = left.exists()
        for index in reader.epoch(epoch):
            stays = set(reader.entries[index].owners) <= staying
            try:
                reader.sample(index)
                read = True
            except (RefusedError, KeyDestroyedError):
                read = False
            if read != stays and (stays or last):
                return f"a picture of who {'stays was refused' if stays else 'left was read'}"
        if last:
            return ""
    raise AssertionError
