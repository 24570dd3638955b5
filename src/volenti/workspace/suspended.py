"""Sentences that say what isn't served, and why, for whoever runs a workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from volenti.core.amounts import counted

if TYPE_CHECKING:
    from volenti.training.serving_consent import Suspension

#: For each reason: what it is in words, and what has the part served again. Reasons that aren't here are
#: withdrawals or ends of consent.
_REASONS = {
    "no-template": (
        "has no face template, so that works can't be compared with them",
        "volenti clear --purpose PURPOSE describes whoever may be recognised; whoever may not has to leave "
        "the model: volenti request open --kind withdrawal --subject WHO, then volenti request run REQUEST",
    ),
    "restricted": (
        "had the use of what is theirs restricted",
        "volenti request lift REQUEST, once it is over",
    ),
    "erased": ("is being erased", "volenti request run REQUEST goes on with it"),
}
#: Reasons that no person is behind, in the same form.
_WITHOUT_PERSON = {
    "too-few": (
        "fewer people are in it than it was to have",
        "train on more people, or with fewer shards: volenti train DATASET --shards N",
    ),
    "damaged": (
        "its row doesn't open",
        "remove its run, then train again: volenti run remove RUN, then volenti train DATASET",
    ),
    "untaught": ("it has to be trained (again)", "volenti train DATASET"),
}
_WITHDRAW = (
    "have the models trained again without them: volenti request open --kind withdrawal --subject WHO, "
    "then volenti request run REQUEST"
)


def said(suspended: Sequence[Suspension]) -> Iterator[tuple[str, str]]:
    """A sentence for each part that isn't served, and what helps."""
    for each in suspended:
        for code, who in each.reasons:
            if code in _WITHOUT_PERSON:
                yield f"{each.what} isn't served: {_WITHOUT_PERSON[code][0]}", _WITHOUT_PERSON[code][1]
                continue
            yield f"{each.what} isn't served: {_said_of(code, who)}", _REASONS.get(code, ("", _WITHDRAW))[1]


def why(reasons: Mapping[str, Sequence[str]]) -> str:
    """A sentence that says because of whom, and why, something isn't served."""
    return "; ".join(_said_of(code, who) for code, who in reasons.items())


def _said_of(code: str, who: Sequence[str]) -> str:
    names = ", ".join(who[:3]) + (f" and {len(who) - 3:,} more" if len(who) > 3 else "")
    said = _REASONS[code][0] if code in _REASONS else f"said no since ({code})"
    return f"{names} {_in_plural(said) if len(who) > 1 else said}"


def _in_plural(said: str) -> str:
    """What is said of one person, said of several: has becomes have, is becomes are."""
    return re.sub(r"^(has|is)\b", lambda found: {"has": "have", "is": "are"}[found[0]], said)


def summary(suspended: Sequence[Suspension]) -> tuple[str, str]:
    """A sentence about the first part and the number of the others; and what helps with the first."""
    sentence, remedy = next(said(suspended))
    more = len(suspended) - 1
    return sentence + (f"; {counted(more, 'part')} more (volenti status)" if more else ""), remedy
