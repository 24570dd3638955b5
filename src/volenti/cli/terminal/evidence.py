"""Printing what attacks on the model found for people who were erased."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from volenti.cli.terminal.output import say, say_table
from volenti.requests.attackwords import HONEST, WHAT

if TYPE_CHECKING:
    from volenti.erasure.pooled import Pooled
    from volenti.requests.history import AttackFindings


def say_attacks(found: AttackFindings | None) -> None:
    """Print what attacks on the model found, where they were asked for."""
    if found is None or not found.lines:
        return
    say("Attacks on the model. LOOK MORE LEARNED: how many people whom the model never saw look more learned")
    say("from than they do. TOLD AT: the level at which the attack takes them for somebody learned from.")
    say("OTHERS TOLD: how many others, whom the model did learn from, the attack takes so.")
    say_table(
        ("CONSTITUENT", "ATTACKED", "WHEN", "LOOK MORE LEARNED", "TOLD AT", "OTHERS TOLD"),
        [(each.constituent, each.what, each.when, each.place, each.told, each.power) for each in found.lines],
    )
    for each in found.conclusions:
        say(each)
    say(HONEST)


def say_pooled(found: Sequence[Pooled]) -> None:
    """Print what the attacks of several requests show together, where there are several."""
    if not found:
        return
    say("Attacks on the model, over all these requests: how often people whom the models never saw would, by")
    say("chance, together look as much learned from (AS MUCH), and as little, if all were independent.")
    say_table(
        ("ATTACKED", "WHEN", "REQUESTS", "AS MUCH", "AS LITTLE"),
        [
            (WHAT[each.what], each.when, each.requests, f"{each.learned:.4f}", f"{each.unlearned:.4f}")
            for each in found
        ],
    )
    say("They share people and models, so small figures are less rare than they look.")
    say(HONEST)
