"""Attacks: attempts to show from the models that they learned from somebody.

Each slice is trained by itself, so models with and without a person can be merged at no cost. There are four
attacks: by losses of the base with only the person's slices (where they find most), by losses of the
constituent that is served, and by its drawings, in pixels and by face (`membership`, `extraction`).
The same is done for everybody in the lineup, also for people whom the model did learn from: how many of them
an attack finds is its power.

The person's pictures are read once, while that is still allowed, and kept in memory. The attack is repeated
once the model has forgotten them. Nothing of it is stored; it ends with the `Target`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from volenti.clearance.access import Access
from volenti.clearance.gallery import Gallery
from volenti.core.jobs import JobRunner
from volenti.core.logs import Logger
from volenti.core.progress import Progress
from volenti.perception.sight.faces import FaceDetector, Template
from volenti.training.extraction import nearest_face, nearest_pixels
from volenti.training.gains import Gains, Key, of_constituent, of_slices, scores
from volenti.training.lineup import Lineup, lineup, pictures, places
from volenti.training.losses import BASE, SEED, Losses, Model, Pictures
from volenti.training.membership import Attacked, Trial, attacked, score
from volenti.training.partition import Place
from volenti.training.ports import Drawing, Trainer
from volenti.training.run import Run, shard_in
from volenti.training.service import Training
from volenti.training.slice_spec import SliceSpec

_log = Logger(__name__)

#: Drawings for each person of the lineup, and how they are made.
DRAWINGS, STEPS, GUIDANCE = 4, 8, 2.0
#: The four attacks, as certificates name them.
ATTACKS = SLICE, CONSTITUENT, PIXELS, FACE = "slice", "constituent", "pixels", "face"

#: The result of each attack on one constituent and its slices, or the reason why there is none.
Attempt = Mapping[str, Attacked | str]


@dataclass(slots=True)
class Target:
    """A person for whom the model is attacked, with their pictures in memory."""

    subject: str
    #: The person, and others who are being erased too: nobody is compared with them.
    aside: frozenset[str]
    templates: list[Template]
    #: The person's pictures that each constituent learned from, or why they can't be read.
    shown: dict[str, Pictures | str]
    #: The losses that were measured so far, by the digest of the base.
    losses: dict[str, Losses] = field(default_factory=dict)


@dataclass(frozen=True)
class DrawingWorker:
    """What a worker process does in an attack by drawings. Picklable."""

    trainer: Trainer

    def draw(self, task: tuple[bytes, Sequence[str]]) -> NDArray[np.uint8]:
        """(weights, somebody's captions) -> uint8 (DRAWINGS, size, size, 3)."""
        weights, captions = task
        drawings = [Drawing(captions[number % len(captions)], SEED + number) for number in range(DRAWINGS)]
        return self.trainer.draw(weights, drawings, guidance=GUIDANCE, steps=STEPS)


class Attacks:
    """Attacks the slices and constituents that learned from somebody."""

    def __init__(
        self,
        training: Training,
        access: Access,
        gallery: Gallery,
        detector: FaceDetector,
        jobs: JobRunner,
    ) -> None:
        self._training = training
        self._access = access
        self._gallery = gallery
        self._detector = detector
        self._jobs = jobs

    def target(self, subject: str, aside: Collection[str] = ()) -> Target:
        """Read what is needed of the subject into memory, while it may still be read."""
        shown: dict[str, Pictures | str] = {}
        runs = {run.id: run for run in self._training.runs()}
        affected = self._training.model_store.affected(subject)
        for run in {name.partition("/")[0] for name in affected}:
            specs = self._training.specs(runs[run])
            for name in affected:
                if name.startswith(f"{run}/"):
                    shown[name] = self._shown(subject, name, runs[run], specs)
        return Target(subject, frozenset({subject, *aside}), self._gallery.templates(subject), shown)

    def attempt(self, target: Target, progress: Progress) -> dict[str, Attempt | str]:
        """Attack every constituent that learned from the target; the reason where that can't be done."""
        with _log.timed("attacks on the model tried", constituents=len(target.shown)):
            return {
                name: mine if isinstance(mine, str) else self._attempt(name, target, mine, progress)
                for name, mine in sorted(target.shown.items())
            }

    # -- steps

    def _shown(self, subject: str, name: str, run: Run, specs: Sequence[SliceSpec]) -> Pictures | str:
        if not self._training.bases.is_here(run.recipe.base_sha256):
            return "the base that it was trained on isn't at hand"
        mine = [
            (example, spec.place)
            for spec in specs
            if spec.place.shard == shard_in(name)
            for example in spec.examples
            if subject in example.owners
        ]
        if not mine:
            return "their pictures may not be read any more"
        examples, home = [example for example, _ in mine], min(place for _, place in mine)
        return pictures(examples, home, places(specs)[subject], self._access, run.recipe.size_px)

    def _attempt(self, name: str, target: Target, mine: Pictures, progress: Progress) -> Attempt:
        run = self._training.run(name.partition("/")[0])
        target.losses.setdefault(run.recipe.base_sha256, Losses())
        specs = self._training.specs(run)
        who = lineup(specs, shard_in(name), mine, target.aside, self._access, run.recipe.size_px)
        parts = {
            each.place: (each.images, self._training.model_store.result(each).weights)
            for each in self._training.model_store.slices(run.id)
        }
        serving = {each.shard: each for each in self._training.model_store.constituents(run.id)}
        there = serving.get(who.shard)
        served = None if there is None else self._training.model_store.weights(there)
        # A slice that learned from pictures that may not be used today isn't compared with.
        model_store = self._training.model_store
        usable = {each.place for each in specs if model_store.trained_slice(run.id, each) is not None}
        return {
            SLICE: self._by_slice(run, who, parts, usable, target, progress),
            **self._by_what_serves(run, who, parts, served, target, progress),
        }

    def _by_slice(
        self,
        run: Run,
        who: Lineup,
        parts: Mapping[Place, tuple[int, bytes]],
        usable: Collection[Place],
        target: Target,
        progress: Progress,
    ) -> Attacked | str:
        """Attack the base with only the person's slices, compared with the base with other slices."""
        if not any(place in parts for place in who.own):
            return "no slice is left in its place"
        keys = [who.own, *((place,) for place in who.elsewhere if place in usable)]
        models = {key: Model.merged([parts[place] for place in key if place in parts]) for key in keys}
        shown = who.shown()
        losses, trainer = target.losses[run.recipe.base_sha256], self._training.trainer_of(run.recipe)
        losses.measure([*models.values(), BASE], shown.values(), trainer, self._jobs, progress)
        gains = of_slices(models, shown, losses, but=[who.own])
        unseen = {
            key: [name for name, each in who.others.items() if not each.places & set(key)] for key in keys
        }
        return _of_gains(who, gains, unseen) or "there is nobody whom it never saw"

    def _by_what_serves(
        self,
        run: Run,
        who: Lineup,
        parts: Mapping[Place, tuple[int, bytes]],
        served: bytes | None,
        target: Target,
        progress: Progress,
    ) -> dict[str, Attacked | str]:
        """Attack the constituent, compared with the same without some people's slices, and its drawings."""
        why = ""
        if run.recipe.shards == 1:
            why = "there is one shard, so there is nobody whom it never saw"
        elif served is None:
            why = "nothing is served in its place"
        elif not who.strangers:
            why = "there is nobody whom it never saw"
        if served is None or why:
            return dict.fromkeys((CONSTITUENT, PIXELS, FACE), why)
        shard = {place: part for place, part in sorted(parts.items()) if place.shard == who.shard}
        keys = [who.own, *((place,) for place in who.elsewhere if place in shard)]
        without = {key: [part for place, part in shard.items() if place not in key] for key in keys}
        models = {key: Model.merged(some, run.recipe.scale) for key, some in without.items()}
        model, shown = Model.served(served), who.shown([*who.near, *who.strangers])
        losses, trainer = target.losses[run.recipe.base_sha256], self._training.trainer_of(run.recipe)
        losses.measure([model, *models.values()], shown.values(), trainer, self._jobs, progress)
        gains = of_constituent(model, models, shown, losses)
        found = _of_gains(who, gains, dict.fromkeys(keys, who.strangers))
        return {
            CONSTITUENT: found or "there is nobody whom it never saw",
            **self._by_drawings(trainer, served, who, target, progress),
        }

    def _by_drawings(
        self, trainer: Trainer, served: bytes, who: Lineup, target: Target, progress: Progress
    ) -> dict[str, Attacked | str]:
        """Attack by how near drawings with people's own captions come to their pictures and faces."""
        shown = who.shown([*who.near, *who.strangers])
        drawn = self._draw(trainer, served, shown, progress)
        pixels = {name: -nearest_pixels(drawn[name], each.frames) for name, each in shown.items()}
        faces = {}
        for name, some in drawn.items():
            templates = self._gallery.templates(name) if name else target.templates
            if templates:
                seen = [face.template for picture in some for face in self._detector.faces(picture)[:1]]
                faces[name] = nearest_face(seen, templates)
        return {
            what: _ranked(scores, who.near, who.strangers) or "there is nothing to compare"
            for what, scores in ((PIXELS, pixels), (FACE, faces))
        }

    def _draw(
        self, trainer: Trainer, served: bytes, who: Mapping[str, Pictures], progress: Progress
    ) -> dict[str, NDArray[np.uint8]]:
        names = list(who)
        progress.begin("Drawing with their captions", len(names))
        drawn = {}
        tasks = ((served, who[each].captions) for each in names)
        for index, some in self._jobs.run(DrawingWorker(trainer).draw, tasks):
            drawn[names[index]] = some
            progress.advance()
        progress.end()
        return drawn


def _of_gains(who: Lineup, gains: Gains, unseen: Mapping[Key, Sequence[str]]) -> Attacked | None:
    """The target's rank among people never seen, and how many others the attack finds who were learned from.

    unseen: the people whom the slices at each key's places never saw.
    """
    if not any(unseen.values()):
        return None
    found, counts = scores(
        {key: {name: gain for name, gain in some.items() if name} for key, some in gains.items()},
        who.others,
        unseen,
    )
    return attacked(score(gains[who.own][""], counts), found.pop(who.own), list(found.values()))


def _ranked(scores: Mapping[str, float], near: Sequence[str], strangers: Sequence[str]) -> Attacked | None:
    """As `_of_gains`, from one score a person, of one model."""
    if "" not in scores:
        return None
    planted, never_seen = ([scores[name] for name in some if name in scores] for some in (near, strangers))
    return attacked(scores[""], Trial(planted, never_seen), [])
