"""What attacks find of somebody before and after they left, exactly and approximately.

    python bench/membership.py [--people 24] [--every 4] [--approximately 2] [--shards 3] [--only NAME]

People of the demo's cast are cleared and cut; a few are left out of every training, to have people
who were never there. Constituents are trained by the default recipe and by one that is
over-trained on purpose. Everybody is attacked for by the losses of their constituent, plain and
against the constituents of other shards (volenti.training.membership); the mean of their ranks is
the attack's AUC: 0.5 is chance. Then every so many-th person leaves. Exactly, as an erasure does
it: their slice is trained again without them and merged. And approximately, by NegGrad+
(bench/unlearning.py) on the constituent that is served. What each ends with is compared with the
retraining: the same bytes? how far from it, as a share of how far the served one was? And both are
attacked again. A rank far below 0.5 tells as much as one far above: the person's pictures are known
unnaturally badly. After the exact way it is the rank under a model that never saw them, byte for
byte; its mean over a few people still strays from 0.5, because the same few models rank them all.

Everything is measured in the same run, on the same pictures, with the same chances.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from enrolled import DATASET, enrol
from mixtures import mixed, trained
from unlearning import LEARNING_RATE, RETAIN, STEPS, apart, neggrad_plus

from volenti.adapters.jobs_local import LocalJobRunner
from volenti.adapters.trainer_torch import TorchTrainer
from volenti.bootstrap import open_workspace
from volenti.core.jobs import JobRunner
from volenti.demo.cast import read_cast
from volenti.generation.bases import shipped_base
from volenti.training.attacks import PICTURES, Attacker, Examined
from volenti.training.lesson import Lesson, framed
from volenti.training.membership import BASE, Membership, Suspect, membership
from volenti.training.recipe import Recipe
from volenti.training.run import Run
from volenti.workspace import Workspace

Figures = dict[str, Any]

EXACT, APPROXIMATE = "exact", "NegGrad+"

OUT = Path(__file__).parent / "out" / "membership.json"

RECIPES = {
    "default": Recipe(),
    "over-trained": replace(Recipe(), slices=2, samples_per_image=40, learning_rate=8e-3),
}


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody's pictures as the trainer was shown them, and in which shard they belong."""

    frames: np.ndarray
    captions: tuple[str, ...]
    shard: int

    def under(self, weights: bytes) -> Examined:
        return weights, self.frames[:PICTURES], self.captions[:PICTURES]


class World:
    """One recipe's constituents and what they know of everybody."""

    def __init__(self, ws: Workspace, jobs: JobRunner, recipe: Recipe, absent: set[str]) -> None:
        self.ws, self.jobs, self.trainer = ws, jobs, TorchTrainer(shipped_base())
        run = Run("bench", ws.datasets.snapshot(DATASET).id, recipe, {}, "")
        everybody = ws.training.lessons(run)
        self.people = _sittings(ws, everybody, recipe)
        self.absent = absent
        self.lessons = [each for each in (without(one, absent) for one in everybody) if each.pupils]
        parts = trained(jobs, self.trainer, [each.task(ws.access) for each in self.lessons])
        self.parts = dict(zip((each.place for each in self.lessons), parts, strict=True))
        shards = sorted({each.place.shard for each in self.lessons})
        models = mixed(jobs, self.trainer, [self._parts(shard) for shard in shards])
        self.models = {f"{shard:02d}": weights for shard, (_, weights) in zip(shards, models, strict=True)}
        asked = {**self.models, **({BASE: b""} if len(shards) < 3 else {})}
        self.losses = {name: self.asked(weights, self.people) for name, weights in asked.items()}

    def _parts(self, shard: int) -> list:
        return [part for place, part in sorted(self.parts.items()) if place.shard == shard]

    def asked(self, weights: bytes, people: Iterable[str]) -> dict[str, float]:
        """The mean loss of each person's pictures under a model."""
        names = list(people)
        tasks = (self.people[name].under(weights) for name in names)
        found = dict(self.jobs.run(Attacker(self.trainer).losses, tasks))
        return {name: float(found[number].mean()) for number, name in enumerate(names)}

    def attacked(self, name: str, model: str, losses: dict[str, float] | None = None) -> Membership:
        """Somebody's rank under a model. losses: everybody's under it, where it isn't the served one."""
        table = self.losses if losses is None else {**self.losses, model: losses}
        suspects = {each: Suspect({m: table[m][each] for m in table if each in table[m]}, self._known(each))
                    for each in self.people if each in table[model]}  # fmt: skip
        others = [each for other, each in suspects.items() if other != name and other not in self.absent]
        found = membership(model, suspects[name], others)
        assert found is not None
        return found

    def _known(self, name: str) -> frozenset[str]:
        return frozenset() if name in self.absent else frozenset({f"{self.people[name].shard:02d}"})

    def unseen(self, model: str) -> list[str]:
        """People who were trained on, but not by this model."""
        return [each for each in self.people if each not in self.absent and model not in self._known(each)]

    # -- forgetting

    def exactly(self, name: str, *, scratch: bool = False) -> tuple[bytes, float]:
        """The constituent without somebody and the seconds it took; as an erasure makes it, or anew."""
        shard, began = self.people[name].shard, time.perf_counter()
        lessons = [each for each in self.lessons if each.place.shard == shard]
        left = [each for each in (without(lesson, {name}) for lesson in lessons) if each.pupils]
        due = [each for each in left if scratch or each not in lessons]
        made = trained(self.jobs, self.trainer, [each.task(self.ws.access) for each in due])
        parts = {**self.parts, **{each.place: part for each, part in zip(due, made, strict=True)}}
        ((_, weights),) = mixed(self.jobs, self.trainer, [[parts[each.place] for each in left]])
        return weights, time.perf_counter() - began

    def approximately(self, name: str) -> tuple[bytes, float]:
        """The served constituent after NegGrad+, and the seconds it took."""
        model, mine, began = f"{self.people[name].shard:02d}", self.people[name], time.perf_counter()
        others = [self.people[each] for each in self.people if model in self._known(each) and each != name]
        captions = [caption for each in others for caption in each.captions]
        weights = neggrad_plus(
            self.trainer.base, self.models[model], (mine.frames, mine.captions),
            (np.concatenate([each.frames for each in others]), captions),
        )  # fmt: skip
        return weights, time.perf_counter() - began


def without(lesson: Lesson, people: set[str]) -> Lesson:
    """A lesson without these people's pictures."""
    return replace(lesson, pupils=tuple(each for each in lesson.pupils if not people & set(each.owners)))


def _sittings(ws: Workspace, lessons: Sequence[Lesson], recipe: Recipe) -> dict[str, Sitting]:
    found: dict[str, list] = {}
    for lesson in lessons:
        for pupil in lesson.pupils:
            found.setdefault(pupil.home, []).append((pupil, lesson.place.shard))
    return {
        name: Sitting(
            np.stack([framed(pupil.image, ws.access, recipe.size_px) for pupil, _ in some]),
            tuple(pupil.caption for pupil, _ in some), some[0][1],
        )
        for name, some in sorted(found.items())
    }  # fmt: skip


def left(
    world: World, name: str, before: Membership, *, approximately: bool, scratch: bool
) -> list[dict[str, object]]:
    """Somebody leaves, exactly or either way: the same bytes as a training without them? known how well?

    scratch: train the whole constituent anew to compare with, else the exact way's is taken for it.
    """
    model = f"{world.people[name].shard:02d}"
    exact, took = world.exactly(name)
    wanted = world.exactly(name, scratch=True)[0] if scratch else exact
    far = apart(world.models[model], wanted)
    rows: list[dict[str, object]] = []
    ways = {EXACT: (exact, took), **({APPROXIMATE: world.approximately(name)} if approximately else {})}
    for way, (weights, seconds) in ways.items():
        losses = world.asked(weights, [name, *world.unseen(model)])
        rows.append({
            "way": way, "before": before.to_json(), "after": world.attacked(name, model, losses).to_json(),
            "same_bytes": weights == wanted if scratch or way == APPROXIMATE else None,
            "apart": apart(weights, wanted) / far, "seconds": seconds,
        })  # fmt: skip
    return rows


def measured(world: World, every: int, approximately: int, from_scratch: int) -> Figures:
    """Ranks of everybody before, of who was never there, and of some after either way of leaving."""
    members = [each for each in world.people if each not in world.absent]
    before = {each: world.attacked(each, f"{world.people[each].shard:02d}") for each in members}
    never = [world.attacked(each, model) for each in sorted(world.absent) for model in world.models]
    rows: list[dict[str, object]] = []
    for number, name in enumerate(members[every // 2 :: every]):
        some = {"approximately": number < approximately, "scratch": number < from_scratch}
        rows += left(world, name, before[name], **some)
        print(f"{number + 1} left", file=sys.stderr, flush=True)
    return {"before": [each.to_json() for each in before.values()],
            "never": [each.to_json() for each in never], "left": rows}  # fmt: skip


def summed(figures: Figures) -> list[tuple[str, int, float, float]]:
    """Whom the attack was tried on, how many, and its AUC by plain and by calibrated loss."""
    lines = [("before, everybody", figures["before"]), ("never there", figures["never"])]
    for way in (EXACT, APPROXIMATE):
        mine = [each for each in figures["left"] if each["way"] == way]
        if way == EXACT:
            lines.append(("before, those who leave", [each["before"] for each in mine]))
        lines.append((f"after, {way}", [each["after"] for each in mine]))
    return [(what, len(some), *(fmean(each[by] for each in some) for by in ("loss", "calibrated")))
            for what, some in lines]  # fmt: skip


def say(name: str, figures: Figures) -> None:
    print(f"\n{name}\n{'attacked for':<26} {'people':>7} {'AUC by loss':>12} {'AUC calibrated':>15}")
    for what, count, plain, calibrated in summed(figures):
        print(f"{what:<26} {count:>7} {plain:>12.3f} {calibrated:>15.3f}")
    print(f"{'way of leaving':<26} {'seconds':>7} {'same bytes':>12} {'distance left':>15}")
    for way in (EXACT, APPROXIMATE):
        mine = [each for each in figures["left"] if each["way"] == way]
        checked = [each["same_bytes"] for each in mine if each["same_bytes"] is not None]
        seconds, far = (fmean(each[what] for each in mine) for what in ("seconds", "apart"))
        same = f"{sum(checked)} of {len(checked)}"
        print(f"{way:<26} {seconds:>7.1f} {same:>12} {far:>15.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=24, help="of the cast who are cleared")
    parser.add_argument("--apart", type=int, default=4, help="of them who are never trained on")
    parser.add_argument("--every", type=int, default=4, help="who leaves: every so many-th")
    parser.add_argument("--approximately", type=int, default=2, help="who of them leaves by NegGrad+ too")
    parser.add_argument("--from-scratch", type=int, default=1, help="whose whole constituent is trained anew")
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--only", choices=RECIPES, help="one recipe alone")
    args = parser.parse_args()
    found: dict[str, Figures] = {}
    with (
        tempfile.TemporaryDirectory() as name,
        open_workspace(enrol(Path(name), read_cast(0)[: args.people])) as ws,
    ):
        jobs = LocalJobRunner(ws.settings.workers)
        entries = ws.datasets.entries(ws.datasets.snapshot(DATASET))
        here = sorted({owner for entry in entries for owner in entry.owners})
        absent = set(here[:: max(1, len(here) // args.apart)][: args.apart])
        for recipe in [args.only] if args.only else RECIPES:
            world = World(ws, jobs, replace(RECIPES[recipe], shards=args.shards), absent)
            found[recipe] = measured(world, args.every, args.approximately, args.from_scratch)
            say(recipe, found[recipe])
        jobs.close()
    OUT.parent.mkdir(exist_ok=True)
    settings = {"NegGrad+": {"retain": RETAIN, "steps": STEPS, "learning_rate": LEARNING_RATE}, **vars(args)}
    OUT.write_text(json.dumps({"settings": settings, "figures": found}, indent=1) + "\n")
    auc = {what: calibrated for what, _, _, calibrated in summed(found[recipe])}
    print(
        f"\n{recipe}: the attack's AUC is {auc['before, those who leave']:.2f} before,"
        f" {auc[f'after, {EXACT}']:.2f} after the exact way, {auc[f'after, {APPROXIMATE}']:.2f} after"
        f" {APPROXIMATE}, {auc['never there']:.2f} for people who were never there"
    )


if __name__ == "__main__":
    main()
