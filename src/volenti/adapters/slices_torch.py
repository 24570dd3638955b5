"""Slices in torch: low-rank adapters on the people-free base, trained, merged and drawn from.

Bit-exactness: one thread, fixed seeds, deterministic algorithms, nothing that
looks at the clock or at other slices. The same task gives the same bytes in any
process with the same torch build and CPU capability (`environment` says which).

The trainer that others hold is in `trainer_torch`, which imports this when it has work to do.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save
from torch import Tensor
from torch.func import functional_call

from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError, MissingModelError
from volenti.diffusion import adapter, flow
from volenti.diffusion.sampler import sample
from volenti.diffusion.text import tokenize
from volenti.diffusion.unet import NetworkConfig, PatchUNet
from volenti.diffusion.vocabulary import mirror
from volenti.training.ports import Drawing, SliceResult, SliceTask

DRAW_BATCH = 16


def train(base: Path, task: SliceTask) -> SliceResult:
    """A slice's adapter: the same task gives the same bytes, in any process of the same environment."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    began = time.perf_counter()
    recipe = task.recipe
    network = load_network(base)
    draws = torch.Generator().manual_seed(task.seed)
    learned = adapter.fresh(network, recipe.rank, draws)
    for tensor in learned.values():
        tensor.requires_grad_(True)
    frozen = {name: weight.detach() for name, weight in adapter.adapted_weights(network, recipe.rank).items()}
    optimizer = torch.optim.Adam(learned.values(), lr=recipe.learning_rate, betas=(0.9, 0.98))
    steps = step_count(len(task.captions), recipe.samples_per_image, recipe.batch)
    losses: list[float] = []
    for step, (rows, flips) in enumerate(_batches(task, steps)):
        x, words = _batch(task, rows, flips, step)
        noise = torch.randn(x.shape, generator=draws)
        times = flow.sample_times(len(rows), draws)
        changed = _Adapted(network, adapter.applied(frozen, learned))
        loss = flow.loss(changed, x, words, noise, times)
        optimizer.param_groups[0]["lr"] = recipe.learning_rate * (1 - step / steps)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    weights = save({name: tensor.detach().contiguous() for name, tensor in sorted(learned.items())})
    quarters = tuple(float(np.mean(part)) for part in np.array_split(losses, min(4, len(losses))))
    return SliceResult(weights, quarters, time.perf_counter() - began)


def merge(base: Path, parts: Sequence[tuple[int, bytes]]) -> bytes:
    """A constituent's weights: the base plus its slices' adapters, weighted by their pictures."""
    torch.set_num_threads(1)
    network = load_network(base)
    total = sum(images for images, _ in parts)
    adapters = [_weights(data) for _, data in parts]
    shares = ((images / total, each) for (images, _), each in zip(parts, adapters, strict=True))
    rank = adapter.rank_of(adapters[0]) if adapters else adapter.FULL
    with torch.no_grad():
        merged = adapter.merged(adapter.adapted_weights(network, rank), shares)
    return save({name: tensor.contiguous() for name, tensor in sorted(merged.items())})


def draw(
    base: Path, weights: bytes, drawings: Sequence[Drawing], *, guidance: float, steps: int
) -> NDArray[np.uint8]:
    """Pictures, uint8 (drawings, size, size, 3); without weights, the base's own."""
    # One thread here too: a seed then draws the same picture on any number of cores.
    torch.set_num_threads(1)
    network = load_network(base)
    changed = _Adapted(network, _weights(weights)) if weights else network
    size = network.config.size
    pictures: list[NDArray[np.uint8]] = []
    for start in range(0, len(drawings), DRAW_BATCH):
        some = drawings[start : start + DRAW_BATCH]
        noise = torch.stack([_noise(drawing.seed, size) for drawing in some])
        words = tokenize([drawing.prompt for drawing in some])
        x = sample(changed, words, noise, steps=steps, guidance=guidance)
        pixels = ((x + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1)
        pictures.append(pixels.numpy())
    return np.concatenate(pictures) if pictures else np.zeros((0, size, size, 3), np.uint8)


def environment() -> Json:
    """What bit-exactness depends on."""
    return {
        "torch": torch.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": 1,
        "build": sha256(torch.__config__.show().encode())[:16],
    }


class _Adapted(torch.nn.Module):
    """The network with some of its weights replaced, without copying the rest."""

    def __init__(self, network: PatchUNet, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self._call = (network, weights)

    def forward(self, x: Tensor, t: Tensor, words: Tensor) -> Tensor:
        network, weights = self._call
        return torch.as_tensor(functional_call(network, weights, (x, t, words)))


@lru_cache(maxsize=1)
def load_network(base: Path) -> PatchUNet:
    """The base network from its safetensors file (float16 on disk, float32 here)."""
    if not base.exists():
        raise MissingModelError(f"The base {base.name} is missing.", "Reinstall the package.")
    network = PatchUNet(NetworkConfig())
    network.load_state_dict({name: tensor.float() for name, tensor in load(base.read_bytes()).items()})
    # torch's types know this keyword for tensors alone; the module is changed in place.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network.requires_grad_(False)
    return network


def step_count(images: int, samples_per_image: int, batch: int) -> int:
    """Steps of a slice: enough to draw each picture `samples_per_image` times; at least one."""
    return max(1, -(-images * samples_per_image // batch))


def _batches(task: SliceTask, steps: int) -> list[tuple[list[int], list[bool]]]:
    """Rows and mirrorings of every step: passes over the slice, each in its own order."""
    rng = random.Random(task.seed)
    order: list[int] = []
    wanted = steps * task.recipe.batch
    while len(order) < wanted:
        turn = list(range(len(task.captions)))
        rng.shuffle(turn)
        order += turn
    flips = [rng.random() < 0.5 for _ in range(wanted)]
    cuts = [slice(i, i + task.recipe.batch) for i in range(0, wanted, task.recipe.batch)]
    return [(order[cut], flips[cut]) for cut in cuts]


def _batch(task: SliceTask, rows: list[int], flips: list[bool], step: int) -> tuple[Tensor, Tensor]:
    rng = random.Random(f"{task.seed}/{step}")
    frames = [task.frames[row][:, ::-1] if flip else task.frames[row]
              for row, flip in zip(rows, flips, strict=True)]  # fmt: skip
    captions = [mirror(task.captions[row]) if flip else task.captions[row]
                for row, flip in zip(rows, flips, strict=True)]  # fmt: skip
    told = ["" if rng.random() < task.recipe.caption_dropout else caption for caption in captions]
    x = torch.from_numpy(np.stack(frames)).float() / 127.5 - 1
    return x.permute(0, 3, 1, 2), tokenize(told)


def _noise(seed: int, size: int) -> Tensor:
    return torch.randn(3, size, size, generator=torch.Generator().manual_seed(seed))


def _weights(data: bytes) -> dict[str, Tensor]:
    try:
        return load(data)
    except Exception as error:  # safetensors raises its own type for every kind of damage
        raise IntegrityError("These weights don't load.", "Run `volenti audit`.") from error
