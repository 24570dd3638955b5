"""A model that was made to remember a picture gives it back, and what it draws is refused as a copy."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from volenti.adapters.matcher.memory import MemoryMatcher
from volenti.catalogue.likeness import Resemblance
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import Likeness
from volenti.demo.cast import read_cast
from volenti.generation.bases import shipped_base
from volenti.generation.framing import frame, middle
from volenti.training.copy_index import CopyIndex
from volenti.training.partition import Place
from volenti.training.ports import Drawing, SliceTask
from volenti.training.recipe import Recipe
from volenti.training.slice_trainer import SliceTrainer

pytest.importorskip("torch")


def drawn_after(recipe: Recipe) -> list[Likeness]:
    """How near drawings come to the one picture that a model was taught by this recipe."""
    from volenti.adapters.trainer.torch import TorchTrainer

    photo = read_cast(0)[3].photos[2]
    picture = Image.open(io.BytesIO(photo.data))
    frames = np.stack([frame(picture, middle(*picture.size), recipe.size_px)])
    trainer = TorchTrainer(shipped_base())
    taught = SliceTrainer(trainer).train(SliceTask(Place(0, 0), frames, (photo.caption,), recipe, seed=1))
    book = CopyIndex.of_pictures(taught.copy_descriptors, [("sub_3",)])
    weights = trainer.merge([(1, taught.result.weights)])
    works = trainer.draw(weights, [Drawing(photo.caption, seed) for seed in range(3)], guidance=1.5, steps=8)
    resemblance = Resemblance(MemoryMatcher(), [], [book])
    return [resemblance.of(Portrait.of([], np.asarray(work))) for work in works]


def test_drawings_of_a_picture_known_by_heart_are_refused_as_copies() -> None:
    by_heart = Recipe(samples_per_image=400, batch=2, rank=0, caption_dropout=0.0)
    likenesses = drawn_after(by_heart)
    assert [each.refused for each in likenesses] == [("copy",)] * 3
    assert all(each.copy is not None and each.copy.subjects == ("sub_3",) for each in likenesses)


def test_drawings_of_a_picture_that_was_looked_at_as_usual_are_not() -> None:
    assert [each.refused for each in drawn_after(Recipe())] == [()] * 3
