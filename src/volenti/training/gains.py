"""Gains: by how much models' losses on people's pictures are lower than those of models that never saw them.

A slice, alone on the base, is compared with the other slices of the lineup. A constituent as it is served is
compared with the same constituent without the slices that learned from somebody. That one only has to be
merged, which takes a moment, because each slice is trained by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from volenti.training.losses import BASE, Losses, Model, Pictures
from volenti.training.membership import Numbers, Trial, score, weights
from volenti.training.partition import Place

#: The places of slices that learned from somebody.
Key = tuple[Place, ...]
#: The gains of the slices at each key's places on everybody's pictures, by name.
Gains = Mapping[Key, Mapping[str, Numbers]]


def of_slices(
    models: Mapping[Key, Model], shown: Mapping[str, Pictures], losses: Losses, *, but: Collection[Key] = ()
) -> Gains:
    """Each slice's gains over the mean loss of the other slices that never saw the person.

    Where there is no other slice, they are gains over the base. but: slices that aren't compared with.
    """

    def gain(key: Key, pictures: Pictures) -> Numbers:
        others = [
            model
            for other, model in models.items()
            if other != key and other not in but and not pictures.places & set(other)
        ]
        unaware = np.mean([losses.of(model, pictures) for model in others or [BASE]], 0)
        return np.asarray(unaware - losses.of(models[key], pictures))

    return {key: {name: gain(key, each) for name, each in shown.items()} for key in models}


def of_constituent(
    served: Model, without: Mapping[Key, Model], shown: Mapping[str, Pictures], losses: Losses
) -> Gains:
    """The constituent's gains over the same constituent without the slices at each key's places."""
    return {
        key: {name: losses.of(unaware, each) - losses.of(served, each) for name, each in shown.items()}
        for key, unaware in without.items()
    }


def scores(
    gains: Gains, shown: Mapping[str, Pictures], never_seen: Mapping[Key, Sequence[str]]
) -> tuple[dict[Key, Trial], Numbers]:
    """Everybody's scores by key, and the weights of the draws.

    At each key, people count as learned from where it is their home. Raises ValueError where there is nobody
    whom one of the models never saw.
    """
    unaware = [gains[key][name] for key, names in never_seen.items() for name in names]
    if not unaware:
        raise ValueError("nobody to compare with")
    counts = weights(unaware)
    found = {
        key: Trial(
            [score(gain, counts) for name, gain in some.items() if key == (shown[name].home,)],
            [score(some[name], counts) for name in never_seen[key]],
        )
        for key, some in gains.items()
    }
    return found, counts
