"""Sampler: draws pictures with one guidance and number of steps, in worker processes or in this one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.training.ports import Drawing, PreviewCallback, Trainer


@dataclass(frozen=True)
class Sampler:
    """Draws with one guidance and number of steps. Picklable, for worker processes."""

    trainer: Trainer
    guidance: float
    steps: int

    def draw(
        self, task: tuple[bytes, Sequence[Drawing]], watch: PreviewCallback | None = None
    ) -> NDArray[np.uint8]:
        """(constituent's weights, drawings) -> uint8 (drawings, size, size, 3)."""
        return self.trainer.draw(*task, guidance=self.guidance, steps=self.steps, watch=watch)

    def draw_watched(
        self, tasks: Iterable[tuple[bytes, Sequence[Drawing]]], watch: PreviewCallback
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Draw every task in this process, calling `watch`; yields its number and pictures."""
        for index, task in enumerate(tasks):
            yield index, self.draw(task, watch)
