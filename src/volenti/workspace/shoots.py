"""Shoots: where pictures come from, and who has releases for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.digest import sha256
from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def id_of(name: str) -> str:
    """A short digest of a shoot's name, for addresses: a name may say who was photographed."""
    return sha256(name.encode())[:20]


@dataclass(frozen=True, slots=True)
class ShootOnRecord:
    """One shoot by its name, which is empty for pictures of which no shoot is known.

    `people` have a release in force that names it. `pictures` counts the pictures by state, copies left out.
    """

    name: str
    people: tuple[str, ...]
    pictures: Mapping[str, int]

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """What addresses call it (`id_of`)."""
        return id_of(self.name)


class Shoots(Noun):
    """Where pictures come from, and who has releases for it."""

    def list(self) -> Sequence[ShootOnRecord]:
        """Every shoot that a picture is from or a release in force names, by name.

        Releases that name no shoot cover the pictures of any; those who have one aren't listed with each.

        Example:
            [each.name for each in ws.shoots.list() if not each.people]
        """
        parts = self._parts
        people: dict[str, set[str]] = defaultdict(set)
        for release in parts.directory.releases(parts.records, parts.consent):
            if release.shoot and release.state == "signed":
                people[release.shoot].add(release.subject)
        pictures: dict[str, Counter[str]] = defaultdict(Counter)
        for shoot, state in parts.picture_search.shoots():
            pictures[shoot][state] += 1
        return [
            ShootOnRecord(name, tuple(sorted(people[name])), dict(pictures[name]))
            for name in sorted({*people, *pictures})
        ]
