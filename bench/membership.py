"""What attacks find of people before and after they left, exactly and approximately, and what they can find.

    python bench/membership.py [--people 96] [--places 3] [--leave 4] [--approximately 1]

The demo's cast is cleared, cut and trained by the default recipe. Of some slices of every shard everybody is
attacked for in four ways, each by the same pictures and chances. On the constituent, as earlier versions
did: by its losses, and by its losses against the other constituents'. And as `request run --audit` does it:
on the constituent against the same without their slice, and on their slice against other slices
(volenti.training.gains). AUC is the mean share of people never seen who look less learned (0.5 is chance);
the levels are how often somebody never seen is taken for one learned; and a model that forgot nothing
passes as often as the attack misses whom it learned from.

Then some people leave. Exactly, as an erasure does it: their slice is trained again without them and
merged. And approximately, by NegGrad+ (common/unlearning.py) on the constituent that is served. What each
ends with is compared with the retraining: the same bytes? how far from it, as a share of how far the
served one was? And attacked again. A place far below the middle tells as much as one far above: the
person's pictures are known unnaturally badly.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from common.enrolled import DATASET, enrol
from common.mixtures import Part, trained
from common.unlearning import LEARNING_RATE, RETAIN, STEPS, apart, neggrad_plus

import volenti
from volenti.adapters.jobs.local import LocalJobRunner
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.core.jobs import JobRunner
from volenti.core.progress import Silent
from volenti.demo.cast import read_cast
from volenti.generation.bases import shipped_base
from volenti.training.gains import Gains, Key, of_constituent, of_slices, scores
from volenti.training.lineup import pictures, places, spread
from volenti.training.losses import BASE, Losses, Model, Pictures
from volenti.training.membership import LEVELS, Attacked, Numbers, Trial, attacked, score
from volenti.training.partition import Place
from volenti.training.recipe import Recipe
from volenti.training.run import Run
from volenti.training.slice_spec import SliceSpec
from volenti.workspace.workspace import Workspace

Figures = dict[str, Any]

EXACT, APPROXIMATE = "exact", "NegGrad+"
BY_LOSS, BY_OTHERS = "constituent, by loss", "constituent, against the others"
BY_PAIR, BY_SLICE = "constituent, without their slice", "slice, against other slices"

OUT = Path(__file__).parent / "out" / "membership.json"


@dataclass
class World:
    """A run's slices and constituents, and the people of some of its slices."""

    ws: Workspace
    jobs: JobRunner
    trainer: TorchTrainer
    specs: list[SliceSpec]
    parts: dict[Place, Part]
    some: list[Place]
    who: dict[str, Pictures]
    losses: Losses = field(default_factory=Losses)

    @classmethod
    def made(cls, ws: Workspace, jobs: JobRunner, recipe: Recipe, places_a_shard: int) -> World:
        run = Run("bench", ws.parts.datasets.snapshot(DATASET).id, recipe, {}, "")
        trainer, specs = TorchTrainer(shipped_base()), ws.parts.training.specs(run)
        made = trained(jobs, trainer, [each.task(ws.parts.access) for each in specs])
        parts = dict(zip((each.place for each in specs), made, strict=True))
        alone = {
            each.place: {
                home: [example for example in each.examples if example.owners == (home,)]
                for home in each.owners
                if any(p.owners == (home,) for p in each.examples)
            }
            for each in specs
        }
        some = [
            place
            for shard in range(recipe.shards)
            for place in spread([at for at in alone if at.shard == shard and alone[at]], places_a_shard)
        ]
        known = places(specs)
        who = {
            home: pictures(examples, place, known[home], ws.parts.access, recipe.size_px)
            for place in some
            for home, examples in alone[place].items()
        }
        return cls(ws, jobs, trainer, specs, parts, some, who)

    def without(self, place: Place) -> Model:
        """The constituent without one slice."""
        left = {at: part for at, part in self.parts.items() if at != place}
        return Model.merged(_in_shard(left, place.shard))

    def slice(self, place: Place, part: Part | None = None) -> Model:
        made = part or self.parts[place]
        return Model.merged([(made.images, made.result.weights)])

    def ask(self, models: Iterable[Model], who: Iterable[Pictures] | None = None) -> None:
        self.losses.measure(models, who or self.who.values(), self.trainer, self.jobs, Silent())

    def strangers(self, key: Key, *, of_shard: bool) -> list[str]:
        """Whom the slices at these places never saw; of_shard: nor anything of their shard."""
        barred = {place.shard for place in key}
        return [
            name
            for name, each in self.who.items()
            if not (
                any(place.shard in barred for place in each.places) if of_shard else each.places & set(key)
            )
        ]


@dataclass(frozen=True)
class Attack:
    """One way of attacking: gains, what chances count for, and everybody's scores."""

    gains: Gains
    counts: Numbers
    trials: dict[Key, Trial]
    never_seen: dict[Key, list[str]]

    @classmethod
    def of(cls, world: World, gains: Gains, *, of_shard: bool) -> Attack:
        never_seen = {key: world.strangers(key, of_shard=of_shard) for key in gains}
        trials, counts = scores(gains, world.who, never_seen)
        return cls(gains, counts, trials, never_seen)

    def everybody(self) -> list[Attacked]:
        """Everybody learned, each as a certificate would have them."""
        return [self.attacked(key, each) for key, trial in self.trials.items() for each in trial.learned]

    def attacked(self, key: Key, mine: float, never_seen: Sequence[float] = ()) -> Attacked:
        others = [trial for other, trial in self.trials.items() if other != key]
        found = attacked(mine, Trial([], never_seen or self.trials[key].never_seen), others)
        assert found is not None
        return found

    def again(self, key: Key, name: str, gains: Mapping[str, Numbers]) -> Attacked:
        """What comes of it by what another model gained, among the same people."""
        unseen = [score(gains[each], self.counts) for each in self.never_seen[key]]
        return self.attacked(key, score(gains[name], self.counts), unseen)


def summed(found: Sequence[Attacked]) -> Figures:
    """The mean share (AUC), and how many are told at each level; None where it has too few comparisons."""
    return {
        "people": len(found),
        "auc": fmean(each.rank.share for each in found),
        "never_seen": min(each.rank.never_seen for each in found),
        "comparisons": min(each.power.comparisons for each in found),
        **{
            level: sum(level in each.told for each in found)
            if all(level in each.power.told for each in found)
            else None
            for level in LEVELS
        },
    }


def earlier(world: World, constituents: Mapping[int, Model]) -> tuple[list[float], list[float]]:
    """By loss, and by loss against the constituents that saw neither of two, as earlier versions had it.

    Of everybody the share of people never seen who look less learned.
    """

    def mean(shard: int, name: str) -> float:
        return float(world.losses.of(constituents[shard], world.who[name]).mean())

    plain, against = [], []
    for name, each in world.who.items():
        shard, others = each.home.shard, world.strangers((each.home,), of_shard=True)
        more = [mean(shard, other) - mean(shard, name) for other in others]
        plain.append(fmean(lead > 0 for lead in more))
        wins = []
        for other, lead in zip(others, more, strict=True):
            knowing = {place.shard for place in each.places | world.who[other].places}
            unaware = fmean(mean(at, other) - mean(at, name) for at in set(constituents) - knowing)
            wins.append(lead > unaware)
        against.append(fmean(wins))
    return plain, against


def of_shares(shares: Sequence[float], never_seen: int) -> Figures:
    """The same of an attack that knows no level but a share above 0.95."""
    told = sum(each > 0.95 for each in shares)
    return {"people": len(shares), "auc": fmean(shares), "never_seen": never_seen, "5 %": told, "1 %": None}


def measured(world: World, leave: int, approximately: int, from_scratch: int) -> Figures:
    """Every attack on everybody, and on those who leave afterwards."""
    keys = [(place,) for place in world.some]
    shards = sorted({place.shard for place in world.some})
    constituents = {shard: Model.merged(_in_shard(world.parts, shard)) for shard in shards}
    slices = {key: world.slice(key[0]) for key in keys}
    without = {key: world.without(key[0]) for key in keys}
    began = time.perf_counter()
    world.ask([*constituents.values(), *slices.values(), *without.values(), BASE])
    print(f"losses measured in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    by_slice = Attack.of(world, of_slices(slices, world.who, world.losses), of_shard=False)
    gains = {
        key: of_constituent(constituents[key[0].shard], {key: without[key]}, world.who, world.losses)[key]
        for key in keys
    }
    by_pair = Attack.of(world, gains, of_shard=True)
    few = min(each.rank.never_seen for each in by_pair.everybody())
    old = zip((BY_LOSS, BY_OTHERS), earlier(world, constituents), strict=True)
    attacks = {what: of_shares(shares, few) for what, shares in old}
    attacks |= {BY_PAIR: summed(by_pair.everybody()), BY_SLICE: summed(by_slice.everybody())}
    rows: list[Figures] = []
    for number, name in enumerate(spread(sorted(world.who), leave)):
        some = {"approximately": number < approximately, "scratch": number < from_scratch}
        rows += left(world, name, (by_pair, by_slice), slices, **some)
        print(f"{number + 1} left", file=sys.stderr, flush=True)
    return {"attacks": attacks, "left": _left(rows)}


def left(
    world: World,
    name: str,
    attacks: tuple[Attack, Attack],
    slices: Mapping[Key, Model],
    *,
    approximately: bool,
    scratch: bool,
) -> list[Figures]:
    """Somebody leaves, exactly or either way: the same bytes as a training without them? known how well?"""
    place = world.who[name].home
    key, (by_pair, by_slice), began = (place,), attacks, time.perf_counter()
    spec = next(each for each in world.specs if each.place == place)
    rest = replace(spec, examples=tuple(each for each in spec.examples if name not in each.owners))
    parts = {at: part for at, part in world.parts.items() if at != place}
    if rest.examples:
        (parts[place],) = trained(world.jobs, world.trainer, [rest.task(world.ws.parts.access)])
    exact = _merged(world, parts, place.shard)
    took = time.perf_counter() - began
    wanted = exact
    if scratch:
        again = [each for each in world.specs if each.place.shard == place.shard and each.place != place]
        again += [rest] if rest.examples else []
        anew = trained(world.jobs, world.trainer, [each.task(world.ws.parts.access) for each in again])
        wanted = _merged(world, dict(zip((each.place for each in again), anew, strict=True)), place.shard)
    served = _merged(world, world.parts, place.shard)
    ways = {EXACT: (exact, took)}
    if approximately:
        began = time.perf_counter()
        ways[APPROXIMATE] = (_approximately(world, served, name), time.perf_counter() - began)
    rows = []
    for way, (weights, seconds) in ways.items():
        after = Model.served(weights)
        world.ask([after])
        gains = of_constituent(after, {key: world.without(place)}, world.who, world.losses)[key]
        row = {
            "way": way,
            "seconds": seconds,
            "apart": apart(weights, wanted) / apart(served, wanted),
            "same_bytes": weights == wanted if scratch or way == APPROXIMATE else None,
            BY_PAIR: by_pair.again(key, name, gains),
        }
        if way == EXACT and place in parts:
            models = {**slices, key: world.slice(place, parts[place])}
            world.ask([models[key]])
            row[BY_SLICE] = by_slice.again(key, name, of_slices(models, world.who, world.losses)[key])
        rows.append(row)
    return rows


def _in_shard(parts: Mapping[Place, Part], shard: int) -> list[tuple[int, bytes]]:
    return [(part.images, part.result.weights) for at, part in sorted(parts.items()) if at.shard == shard]


def _merged(world: World, parts: Mapping[Place, Part], shard: int) -> bytes:
    ((_, weights),) = world.jobs.run(world.trainer.merge, [_in_shard(parts, shard)])
    return weights


def _approximately(world: World, served: bytes, name: str) -> bytes:
    """The served constituent after NegGrad+, with whoever else of its slices was looked at as who stays."""
    mine = world.who[name]
    stays = [
        each for other, each in world.who.items() if other != name and each.home.shard == mine.home.shard
    ]
    captions = [caption for each in stays for caption in each.captions]
    return neggrad_plus(
        world.trainer.base,
        served,
        (mine.frames, mine.captions),
        (np.concatenate([each.frames for each in stays]), captions),
    )


def _left(rows: Sequence[Figures]) -> Figures:
    """Every way of leaving: how long, how far, the same bytes, and what is told afterwards."""
    found: Figures = {}
    for way in (EXACT, APPROXIMATE):
        mine = [each for each in rows if each["way"] == way]
        if mine:
            checked = [each["same_bytes"] for each in mine if each["same_bytes"] is not None]
            found[way] = {
                "seconds": fmean(each["seconds"] for each in mine),
                "apart": fmean(each["apart"] for each in mine),
                "same_bytes": sum(checked),
                "checked": len(checked),
                **{
                    what: summed([each[what] for each in mine if what in each])
                    for what in (BY_PAIR, BY_SLICE)
                    if any(what in each for each in mine)
                },
            }
    return found


def say(figures: Figures) -> None:
    head = f"{'attacked for':>12} {'never seen':>11} {'AUC':>6} {'told at 5 %':>12} {'at 1 %':>7}"
    print(f"\n{'before':<34} {head} {'forgot nothing, passes at 5 %':>30}")
    for what, row in figures["attacks"].items():
        told = row["5 %"]
        passes = "not known" if told is None else f"{1 - told / row['people']:.0%}"
        print(f"{what:<34} {_figures(row)} {passes:>30}")
    for way, row in figures["left"].items():
        same = f"same bytes {row['same_bytes']} of {row['checked']}"
        print(f"\nafter, {way}: {row['seconds']:.1f} s, {same}, distance left {row['apart']:.3f}")
        for what in (BY_PAIR, BY_SLICE):
            if what in row:
                print(f"{what:<34} {_figures(row[what])}")


def _figures(row: Figures) -> str:
    five, one = ("too few" if row[level] is None else str(row[level]) for level in LEVELS)
    return f"{row['people']:>12} {row['never_seen']:>11} {row['auc']:>6.3f} {five:>12} {one:>7}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=96, help="of the cast who are cleared")
    parser.add_argument(
        "--places", type=int, default=3, help="slices of each shard whose people are attacked for"
    )
    parser.add_argument("--leave", type=int, default=4, help="how many leave")
    parser.add_argument("--approximately", type=int, default=1, help="how many of them by NegGrad+ too")
    parser.add_argument("--from-scratch", type=int, default=1, help="whose whole constituent is trained anew")
    args = parser.parse_args()
    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as name,
        volenti.open(enrol(Path(name), read_cast(0)[: args.people])) as ws,
    ):
        jobs = LocalJobRunner(ws.settings.workers)
        world = World.made(ws, jobs, Recipe(), args.places)
        figures = measured(world, args.leave, args.approximately, args.from_scratch)
        jobs.close()
    say(figures)
    settings = {"NegGrad+": {"retain": RETAIN, "steps": STEPS, "learning_rate": LEARNING_RATE}, **vars(args)}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"settings": settings, "figures": figures}, indent=1) + "\n")
    print(f"\n{time.perf_counter() - began:.0f} seconds")


if __name__ == "__main__":
    main()
