"""Autoregression as a generator: words of pictures are studied, and written one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from volenti.generation import pixels
from volenti.generation.autoregression.codebook import Codebook, CodebookConfig
from volenti.generation.autoregression.transformer import Past, Transformer, TransformerConfig
from volenti.generation.pixels import device_of

#: Pictures shown to the codebook at once.
STUDY_BATCH = 64
#: What the parts' weights begin with in a base's file.
_CODEBOOK, _TRANSFORMER = "codebook.", "transformer."


class Autoregression:
    """A transformer over a text's words and a codebook's."""

    NAME = "autoregression"

    def __init__(self, codebook: Codebook, transformer: Transformer) -> None:
        self.codebook = codebook
        self.network: nn.Module = transformer
        self.parts: Sequence[nn.Module] = (codebook, transformer)
        self.size = codebook.config.size

    @classmethod
    def opened(cls, notes: dict[str, str], weights: dict[str, Tensor]) -> Autoregression:
        """From a base's file: what it notes and its weights."""
        config = json.loads(notes["config"])
        codebook = Codebook(CodebookConfig(**config["codebook"]))
        codebook.load_state_dict(_under(_CODEBOOK, weights))
        shape = codebook.config
        transformer = Transformer(TransformerConfig(**config["transformer"]), shape.words, shape.grid**2)
        transformer.load_state_dict(_under(_TRANSFORMER, weights))
        return cls(codebook.eval(), transformer)

    @classmethod
    def notes(cls, codebook: CodebookConfig, transformer: TransformerConfig) -> dict[str, str]:
        """What a base's file notes, for `opened`."""
        config = {"size": codebook.size, "codebook": asdict(codebook), "transformer": asdict(transformer)}
        return {"architecture": cls.NAME, "config": json.dumps(config)}

    @staticmethod
    def weights(codebook: dict[str, Tensor], transformer: dict[str, Tensor]) -> dict[str, Tensor]:
        """Both parts' weights under the names `opened` expects."""
        parts = ((_CODEBOOK, codebook), (_TRANSFORMER, transformer))
        return {beginning + name: each for beginning, part in parts for name, each in part.items()}

    def studied(self, frames: NDArray[np.uint8]) -> Tensor:
        """The pictures in words, int64 (count, grid * grid)."""
        places, device = self.codebook.config.grid**2, device_of(self.codebook)
        if not len(frames):
            return torch.zeros(0, places, dtype=torch.long, device=device)
        with torch.no_grad():
            parts = torch.split(pixels.seen(frames).to(device), STUDY_BATCH)
            return torch.cat([self.codebook.encode(part) for part in parts])

    def losses(self, network: nn.Module, rows: Tensor, words: Tensor, draws: torch.Generator) -> Tensor:
        """How unexpected each picture's words are, in nats a word, (count,). Takes nothing from `draws`."""
        scores, _ = network(words.to(rows.device), rows[:, :-1])
        return (
            functional.cross_entropy(scores.flatten(0, 1), rows.flatten(), reduction="none")
            .view(rows.shape)
            .mean(1)
        )

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
        """Pictures, uint8 (count, size, size, 3). See `generation.generator`; `steps` has no meaning here.

        Each word is the one with the highest score plus chance (Gumbel's, which draws from the
        softmax), and the chance is the seed's alone, however the batch is cut.
        """
        places, known = self.codebook.config.grid**2, self.codebook.config.words
        device = device_of(self.codebook)
        chance = torch.stack([_gumbel(seed, places, known) for seed in seeds]).to(device)
        guided = guidance != 1.0
        told = words.to(device)
        text: Tensor | None = torch.cat([told, torch.zeros_like(told)]) if guided else told
        row = torch.zeros(len(words) * (1 + guided), 0, dtype=torch.long, device=device)
        drawn = torch.zeros(len(words), places, dtype=torch.long, device=device)
        past: Past | None = None
        for place in range(places):
            scores, past = network(text, row, past)
            text, last = None, scores[:, -1]
            if guided:
                with_text, without = last.chunk(2)
                last = without + guidance * (with_text - without)
            drawn[:, place] = (last + chance[:, place]).argmax(1)
            row = drawn[:, place : place + 1].repeat(1 + guided, 1)
            if watch is not None and (place + 1) % self.codebook.config.grid == 0:
                watch(self._seen(drawn), (place + 1) / places)
        return self._seen(drawn)

    def _seen(self, words: Tensor) -> NDArray[np.uint8]:
        return pixels.shown(self.codebook.decode(words))


def _gumbel(seed: int, places: int, known: int) -> Tensor:
    uniform = torch.rand(places, known, generator=torch.Generator().manual_seed(seed))
    return -torch.log(-torch.log(uniform.clamp(1e-9, 1 - 1e-7)))


def _under(beginning: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(beginning): w for name, w in weights.items() if name.startswith(beginning)}
