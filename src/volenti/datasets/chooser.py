"""Chooser: chooses pictures by a selection one by one, and draws an even share where a count is asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from volenti.consent.names import plain_name
from volenti.core.digest import commitment
from volenti.datasets.selection import Selection

if TYPE_CHECKING:
    from volenti.clearance.image import Image


class Chooser:
    """Asks of one picture after the other whether a selection takes it."""

    def __init__(self, selection: Selection, key: bytes) -> None:
        """key: the workspace's partition key, by which people are put into splits."""
        self._asked = selection
        self._shoots = frozenset(map(plain_name, selection.shoot))
        self._words = [(word, _pattern(word)) for word in selection.word]
        self._split_of = cache(lambda people: selection.split_of(key, people))

    def refusal(self, image: Image, people: tuple[str, ...]) -> str | None:
        """Why the picture isn't chosen, one of REASONS; None where it is."""
        asked = self._asked
        tests = {
            "shoot": not self._shoots or plain_name(image.shoot) in self._shoots,
            "subject": not asked.subject or not set(people).isdisjoint(asked.subject),
            "without": set(people).isdisjoint(asked.without),
            "min_side": not asked.min_side or min(image.width, image.height) >= asked.min_side,
            "min_face": not asked.min_face or smallest_face(image, people) >= asked.min_face,
            "word": not self._words or any(self._words_of(image)),
            "split": not asked.splits or self._split_of(people) is not None,
        }
        return next((reason for reason, holds in tests.items() if not holds), None)

    def chosen_by(self, image: Image, people: Sequence[str]) -> tuple[str, ...]:
        """By which texts a picture was chosen, as its entry says it."""
        shoots = [image.shoot] if self._shoots else []
        subjects = [each for each in people if each in self._asked.subject]
        found = {"shoot": shoots, "subject": subjects, "word": self._words_of(image)}
        return tuple(f"{kind}={text}" for kind, texts in found.items() for text in texts)

    def _words_of(self, image: Image) -> list[str]:
        caption = plain_name(image.caption)
        return [word for word, pattern in self._words if pattern.search(caption)]


def smallest_face(image: Image, people: Collection[str]) -> float:
    """Pixels of the shorter side of the smallest face of these people; 0 where one has none on record."""
    faces = [each for each in image.faces if each.subject in people]
    if {each.subject for each in faces} != set(people):
        return 0.0
    return min(min(each.box[2:]) for each in faces) * image.scale


def drawn(candidates: Mapping[str, tuple[str, ...]], count: int, key: bytes, seed: int) -> set[str]:
    """`count` of the pictures, evenly over the people in them: it is always whoever has fewest that gets one.

    candidates: the people in each picture. Of a person's own pictures, and of people who have equally many,
    a keyed hash says which comes first, so the same pictures, count and seed draw the same.
    """
    draw = commitment(key, f"draw/{seed}".encode())
    left: dict[str, list[str]] = {}
    for image in sorted(candidates, key=lambda each: commitment(draw, each.encode()), reverse=True):
        for person in candidates[image]:
            left.setdefault(person, []).append(image)
    has = dict.fromkeys(left, 0)
    turns = [(0, commitment(draw, person.encode()), person) for person in left]
    heapify(turns)
    chosen: set[str] = set()
    while turns and len(chosen) < count:
        had, order, person = heappop(turns)
        if had != has[person]:  # a picture with somebody else was drawn meanwhile
            heappush(turns, (has[person], order, person))
            continue
        while left[person] and left[person][-1] in chosen:
            left[person].pop()
        if left[person]:
            image = left[person].pop()
            chosen.add(image)
            for each in candidates[image]:
                has[each] += 1
            heappush(turns, (has[person], order, person))
    return chosen


def _pattern(word: str) -> re.Pattern[str]:
    """A word, or several in a row, with no letter or digit before or after it."""
    return re.compile(rf"(?<!\w){re.escape(plain_name(word))}(?!\w)")
