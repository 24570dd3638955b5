"""Owner: whoever a key or a prefix of packs belongs to, and of which kind they are.

The kind follows from the name alone, because a row has nothing else of its owner in the clear. So nobody may
record a data subject under a name of another kind: erasing somebody called `controller` would destroy the
key of everything that concerns nobody, and erasing `quarantine-2026-11-22` a day's pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from volenti.core.errors import UsageError

#: Owner of what concerns nobody: landscapes a reviewer cleared, strangers' file names.
CONTROLLER = "controller"
#: Beginning of the names that own pictures which wait for a decision, one name for each day.
QUARANTINE = "quarantine"
#: Beginnings of names that the workspace makes itself: of aliases and of runs by scripts of the user's own,
#: of runs, requests, and people never enrolled.
MADE_HERE = ("own_", "run_", "req_", "unk_")


class OwnerKind(StrEnum):
    """What a name stands for."""

    SUBJECT = "subject"
    STRANGER = "stranger"
    CONTROLLER = "controller"
    QUARANTINE = "quarantine"
    REQUEST = "request"
    ALIAS = "alias"
    RUN = "run"


_FORMS = (
    (re.compile(r"own_[0-9a-f]{32}"), OwnerKind.ALIAS),
    (re.compile(r"(own|run)_[0-9a-f]{20}"), OwnerKind.RUN),
    (re.compile(r"req_[a-z2-7]{20}"), OwnerKind.REQUEST),
    (re.compile(r"unk_[a-z2-7]{20}"), OwnerKind.STRANGER),
)


def kind_of(owner: str) -> OwnerKind:
    """What an owner is: a data subject, where the workspace didn't make the name."""
    if owner == CONTROLLER:
        return OwnerKind.CONTROLLER
    if owner == QUARANTINE or owner.startswith(f"{QUARANTINE}-"):
        return OwnerKind.QUARANTINE
    return next((kind for form, kind in _FORMS if form.fullmatch(owner)), OwnerKind.SUBJECT)


def people_among(owners: Iterable[str]) -> tuple[str, ...]:
    """Those of some owners who are people: a picture of nobody has an owner, and no person is in it."""
    return tuple(each for each in owners if kind_of(each) is OwnerKind.SUBJECT)


def is_chosen(owner: str) -> bool:
    """Whether somebody may be recorded under that name: the workspace uses no name like it.

    Stricter than `kind_of`: capitals make no difference, as some file systems don't tell them apart, and no
    name may begin like one that is made here.
    """
    folded = owner.casefold()
    return kind_of(folded) is OwnerKind.SUBJECT and not folded.startswith(MADE_HERE)


def check_chosen(owner: str) -> str:
    """`owner` itself if somebody may be recorded under it; raises UsageError otherwise."""
    if not is_chosen(owner):
        raise UsageError(
            f"{owner!r} is a name that the workspace itself uses.", "Choose another, or leave it out."
        )
    return owner
