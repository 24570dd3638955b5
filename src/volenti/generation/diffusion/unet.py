"""PatchUNet: the network of the diffusion architecture.

The picture is cut into 2x2 patches by pixel-unshuffle, and most channels and
blocks are two levels down, on an 8x8 grid. This takes a fraction of the arithmetic
of a pixel UNet with as many parameters, so it can be trained on a laptop's CPU
(bench/unet.py measures it). The finest grid has few channels, because it only has
to place edges. On the coarsest, self-attention makes the two eyes match. Time and
text enter every block as a scale and a shift (FiLM, Perez et al. 2018).

Nothing here normalises over the batch: a statistic over the batch would mix
people, and the order of people would change the result. GroupNorm sees one
picture at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from volenti.core.canonical import Json
from volenti.core.errors import UsageError
from volenti.generation.text import TextEncoder

#: Channels and residual blocks of each level by the picture's side in pixels, the finest grid
#: first; each level halves the grid. 64 px is the default and trains on two cores; 128 px is
#: meant for a GPU.
SHAPES = {64: ((32, 96, 192), (1, 1, 4)), 128: ((32, 64, 128, 256), (1, 1, 2, 4))}


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Shape of the network; part of a model's identity."""

    size: int = 64
    patch: int = 2
    widths: tuple[int, ...] = SHAPES[64][0]
    depths: tuple[int, ...] = SHAPES[64][1]
    condition_width: int = 256
    heads: int = 4

    @classmethod
    def for_size(cls, size: int) -> NetworkConfig:
        """The shape for pictures of `size` pixels a side; UsageError where there is none."""
        if size not in SHAPES:
            raise UsageError(f"There is no network for {size} px.", f"Sizes: {', '.join(map(str, SHAPES))}.")
        return cls(size, widths=SHAPES[size][0], depths=SHAPES[size][1])

    @classmethod
    def from_json(cls, body: Json) -> NetworkConfig:
        """The shape that was written as a JSON object of its fields; lists become tuples."""
        values: Json = {n: tuple(each) if isinstance(each, list) else each for n, each in body.items()}
        return cls(**values)


class Block(nn.Module):
    """Residual block: two 3x3 convolutions, the second modulated by the condition."""

    def __init__(self, channels_in: int, channels: int, condition_width: int) -> None:
        super().__init__()
        self.norm_in = nn.GroupNorm(16, channels_in)
        self.conv_in = nn.Conv2d(channels_in, channels, 3, padding=1)
        self.film = nn.Linear(condition_width, 2 * channels)
        self.norm_out = nn.GroupNorm(16, channels, affine=False)
        self.conv_out = nn.Conv2d(channels, channels, 3, padding=1)
        self.skip = nn.Identity() if channels_in == channels else nn.Conv2d(channels_in, channels, 1)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(batch, channels_in, height, width), conditioned -> (batch, channels, height, width)."""
        h = self.conv_in(functional.silu(self.norm_in(x)))
        scale, shift = self.film(condition)[:, :, None, None].chunk(2, dim=1)
        h = functional.silu(self.norm_out(h) * (1 + scale) + shift)
        return torch.as_tensor(self.skip(x) + self.conv_out(h))


class Blocks(nn.ModuleList):
    """The blocks of one grid, applied one after the other."""

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """The output of the last block; every block is given the same condition."""
        for block in self:
            x = block(x, condition)
        return x


class Attention(nn.Module):
    """Self-attention over the positions of the coarsest grid."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(16, channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same shape."""
        batch, channels, height, width = x.shape
        shape = (batch, 3, self.heads, channels // self.heads, height * width)
        q, k, v = self.qkv(self.norm(x)).reshape(shape).transpose(3, 4).unbind(1)
        mixed = functional.scaled_dot_product_attention(q, k, v)
        mixed = mixed.transpose(2, 3).reshape(batch, channels, height, width)
        return torch.as_tensor(x + self.out(mixed))


def time_features(t: Tensor, width: int = 64) -> Tensor:
    """Sines and cosines of the flow time: (batch,) in [0, 1] -> (batch, width)."""
    frequencies = torch.exp(torch.linspace(0, math.log(1000.0), width // 2, device=t.device))
    angles = t[:, None] * frequencies[None] * math.pi
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class PatchUNet(nn.Module):
    """(batch, 3, size, size) pixels in [-1, 1], times, word ids -> the same shape."""

    #: What a low-rank adapter may change: all but the patch's entrance and exit, the word table and
    #: the place tables, which would have too few pictures to learn from.
    adapted = ("text.near", "text.far", "text.out", "time.", "down", "up", "inner_")

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        widths, depths, cond = config.widths, config.depths, config.condition_width
        pixels = 3 * config.patch**2
        grid = config.size // config.patch
        self.text = TextEncoder(cond)
        self.time = nn.Sequential(nn.Linear(64, cond), nn.SiLU(), nn.Linear(cond, cond))
        self.enter = nn.Conv2d(pixels, widths[0], 3, padding=1)
        # Pictures are framed on the face, so a place on a grid has a meaning that can be learned.
        self.place = nn.ParameterList(
            nn.Parameter(torch.zeros(1, width, grid >> level, grid >> level))
            for level, width in enumerate(widths)
        )
        self.down_blocks = nn.ModuleList(
            Blocks(Block(width, width, cond) for _ in range(depth))
            for width, depth in zip(widths[:-1], depths[:-1], strict=True)
        )
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairwise(widths))
        self.inner_blocks = nn.ModuleList(Block(widths[-1], widths[-1], cond) for _ in range(depths[-1]))
        self.inner_attention = nn.ModuleList(
            Attention(widths[-1], config.heads) for _ in range(depths[-1] // 2)
        )
        self.up = nn.ModuleList(nn.Conv2d(b, a * 4, 1) for a, b in pairwise(widths))
        self.up_blocks = nn.ModuleList(
            Blocks(Block(2 * width if n == 0 else width, width, cond) for n in range(depth))
            for width, depth in zip(widths[:-1], depths[:-1], strict=True)
        )
        self.norm = nn.GroupNorm(16, widths[0])
        self.leave = nn.Conv2d(widths[0], pixels, 3, padding=1)
        nn.init.zeros_(self.leave.weight)

    def forward(self, x: Tensor, t: Tensor, words: Tensor) -> Tensor:
        """What the network predicts, in the shape of x; t (batch,) in [0, 1], words (batch, words) int64."""
        condition = functional.silu(self.time(time_features(t)) + self.text(words))
        h = self.enter(functional.pixel_unshuffle(x, self.config.patch)) + self.place[0]
        kept = []
        for level, blocks in enumerate(self.down_blocks):
            h = blocks(h, condition)
            kept.append(h)
            h = self.down[level](h) + self.place[level + 1]
        for index, block in enumerate(self.inner_blocks):
            h = block(h, condition)
            if index % 2 == 0:
                h = self.inner_attention[index // 2](h)
        for level in reversed(range(len(self.up_blocks))):
            h = torch.cat([kept[level], functional.pixel_shuffle(self.up[level](h), 2)], dim=1)
            h = self.up_blocks[level](h, condition)
        h = self.leave(functional.silu(self.norm(h)))
        return functional.pixel_shuffle(h, self.config.patch)
