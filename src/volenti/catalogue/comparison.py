"""Comparison: with whom works are compared, and who can't be compared with.

Whoever anything served learned from needs a face template, and every slice in it the sketches of its
pictures. Where one is missing (a yes taken back, a term that ended, a restriction, an erasure under way),
the likeness check would be blind for just that person: nothing is handed out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from volenti.catalogue.likeness import Resemblance
from volenti.clearance.gallery import Gallery
from volenti.core.errors import ConflictError, KeyDestroyedError
from volenti.perception.sight.faces import Template
from volenti.perception.sight.matching import Matcher
from volenti.training.copy_index import CopyIndex
from volenti.training.model_store import ModelStore
from volenti.training.run import Constituent, constituent_id
from volenti.training.serving_consent import NO_TEMPLATE, Suspension

#: People who can't be compared with that an error names.
_NAMED = 5

_DESCRIBE = (
    "Have whoever may be recognised described anew: volenti clear. Whoever may not has to leave the model: "
    "volenti train, or volenti request open --kind withdrawal."
)
_SKETCH = "Train a new version of the dataset, which keeps sketches: volenti dataset cut, then volenti train."


@dataclass(frozen=True, slots=True)
class ComparedPeople:
    """Who is compared with at one time, and those behind what is served who can't be: by face, as copies."""

    resemblance: Resemblance
    compared: frozenset[str]
    without_face: frozenset[str]
    without_copies: frozenset[str]

    def require_all(self) -> None:
        """ConflictError where there is anybody whom works can't be compared with."""
        blind = sorted(self.without_face | self.without_copies)
        if not blind:
            return
        raise ConflictError(
            f"Works can't be compared with {_people(blind)} whom the model learned from.",
            _DESCRIBE if self.without_face else _SKETCH,
        )


def require_nobody(suspensions: Sequence[Suspension]) -> None:
    """ConflictError that names those because of whom nothing is served; nothing where it is nobody."""
    reasons = [reason for each in suspensions for reason in each.reasons]
    against = sorted({who for _, people in reasons for who in people})
    if against:
        blind = all(code == NO_TEMPLATE for code, people in reasons if people)
        raise ConflictError(
            f"Nothing of this run is served, because of {_people(against)} whom it learned from.",
            _DESCRIBE if blind else "Look why, and what helps: volenti status",
        )


def _people(names: Sequence[str]) -> str:
    count = "1 person" if len(names) == 1 else f"{len(names)} people"
    return f"{count} ({', '.join(names[:_NAMED])}{' and more' if len(names) > _NAMED else ''})"


@dataclass(frozen=True, slots=True)
class Model:
    """One person to compare works with, and in which ways that can't be done."""

    resemblance: Resemblance
    without_face: bool
    without_copies: bool


class Comparison:
    """Finds templates and sketches, of everybody behind a run or of one person."""

    def __init__(self, model_store: ModelStore, gallery: Gallery, new_matcher: Callable[[], Matcher]) -> None:
        self._model_store = model_store
        self._gallery = gallery
        self._new_matcher = new_matcher

    def with_everybody(self, run: str) -> ComparedPeople:
        """Everybody a run learned from, served or not; whoever is in nothing served may be missing."""
        learned = {
            shard: self._model_store.learned_from(constituent_id(run, shard))
            for shard in self._model_store.shards(run)
        }
        served = {each.shard for each in self._model_store.constituents(run)}
        needed = {owner for shard, owners in learned.items() if shard in served for owner in owners}
        known = {each: self._templates(each) for each in needed.union(*learned.values())}
        books, blind = self._books(run, served)
        sketched = {name for book in books for group in book.groups for name in group}
        people = [(name, templates) for name, templates in sorted(known.items()) if templates]
        resemblance = Resemblance(self._new_matcher(), people, books)
        return ComparedPeople(
            resemblance,
            frozenset(name for name, _ in people),
            frozenset(each for each in needed if not known[each]),
            frozenset(blind | (needed - sketched)),
        )

    def require_still(self, run: str, drew: Iterable[Constituent], sitters: ComparedPeople) -> None:
        """ConflictError where what drew is served no more, or somebody can't be compared with any more."""
        served = {each.shard: each.sha256 for each in self._model_store.constituents(run)}
        if any(served.get(each.shard) != each.sha256 for each in drew) or self._gallery.undescribed(
            sitters.compared
        ):
            raise ConflictError(
                "Somebody left while pictures were drawn; none is handed out.",
                "Draw again: volenti generate.",
            )

    def with_one(self, subject: str) -> Model:
        """One person alone: their templates, and the pictures of theirs that any slice learned from."""
        templates = self._templates(subject)
        books, unsketched = [], False
        for book in self._model_store.copy_indexes_of(subject):
            unsketched |= book is None
            if book is not None:
                books.append(_only(subject, book))
        people = [(subject, templates)] if templates else []
        without_copies = unsketched or not any(len(book.rows) for book in books)
        return Model(Resemblance(self._new_matcher(), people, books), not templates, without_copies)

    def _templates(self, subject: str) -> list[Template]:
        with suppress(KeyDestroyedError):
            return self._gallery.templates(subject)
        return []

    def _books(self, run: str, served: set[int]) -> tuple[list[CopyIndex], set[str]]:
        """The sketches of a run's slices, and whom those that are served and have none learned from."""
        books: list[CopyIndex] = []
        blind: set[str] = set()
        for place, owners, book in self._model_store.copy_indexes_by_place(run):
            if book is not None:
                books.append(book)
            elif place.shard in served:
                blind.update(owners)
        return books, blind


def _only(subject: str, book: CopyIndex) -> CopyIndex:
    """The part of a copy_index that is of pictures somebody is in."""
    theirs = [number for number, group in enumerate(book.groups) if subject in group]
    some = np.isin(book.of, theirs)
    return CopyIndex(book.rows[some], book.groups, book.of[some])
