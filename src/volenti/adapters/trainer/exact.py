"""Exact: what any training in torch needs so that the same task gives the same bits.

One thread, fixed seeds, deterministic algorithms; the order of pictures, the captions that are left out, and
an optimizer that depends on nothing else.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor
from torch.optim.adam import adam

from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.core.errors import UsageError
from volenti.generation.vocabulary import mirror
from volenti.training.ports import SliceTask
from volenti.training.recipe import Recipe


def compute_exactly(device: str) -> None:
    """Set torch to compute the same bits every time or to fail; UsageError where there is no such device."""
    _check_device(device)
    # With one thread, a seed gives the same bits on any number of cores.
    torch.set_num_threads(1)
    # cuBLAS reads this when it starts (NVIDIA's manual, "Results reproducibility").
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # This sets what `use_deterministic_algorithms(True)` does, which would import torch's compiler.
    torch.set_deterministic_debug_mode("error")


def environment(device: str = "cpu") -> Json:
    """What bit-exactness depends on; raises UsageError where there is no such device."""
    there: Json = {
        # As plain text: torch's version has a type of its own, which couldn't be unpickled without torch.
        "torch": str(torch.__version__),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": 1,
        "build": sha256(torch.__config__.show().encode())[:16],
    }
    if device != "cpu":
        _check_device(device)
        there |= {"device": torch.cuda.get_device_name(), "precision": "bfloat16"}
    return there


def _check_device(device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("torch finds no GPU here.", "Unset VOLENTI_DEVICE, or install torch for CUDA.")


def precision(device: str) -> AbstractContextManager[object]:
    """bfloat16 where a GPU multiplies, float32 on CPUs."""
    return nullcontext() if device == "cpu" else torch.autocast(device, torch.bfloat16)


@contextmanager
def within_memory(recipe: Recipe) -> Iterator[None]:
    """Where a GPU's memory isn't enough for a step, UsageError with what helps."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        count = recipe.pictures_at_once
        raise UsageError(
            f"The GPU's memory isn't enough to train with this many pictures at a time: {count}.",
            "Give a larger --accumulate, a smaller --rank, or VOLENTI_WORKERS=1 if several workers share it.",
        ) from error


class Adam:
    """Adam (Kingma & Ba 2015, arXiv:1412.6980), by the function that `torch.optim.Adam` calls.

    That class imports torch's compiler, which costs every new process two seconds, for the same bits.
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = list(tensors)
        self._means = [torch.zeros_like(each) for each in tensors]
        self._squares = [torch.zeros_like(each) for each in tensors]
        self._steps = [torch.tensor(0.0) for _ in tensors]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        """Change the tensors, in place."""
        adam(
            self._tensors,
            list(gradients),
            self._means,
            self._squares,
            [],
            self._steps,
            foreach=False,
            amsgrad=False,
            beta1=0.9,
            beta2=0.98,
            lr=rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )


def mean_gradient(losses: Iterable[Tensor], tensors: Sequence[Tensor]) -> tuple[list[Tensor], float]:
    """The gradient of the mean of losses, at least one, and that mean.

    The losses are those of a step's equal parts. Each is differentiated before the next is computed, so that
    the activations of one part at a time are in memory.
    """
    total: list[Tensor] = []
    seen: list[float] = []
    for loss in losses:
        found = torch.autograd.grad(loss, tensors, allow_unused=True, materialize_grads=True)
        total = [one + other for one, other in zip(total, found, strict=True)] if total else list(found)
        seen.append(loss.item())
    if len(seen) == 1:
        return total, seen[0]
    return [each / len(seen) for each in total], sum(seen) / len(seen)


def parts(recipe: Recipe) -> list[slice]:
    """Where the parts of a step's batch lie that are computed together."""
    return [
        slice(start, start + recipe.pictures_at_once)
        for start in range(0, recipe.batch, recipe.pictures_at_once)
    ]


def batches(task: SliceTask, steps: int) -> list[tuple[list[int], list[bool]]]:
    """Which rows each step trains on, and which of them mirrored. Each pass has an order of its own."""
    rng = random.Random(task.seed)
    order: list[int] = []
    wanted = steps * task.recipe.batch
    while len(order) < wanted:
        rows = list(range(len(task.captions)))
        rng.shuffle(rows)
        order += rows
    flips = [rng.random() < 0.5 for _ in range(wanted)]
    cuts = [slice(i, i + task.recipe.batch) for i in range(0, wanted, task.recipe.batch)]
    return [(order[cut], flips[cut]) for cut in cuts]


def captions_of(task: SliceTask, rows: Sequence[int], flips: Sequence[bool], step: int) -> list[str]:
    """The captions of a step's pictures; some are left out (caption dropout)."""
    rng = random.Random(f"{task.seed}/{step}")
    captions = [
        mirror(task.captions[row]) if flip else task.captions[row]
        for row, flip in zip(rows, flips, strict=True)
    ]
    return ["" if rng.random() < task.recipe.caption_dropout else caption for caption in captions]
