"""Text encoder: word embeddings, two small convolutions, one condition vector.

Captions follow a grammar in which an attribute and the thing it belongs to stand
next to each other ("brown hair", "a blue striped top", "dark grey background").
Two convolutions of width three see five words at once, which is enough to bind
them. Their output and the words' embeddings are then summed over the prompt, not
averaged, so that a single word ("glasses") counts as much in a long prompt as in a short one.
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


#: The sum over a prompt's words is divided by the square root of this: for so many words, the result is about
#: as large as one word's.
WORDS_TOGETHER = 16


class TextEncoder(nn.Module):
    """(batch, words) int64 -> (batch, width) float32."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(WORDS), 96, padding_idx=PADDING)
        self.near = nn.Conv1d(96, 192, 3, padding=1)
        self.far = nn.Conv1d(192, 192, 3, padding=1)
        self.out = nn.Linear(192 + 96, width)

    def forward(self, ids: Tensor) -> Tensor:
        """(batch, words) int64, filled up with PADDING -> (batch, width) float32 condition vectors."""
        present = (ids != PADDING).unsqueeze(1).float()
        x = self.embedding(ids).transpose(1, 2)
        h = nn.functional.silu(self.near(x)) * present
        h = nn.functional.silu(self.far(h)) * present
        said = torch.cat([h, x * present], dim=1).sum(2)
        return torch.as_tensor(self.out(said / WORDS_TOGETHER**0.5))
