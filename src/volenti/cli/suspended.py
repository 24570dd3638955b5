"""What isn't served because of somebody in it, in words: for status, doctor and audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from volenti.cli.output import advise, counted, say

if TYPE_CHECKING:
    from volenti.training.standing import Suspension

#: Codes that `consent.coverage` doesn't have, in words.
_WORDS = {
    "no-template": "no face template, so that works can't be compared with them",
    "erased": "being erased",
}
#: What has it served again; whoever only wants a template gets one from `clear`.
REMEDY = "volenti clear --purpose PURPOSE describes who has no template; volenti train DATASET learns again"


def summary(suspended: Sequence[Suspension]) -> str:
    """How many aren't served, and for how many people's sake by why."""
    why: Counter[str] = Counter()
    for code, who in {(code, who) for each in suspended for code, several in each.reasons for who in several}:
        del who
        why[code] += 1
    reasons = ", ".join(f"{_WORDS.get(code, code)} ({people:,})" for code, people in sorted(why.items()))
    return f"{counted(len(suspended), 'constituent')} not served, for people with: {reasons}"


def say_suspended(suspended: Sequence[Suspension]) -> None:
    """A line, where anything isn't served, and what helps."""
    if suspended:
        say(f"{summary(suspended)}.")
        advise(f"{REMEDY}.")
