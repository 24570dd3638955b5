"""Low-rank adapters (LoRA, Hu et al. 2021, arXiv:2106.09685): what a slice learns.

A slice never gets a copy of the network. For every filter and matrix W of the
network's body it learns two thin matrices with W + B A in W's place; B begins at
zero, so an untrained adapter changes nothing. A slice is then a few hundred
kilobytes, and a constituent is the base plus the mean of its slices' B A.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from volenti.diffusion.unet import PatchUNet

#: The parts whose weights an adapter may change: all but the patch's entrance and exit, the
#: word table and the place table, which would have too few pictures to learn from.
ADAPTED = ("text.near", "text.far", "text.out", "time.", "down", "up", "inner_")


def adapted_weights(network: PatchUNet) -> dict[str, Tensor]:
    """The network's weights that an adapter may change, by name."""
    return {
        name: weight
        for name, weight in network.named_parameters()
        if weight.ndim >= 2 and name.startswith(ADAPTED)
    }


def fresh(network: PatchUNet, rank: int, generator: torch.Generator) -> dict[str, Tensor]:
    """An adapter that changes nothing yet: `<name>.a` (rank, inputs) random, `<name>.b` zero."""
    adapter: dict[str, Tensor] = {}
    for name, weight in adapted_weights(network).items():
        inputs = weight[0].numel()
        adapter[f"{name}.a"] = torch.randn(rank, inputs, generator=generator) / inputs**0.5
        adapter[f"{name}.b"] = torch.zeros(weight.shape[0], rank)
    return adapter


def applied(weights: Mapping[str, Tensor], adapter: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`weights` with the adapter's changes added; differentiable in the adapter."""
    return {
        name: weight + (adapter[f"{name}.b"] @ adapter[f"{name}.a"]).view(weight.shape)
        for name, weight in weights.items()
    }


def merged(
    weights: Mapping[str, Tensor], parts: Iterable[tuple[float, Mapping[str, Tensor]]]
) -> dict[str, Tensor]:
    """`weights` plus the weighted sum of adapters, summed in float64 in the order given.

    The order and the precision are fixed so that the same slices always give the same bits.
    """
    total = {name: weight.double() for name, weight in weights.items()}
    for share, adapter in parts:
        for name in total:
            change = adapter[f"{name}.b"].double() @ adapter[f"{name}.a"].double()
            total[name] = total[name] + share * change.view(total[name].shape)
    return {name: weight.float() for name, weight in total.items()}
