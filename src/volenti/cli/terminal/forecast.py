"""Printing what a training would learn from, and which of its constituents would be served."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from volenti.cli.terminal.output import duration
from volenti.core.amounts import counted, size
from volenti.workspace.suspended import why

if TYPE_CHECKING:
    from volenti.training.forecast import ConstituentForecast, TrainingForecast

#: Why pictures aren't learned from, and what helps, by the forecast's reasons.
_LEFT_OUT = {
    "erased": "somebody shown was erased",
    "uncovered": "not cleared any more, or no release covers somebody shown today (volenti dataset verify)",
    "no-template": "works can't be compared with somebody shown, who has no face template today "
    "(volenti clear describes whoever said yes to that)",
    "no-face": "a picture shows nobody, or no face is known to frame it on",
    "not-served": "the constituent would not be served",
}


def say_forecast(forecast: TrainingForecast, say: Callable[[str], None]) -> None:
    """Say it, line by line."""
    recipe = forecast.recipe
    served = [each for each in forecast.constituents if each.serves]
    known = f", {forecast.slices_trained} of them already" if forecast.slices_trained else ""
    of = f"{counted(forecast.pictures, 'picture')} of {counted(forecast.people, 'person', 'people')}"
    into = f"{counted(forecast.slices, 'slice')}{known}, and {counted(len(served), 'constituent')}"
    split = f" ({forecast.split})" if forecast.split else ""
    say(f"To be trained, of {forecast.snapshot}{split}: {of}, in {into}.")
    say(f"On {forecast.base.card.name}. {forecast.base.covers}")
    if forecast.base_loss is not None and forecast.suits_others:
        say(
            f"These are unlike the pictures that the base knows: its loss on them is "
            f"{forecast.base_loss:.2f}. They are learned better in another way: stop, and use the command "
            "that --plan prints."
        )
    if recipe.shards < forecast.asked_shards:
        why_fewer = f": with more, one of them would have fewer than {recipe.min_people} people"
        if forecast.as_before:
            why_fewer = ", as in an earlier training of this version"
        say(
            f"People are divided into {counted(recipe.shards, 'shard')}, not {forecast.asked_shards}"
            f"{why_fewer}. --shards N decides otherwise."
        )
    if forecast.step is not None and forecast.core_seconds is not None:
        step, whose = forecast.step, f"of {forecast.step.gpu}" if forecast.step.gpu else "a worker"
        say(
            f"A step of {counted(recipe.batch, 'picture')}, {recipe.pictures_at_once} at a time, takes "
            f"{duration(step.seconds)} and {size(step.memory_bytes)} of memory {whose}; all steps together "
            f"take one worker {duration(forecast.core_seconds)}."
        )
    for each in forecast.constituents:
        people = counted(each.people, "person", "people")
        say(f"  shard {each.shard}: {people}, {counted(each.pictures, 'picture')}{_unserved(each, forecast)}")
    for code, count in forecast.left_out.items():
        if count:
            say(f"{counted(count, 'picture')} left out: {_LEFT_OUT[code]}.")
    if forecast.held_back:
        helps = f"--shards {forecast.fits}" if forecast.fits else "more people in the dataset"
        held_back = counted(forecast.held_back, "person", "people")
        say(f"{held_back} held back, whose pictures may be learned from. What helps: {helps}.")


def _unserved(each: ConstituentForecast, forecast: TrainingForecast) -> str:
    if each.serves:
        return ""
    about = {code: who for code, who in each.against.items() if who}
    few = f"fewer than {forecast.recipe.min_people} people" if len(about) < len(each.against) else ""
    return f": would not be served ({'; '.join(filter(None, [few, why(about)]))})"
