"""The codebook's promises: a picture is a grid of words of the list, and its own only."""

from __future__ import annotations

import pytest
import torch

from volenti.generation.autoregression.codebook import Codebook, CodebookConfig

SMALL = CodebookConfig(size=32, patch=8, words=32, code_width=8, width=16, depth=1)


@pytest.fixture
def codebook() -> Codebook:
    torch.manual_seed(3)
    return Codebook(SMALL).eval().requires_grad_(False)


def pictures(count: int, size: int = 32) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.mark.parametrize(("size", "patch"), [(32, 8), (64, 8), (32, 4)])
def test_a_picture_is_a_word_for_each_patch_and_becomes_a_picture_again(size: int, patch: int) -> None:
    config = CodebookConfig(size=size, patch=patch, words=32, code_width=8, width=16, depth=1)
    codebook = Codebook(config)
    words = codebook.encode(pictures(2, size))
    assert words.shape == (2, (size // patch) ** 2)
    assert 0 <= words.min() <= words.max() < 32
    painted = codebook.decode(words)
    assert painted.shape == (2, 3, size, size)
    assert painted.abs().max() <= 1


def test_a_picture_s_words_do_not_depend_on_its_neighbours(codebook: Codebook) -> None:
    together = codebook.encode(pictures(4))
    assert torch.equal(together, torch.cat([codebook.encode(each[None]) for each in pictures(4)]))


def test_a_vector_s_own_word_is_the_nearest_to_it(codebook: Codebook) -> None:
    assert torch.equal(codebook.nearest(codebook.vectors()), torch.arange(SMALL.words))


def test_what_is_painted_is_decided_by_the_words_alone(codebook: Codebook) -> None:
    words = codebook.encode(pictures(1))
    other = words.clone()
    other[0, 5] = (other[0, 5] + 1) % SMALL.words
    assert torch.equal(codebook.decode(words), codebook.decode(words))
    assert not torch.equal(codebook.decode(words), codebook.decode(other))
