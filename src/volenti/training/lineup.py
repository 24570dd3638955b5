"""Lineup: the people somebody is compared with when the model is attacked for them.

They are people whom the same constituent learned from, which shows the power of the attack, and people of
other shards, whom it never saw. Everybody's pictures are chosen by the same rule. People who are being erased
too aren't in the lineup.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from volenti.clearance.access import Access
from volenti.training.losses import PICTURES, Pictures
from volenti.training.partition import Place
from volenti.training.slice_spec import SliceSpec, TrainingExample, framed

#: How many people of the same shard, and of other shards, are compared with.
NEAR, FAR = 8, 20
#: How many other slices are each merged alone on the base, to measure their losses on everybody.
SLICES = 10


@dataclass(frozen=True, slots=True)
class Lineup:
    """A person's pictures and other people's, by name, for an attack on a constituent of one shard."""

    shard: int
    mine: Pictures
    others: Mapping[str, Pictures]

    @property
    def own(self) -> tuple[Place, ...]:
        """The places in the shard that learned from the person, or did before the erasure."""
        return tuple(sorted(place for place in self.mine.places if place.shard == self.shard))

    @property
    def elsewhere(self) -> list[Place]:
        """Places of the other people except `own`, those of the same shard first."""
        homes = {each.home for each in self.others.values()} - set(self.own)
        return sorted(homes, key=lambda place: (place.shard != self.shard, place))[:SLICES]

    @property
    def near(self) -> list[str]:
        """The other people whom the constituent learned from."""
        return [name for name, each in self.others.items() if each.home.shard == self.shard]

    @property
    def strangers(self) -> list[str]:
        """The people whom no slice of the constituent ever saw."""
        return [
            name
            for name, each in self.others.items()
            if all(place.shard != self.shard for place in each.places)
        ]

    def shown(self, names: Iterable[str] | None = None) -> dict[str, Pictures]:
        """Everybody's pictures by name, or only some of the others'; the person's own under an empty name."""
        return {"": self.mine, **{name: self.others[name] for name in names or self.others}}


def lineup(
    specs: Sequence[SliceSpec], shard: int, mine: Pictures, aside: Collection[str], access: Access, size: int
) -> Lineup:
    """Choose people who have pictures of themselves alone, evenly over all places, and read these."""
    alone: dict[str, tuple[Place, list[TrainingExample]]] = {}
    for spec in specs:
        for example in spec.examples:
            if len(example.owners) == 1 and example.home not in aside:
                home, examples = alone.setdefault(example.home, (spec.place, []))
                if home == spec.place:
                    examples.append(example)
    order = sorted(alone, key=lambda name: (alone[name][0], name))
    near = [name for name in order if alone[name][0].shard == shard]
    far = [name for name in order if alone[name][0].shard != shard]
    some = [*spread(near, NEAR), *spread(far, FAR)] if far else spread(near, NEAR + FAR)
    known = places(specs)
    return Lineup(
        shard,
        mine,
        {name: pictures(alone[name][1], alone[name][0], known[name], access, size) for name in some},
    )


def pictures(
    examples: Iterable[TrainingExample], home: Place, known: Collection[Place], access: Access, size: int
) -> Pictures:
    """Read the first few pictures; those of one person alone go before those of several."""
    some = sorted(examples, key=lambda example: (len(example.owners), example.image.id))[:PICTURES]
    frames = np.stack([framed(example.image, access, size) for example in some])
    captions = tuple(example.caption for example in some)
    return Pictures(tuple(example.image.id for example in some), frames, captions, home, frozenset(known))


def places(specs: Iterable[SliceSpec]) -> dict[str, set[Place]]:
    """The places that learn from each person, from any picture that shows them."""
    known: dict[str, set[Place]] = {}
    for spec in specs:
        for owner in spec.owners:
            known.setdefault(owner, set()).add(spec.place)
    return known


def spread(names: Sequence[str], count: int) -> list[str]:
    """At most `count` of the names, spread evenly over all."""
    if len(names) <= count:
        return list(names)
    return [names[number * len(names) // count] for number in range(count)]
