"""Divisions of a domain's people into slices and shards, what one complaint costs in each, and ways to draw.

A division is trained as the package trains it: the real trainer, a recipe, a task for each slice. People
are dealt to slices by chance, as the partition key deals them. A complaint is the work of training one
person's slice again without their pictures, as a share of training all slices; the mean counts everybody
once. Start-up, merging and the certificate aren't in it: `bench/forgetting.py` times whole commands.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load
from torch import Tensor, nn
from torch.func import functional_call

from common.domains import Shown
from common.mixtures import Pixels
from volenti.adapters.trainer.slices_torch import open_exactly
from volenti.generation.text import tokenize
from volenti.training.partition import Place
from volenti.training.ports import SliceTask
from volenti.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Division:
    """People divided into slices, and slices into shards; one slice of one shard is one model."""

    name: str
    recipe: Recipe
    slices: int = 1

    def tasks(self, shown: Shown) -> list[SliceTask]:
        """What each slice is trained on; a slice's shard is its number modulo the number of shards."""
        found = []
        for number, people in enumerate(self._dealt(shown)):
            mine = shown.only(people.__contains__)
            found.append(SliceTask(Place(0, number), mine.frames, mine.captions, self.recipe, 1000 + number))
        return found

    def samples(self, shown: Shown) -> int:
        """Training samples of all slices."""
        return sum(self._samples(len(task.captions)) for task in self.tasks(shown))

    def complaint(self, shown: Shown) -> float:
        """Work of one complaint as a share of all work: the mean over everybody."""
        again = 0
        for people in self._dealt(shown):
            pictures = [shown.people.count(who) for who in people]
            again += sum(self._samples(sum(pictures) - each) for each in pictures)
        return again / len(set(shown.people)) / self.samples(shown)

    def _samples(self, pictures: int) -> int:
        # A slice in which nobody is left isn't trained.
        return self.recipe.steps(pictures) * self.recipe.batch if pictures else 0

    def _dealt(self, shown: Shown) -> list[set[str]]:
        everybody = sorted(set(shown.people))
        random.Random("bench/divisions").shuffle(everybody)
        return [set(everybody[number :: self.slices]) for number in range(self.slices)]


def longer(division: Division, times: int) -> Division:
    """The same division with so many times the work."""
    samples = division.recipe.samples_per_image * times
    name = f"{division.name}, {times} times the work"
    return replace(division, name=name, recipe=replace(division.recipe, samples_per_image=samples))


@dataclass(frozen=True)
class PredictionMean:
    """Draws by asking every constituent at each step and taking the mean of their answers. Picklable.

    Composing diffusions while drawing, with weights by pictures: Golatkar et al. 2023, arXiv:2308.01937.
    """

    base: Path
    constituents: Sequence[tuple[int, bytes]]
    guidance: float
    steps: int

    def draw(self, task: Sequence[tuple[str, int]]) -> Pixels:
        """(prompt, seed) pairs -> uint8 (pairs, size, size, 3)."""
        generator = open_exactly(self.base, "cpu")
        total = sum(images for images, _ in self.constituents)
        network = _Mean(
            generator.network, [(images / total, load(data)) for images, data in self.constituents]
        )
        found = []
        with torch.no_grad():
            for prompt, seed in task:
                words = tokenize([prompt])
                found.append(generator.draw(network, words, [seed], guidance=self.guidance, steps=self.steps))
        return np.concatenate(found)


class _Mean(nn.Module):
    """The weighted mean of what several sets of weights predict."""

    def __init__(self, network: nn.Module, weights: Sequence[tuple[float, dict[str, Tensor]]]) -> None:
        super().__init__()
        self._call = (network, weights)

    def forward(self, *given: Tensor) -> Tensor:
        network, weights = self._call
        said = [share * functional_call(network, each, given) for share, each in weights]
        return torch.stack(said).sum(0)
