"""Pixels: converts pictures between arrays of bytes and the tensors that networks take."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Pictures = NDArray[np.uint8]


def to_tensor(pictures: Pictures) -> Tensor:
    """uint8 (count, side, side, 3) -> float32 (count, 3, side, side) in [-1, 1]."""
    return (torch.from_numpy(np.ascontiguousarray(pictures)).float() / 127.5 - 1).permute(0, 3, 1, 2)


def to_pixels(x: Tensor) -> Pictures:
    """(count, 3, side, side) in [-1, 1] -> uint8 (count, side, side, 3)."""
    pictures: Pictures = ((x + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    return pictures


def device_of(network: nn.Module) -> torch.device:
    """The device of a network's weights, on which its inputs must be too."""
    return next(network.parameters()).device
