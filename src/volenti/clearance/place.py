"""Place: where a question stands in the queue, and which come after it; only their decisions are opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from volenti.clearance.offers import Reviewer
    from volenti.clearance.queue_memory import Asked
    from volenti.clearance.review_queue import ReviewQueue


@dataclass(frozen=True, slots=True)
class Next:
    """A question that comes next: its identifier, what it is asked for, and how many pictures it decides."""

    id: str
    purpose: str
    pictures: int

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question stands among `count` questions: `number` from 1, 0 where it isn't asked (any more).

    `before` is the one before it, `after` are those after it, in their order; after one that isn't asked come
    the first ones.
    """

    number: int
    count: int
    before: Next | None
    after: tuple[Next, ...]

    __repr__ = short_repr


def place_of(queue: ReviewQueue, question: str, purpose: str | None, count: int, by: Reviewer) -> Place:
    """The place of a question, with `count` of those after it that wait for this reviewer.

    Questions that wait for a second person, where this one gave the first yes, aren't among those after it.
    """
    order = queue.order()
    places = (
        place for place, each in enumerate(order) if each.name == question and purpose in (None, each.purpose)
    )
    here = next(places, -1)
    after: list[Next] = []
    for each in order[here + 1 :]:
        if len(after) == count:
            break
        decision = queue.decision(each)
        if decision is not None and not by.has_agreed(decision.approvals):
            after.append(_next(each))
    return Place(here + 1, len(order), _next(order[here - 1]) if here > 0 else None, tuple(after))


def _next(asked: Asked) -> Next:
    return Next(asked.name, asked.purpose, -asked.rank)
