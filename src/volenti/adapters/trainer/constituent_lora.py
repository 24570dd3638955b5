"""Merging the slices of a pipeline into one LoRA: files in, a file out, without torch.

A slice's adapter has two thin matrices for each layer, A (rank, inputs) and B (outputs, rank). The mean of
the changes B A of several slices is again such a product: of the A's above one another and the B's side by
side, each B times its slice's share. So nothing is rounded but one product for each number of B, and the
constituent is a LoRA file of the sum of the ranks, as diffusers and other tools load one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from volenti.core.errors import IntegrityError

#: How the names of a layer's two matrices end, in files that diffusers writes.
A, B = ".lora_A.weight", ".lora_B.weight"

Lora = dict[str, NDArray[np.float32]]


def merge(parts: Sequence[tuple[int, bytes]], scale: float = 1.0) -> bytes:
    """A constituent's LoRA, safetensors, from its slices' (images, LoRA) in the order given.

    scale: the mean of the changes is multiplied by it. Without parts it is a file without matrices. Raises
    IntegrityError where a file doesn't load, or slices have other layers than one another.
    """
    total = sum(images for images, _ in parts)
    shares = [scale * images / total for images, _ in parts]
    slices = [opened(data) for _, data in parts]
    names = sorted(slices[0]) if slices else []
    if any(sorted(each) != names for each in slices):
        raise IntegrityError("Slices have other layers than one another.", "Train again.")
    merged: Lora = {}
    for name in names:
        if name.endswith(A):
            merged[name] = np.concatenate([each[name] for each in slices], 0)
        else:
            weighted = [
                each[name].astype(np.float64) * share for each, share in zip(slices, shares, strict=True)
            ]
            merged[name] = np.concatenate(weighted, 1).astype(np.float32)
    return save({name: np.ascontiguousarray(each) for name, each in merged.items()})


def opened(data: bytes) -> Lora:
    """The matrices of a LoRA file, by name; IntegrityError where it isn't one."""
    try:
        found = load(data)
    except (SafetensorError, ValueError) as error:
        raise IntegrityError("These weights don't load.", "Run `volenti audit`.") from error
    if not all(name.endswith((A, B)) for name in found):
        raise IntegrityError("These weights aren't a LoRA of a pipeline.", "Train again.")
    return found
