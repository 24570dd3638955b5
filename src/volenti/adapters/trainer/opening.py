"""Which trainer a base asks for: a file is a base of this project, a folder is a pipeline of diffusers."""

from __future__ import annotations

from pathlib import Path

from volenti.adapters.trainer.pipeline import PipelineTrainer
from volenti.adapters.trainer.torch import TorchTrainer


def trainer_over(base: Path, device: str) -> TorchTrainer | PipelineTrainer:
    """The trainer of a base on a device; nothing is opened yet."""
    return PipelineTrainer(base, device) if base.is_dir() else TorchTrainer(base, device)
