"""SliceTrainer: has a slice trained, and sketches the pictures it learns from.

The sketches are what works are later compared with, so that a copy of a training picture is told.
They are made where the frames are at hand anyway, in the worker; nothing of them flows into what
the slice learns.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _installed

import numpy as np
from numpy.typing import NDArray

from volenti.core.canonical import Json
from volenti.perception.copies.descriptor import copy_descriptors
from volenti.training.ports import SliceResult, SliceTask, Trainer

#: Packages that decode, turn and frame the pictures before a trainer sees them.
READING = ("numpy", "pillow", "opencv-python-headless")


@dataclass(frozen=True, slots=True, eq=False)
class SliceOutput:
    """What a slice learned, and a sketch of each of its pictures: int8, (pictures, numbers).

    `given` is the digest of what it was taught, `environment` what the bits depend on.
    """

    result: SliceResult
    sketches: NDArray[np.int8]
    given: str
    environment: Json


@dataclass(frozen=True)
class SliceTrainer:
    """Picklable, for worker processes."""

    trainer: Trainer

    def teach(self, task: SliceTask) -> SliceOutput:
        """Train one slice; its weights are those of `Trainer.train`."""
        result = self.trainer.train(task)
        return SliceOutput(result, copy_descriptors(task.frames), task.digest, environment_of(self.trainer))


def environment_of(trainer: Trainer) -> Json:
    """What the bits of a slice depend on here: what computes them, and what reads the pictures.

    Two environments are one where this is the same. A driver of a GPU isn't in it.
    """
    return {**trainer.environment(), **{name: version(name) for name in READING}}


def version(package: str) -> str:
    """Of an installed package; empty where there is none."""
    try:
        return _installed(package)
    except PackageNotFoundError:
        return ""
