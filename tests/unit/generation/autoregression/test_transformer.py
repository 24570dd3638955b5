"""Nobody sees what comes later, and what is kept of the words before gives the same scores."""

from __future__ import annotations

import pytest
import torch

from tests.unit.generation.autoregression.small import PLACES, WORDS, transformer
from volenti.generation.autoregression.transformer import Transformer
from volenti.generation.text import tokenize

TEXT = tokenize(["a woman in a red top", "an older man with glasses"])


@pytest.fixture
def network() -> Transformer:
    return transformer().requires_grad_(False)


def words(count: int = 2, length: int = PLACES - 1) -> torch.Tensor:
    return torch.randint(WORDS, (count, length), generator=torch.Generator().manual_seed(2))


def test_there_are_scores_for_every_place_of_the_picture(network: Transformer) -> None:
    scores, _ = network(TEXT, words())
    assert scores.shape == (2, PLACES, WORDS)


def test_a_word_is_scored_without_knowing_what_comes_later(network: Transformer) -> None:
    row = words()
    changed = row.clone()
    changed[:, 7:] = (changed[:, 7:] + 1) % WORDS
    before, after = network(TEXT, row)[0], network(TEXT, changed)[0]
    torch.testing.assert_close(before[:, :8], after[:, :8])
    assert not torch.allclose(before[:, 8:], after[:, 8:])


def test_the_text_and_the_words_before_matter(network: Transformer) -> None:
    row = words()
    before = network(TEXT, row)[0]
    assert not torch.allclose(before[:, 0], network(TEXT.flip(0), row)[0][:, 0])
    assert not torch.allclose(before[:, 5:], network(TEXT, row.flip(0))[0][:, 5:])


def test_no_picture_sees_its_neighbours(network: Transformer) -> None:
    row = words()
    together = network(TEXT, row)[0]
    alone = torch.cat([network(TEXT[i : i + 1], row[i : i + 1])[0] for i in range(2)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_word_by_word_gives_the_scores_of_the_whole_row(network: Transformer) -> None:
    row = words()
    whole, _ = network(TEXT, row)
    scores, past = network(TEXT, row[:, :0])
    found = [scores]
    for place in range(row.shape[1]):
        scores, past = network(None, row[:, place : place + 1], past)
        found.append(scores)
    torch.testing.assert_close(torch.cat(found, 1), whole, atol=1e-5, rtol=1e-4)


def test_a_fresh_network_knows_nothing() -> None:
    scores, _ = Transformer(transformer().config, WORDS, PLACES)(TEXT, words())
    assert torch.equal(scores, torch.zeros_like(scores))
