"""Many questions answered at once: from a table, and only those that are meant."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.studio import Studio
from volenti.clearance.answersheet import AnswerSheetError, read_answers
from volenti.consent.purpose import Grant
from volenti.consent.tablefile import as_workbook
from volenti.core.errors import ConflictError, NotFoundError, UsageError, VolentiError


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Three strangers beside Ann, the first of them twice; somebody a little like Bob; and nobody."""
    studio = Studio.open(tmp_path)
    studio.person("ann")
    studio.person("bob")
    for name in ("x", "x", "y", "z"):
        studio.photo("ann", name)
    studio.photo()
    studio.clear()
    return studio


def filled(studio: Studio, *answers: dict[str, Any]) -> Path:
    """A sheet with these answers, one for each question in the order of the list."""
    path = studio.folder / "answers.csv"
    rows = list(csv.DictReader(io.StringIO(studio.ws.review.answer_sheet(studio.ws.review.list()))))
    for row, answer in zip(rows, answers, strict=False):
        row |= answer
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return path


def test_a_sheet_has_a_row_for_each_question_and_decides_nothing_as_it_is(studio: Studio) -> None:
    questions = studio.ws.review.list()
    assert [len(each.images) for each in questions] == [2, 1, 1, 1]
    done = studio.ws.review.answer(filled(studio), reviewer="rita")
    assert (done.given, done.verdicts, done.refused) == (0, {}, [])
    assert [each.id for each in studio.ws.review.list()] == [each.id for each in questions]


def test_each_row_is_decided_and_what_cannot_be_is_named(studio: Studio) -> None:
    told = [
        {"answer": "reject"},
        {"answer": "Clear", "others": "blur"},
        {"answer": "clear", "nobody": "yes"},
        {"answer": "clear", "nobody": "ja"},
    ]
    done = studio.ws.review.answer(filled(studio, *told), reviewer="rita")
    assert done.given == 4
    assert done.verdicts == {"rejected": 2, "cleared": 2}
    (refused,) = done.refused
    assert refused.startswith("row 4")
    assert "say nothing of it" in refused
    assert len(studio.ws.review.list()) == 1


def test_a_dry_run_reads_the_sheet_and_decides_nothing(studio: Studio) -> None:
    path = filled(studio, {"answer": "reject"}, {"answer": "reject"})
    done = studio.ws.review.answer(path, reviewer="rita", dry_run=True)
    assert (done.given, done.verdicts, done.refused) == (2, {"rejected": 3}, [])
    assert len(studio.ws.review.list()) == 4


def test_a_question_that_was_decided_or_never_asked_is_not_taken_by_a_dry_run(studio: Studio) -> None:
    path = filled(studio, {"answer": "reject"}, {"answer": "reject"})
    path.write_text(path.read_text() + "img_nosuch,reject,,,,,,,,,\n")
    studio.ws.review.answer(path, reviewer="rita")
    done = studio.ws.review.answer(path, reviewer="rita", dry_run=True)
    assert (done.given, len(done.refused)) == (3, 3)
    assert [each.split(",")[0] for each in done.refused] == ["row 2", "row 3", "row 6"]
    assert "is rejected for generative-training, by rita, " in done.refused[0]


#: What a row may say, beside which question it answers.
SAID = (
    "reject,,,,",
    "clear,,,,",
    "clear,,,,yes",
    "clear,,,blur,",
    "clear,bob,,,",
    "clear,ann,,,",
    "clear,noa,,,",
    "clear,,1=blur,,",
    "clear,,0=blur 1=blur,,",
    "clear,,9=blur,,",
    "clear,,,no-face,",
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 11), st.sampled_from(SAID)), min_size=1, max_size=7))
def test_a_dry_run_names_the_rows_that_the_run_does(rows: list[tuple[int, str]]) -> None:
    with TemporaryDirectory() as folder:
        studio = Studio.open(Path(folder))
        studio.person("ann")
        studio.person("bob")
        studio.person("noa", *(each for each in Grant if each != Grant.BIOMETRIC_TEMPLATES))
        for names in (("ann", "x"), ("ann", "x"), ("ann", "x"), ("ann", "y"), ("ann", "ann"), ()):
            studio.photo(*names)
        studio.clear()
        questions = studio.ws.review.list()
        names = [each.id for each in questions] + [one.id for each in questions for one in each.images]
        names = list(dict.fromkeys([*names, "img_nosuch", "img_nosuch.0"]))
        said = {names[number % len(names)]: answer for number, answer in rows}
        path = studio.folder / "answers.csv"
        path.write_text(HEAD + "".join(f"{name},{answer}\n" for name, answer in said.items()))
        foreseen = studio.ws.review.answer(path, reviewer="rita", dry_run=True)
        assert studio.ws.review.list() == questions
        done = studio.ws.review.answer(path, reviewer="rita")
        assert foreseen == done


def test_a_sheet_with_a_fault_decides_nothing(studio: Studio) -> None:
    path = filled(studio, {"answer": "reject"}, {"answer": "maybe"})
    with pytest.raises(AnswerSheetError, match="row 3: the answer 'maybe' is neither"):
        studio.ws.review.answer(path, reviewer="rita")
    assert len(studio.ws.review.list()) == 4


HEAD = "question,answer,subjects,faces,others,nobody\n"
FAULTS = {
    "no column": ("question;answers\nimg_1;clear\n", "no column answer"),
    "no question": (HEAD + ",clear,,,,\n", "row 2: it answers no question"),
    "twice": (HEAD + "img_1,reject,,,,\nimg_1,clear,ann,,,\n", "row 3: img_1 was answered in row 2"),
    "a face without a number": (HEAD + "img_1,clear,,ann,,\n", "says nothing of a face"),
    "a face without an answer": (HEAD + "img_1,clear,,0=,,\n", "says nothing of a face"),
    "what can't be said": (HEAD + "img_1,clear,,,ghost,\n", "'ghost' can't be said of a face"),
    "neither yes nor no": (HEAD + "img_1,clear,,,,perhaps\n", "nobody"),
    "nobody and somebody": (HEAD + "img_1,clear,ann,,,yes\n", "it shows nobody, and somebody"),
    "not UTF-8": (HEAD.encode() + b"M\xfcller,clear,,,,\n", "UTF-8"),
    "no JSON": ('{"question": \n', "row 1: it isn't JSON"),
    "no object": ('{"question": 1}\n[1]\n', "isn't a JSON object"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_its_row(name: str) -> None:
    data, said = FAULTS[name]
    with pytest.raises(VolentiError, match=said):
        read_answers(data if isinstance(data, bytes) else data.encode())


ANSWERS = {
    "plain": (HEAD + "img_1.0,clear,sub_a,,,\n", (True, ("sub_a",), {}, None, False)),
    "several people": (HEAD + "img_1,clear,sub_a sub_b,,,\n", (True, ("sub_a", "sub_b"), {}, None, False)),
    "faces": (
        HEAD + "img_1,clear,,0=sub_a 2=blur,no-face,\n",
        (True, (), {0: "sub_a", 2: "blur"}, "no-face", False),
    ),
    "as Excel saves it": ("\ufeffQuestion;Answer;Nobody\r\nimg_1;CLEAR;x\r\n", (True, (), {}, None, True)),
    "JSON lines": (
        '{"question": "img_1", "answer": "clear", "subjects": ["a"], "faces": {"1": "blur"}, '
        '"nobody": false}\n',
        (True, ("a",), {1: "blur"}, None, False),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_taken_however_it_is_written(name: str) -> None:
    text, (clear, subjects, faces, others, nobody) = ANSWERS[name]
    (row,) = read_answers(text.encode())
    answer = row.answer
    assert (answer.clear, answer.subjects, dict(answer.faces)) == (clear, subjects, faces)
    assert (answer.others, answer.nobody) == (others, nobody)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(str.encode),
        st.builds(json.dumps, st.dictionaries(st.text(max_size=9), st.integers())).map(str.encode),
    )
)
def test_whatever_a_sheet_holds_it_is_read_or_refused(data: bytes) -> None:
    try:
        rows = read_answers(data)
    except VolentiError:
        return
    assert all(row.question for row in rows)


AMONG: dict[str, tuple[dict[str, Any], int]] = {
    "all": ({}, 4),
    "by finding": ({"finding": "bystander"}, 3),
    "by another finding": ({"finding": "no-face"}, 1),
    "a finding that wasn't made": ({"finding": "watermark"}, 0),
    "by shoot": ({"shoot": "spring"}, 0),
    "of no shoot": ({"shoot": ""}, 4),
    "by folder": ({"folder": "elsewhere"}, 0),
    "where nobody comes near": ({"below": 60.0}, 4),
    "where somebody does": ({"above": 60.0}, 0),
    "both": ({"finding": "bystander", "below": 100.0}, 3),
}


@pytest.mark.parametrize("name", AMONG)
def test_only_the_questions_that_are_meant_are_listed(studio: Studio, name: str) -> None:
    asked, count = AMONG[name]
    assert len(studio.ws.review.list(**asked)) == count


def test_a_question_about_a_picture_names_those_who_were_recognised(studio: Studio) -> None:
    studio.photo("ann", "x", "y")
    studio.clear()
    (question,) = [each for each in studio.ws.review.list() if len(each.images[0].faces) == 3]
    assert [each.subject for each in question.candidates] == ["ann"]
    assert question.candidates[0].nearness > 100


def test_a_filled_in_answer_is_clear_or_reject(studio: Studio) -> None:
    sheet = studio.ws.review.answer_sheet(studio.ws.review.list(below=60), "reject")
    assert sheet.count(",reject,") == 4
    with pytest.raises(UsageError):
        studio.ws.review.answer_sheet([], "maybe")


def test_a_sheet_names_files_and_no_name_is_a_formula(studio: Studio) -> None:
    """Files are named by strangers, and spreadsheets calculate what begins like a formula."""
    picture = studio.photo("ann", "w")
    (studio.folder / "named").mkdir()
    picture.rename(studio.folder / "named" / "=2+3.png")
    studio.ws.add([studio.folder / "named"])
    studio.ws.clear("generative-training")
    rows = csv.DictReader(io.StringIO(studio.ws.review.answer_sheet(studio.ws.review.list())))
    named = [row["files"] for row in rows]
    assert "'=2+3.png" in named
    assert "002.png; 003.png" in named


@pytest.mark.parametrize("answer", ["reject", "Clear"])
def test_a_workbook_is_read_as_the_csv_is(studio: Studio, answer: str) -> None:
    text = filled(studio, {"answer": answer, "subjects": "bob" * (answer == "Clear")}).read_text("utf-8")
    assert read_answers(as_workbook(text)) == read_answers(text.encode())
    (row,) = read_answers(as_workbook(text))
    assert row.answer.clear == (answer == "Clear")


def test_a_damaged_workbook_is_told(studio: Studio) -> None:
    whole = as_workbook("question,answer\nimg_1,reject\n")
    with pytest.raises(AnswerSheetError, match="can't be read as a workbook"):
        read_answers(whole[: len(whole) // 2])


def test_a_question_that_was_decided_says_so_by_whom_and_when(studio: Studio) -> None:
    first, *_ = studio.ws.review.list()
    studio.ws.review.decide(first.id, clear=False, reviewer="rita")
    image = first.images[0].id
    for asked in (first.id, image):
        with pytest.raises(NotFoundError, match=f"{image} is rejected for generative-training, by rita, 20"):
            studio.ws.review.show(asked)
    with pytest.raises(UsageError, match="it is rejected for generative-training, by rita, 20"):
        studio.ws.review.decide(image, clear=False, reviewer="otto")
    with pytest.raises(ConflictError, match="is rejected for generative-training, by rita, 20"):
        studio.ws.review.decide(image, clear=False, reviewer="otto", purpose="generative-training")


def test_a_picture_that_is_part_of_a_question_says_of_which(studio: Studio) -> None:
    first, *_ = studio.ws.review.list()
    for image in first.images:
        with pytest.raises(NotFoundError, match=f"{image.id} is part of {first.id}"):
            studio.ws.review.show(image.id)
