"""PictureIndex: by what pictures are looked for, in memory, so that any part of a long list opens at once.

What pictures are looked for by (their shoots, days, findings) is sealed, so no database can sort by it. A
process that lists pictures again and again opens every row once, and keeps of each file a line without a name
or a caption. Before each answer it asks the register what has changed: how many files there are in each
state, and which pictures the event log names since. Only these are opened again. Nothing of it is written
anywhere.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from volenti.clearance.account import STATES, UNCOVERED
from volenti.clearance.picturechanges import changed_pictures, newest_event
from volenti.clearance.pictureline import Briefly, ForTheEye, Line, line_of
from volenti.clearance.picturelist import Criteria

if TYPE_CHECKING:
    from volenti.vault.ports import Row
    from volenti.vault.records import Records

#: From how many changes on everything is opened anew: one by one takes longer.
MANY = 5_000
#: How many answers are remembered.
ANSWERS_MAX = 32
#: States of files as rows have them.
_ON_RECORD = tuple(each for each in STATES if each != UNCOVERED)


@dataclass(frozen=True, slots=True)
class Answer:
    """Lines that fit, the latest first; how many there are by state; and where each day begins among them."""

    lines: tuple[Line, ...]
    states: Counter[str]
    days: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be chosen: shoots and findings, each with how many pictures it has."""

    shoots: Mapping[str, int]
    findings: Mapping[str, int]
    #: What became of each shoot's pictures, by state; of no known shoot under an empty name.
    by_shoot: Mapping[str, Counter[str]]


class PictureIndex:
    """The lines of one workspace, for everybody in this process who opened it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._lines: dict[str, Line] | None = None
        self._counts: Counter[str] = Counter()
        #: How many events there were when the lines were as they are.
        self._events = -1
        self._answers: OrderedDict[object, Answer] = OrderedDict()
        self._ordered: list[Line] | None = None
        self._facets: Facets | None = None
        #: The files of each picture by name; None until they are asked for.
        self._files: dict[str, set[str]] | None = None

    def find(
        self, records: Records, asked: Criteria, states: frozenset[str], among: frozenset[str] | None = None
    ) -> Answer:
        """What fits, as it was when `facets` was asked for last. among: only these pictures."""
        with self._lock:
            if self._lines is None:
                self._refresh(records)
            key = (asked, states, among)
            if key not in self._answers:
                self._answers[key] = self._answer(asked, states, among)
                while len(self._answers) > ANSWERS_MAX:
                    self._answers.popitem(last=False)
            return self._answers[key]

    def facets(self, records: Records) -> Facets:
        """What can be chosen among everything that is on record now."""
        with self._lock:
            self._refresh(records)
            if self._facets is None:
                lines = self._in_order()
                shoots = Counter(each.shoot for each in lines if each.shoot)
                codes = Counter(code for each in lines for code in each.codes)
                by_shoot: dict[str, Counter[str]] = {}
                for each in lines:
                    by_shoot.setdefault(each.shoot, Counter())[each.state] += 1
                self._facets = Facets(dict(sorted(shoots.items())), dict(codes.most_common()), by_shoot)
            return self._facets

    def look_again(self, records: Records, rows: Iterable[tuple[str, Row | None]]) -> None:
        """Read files again whose rows aren't as their lines say; given by their names, with the rows."""
        with self._lock:
            for name, row in rows:
                if self._lines is not None:
                    self._put(name, None if row is None else line_of(row, ForTheEye(records)))

    def _answer(self, asked: Criteria, states: frozenset[str], among: frozenset[str] | None) -> Answer:
        here = self._in_order() if among is None else self._sorted(self._of(among))
        everywhere = frozenset[str]()
        fitting = [each for each in here if each.fits(asked, everywhere)]
        counted = Counter(each.state for each in fitting)
        lines = tuple(each for each in fitting if each.fits(asked, states)) if states else tuple(fitting)
        days: list[tuple[str, int]] = []
        for place, each in enumerate(lines):
            if not days or days[-1][0] != each.given:
                days.append((each.given, place))
        return Answer(lines, counted, tuple(days))

    def _in_order(self) -> list[Line]:
        """All lines, the latest first; copies of what was given before aren't listed."""
        if self._ordered is None:
            self._ordered = self._sorted((self._lines or {}).values())
        return self._ordered

    @staticmethod
    def _sorted(lines: Iterable[Line]) -> list[Line]:
        shown = (each for each in lines if each.state != "duplicate")
        return sorted(shown, key=lambda each: (each.given, each.number), reverse=True)

    def _of(self, images: Iterable[str]) -> list[Line]:
        """The lines of the files of these pictures."""
        assert self._lines is not None
        if self._files is None:
            self._files = {}
            for each in self._lines.values():
                self._files.setdefault(each.image, set()).add(each.file)
        return [self._lines[file] for image in images for file in self._files.get(image, ())]

    def _refresh(self, records: Records) -> None:
        events = newest_event(records)
        if self._lines is None or events < self._events or events - self._events > MANY:
            self._build(records)
        else:
            for image in changed_pictures(records, self._events + 1, events):
                self._reload(records, image)
            counts = Counter({each: records.count("file", state=each) for each in _ON_RECORD})
            if +counts != +self._counts:
                self._compare(records)
        self._events = events

    def _build(self, records: Records) -> None:
        known = Briefly(records)
        self._lines = {each.file: each for each in known.lines()}
        self._counts = Counter(each.state for each in self._lines.values())
        self._files = None
        self._forget()

    def _compare(self, records: Records) -> None:
        """Find the files that came, went, or are in another state, and read these again."""
        assert self._lines is not None
        there = {name: state for state in _ON_RECORD for name in records.identifiers("file", state=state)}
        gone = self._lines.keys() - there.keys()
        others = [
            name
            for name, state in there.items()
            if (line := self._lines.get(name)) is None or line.state != state
        ]
        if len(others) > MANY:
            self._build(records)
            return
        for name in gone:
            self._put(name, None)
        known = ForTheEye(records)
        for name in others:
            row = records.row("file", name)
            self._put(name, None if row is None else line_of(row, known))

    def _reload(self, records: Records, image: str) -> None:
        assert self._lines is not None
        known = ForTheEye(records)
        rows = {row.id: row for row in records.rows("file", parent=image)}
        for name in rows or [each.file for each in self._lines.values() if each.image == image]:
            self._put(name, line_of(rows[name], known) if name in rows else None)

    def _put(self, name: str, line: Line | None) -> None:
        assert self._lines is not None
        before = self._lines.pop(name, None)
        if before is not None:
            self._counts[before.state] -= 1
        if line is not None:
            self._lines[name] = line
            self._counts[line.state] += 1
        if self._files is not None and before is not None:
            self._files.get(before.image, set()).discard(name)
        if self._files is not None and line is not None:
            self._files.setdefault(line.image, set()).add(name)
        if line != before:
            self._forget()

    def _forget(self) -> None:
        self._answers.clear()
        self._ordered = self._facets = None


@cache
def index_of(workspace: Path) -> PictureIndex:
    """The one index of a workspace in this process, however often the workspace is open."""
    return PictureIndex()
