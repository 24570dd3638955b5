"""Doubles: people who may be one person, by their names and birth dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from volenti.consent.erased import Erased
from volenti.consent.names import plain_name
from volenti.consent.subject import Subject
from volenti.core.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Double:
    """Somebody on record who may be the same person, and the field in which both agree or differ."""

    known: str
    field: str

    def __str__(self) -> str:
        if self.field == "id":
            return f"somebody of this name and birth date is on record: {self.known}."
        return f"somebody of this name is on record with another birth date: {self.known}."


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
        for each in people:
            self.add(each)

    def add(self, subject: Subject) -> None:
        """Let one more person be known."""
        self._by_name.setdefault(plain_name(subject.legal_name), []).append(subject)

    def find(self, name: str, birth_date: str) -> Subject | None:
        """Who has this name and birth date (YYYY-MM-DD)."""
        found = self._by_name.get(plain_name(name), ())
        return next((each for each in found if each.birth_date.isoformat() == birth_date), None)

    def doubles(self, subject: Subject) -> Iterator[Double]:
        """Who may be somebody that isn't known by their identifier."""
        for known in self._by_name.get(plain_name(subject.legal_name), ()):
            if known.id != subject.id:
                same = known.birth_date == subject.birth_date
                yield Double(known.id, "id" if same else "birth_date")
