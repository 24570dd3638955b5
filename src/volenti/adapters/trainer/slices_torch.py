"""Training and drawing in torch: a slice is a low-rank adapter on the people-free base.

For bit-exactness there is one thread, seeds are fixed, algorithms are deterministic, and
nothing depends on the clock or on other slices. The same task gives the same bytes in any
process with the same torch build and CPU capability (`environment` says which).

The adapter that other modules use is in `trainer/torch.py`, which imports this one when it
trains or draws.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.func import functional_call
from torch.optim.adam import adam

from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError, UsageError
from volenti.generation import lora
from volenti.generation.generator import Generator, PreviewCallback, open_generator
from volenti.generation.text import tokenize
from volenti.generation.vocabulary import mirror
from volenti.training.ports import Drawing, SliceResult, SliceTask


def train(base: Path, task: SliceTask, device: str = "cpu") -> SliceResult:
    """Train a slice's adapter; the same task gives the same bytes in any process of the same environment."""
    began = time.perf_counter()
    recipe = task.recipe
    generator = open_exactly(base, device)
    network = generator.network
    draws = torch.Generator().manual_seed(task.seed)
    learned = lora.fresh(network, recipe.rank, draws)
    tensors = [tensor.requires_grad_(True) for tensor in learned.values()]
    frozen = {name: weight.detach() for name, weight in lora.adapted_weights(network, recipe.rank).items()}
    optimizer = _Adam(tensors)
    steps = recipe.steps(len(task.captions))
    inputs = [generator.training_inputs(task.frames), generator.training_inputs(task.frames[:, :, ::-1])]
    seen: list[float] = []
    for step, (rows, flips) in enumerate(_batches(task, steps)):
        x = torch.stack([inputs[flip][row] for row, flip in zip(rows, flips, strict=True)])
        changed = _Adapted(network, lora.applied(frozen, learned))
        with _precision(device):
            loss = generator.losses(changed, x, _words(task, rows, flips, step), draws).mean()
        rate = recipe.learning_rate * (1 - step / steps)
        optimizer.step(torch.autograd.grad(loss, tensors, allow_unused=True, materialize_grads=True), rate)
        seen.append(loss.item())
    weights = save({name: tensor.detach().contiguous() for name, tensor in sorted(learned.items())})
    quarters = tuple(float(np.mean(part)) for part in np.array_split(seen, min(4, len(seen))))
    return SliceResult(weights, quarters, time.perf_counter() - began)


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
        with torch.no_grad(), _precision(device):
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
    with torch.no_grad(), _precision(device):
        for row, words in zip(generator.training_inputs(frames), tokenize(captions), strict=True):
            # Seeded anew for each picture, so that its loss doesn't depend on the other pictures.
            chance = torch.Generator().manual_seed(seed)
            rows, ids = row.expand(draws, *row.shape), words.expand(draws, -1)
            found.append(generator.losses(network, rows, ids, chance).float().cpu().numpy())
    return np.stack(found) if found else np.zeros((0, draws), np.float32)


def environment(device: str = "cpu") -> Json:
    """What bit-exactness depends on; raises UsageError where there is no such device."""
    there: Json = {
        # As plain text: torch's version has a type of its own, which couldn't be unpickled without torch.
        "torch": str(torch.__version__),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": 1,
        "build": sha256(torch.__config__.show().encode())[:16],
    }
    if device != "cpu":
        _check_device(device)
        there |= {"device": torch.cuda.get_device_name(), "precision": "bfloat16"}
    return there


def open_exactly(base: Path, device: str) -> Generator:
    """Open the generator, and set torch to compute the same bits every time or to fail.

    Raises as `bases.reading` does, and UsageError where there is no such device.
    """
    _check_device(device)
    # With one thread, a seed gives the same bits on any number of cores.
    torch.set_num_threads(1)
    # cuBLAS reads this when it starts (NVIDIA's manual, "Results reproducibility").
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # This sets what `use_deterministic_algorithms(True)` does, which would import torch's compiler.
    torch.set_deterministic_debug_mode("error")
    return open_generator(base, device)


def _check_device(device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("torch finds no GPU here.", "Unset VOLENTI_DEVICE, or install torch for CUDA.")


def _precision(device: str) -> AbstractContextManager[object]:
    """bfloat16 where a GPU multiplies, float32 on CPUs."""
    return nullcontext() if device == "cpu" else torch.autocast(device, torch.bfloat16)


class _Adam:
    """Adam (Kingma & Ba 2015, arXiv:1412.6980), by the function that `torch.optim.Adam` calls.

    That class imports torch's compiler, which costs every new process two seconds, for the same bits.
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = list(tensors)
        self._means = [torch.zeros_like(each) for each in tensors]
        self._squares = [torch.zeros_like(each) for each in tensors]
        self._steps = [torch.tensor(0.0) for _ in tensors]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        """Change the tensors, in place."""
        adam(
            self._tensors,
            list(gradients),
            self._means,
            self._squares,
            [],
            self._steps,
            foreach=False,
            amsgrad=False,
            beta1=0.9,
            beta2=0.98,
            lr=rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )


class _Adapted(nn.Module):
    """A network with some of its weights replaced, without copying the rest."""

    def __init__(self, network: nn.Module, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self._call = (network, weights)

    def forward(self, *given: Any) -> Any:
        network, weights = self._call
        return functional_call(network, weights, given)


def _batches(task: SliceTask, steps: int) -> list[tuple[list[int], list[bool]]]:
    """Which rows each step trains on, and which of them mirrored. Each pass has an order of its own."""
    rng = random.Random(task.seed)
    order: list[int] = []
    wanted = steps * task.recipe.batch
    while len(order) < wanted:
        rows = list(range(len(task.captions)))
        rng.shuffle(rows)
        order += rows
    flips = [rng.random() < 0.5 for _ in range(wanted)]
    cuts = [slice(i, i + task.recipe.batch) for i in range(0, wanted, task.recipe.batch)]
    return [(order[cut], flips[cut]) for cut in cuts]


def _words(task: SliceTask, rows: list[int], flips: list[bool], step: int) -> Tensor:
    """The captions of a step's pictures as word ids; some captions are left out (caption dropout)."""
    rng = random.Random(f"{task.seed}/{step}")
    captions = [
        mirror(task.captions[row]) if flip else task.captions[row]
        for row, flip in zip(rows, flips, strict=True)
    ]
    return tokenize(["" if rng.random() < task.recipe.caption_dropout else caption for caption in captions])


def _weights(data: bytes, device: str = "cpu") -> dict[str, Tensor]:
    try:
        return {name: each.to(device) for name, each in load(data).items()}
    except Exception as error:  # safetensors raises its own type for every kind of damage
        raise IntegrityError("These weights don't load.", "Run `volenti audit`.") from error
