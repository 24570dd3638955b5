"""Sentences that say by which reference photographs nobody is enrolled, for whoever runs a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from volenti.core.amounts import counted

if TYPE_CHECKING:
    from volenti.clearance.seenreference import SeenReference


def said_of(refused: SeenReference) -> tuple[str, str]:
    """A sentence about a photograph that isn't sound, and what helps."""
    from volenti.perception.sight.reference import Flaw

    found = "; ".join(Flaw(each).message.rstrip(".") for each in refused.flaws)
    return (
        f"{refused.subject} isn't enrolled by a photograph of {refused.release}, which {found}",
        f"volenti release amend {refused.release} --reference PHOTO, and have it signed",
    )


def summary(refused: Sequence[SeenReference]) -> tuple[str, str]:
    """As `said_of` the first of several photographs, and how many more there are."""
    sentence, remedy = said_of(refused[0])
    more = counted(len(refused) - 1, "photograph")
    return (f"{sentence}; {more} more (volenti status)" if len(refused) > 1 else sentence), remedy
