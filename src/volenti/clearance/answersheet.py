"""Answer sheets: many answers to questions in one table: CSV, a workbook (.xlsx) or JSON lines.

`volenti review list --csv` and `ws.review.answer_sheet` write one with a row for each question, to be
filled in:

| column | what it says |
|---|---|
| question | a question's identifier, or a picture's |
| answer | clear or reject; a row where it is empty is left for later |
| subjects | whom it shows, separated by spaces |
| faces | what single faces are, NUMBER=ANSWER, separated by spaces |
| others | what the other faces are that nobody covers: no-face, too-small, too-blurred or blur |
| nobody | yes where it shows no person, or nobody beside those recognised |

Other columns are for whoever fills it in, and aren't read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from volenti.clearance.answer import Answer, no_one
from volenti.clearance.question import Question
from volenti.consent.cells import CellError, answer_in
from volenti.consent.document import DocumentError
from volenti.consent.tablefile import (
    WORKBOOK,
    Line,
    UnreadableRow,
    decoded,
    lines_of,
    lines_of_workbook,
    trimmed,
)
from volenti.core.canonical import parse_given
from volenti.core.errors import UsageError
from volenti.core.shown import printable

COLUMNS = ("question", "answer", "subjects", "faces", "others", "nobody")
#: Columns that help whoever fills the sheet in.
HELP = ("pictures", "files", "findings", "resembles", "nearness", "dropped_after")

#: Files of a question that are named in its row.
FILES_MAX = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A row's number, the question, and the answer to it."""

    number: int
    question: str
    answer: Answer


class AnswerSheetError(UsageError):
    """A sheet can't be used; `problems` names every fault by its row."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        shown = "; ".join(each.removesuffix(".") for each in self.problems[:5])
        more = f" and {len(self.problems) - 5} more" if len(self.problems) > 5 else ""
        super().__init__(f"The answers can't be taken: {shown}{more}.", "Correct them; nothing was decided.")


def to_fill_in(questions: Iterable[Question], answer: str = "") -> str:
    """A sheet as CSV with a row for each question, to be filled in; answer: what stands in every row."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow((*COLUMNS, *HELP))
    for each in questions:
        blank = [answer, *[""] * (len(COLUMNS) - 2)]
        near = " ".join(one.subject for one in each.candidates)
        last = each.last_day.isoformat() if each.last_day else ""
        files = _inert("; ".join(printable(image.file) for image in each.images[:FILES_MAX]))
        told = [len(each.images), files, " ".join(each.findings), near, round(each.nearness), last]
        table.writerow([each.id, *blank, *told])
    return out.getvalue()


def _inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula: files are named by strangers."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def read_answers(data: bytes, encoding: str = "") -> list[Row]:
    """The answers of a sheet; AnswerSheetError names every fault, and then none counts."""
    found: list[Row] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    try:
        for number, cells in _rows(data, encoding):
            try:
                answer = _answer(cells)
            except (ValueError, UsageError) as error:
                problems.append(f"row {number}: {getattr(error, 'message', error)}")
                continue
            if answer is None:
                continue
            name = cells["question"].strip()
            if name in seen:
                problems.append(f"row {number}: {name} was answered in row {seen[name]} already")
            seen[name] = number
            found.append(Row(number, name, answer))
    except (UnreadableRow, DocumentError) as error:
        problems.append(str(error))
    if problems:
        raise AnswerSheetError(problems)
    return found


def _rows(data: bytes, encoding: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    if data.startswith(WORKBOOK):
        yield from _cells(lines_of_workbook(data))
        return
    text = decoded(data, encoding)
    if text.lstrip().startswith("{"):
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                said = parse_given(line)
            except ValueError:
                raise AnswerSheetError([f"row {number}: it isn't JSON"]) from None
            yield number, _from_json(said)
        return
    yield from _cells(lines_of(text))


def _cells(found: Iterable[Line]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a table, each by its headings."""
    lines = trimmed(found)
    _, headings = next(lines, (0, []))
    names = [each.strip().lower() for each in headings]
    missing = [each for each in ("question", "answer") if each not in names]
    if missing:
        raise AnswerSheetError([f"there is no column {' and no column '.join(missing)}"])
    for number, cells in lines:
        yield number, dict(zip(names, cells, strict=False))


def _from_json(said: Any) -> Mapping[str, str]:
    if not isinstance(said, dict):
        raise AnswerSheetError(["a line isn't a JSON object"])
    cells = {}
    for name, value in said.items():
        if isinstance(value, bool):
            value = "yes" if value else "no"
        elif isinstance(value, list):
            value = " ".join(map(str, value))
        elif isinstance(value, dict):
            value = " ".join(f"{key}={each}" for key, each in value.items())
        cells[name] = "" if value is None else str(value)
    return cells


def _answer(cells: Mapping[str, str]) -> Answer | None:
    """The answer in a row; None where it is left for later."""
    said = cells.get("answer", "").strip().lower()
    if not said:
        return None
    if not cells.get("question", "").strip():
        raise ValueError("it answers no question")
    if said not in ("clear", "reject"):
        raise ValueError(f"the answer {said!r} is neither clear nor reject")
    faces = {}
    for each in cells.get("faces", "").split():
        number, _, reply = each.partition("=")
        if not number.isdecimal() or not reply:
            raise ValueError(f"{each!r} says nothing of a face; write it like 0=sub_ada")
        faces[int(number)] = reply
    try:
        nobody = answer_in(cells["nobody"]) if cells.get("nobody", "").strip() else False
    except CellError as error:
        raise ValueError(f"nobody {error}") from None
    others = no_one(cells.get("others", "").strip().lower() or None)
    subjects = tuple(cells.get("subjects", "").split())
    if nobody and subjects:
        raise ValueError("it shows nobody, and somebody")
    return Answer(said == "clear", subjects, nobody, faces, others)
