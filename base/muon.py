"""Muon: the optimiser of the bases' bodies (Jordan et al. 2024)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised (Jordan et al. 2024): for the network's matrices and filters.

    Newton-Schulz iteration replaces the momentum matrix by its nearest orthogonal one, so
    that every direction is learned at the same speed. On this network it needs about half
    the samples AdamW needs (base/README.md has the measured pair).
    """

    def __init__(self, params: list[nn.Parameter], lr: float) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                momentum = state.setdefault("momentum", torch.zeros_like(p))
                momentum.mul_(0.95).add_(p.grad)
                update = orthogonal((p.grad + 0.95 * momentum).reshape(p.shape[0], -1))
                rows, columns = update.shape
                p.mul_(1 - group["lr"] * 0.01)
                p.add_(update.reshape(p.shape), alpha=-group["lr"] * max(1, rows / columns) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    a, b, c = 3.4445, -4.7750, 2.0315
    flip = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if flip else matrix
    x = (x / (x.norm() + 1e-7)).bfloat16()  # five rounds need no more digits than that
    for _ in range(5):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if flip else x).to(matrix.dtype)


def optimizers(network: nn.Module, edge: tuple[str, ...], lr: float) -> list[torch.optim.Optimizer]:
    """Muon for the network's matrices and filters, AdamW for the rest.

    edge: parts of names whose weights are AdamW's though they are matrices: what comes in, what
    goes out, and tables, of which a batch touches a few rows.
    """
    hidden, other = [], []
    for name, p in network.named_parameters():
        (hidden if p.ndim >= 2 and not any(part in name for part in edge) else other).append(p)
    return [torch.optim.AdamW(other, lr=lr, betas=(0.9, 0.98), weight_decay=0.01), Muon(hidden, lr=0.02)]
