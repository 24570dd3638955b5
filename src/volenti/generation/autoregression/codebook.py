"""Codebook: a picture as a grid of words, and back.

It is a discrete autoencoder (van den Oord et al. 2017, arXiv:1711.00937). An encoder sees each patch with
its surroundings and names the nearest of some learned vectors, the words; a decoder makes the picture from
them. The codebook is trained with the base, on people who do not exist, and never again: a slice learns
which words follow each other, never a new word.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class CodebookConfig:
    """Shape of the codebook; part of a base's identity."""

    size: int = 64
    #: Side of the patch a word stands for, in pixels.
    patch: int = 8
    words: int = 1024
    #: Length of a word's vector. With short vectors all words are used, with long ones only a few.
    code_width: int = 16
    width: int = 96
    depth: int = 1

    @property
    def grid(self) -> int:
        """Words along a side."""
        return self.size // self.patch


class Residual(nn.Module):
    """Residual block: the input plus two 3x3 convolutions of it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.GroupNorm(16, channels),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(16, channels),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same shape."""
        return torch.as_tensor(x + self.body(x))


class Codebook(nn.Module):
    """Pixels (count, 3, size, size) in [-1, 1] <-> words (count, grid * grid) int64."""

    def __init__(self, config: CodebookConfig) -> None:
        super().__init__()
        self.config = config
        width, half = config.width, config.patch // 2
        pixels = 3 * half * half
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(half),
            nn.Conv2d(pixels, width, 3, padding=1),
            *(Residual(width) for _ in range(config.depth)),
            nn.Conv2d(width, width, 2, stride=2),
            *(Residual(width) for _ in range(config.depth)),
            nn.Conv2d(width, config.code_width, 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(config.code_width, width, 3, padding=1),
            *(Residual(width) for _ in range(config.depth)),
            nn.Conv2d(width, 4 * width, 1),
            nn.PixelShuffle(2),
            *(Residual(width) for _ in range(config.depth)),
            nn.Conv2d(width, pixels, 3, padding=1),
            nn.PixelShuffle(half),
        )
        self.codes = nn.Parameter(torch.randn(config.words, config.code_width))

    def features(self, x: Tensor) -> Tensor:
        """The encoder's output, of unit length: (count, grid * grid, code_width)."""
        return functional.normalize(self.encoder(x).flatten(2).transpose(1, 2), dim=2)

    def vectors(self) -> Tensor:
        """The words' vectors, of unit length: (words, code_width)."""
        return functional.normalize(self.codes, dim=1)

    def nearest(self, features: Tensor) -> Tensor:
        """The word nearest to each of `features`, int64."""
        return (features @ self.vectors().T).argmax(-1)

    def encode(self, x: Tensor) -> Tensor:
        """The picture in words, row by row."""
        return self.nearest(self.features(x))

    def decode_vectors(self, vectors: Tensor) -> Tensor:
        """The picture of a grid of vectors, (count, grid * grid, code_width)."""
        grid = self.config.grid
        square = vectors.transpose(1, 2).reshape(len(vectors), self.config.code_width, grid, grid)
        return torch.as_tensor(self.decoder(square * self.config.code_width**0.5))

    def decode(self, words: Tensor) -> Tensor:
        """The picture a row of words stands for, in [-1, 1]."""
        return self.decode_vectors(self.vectors()[words]).clamp(-1, 1)
