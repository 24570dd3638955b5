"""Where somebody is used: datasets that hold pictures of theirs, and what came of these."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volenti.wiring.parts import Parts


@dataclass(frozen=True, slots=True)
class DatasetUse:
    """A version of a dataset, for which purpose it was cut, when, and how many pictures of theirs it has."""

    dataset: str
    purpose: str
    created: str
    pictures: int

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model that learned from them: of how many of its parts, and how many of these aren't served today."""

    run: str
    dataset: str
    created: str
    constituents: int
    suspended: int

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class DeliveryUse:
    """Who was given a dataset with pictures of theirs, or a part of a model that learned from them, and when.

    `called_back` are how many of the pictures the recipient was told to delete, and hasn't acknowledged yet.
    """

    recipient: str
    what: str
    at: str
    pictures: int
    called_back: int = 0

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class Uses:
    """Where somebody is used.

    `works` counts pictures that were drawn by what had learned from them, `withdrawn` those of these that are
    called back, and `refused` those that came too near to them and weren't kept.
    """

    datasets: tuple[DatasetUse, ...]
    models: tuple[ModelUse, ...]
    deliveries: tuple[DeliveryUse, ...]
    works: int
    withdrawn: int
    refused: int

    __repr__ = short_repr


def uses(parts: Parts, subject: str) -> Uses:
    """Where a person is used today. Reads rows of theirs, and those of datasets and runs that they are in."""
    held = Counter(place.snapshot for place in parts.datasets.places_of(subject))
    drawn = set(parts.ledger.drawn_by_learners_of(subject))
    withdrawn = {each.id for each in parts.ledger.withdrawn()} & drawn if drawn else set()
    return Uses(
        tuple(_datasets(parts, held)),
        tuple(_models(parts, subject)),
        tuple(sorted(_deliveries(parts, subject, held), key=lambda each: each.at)),
        len(drawn),
        len(withdrawn),
        parts.ledger.count_refused(subject),
    )


def _datasets(parts: Parts, held: Counter[str]) -> Iterator[DatasetUse]:
    for name, pictures in sorted(held.items()):
        snapshot = parts.datasets.snapshot(name)
        yield DatasetUse(name, snapshot.purpose, snapshot.created, pictures)


def _models(parts: Parts, subject: str) -> Iterator[ModelUse]:
    store = parts.training.model_store
    for run in parts.training.runs():
        if mine := set(store.affected(subject, run.id)):
            suspended = mine & {each.what for each in store.suspensions(run.id)}
            yield ModelUse(run.id, run.snapshot, run.created, len(mine), len(suspended))
    learned = Counter(part.run for part in parts.external_runs.parts_of(subject))
    for name, count in sorted(learned.items()):
        external = parts.external_runs.run(name)
        yield ModelUse(external.name, external.snapshot, external.created, count, 0)


def _deliveries(parts: Parts, subject: str, held: Counter[str]) -> Iterator[DeliveryUse]:
    places = parts.datasets.places_of(subject)
    back = Counter(each.id for each in parts.feed.called_back(subject)) if held else Counter[str]()
    for name in held:
        for made in parts.exports.deliveries(name):
            theirs = sum(each.snapshot == name and each.position not in made.left_out for each in places)
            if theirs:
                yield DeliveryUse(made.to, made.what, made.at, theirs, back[made.id])
    parts_of_models = {part.id for part in parts.external_runs.parts_of(subject)}
    for handed in parts.external_runs.delivered() if parts_of_models else ():
        if handed.part in parts_of_models:
            yield DeliveryUse(handed.recipient, handed.part, handed.at, 0)
