"""Training and drawing with a diffusers pipeline: a slice is a PEFT LoRA on its denoiser.

Pictures are encoded by the pipeline's own VAE and captions by its own text encoders, once each and before the
first step; the network learns from latents. For bit-exactness see `exact`. A pipeline that was opened is kept
by the process, and is left as it was: adapters are taken off again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load, save

from volenti.adapters.trainer import constituent_lora
from volenti.adapters.trainer.exact import (
    Adam,
    batches,
    captions_of,
    compute_exactly,
    mean_gradient,
    parts,
    within_memory,
)
from volenti.adapters.trainer.measurement import Measurement
from volenti.adapters.trainer.opened_pipeline import OpenedPipeline, open_exactly
from volenti.core.errors import IntegrityError, UsageError
from volenti.training.ports import Drawing, PreviewCallback, SliceResult, SliceTask, StepCallback

#: The layers that an adapter changes: the projections of attention, as most LoRA's do.
LAYERS = ["to_q", "to_k", "to_v", "to_out.0"]
_ADAPTER = "slice"


def train(
    folder: Path,
    task: SliceTask,
    device: str = "cpu",
    *,
    recomputes: bool | None = None,
    watch: StepCallback | None = None,
) -> SliceResult:
    """Train a slice's LoRA; the same task gives the same bytes in any process of the same environment.

    recomputes: whether activations are computed again for the gradient instead of being kept (gradient
    checkpointing, Chen et al. 2016, arXiv:1604.06174). It saves memory, takes one pass through the network
    more and changes no bit, so it is no part of a recipe; by default it is done on a GPU. Raises UsageError
    for rank 0 and where a GPU's memory isn't enough, and as `pipeline_folder.opened` does.
    """
    recipe = task.recipe
    steps = recipe.steps(len(task.captions))
    # Before anything is measured on the device: it may not be there.
    compute_exactly(device)
    measurement = Measurement(device, steps, watch)
    recomputes = device != "cpu" if recomputes is None else recomputes
    if recipe.rank == 0:
        raise UsageError("A pipeline's slices are adapters: they have a rank.", "Give --rank 4 or more.")
    planned = [
        (rows, flips, captions_of(task, rows, flips, step))
        for step, (rows, flips) in enumerate(batches(task, steps))
    ]
    opened = open_exactly(folder, device)
    opened.place(encoders=True)
    inputs = [opened.latents(frames) for frames in (task.frames, task.frames[:, :, ::-1])]
    said = opened.conditions(caption for *_, captions in planned for caption in captions)
    opened.place(network=True)
    # Everything random comes from here; PEFT draws its matrices from torch's own state.
    draws = torch.Generator().manual_seed(task.seed)
    with (
        within_memory(recipe),
        _adapted(opened.network, recipe.rank, task.seed),
        _recomputing(opened.network, recomputes),
    ):
        learned = [each for each in opened.network.parameters() if each.requires_grad]
        optimizer = Adam(learned)
        for step, (rows, flips, captions) in enumerate(planned):
            latents = torch.stack([inputs[flip][row] for row, flip in zip(rows, flips, strict=True)])
            # Drawn for the whole step: however it is divided, its pictures have the same noises and times.
            noises, times = opened.family.chances(latents, draws)
            given = [said[each] for each in captions]
            losses_of_parts = (
                opened.losses(latents[part], given[part], (noises[part], times[part])).mean()
                for part in parts(recipe)
            )
            gradient, loss = mean_gradient(losses_of_parts, learned)
            optimizer.step(gradient, recipe.learning_rate * (1 - step / steps))
            measurement.step(loss)
        weights = _lora_of(opened)
    return measurement.result(weights)


def draw(
    folder: Path,
    weights: bytes,
    drawings: Sequence[Drawing],
    *,
    guidance: float,
    steps: int,
    watch: PreviewCallback | None = None,
    device: str = "cpu",
) -> NDArray[np.uint8]:
    """Draw pictures, uint8 (drawings, size, size, 3), with the pipeline itself; see `Trainer.draw`."""
    opened = open_exactly(folder, device)
    opened.place(encoders=True, network=True)
    size, pipe = opened.folder.size_px, opened.family.pipe
    pictures = []
    with _loaded(opened, weights):
        for number, drawing in enumerate(drawings, 1):
            drawn = pipe(
                drawing.prompt,
                height=size,
                width=size,
                guidance_scale=guidance,
                num_inference_steps=steps,
                generator=torch.Generator().manual_seed(drawing.seed),
                output_type="np",
            ).images
            pictures.append((np.clip(drawn, 0, 1) * 255).round().astype(np.uint8))
            if watch is not None:
                watch(np.concatenate(pictures), number / len(drawings))
    return np.concatenate(pictures) if pictures else np.zeros((0, size, size, 3), np.uint8)


def losses(
    folder: Path,
    weights: bytes,
    frames: NDArray[np.uint8],
    captions: Sequence[str],
    *,
    seed: int,
    draws: int,
    device: str = "cpu",
) -> NDArray[np.float32]:
    """The loss of each picture for each of `draws` random times and noises, (pictures, draws)."""
    opened = open_exactly(folder, device)
    found: list[NDArray[np.float32]] = []
    if not len(frames):
        return np.zeros((0, draws), np.float32)
    opened.place(encoders=True)
    latents, said = opened.latents(frames), opened.conditions(captions)
    opened.place(network=True)
    with _loaded(opened, weights), torch.no_grad():
        for row, caption in zip(latents, captions, strict=True):
            # Seeded anew for each picture, so that its loss doesn't depend on the other pictures.
            rows = row.expand(draws, *row.shape)
            chances = opened.family.chances(rows, torch.Generator().manual_seed(seed))
            squares = opened.losses(rows, [said[caption]] * draws, chances)
            found.append(squares.float().cpu().numpy())
    return np.stack(found)


def cut_off(folder: Path, prompt: str, device: str = "cpu") -> tuple[str, ...]:
    """The words of a prompt beyond what every one of the pipeline's tokenizers reads."""
    pipe = open_exactly(folder, device).family.pipe
    names = [name for name in ("tokenizer", "tokenizer_2", "tokenizer_3") if getattr(pipe, name, None)]
    tokenizers = [getattr(pipe, name) for name in names]
    words = prompt.split()
    for count in range(len(words), 0, -1):
        read = " ".join(words[:count])
        if any(len(each(read).input_ids) <= each.model_max_length for each in tokenizers):
            return tuple(words[count:])
    return tuple(words)


@contextmanager
def _adapted(network: Any, rank: int, seed: int) -> Iterator[None]:
    """The network with a fresh LoRA that changes nothing yet, and only that learns; taken off afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = LoraConfig(
            r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=LAYERS, lora_dropout=0.0
        )
        network.add_adapter(config, adapter_name=_ADAPTER)
    try:
        yield
    finally:
        network.unload_lora()
        network.requires_grad_(False)


@contextmanager
def _recomputing(network: Any, is_wanted: bool) -> Iterator[None]:
    """The network, with its blocks computed again for the gradient where that is wanted."""
    if is_wanted:
        network.enable_gradient_checkpointing()
    try:
        yield
    finally:
        network.disable_gradient_checkpointing()


@contextmanager
def _loaded(opened: OpenedPipeline, weights: bytes) -> Iterator[None]:
    """The pipeline with a LoRA file, as anybody loads one; nothing for the base."""
    found = load(weights) if weights and constituent_lora.opened(weights) else {}
    if not found:
        yield
        return
    try:
        opened.family.pipe.load_lora_weights(found, adapter_name=_ADAPTER)
    except (LookupError, ValueError, RuntimeError, AttributeError) as error:
        raise IntegrityError(f"This LoRA isn't of this pipeline: {error}", "Train again.") from error
    try:
        yield
    finally:
        opened.family.pipe.unload_lora_weights()


def _lora_of(opened: OpenedPipeline) -> bytes:
    """The adapter that is on the network, as a LoRA file of its pipeline."""
    learned = get_peft_model_state_dict(opened.network, adapter_name=_ADAPTER)
    prefix = opened.folder.denoiser
    named = {f"{prefix}.{name}": each.detach().float().cpu().contiguous() for name, each in learned.items()}
    return save(dict(sorted(named.items())))
