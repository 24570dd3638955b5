"""How the base's training picks pictures, words and pixels."""

from __future__ import annotations

import random

import pytest
import torch

from base.train import cumulative_weights, face_emphasis, orthogonal, varied


def test_glasses_and_smiles_are_drawn_oftener() -> None:
    records = [
        {"glasses": glasses, "expr": expression}
        for glasses in (False, True)
        for expression in ("neutral", "laughing")
    ]
    assert cumulative_weights(records) == [1, 3, 6, 12]


def test_eyes_and_mouth_count_most_and_all_pixels_count_one_on_average() -> None:
    weights = face_emphasis(64)
    assert weights.mean().item() == pytest.approx(1)
    assert divmod(int(weights.argmax()), 64) in {(30, 31), (30, 32)}
    assert weights[30, 31] > 2 * weights[0, 0]


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
