"""LoRA: adapters hold what a slice learns, as changes to the base's weights.

A slice is never a copy of the network. A low-rank adapter (LoRA, Hu et al. 2021, arXiv:2106.09685) has two
thin matrices for every filter and matrix W of the network's body, and W + B A takes W's place. B begins at
zero, so an untrained adapter changes nothing, and a slice takes a few hundred kilobytes. A full adapter, of
rank 0, has a change D of every weight's own shape, W + D, and is as large as the network itself. How
a constituent is made of slices: `merging`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from volenti.generation import merging

#: The rank that stands for full adapters.
FULL = 0

_A, _B, _FULL = merging.A, merging.B, merging.FULL_CHANGE


def adapted_weights(network: nn.Module, rank: int) -> dict[str, Tensor]:
    """The network's weights that an adapter of this rank may change, by name.

    The network's `adapted` says what a low-rank adapter may change: it has the beginnings of names.
    """
    beginnings: tuple[str, ...] = network.adapted  # type: ignore[assignment]
    return {
        name: weight
        for name, weight in network.named_parameters()
        if rank == FULL or (weight.ndim >= 2 and name.startswith(beginnings))
    }


def fresh(network: nn.Module, rank: int, generator: torch.Generator) -> dict[str, Tensor]:
    """An adapter that changes nothing yet.

    `<name>.a` (rank, inputs) random and `<name>.b` (outputs, rank) zero; or `<name>.d` zero.
    """
    adapter: dict[str, Tensor] = {}
    for name, weight in adapted_weights(network, rank).items():
        if rank == FULL:
            adapter[name + _FULL] = torch.zeros_like(weight)
            continue
        inputs = weight[0].numel()
        # Drawn on the CPU wherever the weights are, so that a seed gives the same numbers everywhere.
        adapter[name + _A] = (torch.randn(rank, inputs, generator=generator) / inputs**0.5).to(weight.device)
        adapter[name + _B] = torch.zeros(weight.shape[0], rank, device=weight.device)
    return adapter


def rank_of(adapter: Mapping[str, Tensor]) -> int:
    """The rank that an adapter was made with."""
    return next((part.shape[0] for name, part in adapter.items() if name.endswith(_A)), FULL)


def applied(weights: Mapping[str, Tensor], adapter: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`weights` with the adapter's changes added; differentiable in the adapter."""
    return {name: weight + _change(adapter, name).view(weight.shape) for name, weight in weights.items()}


def _change(adapter: Mapping[str, Tensor], name: str) -> Tensor:
    whole = adapter.get(name + _FULL)
    return adapter[name + _B] @ adapter[name + _A] if whole is None else whole
