"""Mixtures for measuring: slices trained side by side, merged, drawn from and looked at.

The real trainer, the real specs of a workspace; nothing is sealed or kept, so that many ways of
cutting one dataset can be compared. Quality is looked at in two ways. Adherence: what the shipped
judge sees of what was asked (volenti.generation.judge). Fréchet distance (Heusel et al. 2017,
arXiv:1706.08500) of face templates between what was drawn and photographs that nobody trained on,
along the AXES directions in which those photographs differ most, because a few hundred pictures
don't fill 128 dimensions. It has no meaning beside a distance of another number of pictures.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.adapters.weights.folder import default_folder
from volenti.catalogue.sampler import Sampler
from volenti.core.jobs import JobRunner
from volenti.demo.cast import read_cast
from volenti.generation.framing import frame
from volenti.generation.judge import adherence, load_judge
from volenti.training.ports import Drawing, SliceResult, SliceTask
from volenti.training.recipe import Recipe
from volenti.training.run import Run
from volenti.workspace.workspace import Workspace

CAST = Path(__file__).resolve().parents[3] / "shared/data/cast"
AXES, SIDE, DRAW_BATCH, GUIDANCE = 16, 256, 8, 2.5

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Part:
    """A slice that was trained: how many pictures it saw, and what came of it."""

    images: int
    result: SliceResult


@dataclass(frozen=True, slots=True)
class Quality:
    """Adherence, Fréchet distance to photographs nobody trained on, and the share with a face."""

    adherence: float
    frechet: float
    found: float


def specs(ws: Workspace, dataset: str, recipe: Recipe) -> list[SliceTask]:
    """What each slice of a dataset is taught by a recipe."""
    snapshot = ws.parts.datasets.snapshot(dataset)
    run = Run("bench", snapshot.id, recipe, {}, "")
    return [spec.task(ws.parts.access) for spec in ws.parts.training.specs(run)]


def trained(jobs: JobRunner, trainer: TorchTrainer, tasks: Sequence[SliceTask]) -> list[Part]:
    """Every task trained, the longest begun first; in the order given."""
    order = sorted(range(len(tasks)), key=lambda each: -len(tasks[each].captions))
    found: dict[int, Part] = {}
    for index, result in jobs.run(trainer.train, [tasks[each] for each in order]):
        found[order[index]] = Part(len(tasks[order[index]].captions), result)
        print(f"\r{len(found)} of {len(tasks)} slices", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return [found[each] for each in range(len(tasks))]


def mixed(
    jobs: JobRunner, trainer: TorchTrainer, shards: Iterable[Sequence[Part]], scale: float = 1.0
) -> list[tuple[int, bytes]]:
    """A mixture: each constituent's pictures and weights. shards: the slices of each; scale: a recipe's."""
    groups = [[(part.images, part.result.weights) for part in parts] for parts in shards if parts]
    merged = dict(jobs.run(partial(trainer.merge, scale=scale), groups))
    return [(sum(images for images, _ in group), merged[index]) for index, group in enumerate(groups)]


def drawn(
    jobs: JobRunner,
    trainer: TorchTrainer,
    mixture: Sequence[tuple[int, bytes]],
    prompts: Sequence[str],
    steps: int = 16,
    guidance: float = GUIDANCE,
) -> Pixels:
    """One picture a prompt, seeds from 0; each by one constituent, chosen by its share of pictures."""
    rng = random.Random("bench/mixtures")
    chosen = rng.choices(range(len(mixture)), [images for images, _ in mixture], k=len(prompts))
    batches = []
    for constituent in range(len(mixture)):
        mine = [number for number, each in enumerate(chosen) if each == constituent]
        batches += [(constituent, mine[i : i + DRAW_BATCH]) for i in range(0, len(mine), DRAW_BATCH)]
    tasks = [(mixture[each][1], [Drawing(prompts[n], n) for n in some]) for each, some in batches]
    pictures: dict[int, Pixels] = {}
    for index, some in jobs.run(Sampler(trainer, guidance, steps).draw, tasks):
        pictures.update(zip(batches[index][1], some, strict=True))
    return np.stack([pictures[number] for number in range(len(prompts))])


@cache
def held_out(size: int = 64) -> tuple[Pixels, tuple[str, ...]]:
    """Photographs of the cast that aren't in the demo's pack, framed, with their captions."""
    if not CAST.is_dir():
        sys.exit(f"{CAST} isn't there: quality can't be measured without photographs nobody trained on.")
    given = {photo.name for person in read_cast(0) for photo in person.photos}
    detector, frames, captions = OpencvFaces(default_folder()), [], []
    for record in json.loads((CAST / "records.json").read_text()):
        if record["file"] not in given:
            picture = Image.open(CAST / "images" / record["file"]).convert("RGB")
            faces = detector.faces(np.asarray(picture))
            if faces:
                frames.append(frame(picture, faces[0].box, size))
                captions.append(record["caption"])
    return np.stack(frames), tuple(captions)


def prompts(count: int) -> list[str]:
    """Captions of photographs nobody trained on, in an order of their own."""
    captions = list(held_out()[1])
    random.Random("bench/prompts").shuffle(captions)
    return [captions[number % len(captions)] for number in range(count)]


def judged(pictures: Pixels, asked: Sequence[str]) -> Quality:
    """How good pictures are that were drawn for these prompts."""
    judge, certain, _ = load_judge()
    vectors = templates(pictures)
    return Quality(
        adherence(judge, certain, pictures, asked),
        frechet(_reference(pictures.shape[1]), vectors),
        len(vectors) / len(pictures),
    )


@cache
def _reference(size: int) -> NDArray[np.float64]:
    return templates(held_out(size)[0])


def templates(pictures: Pixels) -> NDArray[np.float64]:
    """Face templates of the pictures in which a face is found, (found, 128)."""
    detector, found = OpencvFaces(default_folder()), []
    for picture in pictures:
        large = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        faces = detector.faces(np.asarray(large))
        if faces:
            found.append(max(faces, key=lambda face: face.box[2] * face.box[3]).template)
    return np.array(found, np.float64).reshape(len(found), -1)


def frechet(reference: NDArray[np.float64], vectors: NDArray[np.float64]) -> float:
    """Fréchet distance of two sets of vectors as normal distributions, along the reference's axes."""
    middle = reference.mean(0)
    axes = np.linalg.svd(reference - middle, full_matrices=False)[2][:AXES].T
    one, two = (reference - middle) @ axes, (vectors - middle) @ axes
    spread_one, spread_two = np.cov(one.T), np.cov(two.T)
    # The trace of the root of a product of covariances, by the eigenvalues of it: real, up to rounding.
    roots = np.sqrt(np.clip(np.linalg.eigvals(spread_one @ spread_two).real, 0, None)).sum()
    apart = float(((one.mean(0) - two.mean(0)) ** 2).sum())
    return apart + float(np.trace(spread_one) + np.trace(spread_two) - 2 * roots)
