"""Losses: measures the losses of models on people's pictures, each once.

They are measured in the same way for everybody: on the same number of pictures, under the same random draws
(times, noises). So a difference between two models, or between two people, doesn't come from the draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from volenti.core.digest import sha256
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress
from volenti.training.membership import Numbers
from volenti.training.partition import Place
from volenti.training.ports import Trainer

#: Pictures of each person at most, and random draws under which the loss on each is measured.
PICTURES, DRAWS = 4, 8
#: The seed of the draws, the same in every attack.
SEED = 7
#: Pictures whose losses a worker measures in one task.
BATCH = 64


@dataclass(frozen=True, slots=True)
class Pictures:
    """Somebody's pictures as the model was trained on them: names, frames (n, size, size, 3), captions."""

    names: tuple[str, ...]
    frames: NDArray[np.uint8]
    captions: tuple[str, ...]
    #: The place of the slice with these pictures, and every place that learned from any picture of theirs.
    home: Place
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Model:
    """A model to be attacked: weights as they are served, or slices to be merged; the base has neither."""

    digest: str
    weights: bytes = b""
    parts: tuple[tuple[int, bytes], ...] = ()
    scale: float = 1.0

    @classmethod
    def served(cls, weights: bytes) -> Model:
        """A model by its merged weights, the bytes as they are served."""
        return cls(sha256(weights), weights)

    @classmethod
    def merged(cls, parts: Sequence[tuple[int, bytes]], scale: float = 1.0) -> Model:
        """A model by its slices' (pictures, weights), in order of place; without any it is the base.

        scale: what the mean of their changes is multiplied by.
        """
        told = "\n".join(f"{images} {sha256(weights)}" for images, weights in parts)
        digest = sha256(f"merged {scale}\n{told}".encode())
        return cls(digest, parts=tuple(parts), scale=scale) if parts else BASE


#: The model that was trained on nobody's pictures.
BASE = Model("base")

#: What a worker gets: a model, and the names, frames and captions of pictures.
LossTask = tuple[Model, tuple[str, ...], NDArray[np.uint8], tuple[str, ...]]


@dataclass(frozen=True)
class LossWorker:
    """What a worker process does in an attack by losses. Picklable."""

    trainer: Trainer

    def losses(self, task: LossTask) -> Numbers:
        """A model's losses on pictures, (pictures, DRAWS)."""
        model, _, frames, captions = task
        weights = self.trainer.merge(model.parts, model.scale) if model.parts else model.weights
        return self.trainer.losses(weights, frames, captions, seed=SEED, draws=DRAWS)


@dataclass(slots=True)
class Losses:
    """The losses measured so far, by the model's digest and the picture's name. In memory alone."""

    _known: dict[tuple[str, str], Numbers] = field(default_factory=dict)

    def of(self, model: Model, pictures: Pictures) -> Numbers:
        """A model's losses on somebody's pictures, (pictures, DRAWS); they were measured before."""
        return np.stack([self._known[model.digest, name] for name in pictures.names])

    def measure(
        self,
        models: Iterable[Model],
        who: Iterable[Pictures],
        trainer: Trainer,
        jobs: JobRunner,
        progress: Progress,
    ) -> None:
        """Measure every model's losses on everybody's pictures, where they weren't measured before."""
        tasks = self._due({each.digest: each for each in models}, list(who))
        progress.begin("Asking models for losses", sum(len(names) for _, names, _, _ in tasks))
        for index, found in jobs.run(LossWorker(trainer).losses, tasks):
            model, names, _, _ = tasks[index]
            self._known.update(zip(((model.digest, name) for name in names), found, strict=True))
            progress.advance(len(names))
        progress.end()

    def _due(self, models: Mapping[str, Model], who: Sequence[Pictures]) -> list[LossTask]:
        due: list[LossTask] = []
        for model in models.values():
            asked = {
                name: (each.frames[row], each.captions[row])
                for each in who
                for row, name in enumerate(each.names)
                if (model.digest, name) not in self._known
            }
            names = tuple(asked)
            for cut in (slice(i, i + BATCH) for i in range(0, len(names), BATCH)):
                some = [asked[name] for name in names[cut]]
                frames = np.stack([frame for frame, _ in some])
                due.append((model, names[cut], frames, tuple(caption for _, caption in some)))
        return due
