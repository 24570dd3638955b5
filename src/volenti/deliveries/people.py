"""Numbers that stand for people in one delivery: its recipient can tell them apart, and is told no names.

A number is a commitment to the person's identifier under the delivery's key. It is the same in every sample
of the delivery. In another delivery it is another one, and the two have nothing in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from volenti.core.digest import commitment, derive
from volenti.vault.owner import people_among

#: Characters of a number, in hexadecimal: two of a million people have the same with a chance of 1 in 10^7.
DIGITS = 16


class NumberedPeople:
    """The people of one delivery, and who is connected with whom by pictures that show several of them."""

    def __init__(self, key: bytes, owners: Iterable[Sequence[str]]) -> None:
        """key: the delivery's. owners: of each picture, everybody in it."""
        self._key = derive(key, "people")
        self._above: dict[str, str] = {}
        for first, *others in owners:
            for other in others:
                self._join(first, other)

    def number(self, person: str) -> str:
        """The number that stands for a person."""
        return f"p{commitment(self._key, person.encode()).hex()[:DIGITS]}"

    def numbers(self, owners: Sequence[str]) -> tuple[str, ...]:
        """The numbers of everybody in a picture, in order; a picture of nobody has none."""
        return tuple(sorted(map(self.number, people_among(owners))))

    def group(self, owners: Sequence[str]) -> str:
        """The number of everybody who is connected with the people in a picture.

        No picture shows people of two groups. owners: the picture's; the pictures of nobody have one group.
        """
        return f"g{commitment(self._key, b'group/' + self._root(owners[0]).encode()).hex()[:DIGITS]}"

    def _join(self, one: str, other: str) -> None:
        low, high = sorted((self._root(one), self._root(other)))
        if low != high:
            self._above[high] = low

    def _root(self, person: str) -> str:
        while (above := self._above.get(person)) is not None:
            person = above
        return person
