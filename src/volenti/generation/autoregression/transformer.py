"""Transformer: predicts the next word of a picture from a text and the words before it.

It works as DALL-E does (Ramesh et al. 2021, arXiv:2102.12092), at small scale: the words of the text and
those of the picture, from the codebook, are one row, and each place sees only the places before it. Drawing
goes word by word, so the keys and values of earlier words are kept (`past`) and not computed again.

Layer normalisation sees one word of one picture: nothing here mixes people.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from volenti.generation.text import MAX_WORDS
from volenti.generation.vocabulary import PADDING, WORDS

#: Keys and values of the places before, a pair a layer, each (batch, heads, places, width).
Past = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class TransformerConfig:
    """Shape of the transformer; part of a base's identity."""

    width: int = 256
    depth: int = 6
    heads: int = 8


class Layer(nn.Module):
    """Attention to the places before, then a feed-forward network."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.norm_thought = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.narrow.weight)

    def forward(self, x: Tensor, past: tuple[Tensor, Tensor] | None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(batch, places, width) in and out; beside it, keys and values of these places and those before."""
        batch, places, width = x.shape
        split = self.qkv(self.norm_attention(x)).view(batch, places, 3, self.heads, width // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4).unbind(0)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        # With a past, a single place is computed and sees everything; else each sees only those before it.
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=past is None)
        x = x + self.out(seen.transpose(1, 2).reshape(batch, places, width))
        x = x + self.narrow(functional.gelu(self.widen(self.norm_thought(x))))
        return x, (k, v)


class Transformer(nn.Module):
    """A text (batch, MAX_WORDS) and a picture's words -> scores of the next word at each place."""

    #: What a low-rank adapter may change: the layers, not the words.
    adapted = ("layers.",)

    def __init__(self, config: TransformerConfig, picture_words: int, places: int) -> None:
        super().__init__()
        self.config = config
        self.places = places
        self.text = nn.Embedding(len(WORDS), config.width, padding_idx=PADDING)
        self.picture = nn.Embedding(picture_words, config.width)
        self.place = nn.Parameter(0.02 * torch.randn(MAX_WORDS + places, config.width))
        self.layers = nn.ModuleList(Layer(config.width, config.heads) for _ in range(config.depth))
        self.norm = nn.LayerNorm(config.width)
        self.leave = nn.Linear(config.width, picture_words, bias=False)
        nn.init.normal_(self.text.weight, std=0.5)
        nn.init.normal_(self.picture.weight, std=0.5)
        nn.init.zeros_(self.leave.weight)

    def forward(self, text: Tensor | None, words: Tensor, past: Past | None = None) -> tuple[Tensor, Past]:
        """Scores (batch, words + 1, picture_words) of what comes after the text and after each word.

        text: int64 (batch, MAX_WORDS), or none where `past` holds it already; words: int64 (batch,
        any number up to `places` - 1), those that `past` doesn't hold. With a past, scores are given
        for the words given alone.
        """
        start = 0 if past is None else past[0][0].shape[2]
        parts = ([] if text is None else [self.text(text)]) + [self.picture(words)]
        x = torch.cat(parts, 1)
        x = x + self.place[start : start + x.shape[1]]
        kept: Past = []
        for number, layer in enumerate(self.layers):
            x, pair = layer(x, None if past is None else past[number])
            kept.append(pair)
        from_text = 0 if text is None else MAX_WORDS - 1
        return self.leave(self.norm(x[:, from_text:])), kept
