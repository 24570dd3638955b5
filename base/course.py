"""Courses: what each architecture is taught from a step's pictures.

A course has the network in training and says what it gets wrong; where it is kept, it writes a file
that `generation.generator` opens. Pictures and captions are the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from volenti.generation import pixels
from volenti.generation.autoregression.codebook import Codebook, CodebookConfig
from volenti.generation.autoregression.generator import Autoregression
from volenti.generation.autoregression.transformer import Transformer, TransformerConfig
from volenti.generation.diffusion import flow
from volenti.generation.diffusion.generator import Diffusion
from volenti.generation.diffusion.unet import NetworkConfig, PatchUNet

#: Where framing puts what glasses and smiles change: centre and spread of the rows and columns, as
#: shares of the picture's side.
EYES, MOUTH = ((0.40, 0.08), (0.5, 0.19)), ((0.68, 0.11), (0.5, 0.16))

#: Training times: shares, and each one's mean and deviation as a logit-normal. Most of all times;
#: those where a prompt decides about small things (0.65 to 0.93: later they are drowned in noise,
#: earlier already visible); and the last touches, where grain is taken off or left.
TIMES = ((0.5, 0.0, 1.4), (0.35, 1.6, 0.9), (0.15, -2.4, 0.9))


class Course(Protocol):
    """What a base is taught, and how its weights are kept."""

    network: nn.Module
    device: str
    #: Parts of names that Muon leaves to AdamW.
    edge: tuple[str, ...]

    def losses(self, rows: Sequence[int], flips: Sequence[bool], words: Tensor, step: int) -> Tensor:
        """What the network gets wrong about a step's pictures, some mirrored; (batch,)."""
        ...

    def kept(self, weights: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Weights of a base's file, and what it notes, from (averaged) weights of the network."""
        ...


class DiffusionCourse:
    """Take noise off pictures."""

    edge = ("enter.", "leave.", "text.", "time.", "place", "film")

    def __init__(
        self, config: NetworkConfig, frames: pixels.Pictures, emphasis: float, device: str = "cpu"
    ) -> None:
        self.config, self._frames, self.device = config, frames, device
        self.network = PatchUNet(config).to(device)
        # torch's types know this keyword for tensors alone; the module is changed in place.
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._emphasis = face_emphasis(config.size, emphasis).to(device)

    def losses(self, rows: Sequence[int], flips: Sequence[bool], words: Tensor, step: int) -> Tensor:
        draws = torch.Generator().manual_seed(step)
        pairs = zip(rows, flips, strict=True)
        x = pixels.to_tensor(np.stack([self._frames[r, :, ::-1] if f else self._frames[r] for r, f in pairs]))
        noise = torch.randn(x.shape, generator=draws)
        times = training_times(len(rows), draws)
        given = (each.to(self.device) for each in (x, words, noise, times))
        return flow.losses(self.network, *given, self._emphasis)

    def kept(self, weights: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, str]]:
        return weights, Diffusion.notes(self.config)


class AutoregressionCourse:
    """Say which word of a picture comes next, in the words of a codebook trained before."""

    edge = ("text.", "picture.", "place", "leave.")

    def __init__(
        self, config: TransformerConfig, frames: pixels.Pictures, codebook: Path, device: str = "cpu"
    ) -> None:
        self.config, self.device = config, device
        self.codebook = Codebook(CodebookConfig())
        self.codebook.load_state_dict(load_file(codebook))
        shape = self.codebook.config
        transformer = Transformer(config, shape.words, shape.grid**2)
        self.network: nn.Module = transformer.to(device)
        self._generator = Autoregression(self.codebook.eval(), transformer)
        both = (frames, frames[:, :, ::-1])
        self._written = [self._generator.training_inputs(each) for each in both]

    def losses(self, rows: Sequence[int], flips: Sequence[bool], words: Tensor, step: int) -> Tensor:
        written = torch.stack([self._written[f][r] for r, f in zip(rows, flips, strict=True)])
        draws = torch.Generator().manual_seed(step)
        return self._generator.losses(self.network, written.to(self.device), words.to(self.device), draws)

    def kept(self, weights: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, str]]:
        notes = Autoregression.notes(self.codebook.config, self.config)
        return Autoregression.weights(dict(self.codebook.state_dict()), weights), notes


def face_emphasis(size: int, strength: float) -> Tensor:
    """Weights of pixels, float32 (size, size) of mean 1: most where framing puts eyes and mouth.

    What minimises a squared error at each pixel is the same with any weights; they only decide
    what is learned first. Glasses and smiles are a hundredth of a picture's pixels.
    """
    place = (torch.arange(size) + 0.5) / size
    weights = torch.ones(size, size)
    for part in (EYES, MOUTH):
        rows, columns = (torch.exp(-(((place - centre) / spread) ** 2) / 2) for centre, spread in part)
        weights += strength * rows[:, None] * columns[None]
    return weights / weights.mean()


def training_times(count: int, generator: torch.Generator) -> Tensor:
    """Training times in (0, 1), float32 (count,), from the mixture TIMES."""
    shares, means, stds = (torch.tensor(each) for each in zip(*TIMES, strict=True))
    part = torch.multinomial(shares, count, replacement=True, generator=generator)
    return torch.sigmoid(means[part] + stds[part] * torch.randn(count, generator=generator))
