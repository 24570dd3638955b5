"""What attacks on the model found for somebody who left, as a table beside the certificate."""

from __future__ import annotations

from volenti.cli.output import say, say_table
from volenti.core.canonical import Json


def attack_rows(facts: Json) -> list[tuple[str, ...]]:
    """What attacks on the model found, as rows of a table; none where nobody asked for them."""
    attacks = facts.get("attacks")
    if not attacks:
        return []
    return [
        (name, when, *_ranks(found))
        for when in ("before", "after")
        for name, found in _by_constituent(attacks[when])
    ]


def say_attacks(facts: Json) -> None:
    """What attacks on the model found, where somebody asked for them."""
    rows = attack_rows(facts)
    if not rows:
        return
    say("Attacks on the model (rank 0 to 1; where it knows nothing of them any rank is equally likely):")
    say_table(
        ("CONSTITUENT", "WHEN", "BY LOSS", "AGAINST OTHERS' MODELS", "NEAREST PIXELS", "NEAREST FACE"),
        rows,
    )
    say("They can refute that somebody was forgotten, not prove it.")


def _by_constituent(found: Json | str) -> list[tuple[str, Json | str]]:
    return [("", found)] if isinstance(found, str) else sorted(found.items())


def _ranks(found: Json | str) -> tuple[str, ...]:
    if isinstance(found, str):
        return (found, "", "", "")
    ranks = (found["membership"]["loss"], found["membership"]["calibrated"], found["pixels"]["rank"])
    face = found["face"]["rank"] if found["face"] else "not measured"
    return tuple(each if isinstance(each, str) else f"{each:.4f}" for each in (*ranks, face))
