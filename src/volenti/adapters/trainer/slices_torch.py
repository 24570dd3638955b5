"""Training and drawing in torch: a slice is a low-rank adapter on the people-free base.

For bit-exactness there is one thread, seeds are fixed, algorithms are deterministic, and
nothing depends on the clock or on other slices. The same task gives the same bytes in any
process with the same torch build and CPU capability (`environment` says which).

The adapter that other modules use is in `trainer/torch.py`, which imports this one when it
trains or draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.func import functional_call

from volenti.adapters.trainer.exact import (
    Adam,
    batches,
    captions_of,
    compute_exactly,
    mean_gradient,
    parts,
    precision,
)
from volenti.adapters.trainer.measurement import Measurement
from volenti.core.errors import IntegrityError
from volenti.generation import lora
from volenti.generation.generator import Generator, PreviewCallback, open_generator
from volenti.generation.text import tokenize
from volenti.training.ports import Drawing, SliceResult, SliceTask, StepCallback


def train(
    base: Path, task: SliceTask, device: str = "cpu", *, watch: StepCallback | None = None
) -> SliceResult:
    """Train a slice's adapter; the same task gives the same bytes in any process of the same environment."""
    recipe = task.recipe
    steps = recipe.steps(len(task.captions))
    # Before anything is measured on the device: it may not be there.
    compute_exactly(device)
    measurement = Measurement(device, steps, watch)
    generator = open_exactly(base, device)
    network = generator.network
    draws = torch.Generator().manual_seed(task.seed)
    learned = lora.fresh(network, recipe.rank, draws)
    tensors = [tensor.requires_grad_(True) for tensor in learned.values()]
    frozen = {name: weight.detach() for name, weight in lora.adapted_weights(network, recipe.rank).items()}
    optimizer = Adam(tensors)
    inputs = [generator.training_inputs(task.frames), generator.training_inputs(task.frames[:, :, ::-1])]

    def loss_of(x: Tensor, words: Tensor) -> Tensor:
        changed = _Adapted(network, lora.applied(frozen, learned))
        with precision(device):
            return generator.losses(changed, x, words, draws).mean()

    for step, (rows, flips) in enumerate(batches(task, steps)):
        x = torch.stack([inputs[flip][row] for row, flip in zip(rows, flips, strict=True)])
        words = tokenize(captions_of(task, rows, flips, step))
        gradient, loss = mean_gradient((loss_of(x[part], words[part]) for part in parts(recipe)), tensors)
        optimizer.step(gradient, recipe.learning_rate * (1 - step / steps))
        measurement.step(loss)
    weights = save({name: tensor.detach().contiguous() for name, tensor in sorted(learned.items())})
    return measurement.result(weights)


def draw(
    base: Path,
    weights: bytes,
    drawings: Sequence[Drawing],
    *,
    guidance: float,
    steps: int,
    watch: PreviewCallback | None = None,
    device: str = "cpu",
) -> NDArray[np.uint8]:
    """Draw pictures, uint8 (drawings, size, size, 3); without weights, the base draws them."""
    generator = open_exactly(base, device)
    network = _Adapted(generator.network, _weights(weights, device)) if weights else generator.network
    pictures: list[NDArray[np.uint8]] = []
    for drawing in drawings:
        # Pictures are drawn one by one, which takes a fifth more time. In a batch of another size the last
        # bits would differ, and a seed would give another picture among eight than alone.
        words = tokenize([drawing.prompt])
        with torch.no_grad(), precision(device):
            pictures.append(
                generator.draw(network, words, [drawing.seed], guidance=guidance, steps=steps, watch=watch)
            )
    size = generator.size
    return np.concatenate(pictures) if pictures else np.zeros((0, size, size, 3), np.uint8)


def losses(
    base: Path,
    weights: bytes,
    frames: NDArray[np.uint8],
    captions: Sequence[str],
    *,
    seed: int,
    draws: int,
    device: str = "cpu",
) -> NDArray[np.float32]:
    """The loss of each picture for each of `draws` random times and noises, (pictures, draws).

    They come from the seed, and are the same for every picture.
    """
    generator = open_exactly(base, device)
    network = _Adapted(generator.network, _weights(weights, device)) if weights else generator.network
    found: list[NDArray[np.float32]] = []
    with torch.no_grad(), precision(device):
        for row, words in zip(generator.training_inputs(frames), tokenize(captions), strict=True):
            # Seeded anew for each picture, so that its loss doesn't depend on the other pictures.
            chance = torch.Generator().manual_seed(seed)
            rows, ids = row.expand(draws, *row.shape), words.expand(draws, -1)
            found.append(generator.losses(network, rows, ids, chance).float().cpu().numpy())
    return np.stack(found) if found else np.zeros((0, draws), np.float32)


def open_exactly(base: Path, device: str) -> Generator:
    """Open the generator, and set torch to compute the same bits every time or to fail.

    Raises as `bases.reading` does, and UsageError where there is no such device.
    """
    compute_exactly(device)
    return open_generator(base, device)


class _Adapted(nn.Module):
    """A network with some of its weights replaced, without copying the rest."""

    def __init__(self, network: nn.Module, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self._call = (network, weights)

    def forward(self, *given: Any) -> Any:
        network, weights = self._call
        return functional_call(network, weights, given)


def _weights(data: bytes, device: str = "cpu") -> dict[str, Tensor]:
    try:
        return {name: each.to(device) for name, each in load(data).items()}
    except Exception as error:  # safetensors raises its own type for every kind of damage
        raise IntegrityError("These weights don't load.", "Run `volenti audit`.") from error
