"""Sampling: integrates the flow from noise to a picture, guided by the prompt.

It uses Heun's method (second order) on a time grid that is finer near the picture.
Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598) is on only at the middle
times, where it decides what is drawn. It is off at both ends, where it would only
oversaturate colours (Kynkaanniemi et al. 2024, arXiv:2404.07724).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from volenti.generation.diffusion.flow import velocity

GUIDED_FROM, GUIDED_TO = 0.98, 0.2


def time_grid(steps: int) -> Tensor:
    """Times from 1 (noise) to 0 (picture), float32 of shape (steps + 1,)."""
    u = torch.linspace(1.0, 0.0, steps + 1)
    return u / (u + 2.0 * (1 - u))


@torch.no_grad()
def sample(
    network: nn.Module,
    words: Tensor,
    noise: Tensor,
    *,
    steps: int = 16,
    guidance: float = 2.5,
    watch: Callable[[Tensor, float], None] | None = None,
) -> Tensor:
    """Pictures in [-1, 1], shape of `noise` (batch, 3, size, size), for prompts `words`.

    The noise is given and not drawn here, so that a picture is a function of its seed alone and doesn't
    depend on its batch. watch: called after each step with the pictures as they would be if the flow went
    straight on, and with the share of steps taken.
    """
    nothing = torch.zeros_like(words)
    grid = time_grid(steps)

    def guided(x: Tensor, time: float) -> Tensor:
        t = torch.full((x.shape[0],), time, device=x.device)
        if guidance == 1.0 or not GUIDED_TO < time <= GUIDED_FROM:
            return velocity(network, x, t, words)
        both = velocity(network, torch.cat([x, x]), torch.cat([t, t]), torch.cat([words, nothing]))
        with_prompt, without = both.chunk(2)
        return without + guidance * (with_prompt - without)

    x, taken = noise, 0
    for now, then in zip(grid[:-1].tolist(), grid[1:].tolist(), strict=True):
        slope = guided(x, now)
        guess = x + (then - now) * slope
        if then > 0:
            slope = (slope + guided(guess, then)) / 2
        x = x + (then - now) * slope
        if watch is not None:
            taken += 1
            watch((x - then * slope).clamp(-1, 1), taken / steps)
    return x.clamp(-1, 1)
