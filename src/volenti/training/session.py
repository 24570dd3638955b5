"""Session: what the user's own script works with while it trains an external run, part by part."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.core.logs import Logger
from volenti.core.shown import short_repr
from volenti.training.external_run import ExternalPart, ExternalRun

if TYPE_CHECKING:
    from volenti.datasets.reader import Reader
    from volenti.training.external_runs import ExternalRuns

_log = Logger(__name__)


@dataclass
class ExternalShard:
    """One part of a run: the pictures to train on, and the method that keeps the trained file."""

    external_runs: ExternalRuns
    run: ExternalRun
    shard: int
    dataset: Reader
    began: float = field(default_factory=time.monotonic)

    @property
    def seed(self) -> int:
        """63 bits from the run, its number of parts and this part's number."""
        return self.run.seed(self.shard)

    def keep(self, file: Path | str) -> ExternalPart:
        """Seal the file that was trained; the seconds since the part was handed out count as its training."""
        seconds = time.monotonic() - self.began
        return self.external_runs.keep(self.run, self.shard, self.dataset, Path(file), seconds)


@dataclass
class Session:
    """An external run while its script works on it; a context manager."""

    external_runs: ExternalRuns
    run: ExternalRun
    began: float = field(default_factory=time.monotonic)

    __repr__ = short_repr

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *failure: object) -> None:
        state = "ended" if failure[0] is None else "broken-off"
        due = self.external_runs.due(self.run)
        self.external_runs.note(f"guest-training-{state}", {"run": self.run.id, "parts_due": due})
        seconds = round(time.monotonic() - self.began, 3)
        if failure[0] is None:
            _log.info("external run ended", parts_due=len(due), seconds=seconds)
        else:
            _log.warning("external run broken off", parts_due=len(due), seconds=seconds)

    @cached_property
    def dataset(self) -> Reader:
        """The whole snapshot, with the pictures that may be read when this is first asked for.

        It stays the same for the whole session, and the trained file is sealed for everybody in it: the
        script may have learned from somebody whose withdrawal arrives while it trains.
        """
        return self.external_runs.dataset(self.run)

    def keep(self, file: Path | str) -> ExternalPart:
        """Seal the file that was trained on the whole snapshot, for a run of one part."""
        if not self.run.is_whole:
            raise UsageError(
                f"{self.run.name} is trained in parts.", "Keep what was trained on each of run.parts()."
            )
        return ExternalShard(self.external_runs, self.run, 0, self.dataset, self.began).keep(file)

    def parts(self) -> Iterator[ExternalShard]:
        """The parts to be trained: not kept yet, or trained on other pictures than they would be today."""
        readers = self.external_runs.readers(self.run)
        for shard in self.external_runs.due(self.run):
            yield ExternalShard(self.external_runs, self.run, shard, readers[shard])
