"""Text encoder: word embeddings, two small convolutions, one condition vector.

Captions follow a grammar in which an attribute and what it belongs to stand
next to each other ("brown hair", "a blue striped top", "dark grey background").
Two convolutions of width three see five words at once, which is enough to bind
them; a maximum over the words then asks "was it said anywhere?", so that the
length of the prompt does not matter. Beside that every word adds what it means by
itself: small things ("glasses") would otherwise drown in the mean of a long prompt.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from volenti.generation.vocabulary import PADDING, WORDS, encode

MAX_WORDS = 40


def tokenize(texts: Sequence[str]) -> Tensor:
    """Word ids of `texts`, padded: int64 of shape (len(texts), MAX_WORDS).

    The empty text is all padding: it is the "no prompt" of classifier-free guidance.
    """
    ids = torch.full((len(texts), MAX_WORDS), PADDING, dtype=torch.long)
    for row, text in enumerate(texts):
        words = encode(text).ids[:MAX_WORDS]
        ids[row, : len(words)] = torch.tensor(words, dtype=torch.long)
    return ids


class TextEncoder(nn.Module):
    """(batch, words) int64 -> (batch, width) float32."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(WORDS), 96, padding_idx=PADDING)
        self.near = nn.Conv1d(96, 192, 3, padding=1)
        self.far = nn.Conv1d(192, 192, 3, padding=1)
        self.out = nn.Linear(384, width)
        self.alone = nn.Embedding(len(WORDS), width, padding_idx=PADDING)
        nn.init.zeros_(self.alone.weight)

    def forward(self, ids: Tensor) -> Tensor:
        present = (ids != PADDING).unsqueeze(1).float()
        x = self.embedding(ids).transpose(1, 2)
        x = nn.functional.silu(self.near(x)) * present
        x = nn.functional.silu(self.far(x)) * present
        count = present.sum(2).clamp(min=1.0)
        together = self.out(torch.cat([x.sum(2) / count, x.amax(2)], dim=1))
        return torch.as_tensor(together + self.alone(ids).sum(1))
