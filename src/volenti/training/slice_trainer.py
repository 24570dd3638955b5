"""SliceTrainer: trains a slice, and makes the copy descriptors of the pictures it learns from.

Works are later compared with these descriptors, so that a copy of a training picture is found. The worker
makes them because it has the frames in memory; they have no part in what the slice learns.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _installed

import numpy as np
from numpy.typing import NDArray

from volenti.core.canonical import Json
from volenti.perception.copies.descriptor import copy_descriptors
from volenti.training.ports import SliceResult, SliceTask, StepCallback, Trainer

#: Packages that decode, turn and frame the pictures before a trainer gets them.
READING = ("numpy", "pillow", "opencv-python-headless")


@dataclass(frozen=True, slots=True, eq=False)
class SliceOutput:
    """What a slice learned, and the copy descriptor of each of its pictures: int8, (pictures, numbers).

    `given` is the digest of what it was trained on, `environment` what the bits depend on.
    """

    result: SliceResult
    copy_descriptors: NDArray[np.int8]
    given: str
    environment: Json


@dataclass(frozen=True)
class SliceTrainer:
    """What a worker process does for one slice. Picklable."""

    trainer: Trainer

    def train(self, task: SliceTask, watch: StepCallback | None = None) -> SliceOutput:
        """Train one slice; its weights are those of `Trainer.train`, which calls `watch`."""
        result = self.trainer.train(task, watch)
        return SliceOutput(result, copy_descriptors(task.frames), task.digest, environment_of(self.trainer))


def environment_of(trainer: Trainer) -> Json:
    """What the bits of a slice depend on here: what computes them, and what reads the pictures.

    Two environments count as the same where this is equal. The driver of a GPU isn't part of it.
    """
    return {**trainer.environment(), **{name: version(name) for name in READING}}


def version(package: str) -> str:
    """The version of an installed package; empty where it isn't installed."""
    try:
        return _installed(package)
    except PackageNotFoundError:
        return ""
