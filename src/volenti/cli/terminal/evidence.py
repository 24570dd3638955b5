"""What attacks on the model found for people who left, as a table beside the certificate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from volenti.cli.terminal.output import say, say_table
from volenti.core.canonical import Json
from volenti.erasure.attackwords import HONEST, WHAT, conclusions, lines

if TYPE_CHECKING:
    from volenti.erasure.pooled import Pooled


def attack_rows(facts: Json) -> list[tuple[str, ...]]:
    """What attacks on the model found, as rows of a table; none where nobody asked for them."""
    attacks = facts.get("attacks")
    if not attacks:
        return []
    return [
        (each.constituent, each.what, each.when, each.place, each.told, each.power) for each in lines(attacks)
    ]


def say_attacks(facts: Json) -> None:
    """What attacks on the model found, where somebody asked for them."""
    rows = attack_rows(facts)
    if not rows:
        return
    say("Attacks on the model: how many people never seen look more learned than they, and whether they")
    say("are told for somebody learned from; beside it, how many others learned from are told so.")
    say_table(("CONSTITUENT", "ATTACKED", "WHEN", "LOOK MORE LEARNED", "TOLD AT", "OTHERS TOLD"), rows)
    for each in conclusions(facts["attacks"]):
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
