"""Gains: how much less models lose on people's pictures than models alike that never saw them.

Of slices, each alone on the base: against the other slices of the lineup. Of a constituent as it is served:
against the same constituent without the slices that learned from somebody, which is merged in a moment
because slices are trained each by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from volenti.training.losses import BASE, Losses, Model, Pictures
from volenti.training.membership import Numbers, Trial, score, weights
from volenti.training.partition import Place

#: Places of slices that learned from somebody.
Key = tuple[Place, ...]
#: What slices at places gained on everybody's pictures, by name.
Gains = Mapping[Key, Mapping[str, Numbers]]


def of_slices(
    models: Mapping[Key, Model], shown: Mapping[str, Pictures], losses: Losses, *, but: Collection[Key] = ()
) -> Gains:
    """What each slice gained over the mean of the others that never saw the person.

    Where there is no other, over the base. but: slices that nobody is compared with.
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
    """What it gained over the same without the slices at each key's places."""
    return {
        key: {name: losses.of(unaware, each) - losses.of(served, each) for name, each in shown.items()}
        for key, unaware in without.items()
    }


def scores(
    gains: Gains, shown: Mapping[str, Pictures], never_seen: Mapping[Key, Sequence[str]]
) -> tuple[dict[Key, Trial], Numbers]:
    """Everybody's scores by key, the learned being those who are at home there, and what chances count for.

    Raises ValueError where nobody was never seen by any of them.
    """
    quiet = [gains[key][name] for key, names in never_seen.items() for name in names]
    if not quiet:
        raise ValueError("nobody to compare with")
    counts = weights(quiet)
    found = {
        key: Trial(
            [score(gain, counts) for name, gain in some.items() if key == (shown[name].home,)],
            [score(some[name], counts) for name in never_seen[key]],
        )
        for key, some in gains.items()
    }
    return found, counts
