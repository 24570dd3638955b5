"""Nearness: whether pictures are like those that the base learned from, and how they are best trained on.

The base's own loss tells: it is low on pictures of a kind that it has learned, and higher on others. Pictures
like these (near) add little that the base doesn't know, so many small slices cost nothing. Unlike ones (far)
are learned from the slices alone, and small slices keep only a part of that (docs/adr/0035). So the two have
recipes of their own, and the planner has measurements of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from volenti.training.recipe import FAR, Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from volenti.training.ports import SliceTask, Trainer

Nearness = Literal["near", "far"]

#: The recipe for each. A recipe's shards, slices and least people are chosen with it, but not by it.
RECIPES: dict[Nearness, Recipe] = {"near": Recipe(), "far": FAR}
#: The base's loss from which pictures count as far. bench/learning.py prints it for rendered people
#: and for two kinds of photographs; this lies between them.
FAR_FROM = 0.24
#: Pictures whose loss is taken, random times and noises for each, and the seed that these come from.
PICTURES, DRAWS, SEED = 24, 4, 2021


@dataclass(frozen=True)
class LossOfBase:
    """What a worker process does to find out how unlike the base's some pictures are. Picklable."""

    trainer: Trainer

    def of(self, task: SliceTask) -> float:
        """The base's mean loss on the pictures of a task; nothing is trained."""
        return loss_of_base(self.trainer, task.frames, task.captions)


def loss_of_base(trainer: Trainer, frames: NDArray[np.uint8], captions: Sequence[str]) -> float:
    """The base's mean loss on up to PICTURES of the frames, uint8 (pictures, size, size, 3), evenly spread.

    Raises ValueError where there is no frame.
    """
    if not len(frames):
        raise ValueError("No picture, no loss.")
    rows = np.unique(np.linspace(0, len(frames) - 1, min(PICTURES, len(frames))).astype(int))
    some = [captions[row] for row in rows]
    return float(trainer.losses(b"", frames[rows], some, seed=SEED, draws=DRAWS).mean())


def nearness(loss: float) -> Nearness:
    """Near or far, by the base's mean loss (`loss_of_base`)."""
    return "far" if loss >= FAR_FROM else "near"


def recipe_for(asked: Recipe, near_or_far: Nearness) -> Recipe:
    """The recipe with the way of training that suits the pictures, where `asked` leaves it open.

    It is left open where looks, batch and its parts, rank, rate and scale are the defaults.
    """
    way, default = RECIPES[near_or_far], Recipe()
    if _way(asked) != _way(default):
        return asked
    return replace(
        asked,
        samples_per_image=way.samples_per_image,
        batch=way.batch,
        rank=way.rank,
        learning_rate=way.learning_rate,
        scale=way.scale,
    )


def is_near_way(recipe: Recipe) -> bool:
    """Whether pictures are trained on by a recipe in the way that suits near ones, which is the default."""
    return _way(recipe) == _way(RECIPES["near"])


def _way(recipe: Recipe) -> tuple[float, ...]:
    return (
        recipe.samples_per_image,
        recipe.batch,
        recipe.accumulate,
        recipe.rank,
        recipe.learning_rate,
        recipe.scale,
    )
