"""Words, their fixed numbers, and mirrored captions."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.generation.vocabulary import COMMA, PADDING, SYNONYMS, UNKNOWN, WORDS, encode, mirror

#: The first words as they were when weights were first trained on them.
TRAINED_WORDS = 66
TRAINED_DIGEST = "692e98da4d40c2a32d8e20f5cc52939d439d2ce69f6a10ac5dbe462e83b04a0f"

captions = st.lists(st.sampled_from([*WORDS[2:], "Left", "zebra", "leftover"]), max_size=20).map(" ".join)


def test_the_words_that_weights_know_have_kept_their_numbers() -> None:
    trained = "\n".join(WORDS[:TRAINED_WORDS]).encode()
    assert hashlib.sha256(trained).hexdigest() == TRAINED_DIGEST


def test_the_three_special_words_are_where_the_constants_say() -> None:
    assert (WORDS[PADDING], WORDS[UNKNOWN], WORDS[COMMA]) == ("<pad>", "<unknown>", ",")


def test_no_word_is_listed_twice() -> None:
    assert len(set(WORDS)) == len(WORDS)


@pytest.mark.parametrize(("spelling", "word"), sorted(SYNONYMS.items()))
def test_a_synonym_leads_to_a_word_of_the_list_and_shadows_none(spelling: str, word: str) -> None:
    assert encode(spelling) == encode(word)
    assert word in WORDS
    assert spelling not in WORDS


def test_unknown_words_are_reported_in_order_and_keep_their_place() -> None:
    found = encode("a purple dragon with long tentacles")
    assert found.unknown == ("dragon", "tentacles")
    assert [number == UNKNOWN for number in found.ids] == [False, False, True, False, False, True]


def test_capitals_do_not_matter() -> None:
    assert encode("A Smiling WOMAN") == encode("a smiling woman")


def test_hyphenated_words_are_one_word_and_commas_are_words() -> None:
    assert encode("middle-aged, open-mouthed").ids == (
        WORDS.index("middle-aged"),
        COMMA,
        WORDS.index("open-mouthed"),
    )


def test_the_empty_prompt_has_no_words() -> None:
    assert encode("").ids == ()
    assert encode(" \n\t ").ids == ()


@given(captions)
def test_every_word_of_the_list_is_known(text: str) -> None:
    found = encode(text)
    assert len(found.ids) == len(text.split())
    assert found.ids.count(UNKNOWN) == len(found.unknown)
    assert set(found.unknown) <= {"zebra", "leftover"}


@given(captions)
def test_mirroring_twice_gives_the_caption_back(text: str) -> None:
    assert mirror(mirror(text)) == text


@given(st.text())
def test_mirroring_any_text_twice_gives_it_back(text: str) -> None:
    assert mirror(mirror(text)) == text


def test_mirroring_exchanges_left_and_right_and_nothing_else() -> None:
    assert mirror("a man, turned to the left, leftover right") == "a man, turned to the right, leftover left"


def test_every_caption_of_the_crowd_is_made_of_known_words(shared: Path) -> None:
    records = json.loads((shared / "crowd" / "records.json").read_text())
    assert {word for record in records for word in encode(record["caption"]).unknown} == set()


@pytest.mark.parametrize("text", ["женщина", "眼镜", "3"])
def test_a_word_in_another_script_is_reported(text: str) -> None:
    assert encode(text).unknown == (text,)


def test_mirroring_sees_capitals_as_encoding_does() -> None:
    assert encode(mirror("turned to the Left")) == encode("turned to the right")
