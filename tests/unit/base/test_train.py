"""How the base's training picks pictures, words and pixels."""

from __future__ import annotations

import random

import pytest
import torch

from base.train import (
    DECIDING_SHARE,
    cumulative_weights,
    deciding_times,
    face_emphasis,
    orthogonal,
    varied,
)
from volenti.generation.diffusion import flow


def test_glasses_and_smiles_are_drawn_oftener() -> None:
    records = [
        {"glasses": glasses, "expr": expression}
        for glasses in (False, True)
        for expression in ("neutral", "laughing")
    ]
    assert cumulative_weights(records) == [1, 3, 6, 12]


def test_eyes_and_mouth_count_most_and_all_pixels_count_one_on_average() -> None:
    weights = face_emphasis(64, 15.0)
    assert weights.mean().item() == pytest.approx(1)
    for row in (25, 43):
        assert weights[row, 31] > 10 * weights[0, 0]
    assert torch.equal(face_emphasis(64, 0.0), torch.ones(64, 64))


def test_times_are_the_usual_ones_with_more_where_small_things_are_decided() -> None:
    usual = flow.sample_times(20_000, torch.Generator().manual_seed(4))
    times = deciding_times(20_000, torch.Generator().manual_seed(4))
    assert (times == usual).float().mean().item() == pytest.approx(1 - DECIDING_SHARE, abs=0.02)
    window = [((each > 0.65) & (each < 0.95)).float().mean() for each in (usual, times)]
    assert window[1] > 1.2 * window[0]
    assert 0 < times.min() < times.max() < 1


def test_a_shortened_caption_says_nothing_that_the_whole_one_does_not() -> None:
    whole = "a young woman with short black hair and glasses in a purple top, facing the camera, green screen"
    rng = random.Random(3)
    shortened = {varied(whole, rng) for _ in range(200)}
    assert "" in shortened
    assert len(shortened) > 5
    said = {word.strip(",") for word in whole.split()} | {"background"}
    assert all({word.strip(",") for word in text.split()} <= said for text in shortened)


@pytest.mark.parametrize("shape", [(12, 40), (40, 12)])
def test_the_momentum_is_made_nearly_orthogonal(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    strengths = torch.linalg.svdvals(orthogonal(matrix))
    assert strengths.min() > 0.5
    assert strengths.max() < 1.4
    assert orthogonal(matrix).dtype == matrix.dtype
