"""Which paths a site's tdmrep.json reserves."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.perception.rights.tdmrep import FREE, RESERVED, SILENT, Rule, rules_in, said_of


@pytest.mark.parametrize(
    ("location", "path", "expected"),
    [
        ("/", "/a/b.jpg", True),
        ("/images", "/images/a.jpg", True),
        ("/images/", "/images", False),
        ("/images/*", "/images/a.jpg", True),
        ("/images/*.jpg", "/images/deep/a.jpg", True),
        ("/images/*.jpg$", "/images/a.jpg", True),
        ("/images/*.jpg$", "/images/a.jpg.png", False),
        ("/images/*.jpg$", "/images/a.jpg/b.jpg", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("*.png", "/deep/a.png", True),
        ("images/", "/images/a.jpg", True),
        ("/*/private/*", "/x/private/a.jpg", True),
        ("/*/private/*", "/private/a.jpg", False),
        ("/caf%C3%A9/", "/café/a.jpg", True),
        ("/price-%24", "/price-$.jpg", True),
        ("/Images/", "/images/a.jpg", False),
        ("/aa*a$", "/aa", False),
        ("/a*$", "/a", True),
    ],
)
def test_patterns_match_as_the_report_says(location: str, path: str, expected: bool) -> None:
    assert Rule(location, True).matches(path) is expected


def test_the_first_rule_that_matches_decides() -> None:
    rules = rules_in(
        json.dumps(
            [
                {"location": "/free/*", "tdm-reservation": 0},
                {"location": "/*", "tdm-reservation": 1, "tdm-policy": "https://example.com/policy.json"},
            ]
        )
    )
    assert said_of("/free/a.jpg", rules) == FREE
    assert said_of("/a.jpg", rules) == RESERVED
    assert said_of("free/a%20b.jpg", rules) == FREE


def test_what_no_rule_matches_is_not_spoken_of() -> None:
    assert said_of("/a.jpg", rules_in('[{"location": "/b/", "tdm-reservation": 1}]')) == SILENT
    assert said_of("/a.jpg", []) == SILENT


@pytest.mark.parametrize(
    "text",
    [
        '[{"tdm-reservation": 1}]',
        '{"location": "/", "tdm-reservation": 1}',
        '[{"location": "/", "tdm-reservation": "1"}]',
        '[{"location": 7, "tdm-reservation": true}]',
        '[{"location": "/", "tdm-reservation": 1},',
    ],
)
def test_a_reservation_survives_mistakes_in_the_file(text: str) -> None:
    assert said_of("/a.jpg", rules_in(text)) == RESERVED


@pytest.mark.parametrize("text", ["", "[]", "{}", "[1, null]", "<html>404</html>", '"tdm-reservation"', "[0"])
def test_a_file_that_reserves_nothing_says_nothing(text: str) -> None:
    assert said_of("/a.jpg", rules_in(text)) == SILENT


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_no_file_and_no_path_is_too_much(text: str, location: str, path: str) -> None:
    assert said_of(path, rules_in(text)) in (RESERVED, FREE, SILENT)
    rules = rules_in(json.dumps([{"location": location, "tdm-reservation": 1}]))
    assert said_of(path, rules) in (RESERVED, SILENT)


@pytest.mark.timeout(60)
def test_a_pattern_of_stars_is_quickly_answered() -> None:
    # Where each star is tried at each place, this takes longer than anybody lives.
    assert not Rule("/" + "*a" * 500 + "b$", True).matches("/" + "a" * 5000)
