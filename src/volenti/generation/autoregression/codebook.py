"""Codebook: a picture as a grid of words, and back.

A discrete autoencoder (van den Oord et al. 2017, arXiv:1711.00937): a small network sees each
patch with its surroundings and names the nearest of a few hundred learned vectors; another paints
the picture from the names. It is trained with the base, on people who do not exist, and never
again: what a slice learns is in which order words follow, never a new word.
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
    #: Length of a word's vector. Short ones are all used; long ones fall apart into a few.
    code_width: int = 16
    width: int = 96
    depth: int = 1

    @property
    def grid(self) -> int:
        """Words along a side."""
        return self.size // self.patch


class Residual(nn.Module):
    """Two 3x3 convolutions beside the identity."""

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
        """What the encoder sees, of unit length: (count, grid * grid, code_width)."""
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

    def painted(self, vectors: Tensor) -> Tensor:
        """The picture of a grid of vectors, (count, grid * grid, code_width)."""
        grid = self.config.grid
        square = vectors.transpose(1, 2).reshape(len(vectors), self.config.code_width, grid, grid)
        return torch.as_tensor(self.decoder(square * self.config.code_width**0.5))

    def decode(self, words: Tensor) -> Tensor:
        """The picture a row of words stands for, in [-1, 1]."""
        return self.painted(self.vectors()[words]).clamp(-1, 1)
