"""The folder of the face models' weights: where it is, and whether each file in it is the right one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from volenti.core.digest import sha256_file
from volenti.core.errors import MissingModelError
from volenti.perception.sight.weights import WEIGHTS, Weight, WeightState


def default_folder() -> Path:
    """Where model files are kept: $VOLENTI_MODELS, or .cache/volenti/models in the home folder."""
    named = os.environ.get("VOLENTI_MODELS")
    return Path(named) if named else Path.home() / ".cache" / "volenti" / "models"


def check(folder: Path, weights: Sequence[Weight] = WEIGHTS) -> dict[str, WeightState]:
    """The state of each file of the table in `folder`, by file name."""
    return {weight.file: state_of(folder / weight.file, weight) for weight in weights}


def located(folder: Path, weight: Weight) -> Path:
    """The verified path of a model file; raises MissingModelError where it isn't the right one."""
    path = folder / weight.file
    state = state_of(path, weight)
    if state != "present":
        raise MissingModelError(
            f"The model file {weight.file} ({weight.purpose}) is {state}.",
            "Fetch them: volenti models fetch; or set VOLENTI_MODELS to the folder that holds them.",
        )
    return path


class FromFolder:
    """An adapter over networks that pickles as the folder of its model files.

    Loaded networks can't be pickled; a worker loads its own at the first picture.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getstate__(self) -> dict[str, Path]:
        return {"_folder": self._folder}


def state_of(path: Path, weight: Weight) -> WeightState:
    """Whether a model file is there, and the right one, by its size and SHA-256."""
    if not path.is_file():
        return "missing"
    right = path.stat().st_size == weight.bytes and sha256_file(path) == weight.sha256
    return "present" if right else "damaged"
