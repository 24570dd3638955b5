"""PictureSearch: the files that were given, found by what is on record of them and of their pictures.

One file is one line, as in the account: a picture has one file that isn't a copy, and as many copies as were
given. What was cleared, and isn't covered today, is uncovered. Rows are opened only where a criterion needs
what is sealed in them; otherwise only those of one page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from volenti.clearance.account import STATES, UNCOVERED, WAITING, uncovered, unjudged
from volenti.clearance.folders import DUPLICATE, said_of
from volenti.clearance.image import MENTION, Image
from volenti.clearance.picturelist import Criteria, ListedPicture, PictureList
from volenti.consent.names import plain_name
from volenti.core.clock import day, moment
from volenti.core.errors import KeyDestroyedError
from volenti.vault.owner import people_among

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.clearance.enforcement import Enforcement
    from volenti.vault.ports import Row
    from volenti.vault.records import Record, Records

#: From how many files on all rows of a kind are read together.
MANY = 100


def _within(found: date | None, since: date | None, until: date | None) -> bool:
    """Whether a day lies between two others, both included; a day that isn't known lies between none."""
    if since is None and until is None:
        return True
    return found is not None and (since or found) <= found <= (until or found)


class PictureSearch:
    """Finds files and their pictures."""

    def __init__(self, records: Records, access: Access, enforcement: Enforcement) -> None:
        self._records = records
        self._access = access
        self._enforcement = enforcement

    def find(self, asked: Criteria, *, count: int, page: int) -> PictureList:
        """The files that fit, in order of state and then as they were given: one page of so many of them."""
        rows = self.candidates(asked)
        known = (Everything if len(rows) > MANY else OneByOne)(self._records)
        if asked.is_sealed:
            rows = [row for row in rows if self._says(row, asked, known)]
        found = [(row, state) for row in rows if (state := self.fitting(row, asked, known))]
        totals = Counter(state for _, state in found)
        some, known = found[(page - 1) * count : page * count], OneByOne(self._records)
        shown = (self.listed(row, state, asked, known) for row, state in some)
        pages = max(1, -(-totals.total() // count))
        return PictureList(
            tuple(each for each in shown if each is not None),
            {each: totals[each] for each in STATES if totals[each]},
            page,
            pages,
        )

    def of_person(self, person: str, *, count: int, page: int) -> PictureList:
        """A person's pictures, and held ones that may show them, each once: one page of so many of them.

        Only the page's rows are opened. The totals are by what was decided; whether that is covered today,
        is asked for the page's pictures alone.
        """
        rows = list(self._records.rows("image", owner=person))
        found = {row.id: row.state for row in rows}
        for mention in self._records.rows(MENTION, owner=person):
            if self.may_show(mention, person):
                found.setdefault(mention.parent, "held")
        some = list(found)[(page - 1) * count : page * count]
        listed = (next(iter(self.files_of(image)), None) for image in some)
        return PictureList(
            tuple(each for each in listed if each is not None),
            Counter(found.values()),
            page,
            max(1, -(-len(found) // count)),
        )

    def files_of(self, image: str) -> list[ListedPicture]:
        """Every file that gave a picture, the first one first."""
        known, rows = OneByOne(self._records), self._records.rows("file", parent=image)
        asked = Criteria()
        listed = [self.listed(row, self.fitting(row, asked, known), asked, known) for row in rows]
        return sorted((each for each in listed if each is not None), key=lambda each: each.state == DUPLICATE)

    def shoots(self) -> Iterator[tuple[str, str]]:
        """The shoot and the state of each picture that is kept."""
        for each in Everything(self._records).pictures.values():
            if each.body.get("original") is not None:
                yield each.body["shoot"], each.state

    def named(self, names: Iterable[str]) -> dict[str, set[str]]:
        """The pictures that files of these names gave, by name."""
        wanted: dict[str, set[str]] = {name: set() for name in names}
        for record in Everything(self._records).files.values():
            if record.body["file"] in wanted and self._records.row("image", record.parent) is not None:
                wanted[record.body["file"]].add(record.parent)
        return wanted

    def candidates(self, asked: Criteria) -> list[Row]:
        """Rows of files that may fit, by what the register has in the clear."""
        records = self._records
        if asked.person is not None:
            images = self.of(asked.person)
            found = [row for image in sorted(images) for row in records.rows("file", parent=image)]
            return sorted(found, key=lambda row: row.state)
        # What is uncovered was cleared; for one purpose a file may be something else than for another.
        state = "cleared" if asked.state == UNCOVERED else asked.state
        return list(records.rows("file", state=state if asked.purpose is None else None))

    def of(self, person: str) -> frozenset[str]:
        """The pictures that a person is in, or may be in while they are held."""
        found = {row.id for row in self._records.rows("image", owner=person)}
        mentions = self._records.rows(MENTION, owner=person)
        return frozenset(found | {row.parent for row in mentions if self.may_show(row, person)})

    def may_show(self, mention: Row, person: str) -> bool:
        """Whether the held picture of a mention may show the person it mentions."""
        with suppress(KeyDestroyedError):
            record = self._records.get("image", mention.parent)
            return record is not None and Image.read(record.id, record.body).may_show(person)
        return False

    def _says(self, row: Row, asked: Criteria, known: OneByOne) -> bool:
        """Whether a file fits, as far as that is sealed in its rows; False where somebody's key is gone."""
        file = known.file(row)
        if file is None or not _within(day_given(file), asked.given_from, asked.given_until):
            return False
        if asked.words or asked.shoot is not None:
            caption, shoot = said_by(file, known)
            text = plain_name(f"{file.body['file']} {caption}")
            if asked.shoot is not None and plain_name(shoot) != plain_name(asked.shoot):
                return False
            if not all(word in text for word in plain_name(asked.words).split()):
                return False
        days = asked.decided_from, asked.decided_until
        if asked.finding is None and days == (None, None):
            return True
        decided = counting(file, asked, known)
        return asked.finding in (None, *codes_of(file, decided)) and _within(last_day(decided), *days)

    def fitting(self, row: Row, asked: Criteria, known: OneByOne) -> str:
        """What became of a file, where that is what is asked for; empty where it isn't."""
        state, decisions = row.state if row.state in STATES else WAITING, []
        if asked.purpose is not None and state not in (DUPLICATE, WAITING):
            name = f"{row.parent}/{asked.purpose}"
            decisions = [each for each in known.decision_rows(row.parent) if each.id == name]
            state = decisions[0].state if decisions else unjudged(state)
        elif state == "cleared":
            decisions = known.decision_rows(row.parent)
        state = self.today(state, decisions)
        return state if asked.state in (None, state) else ""

    def today(self, state: str, decisions: Iterable[Row]) -> str:
        """A state as it is today: what was cleared is uncovered where nobody's yes stands any more."""
        if state == "cleared" and uncovered(decisions, self._access, self._enforcement) is not None:
            return UNCOVERED
        return state

    def listed(self, row: Row, state: str, asked: Criteria, known: OneByOne) -> ListedPicture | None:
        """The file of a row with what is known of its picture; None where somebody's key is gone."""
        file = known.file(row)
        if file is None:
            return None
        caption, shoot = said_by(file, known)
        every = counting(file, Criteria(), known)
        decided = [each for each in every if asked.purpose in (None, each.body["purpose"])]
        return ListedPicture(
            row.parent,
            file.body["file"],
            state,
            caption,
            shoot,
            day_given(file),
            last_day(decided),
            {each.body["purpose"]: each.state for each in every},
            codes_of(file, decided),
            people_among(row.owners),
        )


def said_by(file: Record, known: OneByOne) -> tuple[str, str]:
    """A file's caption and shoot; empty where nothing is kept of its picture."""
    image = known.image(file.parent) if file.parent else None
    return ("", "") if image is None else said_of(file.body, image.body)


def day_given(file: Record) -> date | None:
    """The day on which a file was given; None where it isn't on record."""
    given = file.body.get("given", "")
    return day(given) if given else None


def counting(file: Record, asked: Criteria, known: OneByOne) -> list[Record]:
    """The decisions about a file's picture, all or for the purpose that is asked for; none about a copy."""
    if file.state == DUPLICATE:
        return []
    return [each for each in known.decisions(file.parent) if asked.purpose in (None, each.body["purpose"])]


def codes_of(file: Record, decided: Sequence[Record]) -> tuple[str, ...]:
    """The codes that decisions rest on, or that the file has where nothing was decided.

    What was found for a purpose for which the picture is something else isn't why it is this.
    """
    same = [each for each in decided if each.state == file.state] or decided
    found = [each for one in same for each in one.body["findings"]]
    said = found if decided else file.body.get("findings", ())
    return tuple(dict.fromkeys(each["code"] for each in said))


def last_day(decided: Iterable[Record]) -> date | None:
    """The day of the latest of some decisions; None without any."""
    return max((moment(each.body["at"]).date() for each in decided), default=None)


class OneByOne:
    """Opens rows of files, pictures and decisions as they are asked for; what nobody can open is left out."""

    #: What an error says that means: leave it out. What is damaged is an error for whoever asks.
    left_out: tuple[type[Exception], ...] = (KeyDestroyedError,)

    def __init__(self, records: Records) -> None:
        self._records = records

    def file(self, row: Row) -> Record | None:
        """A file's row, opened."""
        return self._open(row)

    def image(self, identifier: str) -> Record | None:
        """A picture's row, opened."""
        row = self._records.row("image", identifier)
        return None if row is None else self._open(row)

    def decision_rows(self, image: str) -> list[Row]:
        """The rows of what was decided of a picture, unopened."""
        return list(self._records.rows("decision", parent=image)) if image else []

    def decisions(self, image: str) -> list[Record]:
        """The rows of what was decided of a picture, opened."""
        return [each for row in self.decision_rows(image) if (each := self._open(row)) is not None]

    def _open(self, row: Row) -> Record | None:
        with suppress(*self.left_out):
            return self._records.opened(row)
        return None


class Everything(OneByOne):
    """The same for thousands of files: all rows of a kind are read together when first asked for."""

    def file(self, row: Row) -> Record | None:
        """A file's row, opened."""
        return self.files.get(row.id)

    def image(self, identifier: str) -> Record | None:
        """A picture's row, opened."""
        return self.pictures.get(identifier)

    def decision_rows(self, image: str) -> list[Row]:
        """The rows of what was decided of a picture, unopened."""
        return self._decision_rows.get(image, [])

    @cached_property
    def files(self) -> dict[str, Record]:
        """Every file's row by its identifier."""
        return {each.id: each for each in self._opened("file")}

    @cached_property
    def pictures(self) -> dict[str, Record]:
        """Every picture's row by its identifier."""
        return {each.id: each for each in self._opened("image")}

    @cached_property
    def _decision_rows(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self._records.rows("decision"):
            found[row.parent].append(row)
        return found

    def _opened(self, kind: str) -> list[Record]:
        rows = list(self._records.rows(kind))
        with suppress(KeyDestroyedError):
            return self._records.opened_all(rows)
        return [record for row in rows if (record := self._open(row)) is not None]
