"""Losses: what models don't know of people's pictures, each asked once.

Everybody is asked about in the same way: the same few pictures, the same chances (times, noises), the same
number of them. So a difference between two models, or two people, is theirs and not chance's.
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

#: Of everybody, at most so many pictures; losses at so many chances.
PICTURES, CHANCES = 4, 8
#: Of the chances, the same in every attack.
SEED = 7
#: Pictures whose losses a worker measures in one go.
BATCH = 64


@dataclass(frozen=True, slots=True)
class Pictures:
    """Somebody's pictures as a model was shown them: names, frames (n, size, size, 3), captions."""

    names: tuple[str, ...]
    frames: NDArray[np.uint8]
    captions: tuple[str, ...]
    #: Where these pictures lie, and every place that learned from any picture of theirs.
    home: Place
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Model:
    """What is asked: weights as they are served, or slices to be merged on the base; neither is the base."""

    digest: str
    weights: bytes = b""
    parts: tuple[tuple[int, bytes], ...] = ()

    @classmethod
    def served(cls, weights: bytes) -> Model:
        """A model by its merged weights, the bytes as they are served."""
        return cls(sha256(weights), weights)

    @classmethod
    def merged(cls, parts: Sequence[tuple[int, bytes]]) -> Model:
        """The slices' (pictures, weights), in order of place; none are the base."""
        told = "\n".join(f"{images} {sha256(weights)}" for images, weights in parts)
        return cls(sha256(f"merged\n{told}".encode()), parts=tuple(parts)) if parts else BASE


#: The model that has seen nobody.
BASE = Model("base")

#: A model, its pictures' names, their frames and captions, as a worker gets them.
Question = tuple[Model, tuple[str, ...], NDArray[np.uint8], tuple[str, ...]]


@dataclass(frozen=True)
class Examiner:
    """What a worker does of an attack by losses. Picklable."""

    trainer: Trainer

    def losses(self, question: Question) -> Numbers:
        """What a model doesn't know of pictures, (pictures, CHANCES)."""
        model, _, frames, captions = question
        weights = self.trainer.merge(model.parts) if model.parts else model.weights
        return self.trainer.losses(weights, frames, captions, seed=SEED, draws=CHANCES)


@dataclass(slots=True)
class Losses:
    """What was measured so far, by digest of the model and name of the picture. In memory alone."""

    _known: dict[tuple[str, str], Numbers] = field(default_factory=dict)

    def of(self, model: Model, pictures: Pictures) -> Numbers:
        """A model's losses on somebody's pictures, (pictures, CHANCES); they were measured before."""
        return np.stack([self._known[model.digest, name] for name in pictures.names])

    def measure(
        self,
        models: Iterable[Model],
        who: Iterable[Pictures],
        trainer: Trainer,
        jobs: JobRunner,
        progress: Progress,
    ) -> None:
        """Ask every model about everybody, where it wasn't asked before."""
        questions = self._due({each.digest: each for each in models}, list(who))
        progress.begin("Asking models for losses", sum(len(names) for _, names, _, _ in questions))
        for index, found in jobs.run(Examiner(trainer).losses, questions):
            model, names, _, _ = questions[index]
            self._known.update(zip(((model.digest, name) for name in names), found, strict=True))
            progress.advance(len(names))
        progress.end()

    def _due(self, models: Mapping[str, Model], who: Sequence[Pictures]) -> list[Question]:
        due: list[Question] = []
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
