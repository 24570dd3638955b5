"""Slices in torch: what a new process has to load, and the optimizer's bits."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import torch

from volenti.adapters.trainer import slices_torch
from volenti.adapters.trainer.exact import Adam
from volenti.generation.bases import shipped_base
from volenti.training.partition import Place
from volenti.training.ports import SliceTask
from volenti.training.recipe import Recipe


def test_the_optimizer_makes_the_bits_of_torchs_own() -> None:
    draws = torch.Generator().manual_seed(3)
    shapes = [(8, 50), (90, 8), (3,)]
    ours = [torch.randn(shape, generator=draws) for shape in shapes]
    theirs = [each.clone().requires_grad_(True) for each in ours]
    optimizer, other = Adam(ours), torch.optim.Adam(theirs, betas=(0.9, 0.98))
    for step in range(20):
        gradients = [torch.randn(shape, generator=draws) for shape in shapes]
        rate = 2e-3 * (1 - step / 20)
        optimizer.step(gradients, rate)
        other.param_groups[0]["lr"] = rate
        for tensor, gradient in zip(theirs, gradients, strict=True):
            tensor.grad = gradient
        other.step()
    assert all(torch.equal(one, two) for one, two in zip(ours, theirs, strict=True))


def test_a_step_in_parts_is_computed_part_by_part_and_learns() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (2, 64, 64, 3), dtype=np.uint8)
    recipe = Recipe(samples_per_image=60, batch=4, accumulate=2, learning_rate=1e-2)
    task = SliceTask(Place(0, 0), frames, ("a man", "a woman"), recipe, 1)
    rows: list[int] = []
    network = slices_torch.open_exactly(shipped_base(), "cpu").network
    hook = network.register_forward_pre_hook(lambda module, given: rows.append(len(given[0])))
    try:
        result = slices_torch.train(shipped_base(), task)
    finally:
        hook.remove()
    assert rows == [2] * 2 * recipe.steps(2)
    assert result.losses[-1] < 0.9 * result.losses[0]
    assert slices_torch.train(shipped_base(), task).weights == result.weights


def test_training_a_slice_loads_no_compiler() -> None:
    code = """
import sys
import numpy as np
from volenti.adapters.trainer import slices_torch
from volenti.generation.bases import shipped_base
from volenti.training.partition import Place
from volenti.training.ports import SliceTask
from volenti.training.recipe import Recipe
frames = np.zeros((1, 64, 64, 3), np.uint8)
recipe = Recipe(samples_per_image=1, batch=1)
slices_torch.train(shipped_base(), SliceTask(Place(0, 0), frames, ("a man",), recipe, 0))
assert slices_torch.torch.are_deterministic_algorithms_enabled()
print("torch._dynamo" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
