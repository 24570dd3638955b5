"""Teacher: has a slice trained, and sketches the pictures it learns from.

The sketches are what works are later compared with, so that a copy of a training picture is told.
They are made where the frames are at hand anyway, in the worker; nothing of them flows into what
the slice learns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.clearance.copies.sketch import sketches
from volenti.training.ports import SliceResult, SliceTask, Trainer


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What a slice learned, and a sketch of each of its pictures: int8, (pictures, numbers)."""

    result: SliceResult
    sketches: NDArray[np.int8]


@dataclass(frozen=True)
class Teacher:
    """Picklable, for worker processes."""

    trainer: Trainer

    def teach(self, task: SliceTask) -> Taught:
        """Train one slice; its weights are those of `Trainer.train`."""
        return Taught(self.trainer.train(task), sketches(task.frames))
