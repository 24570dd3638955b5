"""The trainer over a pipeline of diffusers; what is wired and sent to workers is only where it lies.

The work is done in `slices_diffusers`, which is imported at the first training or drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.adapters.trainer import constituent_lora, pipeline_folder
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from volenti.core.canonical import Json
    from volenti.training.ports import Drawing, PreviewCallback, SliceResult, SliceTask, StepCallback

#: What the extra `pipelines` installs; the bits of a training depend on their versions.
PACKAGES = ("diffusers", "transformers", "peft")


@dataclass(frozen=True)
class PipelineTrainer:
    """The `Trainer` port over a folder that diffusers saved. It pickles as a path and a device."""

    base: Path
    #: torch's name of the device that trains and draws. Merging always runs on the CPU.
    device: str = "cpu"

    @property
    def base_sha256(self) -> str:
        """SHA-256 over the folder's files; raises as `pipeline_folder.opened` does."""
        pipeline_folder.opened(self.base)
        return pipeline_folder.digest(self.base)

    @property
    def size_px(self) -> int:
        """Side of the pictures it was made for, in pixels; raises as `pipeline_folder.opened` does."""
        return pipeline_folder.opened(self.base).size_px

    def check(self) -> None:
        """Open the pipeline for `device`; raises as `pipeline_folder.opened` does, and UsageError."""
        _require_packages()
        from volenti.adapters.trainer import opened_pipeline

        opened_pipeline.open_exactly(self.base, self.device)

    def train(self, task: SliceTask, watch: StepCallback | None = None) -> SliceResult:
        """Train the slice's LoRA on `device`; the same task gives the same bytes."""
        _require_packages()
        from volenti.adapters.trainer import slices_diffusers

        return slices_diffusers.train(self.base, task, self.device, watch=watch)

    def merge(self, parts: Sequence[tuple[int, bytes]], scale: float = 1.0) -> bytes:
        """One LoRA of its slices', weighted by their pictures, times scale; see `constituent_lora`."""
        return constituent_lora.merge(parts, scale)

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
        _require_packages()
        from volenti.adapters.trainer import slices_diffusers

        return slices_diffusers.draw(
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
        _require_packages()
        from volenti.adapters.trainer import slices_diffusers

        return slices_diffusers.losses(
            self.base, weights, frames, captions, seed=seed, draws=draws, device=self.device
        )

    def unknown_words(self, prompt: str) -> tuple[str, ...]:
        """Words of the prompt beyond the length that the text encoders read. Any word is known."""
        _require_packages()
        from volenti.adapters.trainer import slices_diffusers

        return slices_diffusers.cut_off(self.base, prompt, self.device)

    def environment(self) -> Json:
        """What bit-exactness depends on, such as torch's build and the versions of the libraries."""
        from volenti.adapters.trainer import exact
        from volenti.training.slice_trainer import version

        return {**exact.environment(self.device), **{name: version(name) for name in PACKAGES}}


def _require_packages() -> None:
    """Refuse with a remedy where the extra isn't installed: UsageError."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"A pipeline needs {', '.join(missing)}.", "Install the extra: pip install 'volenti[pipelines]'"
        )
