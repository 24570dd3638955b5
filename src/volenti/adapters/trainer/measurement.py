"""What a slice's training takes: seconds, seconds a step and memory, beside the losses of its steps."""

from __future__ import annotations

import resource
import sys
import time
from statistics import median

import numpy as np
import torch

from volenti.training.ports import SliceResult, StepCallback, StepReport

#: Seconds between two reports, so that short trainings don't spend their time on telling.
REPORT_SECONDS = 1.0


class Measurement:
    """Begins when it is made; is told the loss of every step, and reports to `watch` from time to time."""

    def __init__(self, device: str, steps: int, watch: StepCallback | None = None) -> None:
        self._device = device
        self._steps = steps
        self._watch = watch
        self._reported = 0
        self._began = time.perf_counter()
        self._ended: list[float] = []
        self._losses: list[float] = []
        if device != "cpu":
            torch.cuda.reset_peak_memory_stats()

    def step(self, loss: float) -> None:
        """A step ended. Its loss is a number, so what was computed for it on a GPU has ended too."""
        self._losses.append(loss)
        self._ended.append(time.perf_counter())
        since = self._ended[self._reported - 1] if self._reported else self._began
        if self._watch is not None and self._ended[-1] - since >= REPORT_SECONDS:
            latest = float(np.mean(self._losses[self._reported :]))
            self._reported = len(self._losses)
            self._watch(StepReport(self._reported, self._steps, latest))

    def result(self, weights: bytes) -> SliceResult:
        """The result of a training with at least one step."""
        quarters = np.array_split(self._losses, min(4, len(self._losses)))
        # The first step is left out where there are others: kernels are chosen and memory is taken in it.
        steps = np.diff(self._ended) if len(self._ended) > 1 else [self._ended[0] - self._began]
        return SliceResult(
            weights,
            tuple(float(np.mean(part)) for part in quarters),
            time.perf_counter() - self._began,
            float(median(steps)),
            _most_memory(self._device),
        )


def _most_memory(device: str) -> int:
    if device != "cpu":
        return torch.cuda.max_memory_allocated()
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
