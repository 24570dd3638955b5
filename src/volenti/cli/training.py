"""volenti train, prove-forgetting: the generator, and the proof that it forgot.

The defaults of every option are the recipe's own (`training.recipe`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.dataset import DatasetName
from volenti.cli.request.erasing import RequestName
from volenti.cli.terminal.options import AsJson
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
from volenti.cli.terminal.session import fail, opened, read_bytes
from volenti.cli.terminal.suspended import why
from volenti.core.codec import encoded
from volenti.core.errors import NothingProvedError
from volenti.training.planner import QUALITY_FLOOR, price_of
from volenti.training.recipe import Recipe

if TYPE_CHECKING:
    from volenti.training.planner import Division, TrainingPlan
    from volenti.training.proof import Exactness
    from volenti.training.report import TrainingReport

_RECIPE = Recipe()


def register(app: typer.Typer) -> None:
    """Add this chapter's commands to the root."""
    app.command("train")(train)
    app.command("prove-forgetting")(prove_forgetting)


def train(
    ctx: typer.Context,
    dataset: DatasetName,
    shards: Annotated[
        int, typer.Option(help="Parts that people are divided into, each learned by a model of its own.")
    ] = _RECIPE.shards,
    slices: Annotated[
        int, typer.Option(help="Parts of a shard: what one withdrawal makes it learn again.")
    ] = _RECIPE.slices,
    samples_per_image: Annotated[int, typer.Option(help="How often each picture is looked at.")] = (
        _RECIPE.samples_per_image
    ),
    batch: Annotated[int, typer.Option(help="Pictures in one step.")] = _RECIPE.batch,
    rank: Annotated[
        int, typer.Option(help="Rank of the adapters: how much a slice can learn; 0 trains full copies.")
    ] = _RECIPE.rank,
    learning_rate: Annotated[float, typer.Option(help="Size of the first step.")] = _RECIPE.learning_rate,
    min_people: Annotated[
        int, typer.Option(help="Fewest people a part may have; fewer would be a likeness of them.")
    ] = _RECIPE.min_people,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="Train nothing: say what each number of shards and slices would cost."),
    ] = False,
    withdrawals_per_year: Annotated[
        int | None,
        typer.Option(min=1, help="For --plan: who leaves in a year. Default: one person in a hundred."),
    ] = None,
    quality_floor: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="For --plan: how well prompts are to be followed, beside one model for all."
        ),
    ] = QUALITY_FLOOR,
    core_hour_price: Annotated[
        float, typer.Option(min=0, help="For --plan: what one core costs an hour, in any currency.")
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Train the generator on a dataset, or go on with it.

    What an earlier call had finished is kept. The same dataset and options give the same bits on the
    same kind of machine.

    More slices make a withdrawal cheaper and the pictures, in the end, worse. --plan prints what each
    number costs on this machine: a full training, one complaint (start-up, replay and merge), a year of
    them beside training everything anew each time, room on disk, and the quality that was measured.

    \b
    Examples:
      volenti train humans
      volenti train humans --plan --withdrawals-per-year 12
      volenti train humans@2 --shards 8 --slices 12
    """
    recipe = replace(
        _RECIPE,
        shards=shards,
        slices=slices,
        samples_per_image=samples_per_image,
        batch=batch,
        rank=rank,
        learning_rate=learning_rate,
        min_people=min_people,
    )
    with opened(ctx) as ws, progress(as_json) as told:
        if plan:
            found = ws.plan_training(
                dataset,
                recipe,
                withdrawals_per_year=withdrawals_per_year,
                quality_floor=quality_floor,
                core_hour_price=core_hour_price,
                progress=told,
            )
            if as_json:
                say_json(found.to_json())
            else:
                _say_plan(found, dataset)
            return
        report = ws.train(dataset, recipe, progress=told)
    if as_json:
        say_json(encoded(report))
    else:
        _say_training(report)


def _say_training(report: TrainingReport) -> None:
    done = f"{counted(report.slices_trained, 'slice')} trained in {duration(report.seconds)}"
    known = report.slices_kept + report.slices_taken_over
    kept = f", {known} were trained already" if known else ""
    say(f"{report.run}: {done}{kept}.")
    serving = "is served" if report.constituents == 1 else "are served"
    say(f"{counted(report.constituents, 'constituent')} {serving}.")
    if report.too_few:
        say(f"{counted(report.too_few, 'constituent')} held back: too few people.")
    if report.unrecognisable:
        say(
            f"{counted(report.unrecognisable, 'picture')} left out: works can't be compared with somebody in "
            "them, who has no face template today."
        )
        advise("Describe everybody who said yes to that: volenti clear --purpose PURPOSE; then train again.")
    if report.constituents:
        advise('Draw somebody who does not exist: volenti generate "a smiling woman with brown hair" -n 8')


def _say_plan(plan: TrainingPlan, dataset: str) -> None:
    terms = plan.terms
    leaving = f"{terms.withdrawals_a_year} of them leaving in a year"
    say(f"{counted(plan.images, 'picture')} of {counted(plan.people, 'person', 'people')}, {leaving};")
    sample = plan.costs.sample_seconds * 1000
    say(f"{sample:.0f} ms of one of {counted(terms.cores, 'core')} a sample ({plan.costs.measured}).")
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
            "ADHERENCE",
            "FRECHET",
        ),
        [_plan_row(each, plan) for each in plan.divisions],
    )
    if plan.chosen is None:
        why = f"Nothing was measured to keep {terms.quality_floor:.0%} of what one model would reach."
        known = any(each.quality for each in plan.divisions)
        note(why if known else "How good any of these would be hasn't been measured on this base.")
        advise(f"Lower --quality-floor, or choose one: volenti train {dataset} --shards S --slices R")
        return
    chosen = plan.chosen
    advise(f"volenti train {dataset} --shards {chosen.shards} --slices {chosen.slices}")


def _plan_row(division: Division, plan: TrainingPlan) -> tuple[object, ...]:
    terms, quality = plan.terms, division.quality
    priced = (f"{price_of(division.year_core_seconds, terms):.3g}",) if terms.core_hour_price else ()
    return (
        "*" if division == plan.chosen else "",
        division.shards,
        division.slices,
        f"{division.people_a_slice:.1f}",
        duration(division.full_seconds),
        duration(division.complaint_seconds),
        f"{division.share:.2%}",
        duration(division.year_core_seconds),
        duration(division.year_retraining_core_seconds),
        *priced,
        size(division.disk_bytes),
        f"{quality.adherence:.3f}" if quality else "not measured",
        f"{quality.frechet:.2f}" if quality else "",
    )


def prove_forgetting(
    ctx: typer.Context,
    request: RequestName = None,
    copy: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="The person's own copy of the certificate: what was served before is then a control too.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show that the model forgot: retrain, compare the bits.

    Every constituent of every run is trained again from nothing, on who remains, in fresh processes. What
    serves is opened, and must equal that, bit for bit. Controls must differ: a training without one person
    more, and what was served while the person was in it, where their own copy of the certificate says what
    that was. Ends with status 1 if any of it fails, and with 11 where nothing could be proved: nothing was
    trained, or another kind of machine trained it, with whose bits these can't be compared.

    \b
    Examples:
      volenti prove-forgetting
      volenti prove-forgetting req_1 --json
      volenti prove-forgetting --copy for-them.json
    """
    own = None if copy is None else read_bytes(copy)
    with opened(ctx) as ws, progress(as_json) as told:
        proofs = ws.prove_forgetting(request, copy=own, progress=told)
    served = [each for each in proofs if not each.suspended]
    refuted = [each for each in served if each.problems or (each.comparable and not each.ok)]
    proved = [each for each in proofs if each.ok]
    if as_json:
        say_json({"ok": bool(proved) and not refuted, "constituents": [each.to_json() for each in proofs]})
    else:
        for each in proofs:
            _say_proof(each)
    if refuted:
        advise("Until it is trained anew nothing is shown of anybody in it: volenti train DATASET")
        fail()
    if not proved:
        raise _nothing_proved(proofs, served)


def _nothing_proved(proofs: Sequence[Exactness], served: Sequence[Exactness]) -> NothingProvedError:
    if not proofs:
        return NothingProvedError("Nothing was proved: no model was ever trained.", "There is nothing to do.")
    if not served:
        return NothingProvedError(
            "Nothing was proved: nothing is served.", "Look why, and what helps: volenti status"
        )
    return NothingProvedError(
        "Nothing was proved: another environment or base trained what serves, and bits can't be compared "
        "across them.",
        "Prove it on the machine, and with the packages, that trained it; or train anew: "
        "volenti train DATASET",
    )


def _say_proof(proof: Exactness) -> None:
    say(proof.constituent)
    if proof.suspended:
        say(f"  not served, because {why(proof.suspended)}: nothing to prove until it learned anew")
        return
    for problem in proof.problems:
        say(f"  PROBLEM: {problem}")
    if not proof.comparable:
        say("  not comparable here: trained with another base, torch, processor or other packages")
        return
    now = "served now" if proof.serves else "kept, not served: too few"
    rows = [
        (now, proof.sha256_after, "(nothing)", ""),
        (
            "from scratch, who remains",
            proof.sha256_scratch,
            "(nobody)",
            _answer(proof, proof.sha256_scratch, equal=True),
        ),
        (
            "control: with them",
            proof.sha256_control,
            "(only the person's own copy says: --copy)",
            _answer(proof, proof.sha256_control, equal=False),
        ),
        (
            "control: one person less",
            proof.sha256_one_less,
            "(there is nobody else)",
            _answer(proof, proof.sha256_one_less, equal=False),
        ),
    ]
    if not proof.sha256_after and not proof.sha256_scratch:
        say("  nobody is in it any more, and nothing is served")
        return
    for what, digest, without, answer in rows:
        say(f"  {what:<26} {digest or without}  {answer}".rstrip())
    say(f"  {'proved: the bits are the same' if proof.ok else 'NOT proved'}")


def _answer(proof: Exactness, digest: str, *, equal: bool) -> str:
    if not digest:
        return ""
    same = digest == proof.sha256_after
    return ("equal" if same else "different") + ("" if same == equal else ", and should not be")
