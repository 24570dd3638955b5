"""The table of findings."""

import string

import pytest

from volenti.core.codec import decoded, encoded
from volenti.perception.finding import TABLE, Finding, finding

WORDS = {"format": "JPEG", "measure": "3 scans", "frames": 2, "judged": 1, "reason": "no reader"}


@pytest.mark.parametrize("code", TABLE)
def test_every_code_says_what_is_wrong_and_what_to_do_in_a_sentence_each(code: str) -> None:
    made = finding(code, **WORDS)
    assert made.message.endswith(".")
    assert made.remedy.endswith(".")
    assert "{" not in made.message


@pytest.mark.parametrize("code", TABLE)
def test_messages_have_places_only_for_facts_about_the_file(code: str) -> None:
    places = {name for _, name, _, _ in string.Formatter().parse(TABLE[code].message) if name}
    assert places <= set(WORDS)


def test_a_finding_survives_json() -> None:
    made = finding("multi-frame", {"frames": 3}, frames=3, judged=2)
    assert decoded(Finding, encoded(made)) == made


def test_the_verdict_of_a_finding_is_the_tables() -> None:
    assert finding("opt-out").verdict == "rejected"
    assert finding("location").verdict == "cleared"
    assert finding("bystander").verdict == "held"


def test_an_unknown_code_is_refused_when_made_and_when_read() -> None:
    with pytest.raises(KeyError):
        finding("no-such-code")
    with pytest.raises(KeyError):
        decoded(Finding, {"code": "no-such-code", "message": "", "remedy": "", "data": {}})


def test_a_word_the_message_needs_must_be_given() -> None:
    with pytest.raises(KeyError):
        finding("multi-frame")
