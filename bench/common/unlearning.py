"""An approximate way to forget, to set beside the exact one: NegGrad+.

Gradient ascent on who leaves while descending on who stays (Kurmanji et al. 2023, "Towards
unbounded machine unlearning", arXiv:2302.09880, section 4; the plain ascent it improves on is in
Golatkar et al. 2020, arXiv:1911.04933):

    loss = RETAIN * mean loss on who stays - (1 - RETAIN) * mean loss on who leaves

It begins at the weights that are served and changes all of them that training could have changed.
It is here to be measured and nowhere in the package: what it ends with is no training's outcome,
so no hash can say whether somebody was forgotten, and it needs the leaver's pictures to forget them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save
from torch.func import functional_call

from volenti.generation.generator import open_generator
from volenti.generation.text import tokenize

RETAIN, STEPS, BATCH, LEARNING_RATE = 0.9, 30, 8, 2e-4


#: Frames, uint8 (n, size, size, 3), and their captions.
Shown = tuple[NDArray[np.uint8], Sequence[str]]


def neggrad_plus(base: Path, served: bytes, leaves: Shown, stays: Shown, seed: int = 0) -> bytes:
    """A constituent's weights after ascending on who leaves and descending on who stays."""
    torch.set_num_threads(1)
    generator = open_generator(base)
    weights = {name: each.clone().requires_grad_() for name, each in load(served).items()}
    optimizer = torch.optim.Adam(weights.values(), lr=LEARNING_RATE)
    draws, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    rows = [(generator.training_inputs(frames), tokenize(captions)) for frames, captions in (leaves, stays)]
    for _ in range(STEPS):
        batches = []
        for studied, words in rows:
            some = rng.choices(range(len(studied)), k=BATCH)
            batches.append((studied[some], words[some]))
        x, told = (torch.cat(parts) for parts in zip(*batches, strict=True))

        def network(*given: torch.Tensor) -> torch.Tensor:
            return torch.as_tensor(functional_call(generator.network, weights, given))

        lost = generator.losses(network, x, told, draws)  # type: ignore[arg-type]
        gone, kept = lost[:BATCH].mean(), lost[BATCH:].mean()
        optimizer.zero_grad()
        (RETAIN * kept - (1 - RETAIN) * gone).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return save({name: each.detach().contiguous() for name, each in sorted(weights.items())})


def apart(one: bytes, other: bytes) -> float:
    """Euclidean distance of two models' weights."""
    first, second = (_vector(each) for each in (one, other))
    return float(np.linalg.norm(first - second))


def _vector(weights: bytes) -> NDArray[np.float64]:
    return np.concatenate([each.double().numpy().ravel() for _, each in sorted(load(weights).items())])
