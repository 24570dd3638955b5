"""volenti train: trains the generator, or says what would be trained, or what each partition would cost.

The defaults of every option are the recipe's own (`training.recipe`).
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volenti.cli.export import DatasetName, SplitName
from volenti.cli.terminal.forecast import say_forecast
from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import (
    advise,
    counted,
    duration,
    note,
    progress,
    say,
    say_json,
    say_table,
    size,
)
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded
from volenti.training.base import Requirement
from volenti.training.nearness import FAR_FROM
from volenti.training.planner import QUALITY_FLOORS
from volenti.training.recipe import Recipe

if TYPE_CHECKING:
    from volenti.training.planner import PartitionPlan, TrainingPlan
    from volenti.training.report import TrainingReport

_RECIPE = Recipe()
#: What is said of pictures by whether the base knows such ones.
_NEARNESS = {
    "near": "The base knows pictures like these: its loss on them is {loss:.2f}, below {limit:g}.",
    "far": "These are unlike the pictures that the base knows: its loss on them is {loss:.2f}, {limit:g} or "
    "more. Slices have to learn more, so they are trained in another way, and larger ones learn better.",
}

Shards = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Parts that people are divided into, each learned by a model of its own. Default: "
        f"{_RECIPE.shards}, or fewer where one would have too few people; --dry-run says how many.",
    ),
]
Slices = Annotated[
    int, typer.Option(help="Parts of a shard: one withdrawal makes one of them be trained again.")
]
SamplesPerImage = Annotated[int, typer.Option(help="How often each picture is looked at.")]
Batch = Annotated[int, typer.Option(help="Pictures in one step.")]
Accumulate = Annotated[
    int,
    typer.Option(min=1, help="Equal parts in which a step is computed, one after the other: less memory."),
]
Rank = Annotated[
    int, typer.Option(help="Rank of the adapters: how much a slice can learn; 0 trains full copies.")
]
LearningRate = Annotated[float, typer.Option(help="Size of the first step.")]
Scale = Annotated[
    float,
    typer.Option(help="What the mean of the slices' changes is multiplied by; --plan says what suits yours."),
]
MinPeople = Annotated[
    int, typer.Option(help="Fewest people a part may have; with fewer, pictures would resemble them.")
]
BaseChoice = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="BASE",
        help="What to start from: a folder that diffusers saved, a base's file, or the name of one of "
        "`volenti base list`. Default: the first of these.",
    ),
]
Require = Annotated[
    Requirement | None,
    typer.Option(
        metavar="people-free", help="Refuse a base unless its card says that it learned from nobody."
    ),
]
PlanOnly = Annotated[
    bool,
    typer.Option("--plan", help="Train nothing: say what each number of shards and slices would cost."),
]
WithdrawalsPerYear = Annotated[
    int | None,
    typer.Option(min=1, help="For --plan: how many people leave in a year. Default: one in a hundred."),
]
QualityFloor = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="For --plan: how good is good enough, beside one model for all. Default: "
        f"{QUALITY_FLOORS['near']:g} of how prompts are followed where the base knows such pictures, "
        f"{QUALITY_FLOORS['far']:g} of what is learned where it doesn't.",
    ),
]
CoreHourPrice = Annotated[
    float, typer.Option(min=0, help="For --plan: what one core costs an hour, in any currency.")
]


def train(
    ctx: typer.Context,
    dataset: DatasetName,
    base: BaseChoice = None,
    require: Require = None,
    shards: Shards = None,
    slices: Slices = _RECIPE.slices,
    samples_per_image: SamplesPerImage = _RECIPE.samples_per_image,
    batch: Batch = _RECIPE.batch,
    accumulate: Accumulate = _RECIPE.accumulate,
    rank: Rank = _RECIPE.rank,
    learning_rate: LearningRate = _RECIPE.learning_rate,
    scale: Scale = _RECIPE.scale,
    min_people: MinPeople = _RECIPE.min_people,
    plan: PlanOnly = False,
    withdrawals_per_year: WithdrawalsPerYear = None,
    quality_floor: QualityFloor = None,
    core_hour_price: CoreHourPrice = 0.0,
    split: SplitName = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Train the generator on a dataset, or go on with it.

    What an earlier call had finished is kept. The same dataset and options give the same bits on the same
    kind of machine. Until it is done, what served before goes on being served. It says first what will be
    trained (--dry-run says this alone), and refuses a part of too few people, which would never be served.

    More slices make a withdrawal cheaper and the pictures, in the end, worse. --plan says whether your
    pictures are like those that the base knows, and what each number of slices costs on this machine: a
    training, a complaint, a year of them, disk, and measured quality. It ends with the command to use.

    \b
    Examples:
      volenti train humans
      volenti train humans --plan --withdrawals-per-year 12
      volenti train humans@2 --shards 8 --slices 12 --split train
      volenti train humans --base /models/sdxl --rank 16 --batch 1 --learning-rate 0.0002
    """
    recipe = replace(
        _RECIPE,
        shards=shards or _RECIPE.shards,
        slices=slices,
        samples_per_image=samples_per_image,
        batch=batch,
        accumulate=accumulate,
        rank=rank,
        learning_rate=learning_rate,
        scale=scale,
        min_people=min_people,
    )
    asked: dict[str, Any] = {"base": base, "require": require, "split": split}
    if plan:
        asked |= {"withdrawals_per_year": withdrawals_per_year, "quality_floor": quality_floor}
        asked["core_hour_price"] = core_hour_price
        _plan(ctx, dataset, recipe, asked, as_json=as_json)
    else:
        asked["fewer_shards"] = shards is None
        (_forecast if dry_run else _train)(ctx, dataset, recipe, asked, as_json=as_json)


def _train(ctx: typer.Context, dataset: str, recipe: Recipe, asked: dict[str, Any], *, as_json: bool) -> None:
    before = None if as_json else partial(say_forecast, say=note)
    with opened(ctx) as ws, progress(as_json) as bar:
        report = ws.train(dataset, recipe, **asked, before=before, progress=bar)
    if as_json:
        say_json(encoded(report))
    else:
        _say_training(report)


def _forecast(
    ctx: typer.Context, dataset: str, recipe: Recipe, asked: dict[str, Any], *, as_json: bool
) -> None:
    with opened(ctx) as ws:
        forecast = ws.forecast_training(dataset, recipe, **asked)
    if as_json:
        say_json(forecast.to_json())
        return
    say_forecast(forecast, say)
    refusal = forecast.refusal()
    if refusal is not None:
        say(f"It would be refused: {refusal.message}")
        advise(refusal.remedy)


def _plan(ctx: typer.Context, dataset: str, recipe: Recipe, asked: dict[str, Any], *, as_json: bool) -> None:
    with opened(ctx) as ws, progress(as_json) as bar:
        found = ws.plan_training(dataset, recipe, **asked, progress=bar)
    if as_json:
        say_json(found.to_json())
    else:
        _say_plan(found, dataset, asked["base"])


def _say_training(report: TrainingReport) -> None:
    done = f"{counted(report.slices_trained, 'slice')} trained in {duration(report.seconds)}"
    known = report.slices_kept + report.slices_taken_over
    kept = f", {known} were trained already" if known else ""
    say(f"{report.run}: {done}{kept}.")
    serving = "is served" if report.constituents == 1 else "are served"
    say(f"{counted(report.constituents, 'constituent')} {serving}.")
    if report.too_few:
        say(f"{counted(report.too_few, 'constituent')} left out: too few people.")
    if report.unrecognisable:
        say(
            f"{counted(report.unrecognisable, 'picture')} left out: works can't be compared with somebody in "
            "them, who has no face template today."
        )
        advise("Describe everybody who said yes to that: volenti clear --purpose PURPOSE; then train again.")
    if report.constituents:
        advise('Draw somebody who does not exist: volenti generate "a smiling woman with brown hair" -n 8')


def _say_plan(plan: TrainingPlan, dataset: str, base: str | None) -> None:
    on = "" if base is None else f" --base {shlex.quote(base)}"
    terms = plan.terms
    leaving = f"{terms.withdrawals_a_year} of them leaving in a year"
    say(f"{counted(plan.images, 'picture')} of {counted(plan.people, 'person', 'people')}, {leaving};")
    sample = plan.costs.sample_seconds * 1000
    say(f"{sample:.0f} ms of one of {counted(terms.cores, 'core')} a sample ({plan.costs.measured}).")
    if terms.nearness:
        say(_NEARNESS[terms.nearness].format(loss=plan.base_loss, limit=FAR_FROM))
    if plan.costs.memory_bytes:
        whose = f"of {plan.costs.gpu}" if plan.costs.gpu else "a worker"
        step = counted(plan.recipe.pictures_at_once, "picture")
        say(f"Training a slice, {step} at a time, needs {size(plan.costs.memory_bytes)} of memory {whose}.")
    priced = ("PRICE",) if terms.core_hour_price else ()
    say_table(
        (
            "",
            "SHARDS",
            "SLICES",
            "PEOPLE EACH",
            "TRAINING",
            "COMPLAINT",
            "SHARE",
            "YEAR",
            "RETRAINING",
            *priced,
            "DISK",
            "LEARNED" if terms.nearness == "far" else "ADHERENCE",
            "FRECHET",
        ),
        [_plan_row(each, plan) for each in plan.partitions],
    )
    if plan.chosen is None:
        why = f"Nothing was measured to keep {terms.quality_floor:.0%} of what one model would reach."
        known = any(each.quality for each in plan.partitions)
        note(why if known else "How good any of these would be hasn't been measured on this base.")
        choose = "Lower --quality-floor, or choose" if known else "Choose"
        advise(f"{choose} S and R of a line: volenti train {dataset}{on} {_options(plan.recipe)}")
        return
    advise(f"volenti train {dataset}{on} {_options(plan.recipe, plan.chosen)}")


def _options(recipe: Recipe, chosen: PartitionPlan | None = None) -> str:
    """The options of `train` that make a partition of it (S and R: any), without those that are defaults."""
    names = ("samples_per_image", "batch", "accumulate", "rank", "learning_rate", "scale", "min_people")
    divided = f"--shards {chosen.shards} --slices {chosen.slices}" if chosen else "--shards S --slices R"
    asked = {name: getattr(recipe, name) for name in names if getattr(recipe, name) != getattr(_RECIPE, name)}
    return " ".join([divided, *(f"--{name.replace('_', '-')} {value:g}" for name, value in asked.items())])


def _plan_row(partition: PartitionPlan, plan: TrainingPlan) -> tuple[object, ...]:
    terms, quality = plan.terms, partition.quality
    priced = (f"{terms.price_of(partition.year_core_seconds):.3g}",) if terms.core_hour_price else ()
    return (
        "*" if partition == plan.chosen else "",
        partition.shards,
        partition.slices,
        f"{partition.people_a_slice:.1f}",
        duration(partition.full_seconds),
        duration(partition.complaint_seconds),
        f"{partition.share:.2%}",
        duration(partition.year_core_seconds),
        duration(partition.year_retraining_core_seconds),
        *priced,
        size(partition.disk_bytes),
        f"{quality.share:.3f}" if quality else "not measured",
        f"{quality.frechet:.2f}" if quality else "",
    )
