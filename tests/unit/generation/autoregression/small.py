"""An autoregressive base small enough for a test, every weight of which has a say."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from volenti.generation.autoregression.codebook import Codebook, CodebookConfig
from volenti.generation.autoregression.generator import Autoregression
from volenti.generation.autoregression.transformer import Transformer, TransformerConfig

WORDS, PLACES = 24, 64
CODEBOOK = CodebookConfig(size=64, patch=8, words=WORDS, code_width=8, width=16, depth=1)


def transformer() -> Transformer:
    """One whose zero weights were filled."""
    torch.manual_seed(5)
    network = Transformer(TransformerConfig(width=32, depth=2, heads=4), WORDS, PLACES)
    for weight in network.parameters():
        if not weight.any():
            nn.init.normal_(weight, std=0.2)
    return network


def write_base(path: Path) -> Path:
    """A base's file of that shape."""
    torch.manual_seed(6)
    network = transformer()
    weights = Autoregression.weights(Codebook(CODEBOOK).state_dict(), network.state_dict())
    halves = {name: each.half().contiguous() for name, each in weights.items()}
    save_file(halves, path, Autoregression.notes(CODEBOOK, network.config))
    return path
