"""Generator: the network that slices are trained on and pictures are drawn with, of any architecture.

There are two architectures. Diffusion starts from noise and takes it away everywhere at once;
autoregression writes a picture as a row of words from a codebook, one after the other. A base's file says
which architecture it has, and of what shape and size, so nobody has to say that anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor, nn

from volenti.generation import bases
from volenti.generation.autoregression.generator import Autoregression
from volenti.generation.diffusion.generator import Diffusion

#: Called while pictures are drawn: with them so far, uint8 (drawings, size, size, 3), and the share done.
PreviewCallback = Callable[[NDArray[np.uint8], float], None]


class Generator(Protocol):
    """One architecture with its base's weights. It has no other state."""

    #: The network with the base's frozen weights; its `adapted` says what a low-rank adapter may change.
    network: nn.Module
    #: Every module that has weights, `network` included.
    parts: Sequence[nn.Module]
    #: Side of the pictures, in pixels.
    size: int

    def training_inputs(self, frames: NDArray[np.uint8]) -> Tensor:
        """What the network learns from: a row for each of `frames`, uint8 (count, size, size, 3).

        The rows are on the generator's device; `losses` and `draw` take words and random numbers on the CPU.
        """
        ...

    def losses(self, network: nn.Module, rows: Tensor, words: Tensor, draws: torch.Generator) -> Tensor:
        """The loss of `network` on each row, float32 (count,); random numbers come from `draws`."""
        ...

    def draw(
        self,
        network: nn.Module,
        words: Tensor,
        seeds: Sequence[int],
        *,
        guidance: float,
        steps: int,
        watch: PreviewCallback | None = None,
    ) -> NDArray[np.uint8]:
        """A picture for each seed, uint8 (count, size, size, 3): a function of its seed and its words alone.

        words: int64 (count, words). guidance: how strictly to follow them, 1 is as trained. steps: number
        of steps, where the architecture has any. watch: called while pictures are drawn.
        """
        ...


#: How a base of each architecture is opened, by the name in its file.
ARCHITECTURES: dict[str, Callable[[dict[str, str], dict[str, Tensor]], Generator]] = {
    Diffusion.NAME: Diffusion.opened,
    Autoregression.NAME: Autoregression.opened,
}


@lru_cache(maxsize=2)
def open_generator(base: Path, device: str = "cpu") -> Generator:
    """The generator in a safetensors file: float16 on disk, float32 on `device`.

    Raises as `bases.reading` does.
    """
    with bases.reading(base):
        with safe_open(base, "pt") as kept:
            notes = kept.metadata() or {}
            weights = {name: kept.get_tensor(name).float() for name in kept.keys()}  # noqa: SIM118
        generator = ARCHITECTURES[notes.get("architecture", bases.ARCHITECTURE)](notes, weights)
    for part in generator.parts:
        part.requires_grad_(False).eval().to(device)
    return generator
