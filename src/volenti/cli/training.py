"""volenti train, prove-forgetting: the generator, and the proof that it forgot.

The defaults of every option are the recipe's own (`training.recipe`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.datasets import DatasetName
from volenti.cli.options import AsJson
from volenti.cli.output import advise, counted, duration, note, progress, say, say_json
from volenti.cli.request import RequestName
from volenti.cli.session import fail, opened
from volenti.training.recipe import Recipe

if TYPE_CHECKING:
    from volenti.training.proof import Exactness
    from volenti.training.service import TrainingReport

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
    as_json: AsJson = False,
) -> None:
    """Train the generator on a dataset, or go on with it.

    What an earlier call had finished is kept. The same dataset and options give the same bits on the
    same kind of machine.

    \b
    Examples:
      volenti train humans
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
        report = ws.train(dataset, recipe, told)
    if as_json:
        say_json(report.to_json())
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
    if report.constituents:
        advise('Draw somebody who does not exist: volenti generate "a smiling woman with brown hair" -n 8')


def prove_forgetting(ctx: typer.Context, request: RequestName = None, as_json: AsJson = False) -> None:
    """Show that the model forgot: retrain, compare the bits.

    What an erasure touched is trained again from nothing, on who remains, in a fresh process. It must
    equal what is served, bit for bit. Two controls must differ: what was served while the person was
    in it, and a training without one person more. Ends with status 1 if any of it fails. Bits can only
    be compared on the kind of machine that trained them; elsewhere that is what you are told.

    \b
    Examples:
      volenti prove-forgetting
      volenti prove-forgetting req_1 --json
    """
    with opened(ctx) as ws, progress(as_json) as told:
        proofs = ws.prove_forgetting(request, told)
    refuted = [each for each in proofs if each.comparable and not each.ok]
    if as_json:
        ok = bool(proofs) and all(each.ok for each in proofs)
        say_json({"ok": ok, "constituents": [each.to_json() for each in proofs]})
    else:
        for each in proofs:
            _say_proof(each)
        if not proofs:
            note("No constituent that is served was touched by this request, so there is nothing to prove.")
    if refuted:
        advise("The model may still know the person. Train it anew: volenti train DATASET")
        fail()


def _say_proof(proof: Exactness) -> None:
    say(proof.constituent)
    if not proof.comparable:
        say("  not comparable here: another torch build or kind of processor trained it")
        return
    compared = [
        ("served now", proof.sha256_after, ""),
        ("from scratch without them", proof.sha256_scratch, _answer(proof, proof.sha256_scratch, equal=True)),
        ("control: with them", proof.sha256_control, _answer(proof, proof.sha256_control, equal=False)),
        (
            "control: one person less",
            proof.sha256_one_less,
            _answer(proof, proof.sha256_one_less, equal=False),
        ),
    ]
    for what, digest, answer in compared:
        say(f"  {what:<26} {digest or '(not recorded)'}  {answer}".rstrip())
    say(f"  {'proved: the bits are the same' if proof.ok else 'NOT proved'}")


def _answer(proof: Exactness, digest: str, *, equal: bool) -> str:
    if not digest:
        return ""
    same = digest == proof.sha256_after
    return ("equal" if same else "different") + ("" if same == equal else ", and should not be")
