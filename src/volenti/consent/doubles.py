"""Doubles: people who may be one person, by their names and birth dates.

Whose name is the same whatever its words' order, punctuation and script is asked about, and of one birth date
also whose name differs by one letter. Nobody is taken for somebody else without a question but where name and
birth date are the same as they are written (`KnownPeople.find`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from volenti.consent.erased import Erased
from volenti.consent.names import are_near, plain_name, words_of
from volenti.consent.subject import Subject
from volenti.core.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Double:
    """Somebody on record who may be the same person, and the field in which both agree or differ.

    `is_spelt_so`: whether the name is theirs as it is written, or only nearly.
    """

    known: str
    field: str
    is_spelt_so: bool = True

    def __str__(self) -> str:
        name = "this name" if self.is_spelt_so else "nearly this name"
        if self.field == "id":
            return f"somebody of {name} and of this birth date is on record: {self.known}."
        return f"somebody of {name} is on record with another birth date: {self.known}."


def check_new(subject: Subject, people: Iterable[Subject], erased: Erased | None) -> None:
    """Raise ConflictError where they may be one of the people, or somebody who was erased."""
    for double in KnownPeople(people).doubles(subject):
        raise ConflictError(
            _sentence(double),
            f"If it is them: volenti release issue {double.known}. If it is somebody else: --another-person.",
        )
    if erased is not None:
        raise ConflictError(_sentence(erased), "Did they agree anew? Say --after-erasure; it is logged.")


def _sentence(told: object) -> str:
    text = str(told).removesuffix(".")
    return f"{text[0].upper()}{text[1:]}."


class KnownPeople:
    """Everybody who is known, by name as names are compared; the first one known comes first."""

    def __init__(self, people: Iterable[Subject]) -> None:
        self._by_name: dict[str, list[Subject]] = {}
        self._by_words: dict[str, list[Subject]] = {}
        self._by_birth: dict[date, list[tuple[str, Subject]]] = {}
        for each in people:
            self.add(each)

    def add(self, subject: Subject) -> None:
        """Let one more person be known."""
        words = words_of(subject.legal_name)
        self._by_name.setdefault(plain_name(subject.legal_name), []).append(subject)
        self._by_words.setdefault(words, []).append(subject)
        self._by_birth.setdefault(subject.birth_date, []).append((words, subject))

    def find(self, name: str, birth_date: str) -> Subject | None:
        """Who has this name and birth date (YYYY-MM-DD)."""
        found = self._by_name.get(plain_name(name), ())
        return next((each for each in found if each.birth_date.isoformat() == birth_date), None)

    def doubles(self, subject: Subject) -> Iterator[Double]:
        """Who may be somebody that isn't known by their identifier."""
        name, words = plain_name(subject.legal_name), words_of(subject.legal_name)
        found = {each.id: each for each in self._by_words.get(words, ())}
        found |= {
            each.id: each
            for theirs, each in self._by_birth.get(subject.birth_date, ())
            if are_near(theirs, words)
        }
        found.pop(subject.id, None)
        for known in found.values():
            field = "id" if known.birth_date == subject.birth_date else "birth_date"
            yield Double(known.id, field, plain_name(known.legal_name) == name)
