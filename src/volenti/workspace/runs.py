"""Runs: trainings, the project's own and those of your scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from volenti.training.guests import Session


class Runs(Noun):
    """Training runs, the project's own and those of your scripts."""

    def begin(
        self, name: str, *, dataset: str, shards: int = 1, gpus: int = 0, code: Sequence[Path | str] = ()
    ) -> Session:
        """Train a model of your own on a snapshot, ready to forget: see docs/how-to/your-own-trainer.md."""
        return self._parts.guests.begin(name, dataset, shards=shards, gpus=gpus, code=code)
