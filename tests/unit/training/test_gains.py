"""Losses asked once, what slices and constituents gained, and whom somebody is compared with."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from volenti.adapters.jobs.inline import InlineJobRunner
from volenti.adapters.trainer.memory import MemoryTrainer
from volenti.core.progress import Silent
from volenti.training.gains import of_constituent, of_slices, scores
from volenti.training.lineup import SLICES, Lineup, spread
from volenti.training.losses import BASE, DRAWS, Losses, Model, Pictures
from volenti.training.membership import attacked
from volenti.training.partition import Place
from volenti.training.ports import SliceTask
from volenti.training.recipe import Recipe

TRAINER = MemoryTrainer()
RECIPE = Recipe(samples_per_image=60, min_people=1, learning_rate=0.3)
CAPTIONS = [
    f"a {who} in a {top} top" for who in ("man", "woman") for top in ("red", "green", "blue", "black")
]


class Counting(InlineJobRunner):
    """Counts what is asked."""

    asked = 0

    def run(self, function: Any, tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        tasks = list(tasks)
        self.asked += len(tasks)
        return super().run(function, tasks)


def somebody(number: int, *places: Place) -> Pictures:
    """Somebody with two pictures, at home at the first place."""
    size = TRAINER.size_px
    frames = np.random.default_rng(number).integers(0, 255, (2, size, size, 3), dtype=np.uint8)
    captions = (CAPTIONS[number % len(CAPTIONS)],) * 2
    return Pictures((f"{number}a", f"{number}b"), frames, captions, places[0], frozenset(places))


def trained(*people: Pictures) -> tuple[int, bytes]:
    """A slice that learned from these people."""
    frames = np.concatenate([each.frames for each in people])
    captions = tuple(caption for each in people for caption in each.captions)
    return len(frames), TRAINER.train(SliceTask(people[0].home, frames, captions, RECIPE, 1)).weights


def people(count: int, shards: int = 2) -> dict[str, Pictures]:
    return {
        f"p{number}": somebody(number, Place(number % shards, number // shards)) for number in range(count)
    }


def test_a_model_is_asked_once_about_a_picture() -> None:
    who, jobs, losses = people(3), Counting(), Losses()
    model = Model.merged([trained(who["p0"])])
    losses.measure([model, BASE, model], who.values(), TRAINER, jobs, Silent())
    assert jobs.asked == 2
    losses.measure([model], who.values(), TRAINER, jobs, Silent())
    assert jobs.asked == 2
    again = Model.merged([trained(who["p0"])])
    losses.measure([again], who.values(), TRAINER, jobs, Silent())
    assert jobs.asked == 2
    assert losses.of(model, who["p0"]).shape == (2, DRAWS)


def test_models_are_known_by_what_they_are_made_of() -> None:
    one, other = trained(somebody(0, Place(0, 0))), trained(somebody(1, Place(0, 1)))
    assert Model.merged([]) == BASE
    digests = {Model.merged(parts).digest for parts in ([one], [other], [one, other], [other, one])}
    assert len(digests) == 4
    assert Model.served(b"1").digest != Model.served(b"2").digest


def test_a_slice_gains_most_on_whom_it_learned_from_against_slices_that_did_not() -> None:
    who, losses = people(8), Losses()
    models = {(each.home,): Model.merged([trained(each)]) for each in who.values()}
    losses.measure([*models.values(), BASE], who.values(), TRAINER, InlineJobRunner(), Silent())
    gains = of_slices(models, who, losses)
    for name, each in who.items():
        mine = {key: float(some[name].mean()) for key, some in gains.items()}
        assert max(mine, key=mine.__getitem__) == (each.home,)


def test_slices_that_learned_from_somebody_are_no_comparison_for_them() -> None:
    """Somebody who is in two slices gains by either over the others alone."""
    who, losses = people(4, shards=1), Losses()
    both = somebody(0, Place(0, 0), Place(0, 1))
    who = {**who, "p0": both}
    models = {(each.home,): Model.merged([trained(each, both)]) for each in who.values()}
    losses.measure([*models.values(), BASE], who.values(), TRAINER, InlineJobRunner(), Silent())
    gain = of_slices(models, who, losses)[(Place(0, 0),)]["p0"]
    rest = [losses.of(models[(Place(0, number),)], both) for number in (2, 3)]
    assert np.allclose(gain, np.mean(rest, 0) - losses.of(models[(Place(0, 0),)], both))
    left_out = of_slices(models, who, losses, but=[(Place(0, 2),)])[(Place(0, 0),)]["p0"]
    assert np.allclose(left_out, rest[1] - losses.of(models[(Place(0, 0),)], both))


def test_a_constituent_gains_by_a_slice_on_whom_that_learned_from_and_they_are_told() -> None:
    who, losses = people(24), Losses()
    parts = {each.home: trained(each) for each in who.values() if each.home.shard == 0}
    served = Model.served(TRAINER.merge(list(parts.values())))
    without = {(place,): Model.merged([part for at, part in parts.items() if at != place]) for place in parts}
    losses.measure([served, *without.values()], who.values(), TRAINER, InlineJobRunner(), Silent())
    strangers = [name for name, each in who.items() if each.home.shard == 1]
    gains = of_constituent(served, without, who, losses)
    trials, _ = scores(gains, who, dict.fromkeys(gains, strangers))
    mine = trials.pop((Place(0, 0),))
    found = attacked(mine.learned[0], mine, list(trials.values()))
    assert found is not None
    assert found.told[0] == "5 %"
    assert found.power.told["5 %"] >= 10


def test_the_same_weights_gain_nothing_on_anybody() -> None:
    who, losses = people(4), Losses()
    part = trained(who["p0"])
    served, merged = Model.served(TRAINER.merge([part])), Model.merged([part])
    losses.measure([served, merged], who.values(), TRAINER, InlineJobRunner(), Silent())
    gains = of_constituent(served, {(): merged}, who, losses)
    assert not any(gain.any() for gain in gains[()].values())


def test_nobody_never_seen_gives_no_scores() -> None:
    with pytest.raises(ValueError, match="nobody"):
        scores({}, {}, {})


def test_a_lineup_knows_who_never_was_in_the_shard() -> None:
    others = {
        "near": somebody(1, Place(0, 1)),
        "far": somebody(2, Place(1, 0)),
        "both": somebody(3, Place(1, 1), Place(0, 1)),
    }
    who = Lineup(0, somebody(0, Place(0, 0), Place(0, 2), Place(1, 3)), others)
    assert who.own == (Place(0, 0), Place(0, 2))
    assert who.near == ["near"]
    assert who.strangers == ["far"]
    assert who.elsewhere == [Place(0, 1), Place(1, 0), Place(1, 1)]
    assert list(who.shown(["far"])) == ["", "far"]


def test_a_lineup_asks_only_so_many_slices_and_never_their_own() -> None:
    others = {str(number): somebody(number, Place(0, number)) for number in range(30)}
    who = Lineup(0, somebody(0, Place(0, 0)), others)
    assert len(who.elsewhere) == SLICES
    assert Place(0, 0) not in who.elsewhere


def test_some_are_taken_evenly() -> None:
    assert spread("abcdefgh", 4) == ["a", "c", "e", "g"]
    assert spread("ab", 4) == ["a", "b"]
