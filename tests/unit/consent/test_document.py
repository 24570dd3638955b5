"""Reading documents: every fault by its field, all at once, nothing corrected in silence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.consent.document import TEXT_CHARACTERS_MAX, DocumentError, Fields, Problem, joined
from volenti.consent.purpose import Grant
from volenti.core.errors import UsageError


def faults(fields: Fields) -> list[str]:
    try:
        fields.finish()
    except DocumentError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_all_faults_are_reported_at_once():
    fields = Fields({"name": 3, "day": "22.11.2026", "other": 1})
    fields.text("name")
    fields.day("day")
    fields.yes_no("answer")
    assert faults(fields) == [
        "name: isn't a text.",
        "day: isn't a calendar date such as 2026-11-22.",
        "answer: is missing.",
        "other: isn't a field of this document.",
    ]


@pytest.mark.parametrize("value", [None, 3, "text", [], True])
def test_what_isnt_an_object_has_one_fault(value):
    fields = Fields(value)
    fields.text("name")
    assert faults(fields) == ["isn't a JSON object."]


def test_faults_of_sections_are_named_by_their_path():
    def read(fields: Fields) -> str:
        text = fields.text("inner")
        fields.finish()
        return text

    fields = Fields({"one": {"inner": ""}, "many": [{"inner": "x"}, {}]})
    fields.section("one", read)
    fields.sections("many", read)
    fields.section("none", read)
    assert faults(fields) == ["one.inner: is empty.", "many[2].inner: is missing.", "none: is missing."]


@pytest.mark.parametrize("answer", ["yes", "true", 1, 0, "", []])
def test_yes_is_true_and_nothing_else(answer):
    fields = Fields({"answer": answer})
    fields.yes_no("answer")
    assert faults(fields) == ["answer: isn't true or false."]


@pytest.mark.parametrize(
    "day", ["20261122", "2026-W47-7", "2026-11-31", "2026-11-22T00:00:00", "", " 2026-11-22"]
)
def test_a_day_in_another_notation_is_refused(day):
    fields = Fields({"day": day})
    fields.day("day")
    assert faults(fields) == ["day: isn't a calendar date such as 2026-11-22."]


@pytest.mark.parametrize(
    "moment",
    ["2026-11-22T20:37:00+00:00", "2026-11-22T21:37:00+01:00", "2026-11-22T20:37:00.5Z", "2026-11-22", "now"],
)
def test_a_time_in_another_notation_is_refused(moment):
    fields = Fields({"at": moment})
    fields.moment("at")
    assert faults(fields) == ["at: isn't a UTC time such as 2026-11-22T20:37:00Z."]


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31mred", "\u202egnp.exe", "\ud800", "a\rb"])
def test_a_text_that_hides_what_it_says_is_refused(text):
    fields = Fields({"text": text})
    fields.text("text")
    assert faults(fields) == ["text: holds control characters."]


def test_line_breaks_and_all_scripts_are_texts():
    text = "Zoë Müller\n李小龍\tعلي"
    fields = Fields({"text": text})
    assert fields.text("text") == text
    assert faults(fields) == []


def test_a_text_has_an_upper_limit():
    fields = Fields({"a": "x" * TEXT_CHARACTERS_MAX, "b": "x" * (TEXT_CHARACTERS_MAX + 1)})
    fields.text("a")
    fields.text("b")
    assert faults(fields) == [f"b: is longer than {TEXT_CHARACTERS_MAX} characters."]


def test_a_choice_names_what_there_is_to_choose():
    fields = Fields({"grant": "everything"})
    fields.choice("grant", Grant)
    assert faults(fields) == ["grant: isn't one of " + ", ".join(Grant) + "."]


def test_a_document_error_is_a_usage_error_with_a_remedy():
    error = DocumentError([Problem("name", "is empty."), Problem("day", "is missing.")])
    assert isinstance(error, UsageError)
    assert error.message == "name: is empty; day: is missing."
    assert error.remedy


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(json_values)
def test_reading_anything_as_anything_ends_in_faults_never_in_another_error(value):
    fields = Fields({"x": value})
    for read in (fields.text, fields.day, fields.key, fields.bytes64, fields.texts, fields.identifier):
        again = Fields({"x": value})
        getattr(again, read.__name__)("x")
        assert all(isinstance(problem, Problem) for problem in again.problems)


@pytest.mark.parametrize(
    ("problems", "said"),
    [
        ([], ""),
        ([Problem("day", "is missing.")], "day: is missing."),
        (
            [Problem("release", "is missing."), Problem("signatures", "is missing.")],
            "release: is missing; signatures: is missing.",
        ),
        ([Problem("a", "is odd"), Problem("", "isn't text; save it.")], "a: is odd; isn't text; save it."),
    ],
)
def test_problems_are_joined_with_one_stop(problems, said):
    assert joined(problems) == said
    assert str(DocumentError(problems)).startswith(said)
