"""Prompts as tensors, and the encoder's properties that hold for any weights."""

from __future__ import annotations

import torch

from volenti.generation.text import MAX_WORDS, TextEncoder, tokenize
from volenti.generation.vocabulary import PADDING, UNKNOWN, WORDS


def encoder() -> TextEncoder:
    torch.manual_seed(1)
    return TextEncoder(24).requires_grad_(False)


def test_texts_become_one_row_of_word_ids_each() -> None:
    ids = tokenize(["a woman", "an older man with glasses", ""])
    assert ids.shape == (3, MAX_WORDS)
    assert ids.dtype == torch.int64
    assert [(row != PADDING).sum().item() for row in ids] == [2, 5, 0]


def test_the_empty_text_is_all_padding() -> None:
    assert torch.equal(tokenize([""]), torch.full((1, MAX_WORDS), PADDING))


def test_an_unknown_word_keeps_its_place() -> None:
    assert tokenize(["a zebra top"])[0, :3].tolist() == [WORDS.index("a"), UNKNOWN, WORDS.index("top")]


def test_words_beyond_the_limit_are_cut_off() -> None:
    longer = " ".join(["red"] * (MAX_WORDS + 7))
    assert torch.equal(tokenize([longer]), tokenize([" ".join(["red"] * MAX_WORDS)]))


def test_one_vector_comes_out_for_each_text() -> None:
    assert encoder()(tokenize(["a man", "", "a woman in a red top"])).shape == (3, 24)


def test_padding_says_nothing() -> None:
    ids = tokenize(["a young woman with short red hair"])
    more = torch.cat([ids, torch.full((1, 25), PADDING)], dim=1)
    less = ids[:, :10]
    said = encoder()(ids)
    torch.testing.assert_close(encoder()(more), said)
    torch.testing.assert_close(encoder()(less), said)


def test_a_text_means_the_same_whatever_texts_stand_beside_it() -> None:
    texts = ["a man", "a woman with long brown hair in a green top, facing the camera", ""]
    together = encoder()(tokenize(texts))
    alone = torch.cat([encoder()(tokenize([text])) for text in texts])
    torch.testing.assert_close(together, alone)


def test_which_colour_belongs_to_what_makes_a_difference() -> None:
    one, other = encoder()(tokenize(["brown hair in a black top", "black hair in a brown top"]))
    assert (one - other).abs().max() > 1e-3


def test_no_prompt_gives_finite_numbers() -> None:
    assert encoder()(tokenize([""])).isfinite().all()
