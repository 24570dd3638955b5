"""Flow matching (Lipman et al. 2023, arXiv:2210.02747) with preconditioning.

A picture x and noise n are joined by a straight line x_t = (1 - t) x + t n; the
network learns the line's velocity v = n - x. As in EDM (Karras et al. 2022,
arXiv:2206.00364, section 5) the network isn't asked for what can be written
down: the best linear guess of v from x_t alone is k(t) x_t, and what remains has
standard deviation s(t). The network predicts only that remainder, scaled to
unit variance at every time:

    v = k(t) x_t + s(t) F(c(t) x_t, t)
    V(t) = (1 - t)^2 d^2 + t^2          variance of x_t
    k(t) = (t - (1 - t) d^2) / V(t),    s(t) = d / sqrt(V(t)),    c(t) = 1 / sqrt(V(t))

The data's standard deviation d is a constant; it isn't measured on anybody's pictures.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

DATA_STD = 0.55

#: Training times are logit-normal, shifted towards noise: the prompt decides most at the noisy times, where a
#: face is still a blur (base/README.md has the measurement).
TIME_MEAN, TIME_STD = 0.5, 1.5


def _coefficients(t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    t = t[:, None, None, None]
    variance = (1 - t) ** 2 * DATA_STD**2 + t**2
    drift = (t - (1 - t) * DATA_STD**2) / variance
    return drift, DATA_STD / variance.sqrt(), 1 / variance.sqrt()


def sample_times(count: int, generator: torch.Generator) -> Tensor:
    """Training times in (0, 1), float32 of shape (count,)."""
    normal = torch.randn(count, generator=generator)
    return torch.sigmoid(TIME_MEAN + TIME_STD * normal)


def velocity(network: nn.Module, x_t: Tensor, t: Tensor, words: Tensor) -> Tensor:
    """The velocity the network predicts at (x_t, t) for the prompt `words`."""
    drift, scale, gain = _coefficients(t)
    return torch.as_tensor(drift * x_t + scale * network(gain * x_t, t, words))


def losses(
    network: nn.Module, x: Tensor, words: Tensor, noise: Tensor, t: Tensor, emphasis: Tensor | None = None
) -> Tensor:
    """Mean squared error of each picture's unit-variance remainder, (batch,); untrained, about 1.

    x: pictures in [-1, 1], (batch, 3, size, size); noise: same shape; t: (batch,); emphasis:
    weights of the pixels, (size, size) with mean 1, or none.
    """
    drift, scale, gain = _coefficients(t)
    time = t[:, None, None, None]
    x_t = (1 - time) * x + time * noise
    target = (noise - x - drift * x_t) / scale
    error = (network(gain * x_t, t, words) - target) ** 2
    return torch.as_tensor((error if emphasis is None else error * emphasis).mean((1, 2, 3)))


def loss(
    network: nn.Module, x: Tensor, words: Tensor, noise: Tensor, t: Tensor, emphasis: Tensor | None = None
) -> Tensor:
    """The mean of `losses`."""
    return losses(network, x, words, noise, t, emphasis).mean()
