"""Learnable: which pictures of a snapshot a run may learn from today, and what each slice is trained on.

That is asked anew each time: a picture counts that may be read, has a face to be framed on, and shows only
people whom works can be compared with. What isn't learned from is counted by reason. A shard with fewer
people than the recipe's least is a reason too: its constituent would never be served, so none of it is
trained.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from volenti.core.errors import RefusedError
from volenti.datasets.shard import shard_of
from volenti.training.partition import cohort_of
from volenti.vault.owner import people_among

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.consent.service import Consent
    from volenti.datasets.service import Datasets
    from volenti.training.recipe import Recipe
    from volenti.training.run import Run
    from volenti.training.serving_consent import ServingConsent
    from volenti.training.slice_spec import SliceSpec, TrainingExample


@dataclass
class LeftOut:
    """What a run doesn't learn from, by reason: identifiers of pictures, and shards with too few people."""

    #: Positions of entries whose people were erased.
    erased: set[int] = field(default_factory=set)
    #: Not cleared any more, or somebody in it isn't covered today.
    uncovered: set[str] = field(default_factory=set)
    #: Somebody in it has no face template, so works can't be compared with them.
    unrecognisable: set[str] = field(default_factory=set)
    #: It shows nobody, or no face is known in it that it could be framed on.
    faceless: set[str] = field(default_factory=set)
    #: Of each shard that has too few: how many people and how many pictures.
    few: dict[int, tuple[int, int]] = field(default_factory=dict)


class Learnable:
    """Asks datasets, access and consent what may be learned from."""

    def __init__(
        self, datasets: Datasets, access: Access, consent: Consent, serving: ServingConsent, key: bytes
    ) -> None:
        self._datasets = datasets
        self._access = access
        self._consent = consent
        self._serving = serving
        self._key = key

    def examples(
        self, run: Run, shards: Collection[int] | None = None, left_out: LeftOut | None = None
    ) -> Iterator[TrainingExample]:
        """Pictures of a run, or of some of its shards, that may be learned from today.

        left_out: gets what may not.
        """
        from volenti.training.slice_spec import TrainingExample

        snapshot, left = self._datasets.snapshot(run.snapshot), left_out or LeftOut()
        is_recognisable, cohort = cache(self._serving.is_recognisable), cache(self._cohort)
        in_split = self.in_split(run)

        def within(owners: Sequence[str]) -> bool:
            if not in_split(owners):
                return False
            return shards is None or shard_of(self._key, owners, run.recipe.shards) in shards

        alive = []
        for entry in self._datasets.entries(snapshot, within):
            if entry.is_tombstone:
                left.erased.add(entry.position)
            else:
                alive.append(entry)
        # Sorted by owners, so that consent is asked about each person once.
        for entry in sorted(alive, key=lambda entry: entry.owners):
            try:
                image, owners = self._access.image(entry.image, *snapshot.asked)
            except RefusedError:
                left.uncovered.add(entry.image)
                continue
            people = people_among(owners)
            if not all(map(is_recognisable, people)):
                left.unrecognisable.add(image.id)
            elif not people or image.largest_face is None:
                left.faceless.add(image.id)
            else:
                yield TrainingExample(image, entry.caption, owners, cohort(min(owners), run.recipe))

    def specs(
        self,
        run: Run,
        shards: Collection[int] | None = None,
        left_out: LeftOut | None = None,
        *,
        too_few: bool = False,
    ) -> list[SliceSpec]:
        """What every slice of a run, or of some of its shards, should be trained on today.

        left_out: gets what isn't learned from. too_few: also those of shards with too few people, which
        aren't trained.
        """
        left = left_out or LeftOut()
        found = self.divided(self.examples(run, shards, left), run.recipe)
        people = people_by_shard(found)
        left.few = {
            shard: (len(who), sum(len(each.examples) for each in found if each.place.shard == shard))
            for shard, who in people.items()
            if len(who) < run.recipe.min_people
        }
        return [each for each in found if too_few or each.place.shard not in left.few]

    def divided(self, examples: Iterable[TrainingExample], recipe: Recipe) -> list[SliceSpec]:
        """Pictures divided into slices, also those of shards with too few people."""
        from volenti.training.slice_spec import specs

        return specs(examples, self._key, recipe)

    def in_split(self, run: Run) -> Callable[[Sequence[str]], bool]:
        """Whether pictures of some people are in the split that a run learns from."""
        return self._datasets.within(self._datasets.snapshot(run.snapshot), run.split)

    def _cohort(self, subject: str, recipe: Recipe) -> int:
        return cohort_of(self._consent.subject(subject).created, recipe)


def people_by_shard(specs: Iterable[SliceSpec]) -> dict[int, set[str]]:
    """Everybody in the pictures of each shard, also who is in the slice of somebody else's."""
    people: dict[int, set[str]] = {}
    for spec in specs:
        people.setdefault(spec.place.shard, set()).update(spec.owners)
    return people
