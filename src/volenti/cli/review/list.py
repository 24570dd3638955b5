"""volenti review list: what there is to decide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, say, say_fields, say_json
from volenti.cli.terminal.session import opened, write_new
from volenti.core.canonical import Json
from volenti.core.shown import printable

if TYPE_CHECKING:
    from volenti.clearance.question import Question
    from volenti.workspace.workspace import Workspace


Finding = Annotated[str | None, typer.Option(metavar="CODE", help="Only where this was found.")]
Near = Annotated[
    str | None,
    typer.Option("--subject", metavar="SUBJECT", help="Only where somebody is near to this person."),
]
Shoot = Annotated[str | None, typer.Option(metavar="ID", help="Only pictures of this shoot.")]
Folder = Annotated[str | None, typer.Option(metavar="FOLDER", help="Only files given from this folder.")]
Below = Annotated[
    float | None,
    typer.Option(min=0, metavar="PERCENT", help="Only where nobody comes so near, in per cent of a match."),
]
Above = Annotated[
    float | None,
    typer.Option(min=0, metavar="PERCENT", help="Only where somebody comes at least so near."),
]
Count = Annotated[int, typer.Option(min=1, metavar="N", help="Questions on a page.")]
Page = Annotated[int, typer.Option(min=1, metavar="K", help="Which page.")]
Csv = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="FILE",
        help="Write all of them as a table to be filled in, for `answer`, to this new file; .xlsx for Excel.",
    ),
]
Fill = Annotated[
    str | None,
    typer.Option(metavar="ANSWER", help="With --csv: clear or reject, the answer in every row."),
]


#: Per cent of a match from which on a person is named in the list; JSON and the sheet have the two nearest.
NEAR = 30


def list_(
    ctx: typer.Context,
    finding: Finding = None,
    subject: Near = None,
    shoot: Shoot = None,
    folder: Folder = None,
    below: Below = None,
    above: Above = None,
    count: Count = 20,
    page: Page = 1,
    csv: Csv = None,
    fill: Fill = None,
    as_json: AsJson = False,
) -> None:
    """List what there is to decide, the answer that settles most pictures first.

    One unknown face in many pictures is one question. Each says what was found, whom the face
    is nearest to and what their release says, and when the pictures are dropped. Many are answered
    at once by a table: write one with --csv, look through it, and have it taken by `review answer`.

    \b
    Examples:
      volenti review list --finding bystander
      volenti review list --below 60 --csv answers.xlsx --fill reject
    """
    with opened(ctx) as ws:
        questions = ws.review.list(
            finding=finding, subject=subject, shoot=shoot, folder=folder, below=below, above=above
        )
        sheet = b"" if csv is None else _sheet(ws, csv, questions, fill or "")
    if csv is not None:
        write_new(csv, sheet)
        if not questions:
            note(f"Nothing of that is held: {csv} has no row to be filled in.")
            return
        note(
            f"{counted(len(questions), 'question')} in {csv}: fill it in, or look through what is filled in."
        )
        advise(f"Have it taken: volenti review answer {csv} --reviewer NAME")
        return
    if as_json:
        say_json({"held": [_facts(each) for each in questions]})
        return
    if not questions:
        asked = (finding, subject, shoot, folder, below, above)
        note("Nothing is held." if asked == (None,) * 6 else "Nothing of that is held.")
    else:
        _say_page(questions, count, page)


def _sheet(ws: Workspace, path: Path, questions: Sequence[Question], answer: str) -> bytes:
    """The table to be filled in, in the form that its name says."""
    if path.suffix.lower() == ".xlsx":
        return ws.review.answer_workbook(questions, answer)
    return ws.review.answer_sheet(questions, answer).encode()


def _say_page(questions: Sequence[Question], count: int, page: int) -> None:
    shown = questions[count * (page - 1) : count * page]
    for row in map(_facts, shown):
        say_fields(
            [
                ("question", row["question"]),
                ("pictures", f"{len(row['images'])}: {', '.join(map(printable, row['files'][:3]))}"),
                ("purpose", row["purposes"]),
                ("findings", "\n".join(f"{each['code']}: {each['message']}" for each in row["findings"])),
                (
                    "resembles",
                    "\n".join(_near(each) for each in row["resembles"] if each["nearness"] >= NEAR),
                ),
                ("dropped after", row["dropped_after"]),
            ]
        )
        say()
    if len(shown) < len(questions):
        pictures = sum(len(each.images) for each in questions)
        pages = -(-len(questions) // count)
        note(f"Page {page} of {pages}: {len(questions):,} questions about {pictures:,} pictures.")
        note("Others: --page K; or fewer by --finding, --subject, --shoot, --folder, --below, --above.")
    advise("Look: volenti review show QUESTION --out FILE.jpg")
    advise("Decide: volenti review decide QUESTION --clear --subject SUBJECT --reviewer NAME, or --reject")


def _near(candidate: Json) -> str:
    return f"{candidate['subject']} ({candidate['nearness']} % of a match; {candidate['release']})"


def _facts(question: Question) -> Json:
    return {
        "question": question.id,
        "image": question.images[0].id,
        "file": question.images[0].file,
        "purposes": [question.purpose],
        "images": [image.id for image in question.images],
        "files": [image.file for image in question.images],
        "findings": [
            {"code": code, "message": message, "remedy": remedy}
            for code, message, remedy in dict.fromkeys(
                (each.code, each.message, each.remedy) for each in question.decision.findings
            )
        ],
        "approvals": [each.reviewer for each in question.decision.approvals],
        "resembles": [
            {
                "subject": each.subject,
                "score": round(each.score, 4),
                "nearness": round(each.nearness),
                "release": each.coverage.code,
                "clause": each.coverage.clause,
            }
            for each in question.candidates
        ],
        "dropped_after": None if question.last_day is None else question.last_day.isoformat(),
    }
