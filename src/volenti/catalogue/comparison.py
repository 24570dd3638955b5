"""Comparison: finds the people whom works are compared with, and those who can't be compared with.

Everybody whom a served constituent learned from needs a face template, and every slice of it a copy index.
Where one of these is missing (because of a withdrawal, a term that ended, a restriction, an erasure under
way), the likeness check couldn't see just that person, so no work is handed out.
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

#: How many people an error names at most.
_NAMED = 5

_MAKE_TEMPLATES = (
    "Have face templates made of everybody who may be recognised: volenti clear. Everybody else has to be "
    "taken out of the model: volenti train, or volenti request open --kind withdrawal."
)
_TRAIN = (
    "Train a new version of the dataset, which keeps copy descriptors: volenti dataset cut, then "
    "volenti train."
)


@dataclass(frozen=True, slots=True)
class ComparedPeople:
    """The people whom works are compared with, and those of served constituents who can't be compared with.

    `without_face` have no face template. Of `without_copies` some slice has no copy index.
    """

    resemblance: Resemblance
    compared: frozenset[str]
    without_face: frozenset[str]
    without_copies: frozenset[str]

    def require_all(self) -> None:
        """Raise ConflictError where there is anybody whom works can't be compared with."""
        missing = sorted(self.without_face | self.without_copies)
        if not missing:
            return
        raise ConflictError(
            f"Works can't be compared with {_people(missing)} whom the model learned from.",
            _MAKE_TEMPLATES if self.without_face else _TRAIN,
        )


def require_nobody(suspensions: Sequence[Suspension]) -> None:
    """Raise ConflictError where people stand against serving; it names them."""
    reasons = [reason for each in suspensions for reason in each.reasons]
    against = sorted({who for _, people in reasons for who in people})
    if against:
        without_face = all(code == NO_TEMPLATE for code, people in reasons if people)
        raise ConflictError(
            f"Nothing of this run is served, because of {_people(against)} whom it learned from.",
            _MAKE_TEMPLATES if without_face else "Look why, and what helps: volenti status",
        )


def _people(names: Sequence[str]) -> str:
    count = "1 person" if len(names) == 1 else f"{len(names)} people"
    return f"{count} ({', '.join(names[:_NAMED])}{' and more' if len(names) > _NAMED else ''})"


@dataclass(frozen=True, slots=True)
class ComparedPerson:
    """One person to compare works with, and in which ways that can't be done."""

    resemblance: Resemblance
    without_face: bool
    without_copies: bool


class Comparison:
    """Finds face templates and copy indexes of everybody whom a run learned from, or of one person."""

    def __init__(self, model_store: ModelStore, gallery: Gallery, new_matcher: Callable[[], Matcher]) -> None:
        self._model_store = model_store
        self._gallery = gallery
        self._new_matcher = new_matcher

    def with_everybody(self, run: str) -> ComparedPeople:
        """Everybody whom a run learned from; only those of served constituents are required to be there."""
        learned = {
            shard: self._model_store.learned_from(constituent_id(run, shard))
            for shard in self._model_store.shards(run)
        }
        served = {each.shard for each in self._model_store.constituents(run)}
        needed = {owner for shard, owners in learned.items() if shard in served for owner in owners}
        known = {each: self._templates(each) for each in needed.union(*learned.values())}
        indexes, without_index = self._copy_indexes(run, served)
        indexed = {name for index in indexes for group in index.groups for name in group}
        people = [(name, templates) for name, templates in sorted(known.items()) if templates]
        resemblance = Resemblance(self._new_matcher(), people, indexes)
        return ComparedPeople(
            resemblance,
            frozenset(name for name, _ in people),
            frozenset(each for each in needed if not known[each]),
            frozenset(without_index | (needed - indexed)),
        )

    def require_still(self, run: str, drew: Iterable[Constituent], people: ComparedPeople) -> None:
        """Raise ConflictError where a constituent that drew isn't served any more, or a template is missing.

        people: those whom the works were compared with.
        """
        served = {each.shard: each.sha256 for each in self._model_store.constituents(run)}
        if any(served.get(each.shard) != each.sha256 for each in drew) or self._gallery.undescribed(
            people.compared
        ):
            raise ConflictError(
                "Somebody said no or was erased while pictures were drawn; none is handed out.",
                "Draw again: volenti generate.",
            )

    def with_one(self, subject: str) -> ComparedPerson:
        """One person: their templates, and the copy descriptors of their pictures in any slice."""
        templates = self._templates(subject)
        indexes, is_missing = [], False
        for index in self._model_store.copy_indexes_of(subject):
            is_missing |= index is None
            if index is not None:
                indexes.append(_only(subject, index))
        people = [(subject, templates)] if templates else []
        without_copies = is_missing or not any(len(index.rows) for index in indexes)
        resemblance = Resemblance(self._new_matcher(), people, indexes)
        return ComparedPerson(resemblance, not templates, without_copies)

    def _templates(self, subject: str) -> list[Template]:
        with suppress(KeyDestroyedError):
            return self._gallery.templates(subject)
        return []

    def _copy_indexes(self, run: str, served: set[int]) -> tuple[list[CopyIndex], set[str]]:
        """The copy indexes of a run's slices, and the people of slices of served shards that have none."""
        indexes: list[CopyIndex] = []
        without_index: set[str] = set()
        for place, owners, index in self._model_store.copy_indexes_by_place(run):
            if index is not None:
                indexes.append(index)
            elif place.shard in served:
                without_index.update(owners)
        return indexes, without_index


def _only(subject: str, index: CopyIndex) -> CopyIndex:
    """The part of a copy index with the pictures that show somebody."""
    theirs = [number for number, group in enumerate(index.groups) if subject in group]
    some = np.isin(index.of, theirs)
    return CopyIndex(index.rows[some], index.groups, index.of[some])
