"""Line: one file by what it is looked for, without a name or a caption, and how lines are made of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from volenti.clearance.picturelist import Criteria
from volenti.clearance.picturesearch import OneByOne, codes_of, counting, last_day, said_by
from volenti.core.errors import IntegrityError, KeyDestroyedError

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.vault.ports import Row
    from volenti.vault.records import Record, Records

#: How many rows are opened together, and what of a picture's row is needed.
ROWS, _OF_AN_IMAGE = 1_000, ("caption", "shoot", "amended")


@dataclass(frozen=True, slots=True)
class Line:
    """One file by what it is looked for: days are ISO 8601, empty where none is known."""

    file: str
    image: str
    number: int
    state: str
    shoot: str = ""
    given: str = ""
    decided: str = ""
    codes: tuple[str, ...] = ()
    verdicts: tuple[tuple[str, str], ...] = ()

    def fits(self, asked: Criteria, states: frozenset[str]) -> bool:
        """Whether it is looked for; states: all where it is empty."""
        state = dict(self.verdicts).get(asked.purpose, "waiting") if asked.purpose else self.state
        return (
            (not states or state in states)
            and asked.shoot in (None, self.shoot)
            and (asked.finding is None or asked.finding in self.codes)
            and _within(self.given, asked.given_from, asked.given_until)
            and _within(self.decided, asked.decided_from, asked.decided_until)
        )


def _within(found: str, since: object, until: object) -> bool:
    if since is None and until is None:
        return True
    # ISO 8601 days are in the order of their texts.
    return found != "" and (since is None or str(since) <= found) and (until is None or found <= str(until))


def line_of(row: Row, known: ForTheEye) -> Line:
    """The line of a file's row; without anything that is sealed where somebody's key is gone."""
    file = known.file(row)
    if file is None:
        return Line(row.id, row.parent, row.number, row.state)
    decided = counting(file, Criteria(), known)
    day = last_day(decided)
    return Line(
        row.id,
        row.parent,
        row.number,
        row.state,
        said_by(file, known)[1],
        str(file.body.get("given", "")),
        day.isoformat() if day else "",
        codes_of(file, decided),
        tuple((each.body["purpose"], each.state) for each in decided),
    )


class ForTheEye(OneByOne):
    """The same for a list that people look at: one damaged row doesn't keep all others from being seen."""

    left_out = (KeyDestroyedError, IntegrityError)


class Briefly(ForTheEye):
    """The same for all files: rows are opened many at a time, and of each only what lines need is kept."""

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._files: dict[str, Record] = {}
        self._images = {
            each.id: replace(each, body={name: each.body[name] for name in _OF_AN_IMAGE if name in each.body})
            for each in self._some("image")
        }
        self._decided: dict[str, list[Record]] = defaultdict(list)
        for each in self._some("decision"):
            self._decided[each.parent].append(replace(each, body=_brief(each.body)))

    def lines(self) -> Iterator[Line]:
        """The line of every file."""
        rows = self._records.rows("file")
        while some := list(islice(rows, ROWS)):
            self._files = {each.id: each for each in self._opened_all(some)}
            yield from (line_of(row, self) for row in some)

    def file(self, row: Row) -> Record | None:
        """A file's row, of those that are being read."""
        return self._files.get(row.id)

    def image(self, identifier: str) -> Record | None:
        """A picture's row, with what is needed of it."""
        return self._images.get(identifier)

    def decisions(self, image: str) -> list[Record]:
        """What was decided of a picture, with what is needed of it."""
        return self._decided.get(image, [])

    def _some(self, kind: str) -> Iterator[Record]:
        rows = self._records.rows(kind)
        while some := list(islice(rows, ROWS)):
            yield from self._opened_all(some)

    def _opened_all(self, rows: Sequence[Row]) -> list[Record]:
        with suppress(KeyDestroyedError, IntegrityError):
            return self._records.opened_all(rows)
        return [record for row in rows if (record := self._open(row)) is not None]


def _brief(decision: Json) -> Json:
    codes = [{"code": each["code"]} for each in decision["findings"]]
    return {"purpose": decision["purpose"], "at": decision["at"], "findings": codes}
