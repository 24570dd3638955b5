"""Diffusion: the generator that learns from pixels and turns noise into pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from volenti.generation import pixels
from volenti.generation.diffusion import flow
from volenti.generation.diffusion.sampler import sample
from volenti.generation.diffusion.unet import NetworkConfig, PatchUNet
from volenti.generation.pixels import device_of


class Diffusion:
    """A patch-UNet trained by flow matching."""

    NAME = "diffusion"

    def __init__(self, network: PatchUNet) -> None:
        self.network: nn.Module = network
        self.parts: Sequence[nn.Module] = (network,)
        self.size = network.config.size

    @classmethod
    def opened(cls, notes: dict[str, str], weights: dict[str, Tensor]) -> Diffusion:
        """The generator of a base's file, from the file's notes and weights."""
        network = PatchUNet(NetworkConfig.from_json(json.loads(notes.get("config", "{}"))))
        network.load_state_dict(weights)
        # torch's types know this keyword for tensors alone; the module is changed in place.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return cls(network)

    @classmethod
    def notes(cls, config: NetworkConfig) -> dict[str, str]:
        """The notes of a base's file, as `opened` reads them."""
        return {"architecture": cls.NAME, "config": json.dumps(asdict(config))}

    def training_inputs(self, frames: NDArray[np.uint8]) -> Tensor:
        """Pixels in [-1, 1], float32 (count, 3, size, size)."""
        return pixels.to_tensor(frames).to(device_of(self.network))

    def losses(self, network: nn.Module, rows: Tensor, words: Tensor, draws: torch.Generator) -> Tensor:
        """The squared error of each row's velocity at one random time, (count,)."""
        noise = torch.randn(rows.shape, generator=draws)
        times = flow.sample_times(len(rows), draws)
        given = (each.to(rows.device) for each in (words, noise, times))
        return flow.losses(network, rows, *given)

    def draw(
        self,
        network: nn.Module,
        words: Tensor,
        seeds: Sequence[int],
        *,
        guidance: float,
        steps: int,
        watch: Callable[[NDArray[np.uint8], float], None] | None = None,
    ) -> NDArray[np.uint8]:
        """Pictures, uint8 (count, size, size, 3). See `generation.generator`."""
        shape = (3, self.size, self.size)
        noise = [torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        seen = None if watch is None else lambda x, share: watch(pixels.to_pixels(x), share)
        device = device_of(self.network)
        start, text = torch.stack(noise).to(device), words.to(device)
        x = sample(network, text, start, steps=steps, guidance=guidance, watch=seen)
        return pixels.to_pixels(x)
