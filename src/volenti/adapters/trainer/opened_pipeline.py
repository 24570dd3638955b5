"""A pipeline in memory: opened from its folder, put on a device part by part, encoding what is learned from.

Encoders and the network that learns are needed one after the other in a training. On a GPU only those that
compute are on it; the others wait in the host's memory. Moving them changes no bit. What was encoded is kept
in the host's memory, and never written anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DiffusionPipeline
from diffusers.utils import logging as diffusers_logging
from numpy.typing import NDArray
from torch import Tensor
from transformers.utils import logging as transformers_logging

from volenti.adapters.trainer import pipeline_folder
from volenti.adapters.trainer.exact import compute_exactly, precision
from volenti.adapters.trainer.pipeline_families import FAMILIES, Chances, Conditions, Family, together
from volenti.core.errors import IntegrityError


@dataclass(frozen=True)
class OpenedPipeline:
    """A pipeline in memory. `network` is its denoiser; `device` is where it computes."""

    folder: pipeline_folder.PipelineFolder
    family: Family
    network: Any
    device: str

    def place(self, *, encoders: bool = False, network: bool = False) -> None:
        """Put the encoders (of texts and pictures), the network or both on the device, the others off it."""
        for part in self.family.pipe.components.values():
            if isinstance(part, torch.nn.Module):
                is_wanted = network if part is self.network else encoders
                part.to(self.device if is_wanted else "cpu")

    @torch.no_grad()
    def latents(self, frames: NDArray[np.uint8]) -> Tensor:
        """Frames, uint8 (count, size, size, 3), as the network learns from them; in the host's memory.

        They are the mean of what the VAE says, scaled: nothing is drawn. Each is encoded alone, because in a
        batch of another size the last bits would differ. The encoders have to be on the device.
        """
        vae = self.family.pipe.vae
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        rows = []
        for picture in np.ascontiguousarray(frames):
            pixels = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
            mean = vae.encode(pixels.to(self.device)).latent_dist.mode()
            rows.append(((mean - shift) * vae.config.scaling_factor).cpu())
        return torch.cat(rows)

    @torch.no_grad()
    def conditions(self, captions: Iterable[str]) -> dict[str, Conditions]:
        """What the network is given of each caption, encoded alone and once; in the host's memory."""
        return {
            caption: {name: each.cpu() for name, each in self.family.conditions(caption, self.device).items()}
            for caption in dict.fromkeys(captions)
        }

    def losses(self, latents: Tensor, given: Sequence[Conditions], chances: Chances) -> Tensor:
        """The squared error of each row, (rows,); what is given is brought onto the device for it.

        The network has to be on the device.
        """
        noises, times = (each.to(self.device) for each in chances)
        said = together(given, self.device)
        with precision(self.device):
            return self.family.losses(self.network, latents.to(self.device), said, (noises, times))


def open_exactly(folder: Path, device: str) -> OpenedPipeline:
    """Open the pipeline, and set torch to compute the same bits every time or to fail.

    Nothing of it is on the device yet. Raises as `pipeline_folder.opened` does, and UsageError where there
    is no such device.
    """
    compute_exactly(device)
    return _pipeline(pipeline_folder.opened(folder), device, pipeline_folder.states(folder))


@lru_cache(maxsize=1)
def _pipeline(
    folder: pipeline_folder.PipelineFolder, device: str, states: tuple[tuple[str, int, int], ...]
) -> OpenedPipeline:
    """states: of the folder's files, so that a pipeline that was changed on disk is opened anew."""
    # Progress is told by who asked for the work; what is wrong is raised.
    for told in (diffusers_logging, transformers_logging):
        told.disable_progress_bar()
        told.set_verbosity_error()
    try:
        pipe = DiffusionPipeline.from_pretrained(  # type: ignore[no-untyped-call]
            folder.path,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            **dict.fromkeys(folder.absent),
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"{folder.path.name} isn't a pipeline that can be opened here: {error}",
            pipeline_folder.REMEDY,
        ) from error
    pipe.set_progress_bar_config(disable=True)
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            part.requires_grad_(False).eval()
    return OpenedPipeline(folder, FAMILIES[folder.family](pipe), getattr(pipe, folder.denoiser), device)
