"""What attacks on the model found for people who left, as a table beside the certificate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from volenti.cli.terminal.output import say, say_table
from volenti.requests.attackwords import HONEST, WHAT

if TYPE_CHECKING:
    from volenti.erasure.pooled import Pooled
    from volenti.requests.history import AttackFindings


def say_attacks(found: AttackFindings | None) -> None:
    """What attacks on the model found, where somebody asked for them."""
    if found is None or not found.lines:
        return
    say("Attacks on the model: how many people never seen look more learned than they, and whether they")
    say("are told for somebody learned from; beside it, how many others learned from are told so.")
    say_table(
        ("CONSTITUENT", "ATTACKED", "WHEN", "LOOK MORE LEARNED", "TOLD AT", "OTHERS TOLD"),
        [(each.constituent, each.what, each.when, each.place, each.told, each.power) for each in found.lines],
    )
    for each in found.conclusions:
        say(each)
    say(HONEST)


def say_pooled(found: Sequence[Pooled]) -> None:
    """What the attacks of several requests say together, where there are several."""
    if not found:
        return
    say("Attacks on the model, over all these requests: how often people never learned from would look")
    say("as much learned together, and as little, if no two of them had anything to do with each other.")
    say_table(
        ("ATTACKED", "WHEN", "REQUESTS", "AS MUCH", "AS LITTLE"),
        [
            (WHAT[each.what], each.when, each.requests, f"{each.learned:.4f}", f"{each.unlearned:.4f}")
            for each in found
        ],
    )
    say("They share people and models, so small figures are less rare than they look.")
    say(HONEST)
