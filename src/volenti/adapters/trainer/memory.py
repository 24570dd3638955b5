"""A trainer that really trains, and is small enough to run a thousand times in a test.

Its model is one average picture for each word, learned by stochastic gradient
descent from the base's grey. It fulfils the whole port (the same task gives the same
bytes; a merge takes slices in a fixed order), and its pictures follow a prompt's colours
a little. Property tests of exact forgetting use it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.generation.vocabulary import WORDS, encode
from volenti.training.ports import Drawing, PreviewCallback, SliceResult, SliceTask, StepCallback, StepReport

SIDE = 8


@dataclass(frozen=True)
class MemoryTrainer:
    """Trainer whose model is a table (words, SIDE, SIDE, 3)."""

    @property
    def base_sha256(self) -> str:
        """A fixed digest: the base is always the same grey, and no file."""
        return sha256(b"grey")

    @property
    def size_px(self) -> int:
        """Side of the pictures in pixels: eight for each of the table's SIDE."""
        return 8 * SIDE

    def check(self) -> None:
        """Nothing: the base is always there."""

    def train(self, task: SliceTask, watch: StepCallback | None = None) -> SliceResult:
        """Learn a table from the slice; its weights are the table's bytes, float32 (words, SIDE, SIDE, 3)."""
        began = time.perf_counter()
        rng = np.random.default_rng(task.seed)
        table = np.zeros((len(WORDS), SIDE, SIDE, 3), np.float32)
        small = _shrunk(task.frames)
        losses: list[float] = []
        looks = task.recipe.samples_per_image
        for look in range(looks):
            for row in rng.permutation(len(task.captions)):
                words = list(encode(task.captions[row]).ids) or [0]
                error = small[row] - table[words].mean(0)
                table[words] += task.recipe.learning_rate * error
                losses.append(float((error**2).mean()))
            if watch is not None:
                watch(StepReport(look + 1, looks, losses[-1]))
        return SliceResult(table.tobytes(), (float(np.mean(losses)),), time.perf_counter() - began)

    def merge(self, parts: Sequence[tuple[int, bytes]], scale: float = 1.0) -> bytes:
        """The mean of the slices' tables, weighted by their images, times scale; without any, grey."""
        total = sum(images for images, _ in parts)
        table = np.zeros((len(WORDS), SIDE, SIDE, 3), np.float64)
        for images, weights in parts:
            table += scale * images / total * _table(weights)
        return table.astype(np.float32).tobytes()

    def draw(
        self,
        weights: bytes,
        drawings: Sequence[Drawing],
        *,
        guidance: float,
        steps: int,
        watch: PreviewCallback | None = None,
    ) -> NDArray[np.uint8]:
        """The mean of the words' pictures, with noise, uint8 (drawings, size, size, 3); ignores `steps`."""
        table = _table(weights) if weights else np.zeros((len(WORDS), SIDE, SIDE, 3), np.float32)
        pictures = []
        for drawing in drawings:
            words = list(encode(drawing.prompt).ids) or [0]
            noise = np.random.default_rng(drawing.seed).normal(0, 0.05, (SIDE, SIDE, 3))
            pictures.append(np.clip((table[words].mean(0) * guidance + noise + 1) * 127.5, 0, 255))
        drawn = np.repeat(np.repeat(np.stack(pictures), 8, 1), 8, 2).astype(np.uint8)
        if watch is not None:
            watch(drawn, 1.0)
        return drawn

    def losses(
        self,
        weights: bytes,
        frames: NDArray[np.uint8],
        captions: Sequence[str],
        *,
        seed: int,
        draws: int,
    ) -> NDArray[np.float32]:
        """Mean squared errors between each noisy picture and its words' mean, float32 (pictures, draws)."""
        table = _table(weights) if weights else np.zeros((len(WORDS), SIDE, SIDE, 3), np.float32)
        noises = np.random.default_rng(seed).normal(0, 0.05, (draws, SIDE, SIDE, 3))
        found = np.zeros((len(captions), draws), np.float32)
        for row, (picture, caption) in enumerate(zip(_shrunk(frames), captions, strict=True)):
            words = list(encode(caption).ids) or [0]
            found[row] = ((picture + noises - table[words].mean(0)) ** 2).mean((1, 2, 3))
        return found

    def unknown_words(self, prompt: str) -> tuple[str, ...]:
        """Words of the prompt that aren't in the vocabulary."""
        return encode(prompt).unknown

    def environment(self) -> Json:
        """The version of numpy, which the bytes depend on."""
        return {"numpy": np.__version__}


def _shrunk(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    count, size = frames.shape[0], frames.shape[1]
    blocks = frames.reshape(count, SIDE, size // SIDE, SIDE, size // SIDE, 3)
    small: NDArray[np.float32] = (blocks.mean((2, 4)) / 127.5 - 1).astype(np.float32)
    return small


def _table(weights: bytes) -> NDArray[np.float32]:
    table: NDArray[np.float32] = np.frombuffer(weights, np.float32).reshape(len(WORDS), SIDE, SIDE, 3)
    return table
