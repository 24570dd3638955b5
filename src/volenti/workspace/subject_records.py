"""Subjects on record: what the verbs about people return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volenti.clearance.seenreference import SeenReference
    from volenti.consent.onrecord import Standing
    from volenti.consent.subject import Subject
    from volenti.consent.withdrawal import Withdrawal
    from volenti.vault.holder import Holding


@dataclass(frozen=True, slots=True)
class SubjectOnRecord:
    """Somebody on record, with what each of their releases amounts to today, by its identifier.

    `restricted`: whether the use of what is theirs is restricted. `look_alikes`: who else on record looks
    like the same person by their face templates, and wasn't told apart from them.
    """

    subject: Subject
    releases: Mapping[str, Standing]
    restricted: bool
    look_alikes: tuple[str, ...]

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the subject."""
        return self.subject.id


@dataclass(frozen=True, slots=True)
class SubjectInFull(SubjectOnRecord):
    """Somebody on record with what they took back, oldest first, everything that is held of them, and what
    was seen in their reference photographs.
    """

    withdrawals: tuple[Withdrawal, ...]
    holdings: tuple[Holding, ...]
    references: tuple[SeenReference, ...] = ()

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the subject."""
        return self.subject.id


@dataclass(frozen=True, slots=True)
class SubjectAmendment:
    """What was on record of somebody before it was corrected, and what is on record since."""

    before: Subject
    after: Subject

    __repr__ = short_repr

    @property
    def changed(self) -> bool:
        """Whether anything was different."""
        return self.after != self.before

    @property
    def renamed(self) -> bool:
        """Whether the name or the birth date changed: releases that were signed say it as it was."""
        return (self.after.legal_name, self.after.birth_date) != (
            self.before.legal_name,
            self.before.birth_date,
        )
