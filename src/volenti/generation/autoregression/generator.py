"""Autoregression: the generator that learns from the words of pictures and writes them one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from volenti.generation import bases, pixels
from volenti.generation.autoregression.codebook import Codebook, CodebookConfig
from volenti.generation.autoregression.transformer import Past, Transformer, TransformerConfig
from volenti.generation.pixels import device_of

#: Pictures that the codebook encodes at once.
ENCODE_BATCH = 64
#: What the names of the parts' weights begin with in a base's file.
_CODEBOOK, _TRANSFORMER = "codebook.", bases.NETWORK["autoregression"]


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
        """The generator of a base's file, from the file's notes and weights."""
        config = json.loads(notes["config"])
        codebook = Codebook(CodebookConfig(**config["codebook"]))
        codebook.load_state_dict(_under(_CODEBOOK, weights))
        shape = codebook.config
        transformer = Transformer(TransformerConfig(**config["transformer"]), shape.words, shape.grid**2)
        transformer.load_state_dict(_under(_TRANSFORMER, weights))
        return cls(codebook.eval(), transformer)

    @classmethod
    def notes(cls, codebook: CodebookConfig, transformer: TransformerConfig) -> dict[str, str]:
        """The notes of a base's file, as `opened` reads them."""
        config = {"size": codebook.size, "codebook": asdict(codebook), "transformer": asdict(transformer)}
        return {"architecture": cls.NAME, "config": json.dumps(config)}

    @staticmethod
    def weights(codebook: dict[str, Tensor], transformer: dict[str, Tensor]) -> dict[str, Tensor]:
        """Both parts' weights under the names `opened` expects."""
        parts = ((_CODEBOOK, codebook), (_TRANSFORMER, transformer))
        return {beginning + name: each for beginning, part in parts for name, each in part.items()}

    def training_inputs(self, frames: NDArray[np.uint8]) -> Tensor:
        """The pictures in words, int64 (count, grid * grid)."""
        places, device = self.codebook.config.grid**2, device_of(self.codebook)
        if not len(frames):
            return torch.zeros(0, places, dtype=torch.long, device=device)
        with torch.no_grad():
            parts = torch.split(pixels.to_tensor(frames).to(device), ENCODE_BATCH)
            return torch.cat([self.codebook.encode(part) for part in parts])

    def losses(self, network: nn.Module, rows: Tensor, words: Tensor, draws: torch.Generator) -> Tensor:
        """The cross-entropy of each picture's words, in nats a word, (count,). `draws` isn't used."""
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

        Each word is the one with the highest sum of score and Gumbel noise, which draws it from the softmax.
        The noise depends on the seed alone, not on the batch.
        """
        places, known = self.codebook.config.grid**2, self.codebook.config.words
        device = device_of(self.codebook)
        noise = torch.stack([_gumbel(seed, places, known) for seed in seeds]).to(device)
        guided = guidance != 1.0
        prompts = words.to(device)
        text: Tensor | None = torch.cat([prompts, torch.zeros_like(prompts)]) if guided else prompts
        row = torch.zeros(len(words) * (1 + guided), 0, dtype=torch.long, device=device)
        drawn = torch.zeros(len(words), places, dtype=torch.long, device=device)
        past: Past | None = None
        for place in range(places):
            scores, past = network(text, row, past)
            text, last = None, scores[:, -1]
            if guided:
                with_text, without = last.chunk(2)
                last = without + guidance * (with_text - without)
            drawn[:, place] = (last + noise[:, place]).argmax(1)
            row = drawn[:, place : place + 1].repeat(1 + guided, 1)
            if watch is not None and (place + 1) % self.codebook.config.grid == 0:
                watch(self._pixels(drawn), (place + 1) / places)
        return self._pixels(drawn)

    def _pixels(self, words: Tensor) -> NDArray[np.uint8]:
        return pixels.to_pixels(self.codebook.decode(words))


def _gumbel(seed: int, places: int, known: int) -> Tensor:
    uniform = torch.rand(places, known, generator=torch.Generator().manual_seed(seed))
    return -torch.log(-torch.log(uniform.clamp(1e-9, 1 - 1e-7)))


def _under(beginning: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(beginning): w for name, w in weights.items() if name.startswith(beginning)}
