"""Sentences that say by which reference photographs nobody is enrolled, for whoever runs a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volenti.clearance.gallery import SeenReference


def said_of(refused: SeenReference) -> tuple[str, str]:
    """A sentence about a photograph that isn't sound, and what helps."""
    from volenti.perception.sight.reference import Flaw

    found = "; ".join(Flaw(each).message.rstrip(".") for each in refused.flaws)
    return (
        f"{refused.subject} isn't enrolled by a photograph of {refused.release}, which {found}",
        f"volenti release amend {refused.release} --reference PHOTO, and have it signed",
    )
