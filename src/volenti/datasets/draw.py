"""Draw: so many pictures, as many of each person as possible alike."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from volenti.core.digest import commitment


def drawn(candidates: Mapping[str, tuple[str, ...]], count: int, key: bytes, seed: int) -> set[str]:
    """`count` of the pictures, evenly over the people in them: it is always whoever has fewest that gets one.

    candidates: the people in each picture. Pictures of nobody are drawn where there are no others left. Of a
    person's own pictures, and of people who have equally many, a keyed hash says which comes first, so the
    same pictures, count and seed draw the same.
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
    of_nobody = [each for each, people in candidates.items() if not people]
    of_nobody.sort(key=lambda each: commitment(draw, each.encode()))
    return chosen.union(of_nobody[: count - len(chosen)])
