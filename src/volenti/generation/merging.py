"""Merging: a constituent's weights are the base's plus the mean of its slices' changes.

A slice's adapter holds the change of each weight (`lora`): `<name>.b` (outputs, rank) times `<name>.a`
(rank, inputs) for a low-rank adapter, `<name>.d` in the weight's own shape for a full one. The changes are
summed in float64, in the order given. Every element is computed by itself, without a library for matrices,
so the same slices give the same bits on every processor.

This is done without torch: a person who had a slice to themselves is forgotten by merging the other slices,
and importing torch would take longer than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

#: How the names of an adapter's matrices end: the two thin ones, and the full one.
A, B, FULL_CHANGE = ".a", ".b", ".d"

Weights = Mapping[str, NDArray[np.float32]]


def adapted_names(adapter: Weights) -> list[str]:
    """The names of the weights that the adapter changes."""
    return [name[: -len(end)] for name in adapter for end in (B, FULL_CHANGE) if name.endswith(end)]


def merged(weights: Weights, parts: Iterable[tuple[float, Weights]]) -> dict[str, NDArray[np.float32]]:
    """`weights` plus the sum of the adapters' changes, each times its share, as float32.

    Raises KeyError where an adapter changes a weight that isn't among `weights`.
    """
    total = {name: weight.astype(np.float64) for name, weight in weights.items()}
    for share, adapter in parts:
        for name in adapted_names(adapter):
            total[name] += share * _change(adapter, name).reshape(total[name].shape)
    return {name: weight.astype(np.float32) for name, weight in total.items()}


def _change(adapter: Weights, name: str) -> NDArray[np.float64]:
    whole = adapter.get(name + FULL_CHANGE)
    if whole is not None:
        return whole.astype(np.float64)
    outputs, inputs = (adapter[name + end].astype(np.float64) for end in (B, A))
    # Not `@`: it calls a library whose order of adding depends on the processor.
    change: NDArray[np.float64] = np.einsum("or,ri->oi", outputs, inputs)
    return change
