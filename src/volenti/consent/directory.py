"""Directory: who is on record, by name, so that finding one of thousands opens few rows.

Names are sealed under each person's key. A sealed list of all names would need a key that outlives an
erasure, so there is none: what is searched lies in this process's memory alone. It is brought up to date from
the events recorded since, each of which says whom it is about; where one was emptied, as an erasure does, or
the number of people isn't what it was, it is read anew. Only identifiers leave it: whoever asks opens the
rows of those on a page, so that nobody is shown whose key is gone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from volenti.consent.names import known_as, plain_name
from volenti.consent.reading import ConsentReading
from volenti.consent.release_entry import ReleaseEntry
from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.vault.event import ERASED, EVENT, name_of
from volenti.vault.records import Records

#: From so many new events on everything is read anew, which then is no slower.
EVENTS_MAX = 500
#: Events about people's pictures, which change nothing of the people and their releases. They are the most.
_OF_PICTURES = frozenset({"pictures-looked-at", "decision"})


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """What somebody is found by: `said` is all that they are known as, `name` what they are sorted by."""

    id: str
    name: str
    said: str


class Directory:
    """Everybody on record in this process's memory; used by one thread after the other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._people: dict[str, PersonEntry] = {}
        self._sorted: list[PersonEntry] | None = None
        #: Releases by their subject; None until they are asked for, because reading them takes longest.
        self._releases: dict[str, tuple[ReleaseEntry, ...]] | None = None
        #: The newest event that was taken into account: its position, and its sealed body.
        self._newest: tuple[int, bytes] | None = None

    def find(self, records: Records, consent: ConsentReading, words: str = "") -> list[PersonEntry]:
        """Who is known by all the words, by name; everybody where there is no word."""
        with self._lock:
            everybody = self._up_to_date(records, consent)
        asked = plain_name(words).split()
        return [each for each in everybody if all(word in each.said for word in asked)]

    def releases(self, records: Records, consent: ConsentReading, words: str = "") -> list[ReleaseEntry]:
        """Every release of those who are known by all the words, by their names."""
        found = self.find(records, consent, words)
        with self._lock:
            if self._releases is None:
                self._releases = {each: _releases(consent, each) for each in self._people}
            return [one for each in found for one in self._releases.get(each.id, ())]

    def _up_to_date(self, records: Records, consent: ConsentReading) -> list[PersonEntry]:
        last = records.last(EVENT)
        newest = None if last is None else (last.position, last.body)
        if newest != self._newest or records.count("subject") != len(self._people):
            changed = self._changed(records, newest)
            if changed is None:
                self._people, self._releases = {}, None
                changed = {owner for row in records.rows("subject") for owner in row.owners}
            for subject in changed:
                self._read(consent, subject)
            self._sorted, self._newest = None, newest
        if self._sorted is None:
            self._sorted = sorted(self._people.values(), key=lambda each: (each.name, each.id))
        return self._sorted

    def _read(self, consent: ConsentReading, subject: str) -> None:
        self._people.pop(subject, None)
        with suppress(KeyDestroyedError, NotFoundError):
            found = consent.subject(subject)
            self._people[subject] = PersonEntry(subject, plain_name(found.legal_name), known_as(found))
        if self._releases is not None:
            self._releases[subject] = _releases(consent, subject)

    def _changed(self, records: Records, newest: tuple[int, bytes] | None) -> set[str] | None:
        """Whom the events since are about; None where they don't tell."""
        if newest is None or self._newest is None:
            return None
        first, body = self._newest
        known = records.row(EVENT, name_of(first))
        if known is None or known.body != body or not first <= newest[0] <= first + EVENTS_MAX:
            return None
        since = [records.row(EVENT, name_of(each)) for each in range(first + 1, newest[0] + 1)]
        if any(row is None or row.state == ERASED for row in since):
            return None
        owners = {owner for row in since if row and row.state not in _OF_PICTURES for owner in row.owners}
        subjects = {each for each in owners if each in self._people or records.count("subject", owner=each)}
        there = len(self._people.keys() | subjects)
        return subjects if there == records.count("subject") else None


def _releases(consent: ConsentReading, subject: str) -> tuple[ReleaseEntry, ...]:
    with suppress(KeyDestroyedError, NotFoundError):
        found = consent.subject(subject)
        return tuple(ReleaseEntry.of(each, found) for each in consent.stored(subject))
    return ()


@cache
def directory_of(place: Path) -> Directory:
    """The directory of the workspace in a folder: one for all who opened it in this process."""
    return Directory()
