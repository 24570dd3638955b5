"""What training needs from the outside: a trainer of slices.

A trainer works on values: it gets pixels, gives bytes, and can't reach the vault. So
a slice can be trained in any process on any machine, and what the trainer was given
ends with its process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from volenti.core.canonical import Json, canonical
from volenti.core.digest import sha256
from volenti.training.partition import Place
from volenti.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class SliceTask:
    """A slice to be trained: its pictures in order, and the seed from which all its randomness comes."""

    place: Place
    #: uint8, (images, size, size, 3)
    frames: NDArray[np.uint8]
    captions: tuple[str, ...]
    recipe: Recipe
    seed: int

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the trainer is given, every pixel and word of it."""
        said = {
            "place": str(self.place),
            "recipe": self.recipe.digest,
            "seed": str(self.seed),
            "captions": list(self.captions),
            "shape": list(self.frames.shape),
        }
        return sha256(canonical(said) + np.ascontiguousarray(self.frames).tobytes())


@dataclass(frozen=True, slots=True)
class SliceResult:
    """A slice's trained weights, the losses of the training and the seconds it took."""

    weights: bytes
    #: Mean loss of each quarter of the training.
    losses: tuple[float, ...]
    seconds: float
    #: Median of the steps, without what comes before the first of them; 0 where it wasn't measured.
    step_seconds: float = 0.0
    #: The most that it took until then: of the GPU's memory by its tensors where it trained on one, otherwise
    #: of memory by the process; 0 where it wasn't measured.
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class StepReport:
    """How far a slice's training is: steps that are done, all its steps, and the mean loss of the latest."""

    done: int
    steps: int
    loss: float


#: Called while a slice is trained.
StepCallback = Callable[[StepReport], None]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture to be drawn: a prompt and the seed its noise comes from."""

    prompt: str
    seed: int


#: Called while pictures are drawn: with them so far, uint8 (drawings, size, size, 3), and the share done.
PreviewCallback = Callable[[NDArray[np.uint8], float], None]


class Trainer(Protocol):
    """Trains slices on a base, merges them into constituents, and draws. Picklable."""

    @property
    def base_sha256(self) -> str:
        """Digest of the base the slices are trained on."""
        ...

    @property
    def size_px(self) -> int:
        """Side of the pictures it learns from and draws, in pixels."""
        ...

    def check(self) -> None:
        """Open the base. Raises MissingModelError, IntegrityError or UsageError where that fails."""
        ...

    def train(self, task: SliceTask, watch: StepCallback | None = None) -> SliceResult:
        """The same task gives the same bytes, in any process of the same environment.

        watch: called from time to time; what it does changes no bit.
        """
        ...

    def merge(self, parts: Sequence[tuple[int, bytes]], scale: float = 1.0) -> bytes:
        """A constituent's weights, merged from its slices' (images, weights) in the order given.

        scale: the mean of their changes is multiplied by it. Without parts they are the base's own weights.
        """
        ...

    def draw(
        self,
        weights: bytes,
        drawings: Sequence[Drawing],
        *,
        guidance: float,
        steps: int,
        watch: PreviewCallback | None = None,
    ) -> NDArray[np.uint8]:
        """Pictures, uint8 (drawings, size, size, 3): each is the same whatever else is drawn with it.

        watch: called while they are drawn.
        """
        ...

    def losses(
        self,
        weights: bytes,
        frames: NDArray[np.uint8],
        captions: Sequence[str],
        *,
        seed: int,
        draws: int,
    ) -> NDArray[np.float32]:
        """A model's loss on each picture under each random draw, float32 (pictures, draws).

        weights: empty stands for the base. frames: uint8 (pictures, size, size, 3). The draws (times and
        noises) come from the seed and are the same for every picture and every model, so that losses can
        be compared.
        """
        ...

    def unknown_words(self, prompt: str) -> tuple[str, ...]:
        """Words of the prompt that aren't in the model's vocabulary."""
        ...

    def environment(self) -> Json:
        """What the bits of weights depend on: builds, threads, CPU capability."""
        ...
