"""Nearness: whether the base knows such pictures, and the recipe that follows."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volenti.adapters.trainer.torch import TorchTrainer
from volenti.core.errors import UsageError
from volenti.demo.cast import read_cast
from volenti.generation.bases import shipped_base
from volenti.generation.framing import frame, middle
from volenti.training.nearness import FAR_FROM, PICTURES, loss_of_base, nearness, recipe_for
from volenti.training.recipe import FAR, MOST_SCALE, Recipe


def test_a_loss_says_whether_pictures_are_near() -> None:
    assert [nearness(loss) for loss in (0.0, FAR_FROM - 1e-6, FAR_FROM, 9.0)] == [
        "near",
        "near",
        "far",
        "far",
    ]


def test_the_recipe_follows_where_it_was_left_open() -> None:
    asked = Recipe(shards=3, slices=5, min_people=7)
    found = recipe_for(asked, "far")
    assert (found.shards, found.slices, found.min_people) == (3, 5, 7)
    assert (found.rank, found.batch, found.scale) == (FAR.rank, FAR.batch, FAR.scale)
    assert recipe_for(asked, "near") == asked
    others: dict[str, float] = {
        "rank": 4,
        "batch": 8,
        "accumulate": 16,
        "learning_rate": 1e-3,
        "samples_per_image": 3,
        "scale": 1.2,
    }
    for name, value in others.items():
        way = replace(asked, **{name: value})
        assert recipe_for(way, "far") == way


@pytest.mark.parametrize("scale", [0.0, -1.0, MOST_SCALE + 0.1, float("nan")])
def test_a_scale_that_gives_no_picture_is_refused(scale: float) -> None:
    with pytest.raises(UsageError, match="scale"):
        Recipe(scale=scale)


def test_a_recipe_without_a_scale_keeps_the_digest_it_had() -> None:
    # Runs, seeds and slices of earlier versions hang on it.
    assert Recipe().digest == "baf1ed4f5944cf39d181fd191b2d1f7fe3b09f5eecfc090208ef3a3295fbebba"
    assert Recipe(scale=1.6).digest != Recipe().digest
    assert Recipe(accumulate=1).digest == Recipe().digest != Recipe(accumulate=2).digest


def test_a_step_that_has_no_equal_parts_is_refused() -> None:
    assert Recipe(batch=12, accumulate=3).pictures_at_once == 4
    for batch, parts in ((16, 3), (2, 4)):
        with pytest.raises(UsageError, match="equal parts") as refusal:
            Recipe(batch=batch, accumulate=parts)
        assert "--accumulate" in refusal.value.remedy
    with pytest.raises(UsageError, match="accumulate must be at least 1"):
        Recipe(accumulate=0)


def _frame(data: bytes) -> NDArray[np.uint8]:
    picture = Image.open(io.BytesIO(data))
    return frame(picture, middle(*picture.size), 64)


def test_the_base_knows_rendered_people_and_not_noise() -> None:
    trainer = TorchTrainer(shipped_base())
    photos = [person.reference for person in read_cast(0)[:6]]
    rng = np.random.default_rng(1)
    renders = np.stack([_frame(photo.data) for photo in photos])
    noise = rng.integers(0, 256, renders.shape, np.uint8)
    captions = [photo.caption for photo in photos]
    near, far = (loss_of_base(trainer, frames, captions) for frames in (renders, noise))
    assert (nearness(near), nearness(far)) == ("near", "far")
    # The same pictures, the same loss; and so many are looked at at most.
    assert loss_of_base(trainer, renders, captions) == near
    many = np.repeat(renders[:1], 3 * PICTURES, 0)
    one = loss_of_base(trainer, renders[:1], captions[:1])
    assert loss_of_base(trainer, many, captions[:1] * len(many)) == pytest.approx(one, rel=1e-5)
    with pytest.raises(ValueError, match="No picture"):
        loss_of_base(trainer, renders[:0], [])
