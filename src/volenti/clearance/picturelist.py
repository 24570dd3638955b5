"""PictureList: what is looked for among the files that were given, and what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from volenti.core.shown import short_repr, table


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is looked for; a file is found that fits everything that is given.

    `words` stand in the file's name or the caption, in any order and case. `state` is what became of the
    file, for `purpose` where one is given. `person` is in the picture, or may be in it while it is held.
    """

    words: str = ""
    shoot: str | None = None
    person: str | None = None
    state: str | None = None
    finding: str | None = None
    purpose: str | None = None
    given_from: date | None = None
    given_until: date | None = None
    decided_from: date | None = None
    decided_until: date | None = None

    @property
    def is_sealed(self) -> bool:
        """Whether rows have to be opened to tell what fits."""
        days = (self.given_from, self.given_until, self.decided_from, self.decided_until)
        return bool(self.words) or any(each is not None for each in (self.shoot, self.finding, *days))


@dataclass(frozen=True, slots=True)
class ListedPicture:
    """A file as it was given, and its picture: `id` is the picture's, empty where none could be read.

    `decisions` are the verdicts by purpose, `findings` the codes that they rest on. `given` and `decided` are
    days; None where none is on record. `people` are those whom the picture belongs to.
    """

    id: str
    file: str
    state: str
    caption: str = ""
    shoot: str = ""
    given: date | None = None
    decided: date | None = None
    decisions: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class PictureList:
    """One page of the files that were found, and how many were found in all, by what became of them."""

    pictures: tuple[ListedPicture, ...]
    totals: Mapping[str, int]
    page: int
    pages: int

    __repr__ = short_repr

    @property
    def total(self) -> int:
        """How many files were found."""
        return sum(self.totals.values())

    def _repr_html_(self) -> str:
        """What a notebook shows: how many there are; no file's name."""
        return table("Files found", self.totals.items())
