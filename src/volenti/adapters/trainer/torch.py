"""The trainer in torch; what is wired and sent to workers is only where the base lies.

The work is done in `slices_torch`, which is imported at the first training or drawing:
importing torch takes longer than most commands do, and most commands don't train.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.digest import sha256_file
from volenti.generation.bases import reading, size_px
from volenti.generation.vocabulary import encode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from volenti.core.canonical import Json
    from volenti.training.ports import Drawing, PreviewCallback, SliceResult, SliceTask, StepCallback


@dataclass(frozen=True)
class TorchTrainer:
    """The `Trainer` port over a base in a safetensors file. It pickles as a path and a device."""

    base: Path
    #: torch's name of the device that trains and draws. Merging always runs on the CPU.
    device: str = "cpu"

    @property
    def base_sha256(self) -> str:
        """SHA-256 of the base's file; raises as `bases.reading` does."""
        with reading(self.base):
            return sha256_file(self.base)

    @property
    def size_px(self) -> int:
        """Side of the base's pictures in pixels; raises what `bases.size_px` does."""
        return size_px(self.base)

    def check(self) -> None:
        """Open the base on `device`: raises as `bases.reading` does, and UsageError without such a device."""
        from volenti.adapters.trainer import slices_torch

        slices_torch.open_exactly(self.base, self.device)

    def train(self, task: SliceTask, watch: StepCallback | None = None) -> SliceResult:
        """Train the slice's adapter on `device`; the same task gives the same bytes."""
        from volenti.adapters.trainer import slices_torch

        return slices_torch.train(self.base, task, self.device, watch=watch)

    def merge(self, parts: Sequence[tuple[int, bytes]], scale: float = 1.0) -> bytes:
        """The base plus its slices' adapters, weighted by their pictures, times scale; made on the CPU."""
        from volenti.adapters.trainer import constituent_numpy

        return constituent_numpy.merge(self.base, parts, scale)

    def draw(
        self,
        weights: bytes,
        drawings: Sequence[Drawing],
        *,
        guidance: float,
        steps: int,
        watch: PreviewCallback | None = None,
    ) -> NDArray[np.uint8]:
        """Draw pictures, uint8 (drawings, size, size, 3), on `device`; see `Trainer.draw`."""
        from volenti.adapters.trainer import slices_torch

        return slices_torch.draw(
            self.base, weights, drawings, guidance=guidance, steps=steps, watch=watch, device=self.device
        )

    def losses(
        self,
        weights: bytes,
        frames: NDArray[np.uint8],
        captions: Sequence[str],
        *,
        seed: int,
        draws: int,
    ) -> NDArray[np.float32]:
        """The model's losses on each picture, float32 (pictures, draws); see `Trainer.losses`."""
        from volenti.adapters.trainer import slices_torch

        return slices_torch.losses(
            self.base, weights, frames, captions, seed=seed, draws=draws, device=self.device
        )

    def unknown_words(self, prompt: str) -> tuple[str, ...]:
        """Words of the prompt that aren't in the vocabulary."""
        return encode(prompt).unknown

    def environment(self) -> Json:
        """What bit-exactness depends on, such as torch's build and the CPU's capability."""
        from volenti.adapters.trainer import exact

        return exact.environment(self.device)
