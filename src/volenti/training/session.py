"""Session: what a script of the user's own holds while it trains a guest run, part by part."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.digest import sha256
from volenti.core.errors import UsageError
from volenti.training.external_run import ExternalPart, ExternalRun

if TYPE_CHECKING:
    from volenti.datasets.reader import Reader
    from volenti.training.external_runs import ExternalRuns


@dataclass
class ExternalShard:
    """One part of a run: what to train on, and where to leave what was trained."""

    external_runs: ExternalRuns
    run: ExternalRun
    shard: int
    dataset: Reader
    began: float = field(default_factory=time.monotonic)

    @property
    def seed(self) -> int:
        """63 bits that belong to this part of this run, however many others there are."""
        name = f"{self.run.id}/{self.run.shards}/{self.shard}"
        return int(sha256(name.encode())[:16], 16) >> 1

    def keep(self, file: Path | str) -> ExternalPart:
        """Seal the file that was trained; the time since the part was handed out is its price."""
        seconds = time.monotonic() - self.began
        return self.external_runs.keep(self.run, self.shard, self.dataset, Path(file), seconds)


@dataclass
class Session:
    """A guest run while its script works on it; a context manager."""

    external_runs: ExternalRuns
    run: ExternalRun
    began: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *failure: object) -> None:
        state = "ended" if failure[0] is None else "broken-off"
        due = self.external_runs.due(self.run)
        self.external_runs.note(f"guest-training-{state}", {"run": self.run.id, "parts_due": due})

    @cached_property
    def dataset(self) -> Reader:
        """The whole snapshot, as it might be read when it was first asked for here.

        What is kept is everybody's who is in it: somebody who leaves while the script trains may have
        been learned from.
        """
        return self.external_runs.dataset(self.run)

    def keep(self, file: Path | str) -> ExternalPart:
        """For a run of one part: seal the file that was trained on the whole snapshot."""
        if not self.run.is_whole:
            raise UsageError(
                f"{self.run.name} is trained in parts.", "Keep what was trained on each of run.parts()."
            )
        return ExternalShard(self.external_runs, self.run, 0, self.dataset, self.began).keep(file)

    def parts(self) -> Iterator[ExternalShard]:
        """The parts that are to be trained: not kept yet, or taught something else than they'd be today."""
        specs = self.external_runs.specs(self.run)
        for shard in self.external_runs.due(self.run):
            yield ExternalShard(self.external_runs, self.run, shard, specs[shard])
