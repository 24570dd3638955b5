"""PictureWindow: some pictures from any place of the list of all that were given, the latest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from volenti.clearance.account import STATES, UNCOVERED, WAITING
from volenti.clearance.pictureindex import Facets, PictureIndex
from volenti.clearance.pictureline import ForTheEye, Line
from volenti.clearance.picturelist import Criteria, ListedPicture
from volenti.clearance.picturesearch import PictureSearch, said_by
from volenti.core.clock import day
from volenti.core.digest import commitment, derive
from volenti.core.shown import short_repr
from volenti.vault.owner import people_among

if TYPE_CHECKING:
    from volenti.vault.ports import Row
    from volenti.vault.records import Records


@dataclass(frozen=True, slots=True)
class ListedShoot:
    """A shoot with its number of pictures; `id` stands for its name where others may read along."""

    id: str
    name: str
    pictures: int

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class PictureWindow:
    """Pictures from the place `start` on, of `total` that were found, the latest first.

    `states` counts what was found whatever its state. `days` says at which place each day begins on which
    pictures were given; None where no day is on record. `shoots` and `findings` are those of all pictures,
    with how many each has. A file whose person is erased at this moment counts, and isn't among `pictures`.
    """

    pictures: tuple[ListedPicture, ...]
    start: int
    total: int
    states: Mapping[str, int] = field(default_factory=dict)
    days: tuple[tuple[date | None, int], ...] = ()
    shoots: tuple[ListedShoot, ...] = ()
    findings: Mapping[str, int] = field(default_factory=dict)

    __repr__ = short_repr


class PictureWindows:
    """Opens windows on the list of pictures."""

    def __init__(self, records: Records, search: PictureSearch, index: PictureIndex, secret: bytes) -> None:
        """secret: the workspace's; identifiers of shoots are made with it."""
        self._secret = derive(secret, "shoot-identifier")
        self._records = records
        self._search = search
        self._index = index
        self._known: tuple[Facets, tuple[ListedShoot, ...]] | None = None

    def open(self, asked: Criteria, states: Sequence[str], *, start: int, count: int) -> PictureWindow:
        """The pictures from a place on. Only their rows are opened, once the index is there.

        states: what may have become of them; all where none is named. What is uncovered counts as cleared:
        whether somebody's yes still stands is asked of each picture that is shown.
        """
        facets = self._index.facets(self._records)
        shoots = self._shoots(facets)
        named = next((each.name for each in shoots if each.id == asked.shoot), asked.shoot)
        asked = replace(asked, shoot=named)
        among = None if asked.person is None else self._search.of(asked.person)
        wanted = frozenset("cleared" if each == UNCOVERED else each for each in states)
        found = self._index.find(self._records, asked, wanted, among)
        some = found.lines[start : start + count]
        return PictureWindow(
            self._opened(some),
            start,
            len(found.lines),
            dict(found.states),
            tuple((day(each) if each else None, place) for each, place in found.days),
            shoots,
            facets.findings,
        )

    def _shoots(self, facets: Facets) -> tuple[ListedShoot, ...]:
        """The shoots that can be chosen; made again only where they have changed."""
        if self._known is None or self._known[0] is not facets:
            named = facets.shoots.items()
            self._known = facets, tuple(ListedShoot(self.id_of(name), name, count) for name, count in named)
        return self._known[1]

    def shoots(self) -> Mapping[str, Mapping[str, int]]:
        """What became of each shoot's pictures, by state; of no known shoot under an empty name."""
        return self._index.facets(self._records).by_shoot

    def id_of(self, shoot: str) -> str:
        """What stands for a shoot's name where others may read along."""
        return "sho_" + commitment(self._secret, shoot.encode()).hex()[:20]

    def _opened(self, lines: Sequence[Line]) -> tuple[ListedPicture, ...]:
        known = ForTheEye(self._records)
        rows = [(each, self._records.row("file", each.file)) for each in lines]
        changed = [(line.file, row) for line, row in rows if row is None or row.state != line.state]
        if changed:
            self._index.look_again(self._records, changed)
        listed = (self._listed(line, row, known) for line, row in rows if row is not None)
        return tuple(each for each in listed if each is not None)

    def _listed(self, line: Line, row: Row, known: ForTheEye) -> ListedPicture | None:
        """What is shown of a file: what its line says isn't opened again. None where a key is gone."""
        file = known.file(row)
        if file is None:
            # Damaged where its keys are there: it is shown, and its own page says what can be done.
            return ListedPicture(row.parent, "", row.state) if self._records.has_keys(row) else None
        caption, shoot = said_by(file, known)
        names = (f"{row.parent}/{purpose}" for purpose, _ in line.verdicts)
        decisions = (self._records.row("decision", name) for name in names)
        state = row.state if row.state in STATES else WAITING
        return ListedPicture(
            row.parent,
            file.body["file"],
            self._search.today(state, [each for each in decisions if each is not None]),
            caption,
            shoot,
            day(line.given) if line.given else None,
            day(line.decided) if line.decided else None,
            dict(line.verdicts),
            line.codes,
            people_among(row.owners),
        )
