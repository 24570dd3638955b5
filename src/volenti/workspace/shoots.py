"""Shoots: where pictures come from, and who has releases for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class ShootOnRecord:
    """One shoot by its name, which is empty for pictures of which no shoot is known.

    `people` have a release in force that names it. `pictures` counts the pictures by state, copies left out.
    `id` stands for its name in addresses: a name may say who was photographed.
    """

    name: str
    people: tuple[str, ...]
    pictures: Mapping[str, int]
    id: str = ""

    __repr__ = short_repr


class Shoots(Noun):
    """Where pictures come from, and who has releases for it."""

    def browse(self, words: str = "") -> Sequence[ShootOnRecord]:
        """List shoots as `list` does, from what this process has in its memory: quickly after the first.

        words: all of them stand in the shoot's name, in any order and case; an empty text finds every shoot.
        Pictures are counted by what became of their files; those that are left out count, too.

        Example:
            [each.id for each in ws.shoots.browse("harbour")]
        """
        from volenti.consent.names import plain_name

        asked = plain_name(words).split()
        every = self._listed(self._parts.picture_windows.shoots())
        return [each for each in every if all(word in plain_name(each.name) for word in asked)]

    # Last, because below it `list` is the verb.
    def list(self) -> Sequence[ShootOnRecord]:
        """Every shoot that a picture is from or a release in force names, by name.

        Releases that name no shoot cover the pictures of any; those who have one aren't listed with each.

        Example:
            [each.name for each in ws.shoots.list() if not each.people]
        """
        pictures: dict[str, Counter[str]] = defaultdict(Counter)
        for shoot, state in self._parts.picture_search.shoots():
            pictures[shoot][state] += 1
        return self._listed(pictures)

    def _listed(self, pictures: Mapping[str, Mapping[str, int]]) -> Sequence[ShootOnRecord]:
        parts = self._parts
        people: dict[str, set[str]] = defaultdict(set)
        for release in parts.directory.releases(parts.records, parts.consent):
            if release.shoot and release.state == "signed":
                people[release.shoot].add(release.subject)
        return [
            ShootOnRecord(
                name,
                tuple(sorted(people.get(name, ()))),
                dict(pictures.get(name, {})),
                parts.picture_windows.id_of(name),
            )
            for name in sorted({*people, *pictures})
        ]
