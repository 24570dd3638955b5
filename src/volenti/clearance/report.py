"""Reports: what lies in what was given, and what became of it when it was taken in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from volenti.clearance.captions import CaptionFault, Captions
from volenti.clearance.given import Given
from volenti.core.shown import short_repr


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file that can't be read, why, and what helps."""

    file: str
    why: str
    remedy: str


@dataclass(slots=True, kw_only=True)
class IntakeReport:
    """What became of the files given: given = new + known + duplicate + unreadable + sidecars_alone.

    Whatever else is there is counted: files that belong to pictures (`beside`), and files of the system's by
    what they are (`ignored`).
    """

    given: int = 0
    new: int = 0
    known: int = 0
    duplicate: int = 0
    unreadable: list[UnreadFile] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    beside: int = 0
    #: How many of the files that could be read have a caption.
    captions: int = 0
    #: What of captions and their listings wasn't used, or only just: the first thousand, and how many.
    caption_faults: list[CaptionFault] = field(default_factory=list)
    caption_faults_count: int = 0
    #: Copies with another caption than the file that was given first.
    captions_differ: list[str] = field(default_factory=list)
    #: Files beside pictures that are about their rights; of these, those that couldn't be read as a whole, so
    #: that no policy clears their pictures; and those whose picture wasn't given.
    sidecars: int = 0
    sidecars_unread: list[str] = field(default_factory=list)
    sidecars_alone: list[str] = field(default_factory=list)
    #: Pictures that were judged before and have to be judged anew, because something new lies beside them.
    to_judge_again: int = 0

    __repr__ = short_repr

    @classmethod
    def of(cls, given: Given) -> Self:
        """The report about these before any of them is taken in."""
        return cls(given=len(given.files), ignored=dict(given.ignored), beside=given.beside)

    def add_faults(self, captions: Captions) -> None:
        """Take over what is wrong with the captions."""
        self.caption_faults, self.caption_faults_count = captions.faults, captions.faults_count


@dataclass(slots=True, kw_only=True)
class DryRun(IntakeReport):
    """What would become of the files given, and their names. Nothing is taken in."""

    files: list[str] = field(default_factory=list)

    __repr__ = short_repr
