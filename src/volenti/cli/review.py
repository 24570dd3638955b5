"""volenti review: a person decides what the policy held."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson, signing_key
from volenti.cli.terminal.output import advise, note, say, say_fields, say_json
from volenti.cli.terminal.session import opened
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.errors import UsageError
from volenti.core.shown import printable

if TYPE_CHECKING:
    from volenti.clearance.question import Question

app = CommandGroup("Decide what the policy held.")

What = Annotated[
    str, typer.Argument(metavar="QUESTION", help="A question of `review list`, or one picture's identifier.")
]
Reviewer = Annotated[
    str,
    typer.Option(
        metavar="NAME", envvar="VOLENTI_REVIEWER", help="Who decides; goes into the decision and the log."
    ),
]
PurposeOption = Annotated[
    str | None,
    typer.Option(metavar="PURPOSE", help="For which purpose; the one it is held for by default."),
]
Out = Annotated[Path, typer.Option(metavar="FILE", help="Where to write the sheet: a .jpg or .png.")]
ClearOrReject = Annotated[
    bool, typer.Option("--clear/--reject", help="Let it in, or refuse it.", show_default=False)
]
Subjects = Annotated[
    list[str] | None,
    typer.Option(
        "--subject", metavar="SUBJECT", help="Whom it shows, or whose face it is; repeat it for several."
    ),
]
Nobody = Annotated[
    bool, typer.Option("--nobody", help="It shows no person, or nobody beside those recognised.")
]
Faces = Annotated[
    list[str] | None,
    typer.Option(
        "--face",
        metavar="NUMBER=ANSWER",
        help="Whose one face is: a subject, blur, no-face or too-small; repeat it for several.",
    ),
]
Others = Annotated[
    str | None,
    typer.Option(
        "--others",
        metavar="ANSWER",
        help="What every other face is that nobody covers: blur, no-face or too-small.",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option("--key", exists=True, dir_okay=False, metavar="FILE", help="Sign with this private key."),
]
Picture = Annotated[str, typer.Argument(metavar="IMAGE", help="Which picture: its identifier.")]
Code = Annotated[
    str, typer.Argument(metavar="CODE", help="What you saw, such as property-release or bystander.")
]


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List what there is to decide, the answer that settles most pictures first.

    One unknown face in many pictures is one question. Each says what was found, whom the face
    is nearest to and what their release says, and when the pictures are dropped.

    \b
    Example:
      volenti review list
    """
    with opened(ctx) as ws:
        rows = [_facts(question) for question in ws.review.list()]
    if as_json:
        say_json({"held": rows})
        return
    for row in rows:
        say_fields(
            [
                ("question", row["question"]),
                ("pictures", f"{len(row['images'])}: {', '.join(map(printable, row['files'][:3]))}"),
                ("purpose", row["purposes"]),
                ("findings", "\n".join(f"{each['code']}: {each['message']}" for each in row["findings"])),
                ("resembles", "\n".join(_near(each) for each in row["resembles"])),
                ("dropped after", row["dropped_after"]),
            ]
        )
        say()
    if rows:
        advise("Look: volenti review show QUESTION --out FILE.jpg")
        advise(
            "Decide: volenti review decide QUESTION --clear --subject SUBJECT --reviewer NAME, or --reject"
        )
    else:
        note("Nothing is held.")


def _near(candidate: Json) -> str:
    return f"{candidate['subject']} (score {candidate['score']:.2f}; {candidate['release']})"


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
                "release": each.coverage.code,
                "clause": each.coverage.clause,
            }
            for each in question.candidates
        ],
        "dropped_after": None if question.last_day is None else question.last_day.isoformat(),
    }


@app.command("show")
def show(ctx: typer.Context, question: What, out: Out) -> None:
    """Write what there is to see of a question as one picture: the face, and the people it is nearest to.

    The sheet leaves the workspace and isn't erased with it: delete it once you have decided.

    \b
    Example:
      volenti review show img_1.0 --out look.jpg
    """
    with opened(ctx) as ws:
        out.write_bytes(ws.review.show(question, out.suffix))
    note(f"{out} shows people. Delete it once you have decided.")


@app.command("decide")
def decide(
    ctx: typer.Context,
    question: What,
    clear: ClearOrReject,
    reviewer: Reviewer,
    subjects: Subjects = None,
    nobody: Nobody = False,
    faces: Faces = None,
    others: Others = None,
    purpose: PurposeOption = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Decide a question, or one held picture.

    Clearing needs a release that covers the use, of everybody named: that isn't a matter of
    opinion. The picture is then sealed under the keys of those it shows, so name all of them;
    those already recognised needn't be named. A face that nobody covers is somebody's (--subject,
    or --face), is made unrecognisable (blur), is no face or too small to recognise anybody by, as
    far as the policy lets you say that; otherwise reject. Numbers of faces are on the sheet that
    `review show` writes. Where the policy asks for two people, the first yes waits for a second.

    \b
    Examples:
      volenti review decide img_1.0 --clear --subject sub_ada --reviewer "Pat P."
      volenti review decide img_3 --clear --face 1=sub_ada --others blur --reviewer "Pat P."
      volenti review decide img_2 --reject --reviewer "Pat P."
    """
    signing = None if key is None else signing_key(key)
    with opened(ctx) as ws:
        decided = ws.review.decide(
            question,
            clear=clear,
            reviewer=reviewer,
            subjects=subjects or (),
            nobody=nobody,
            faces=_faces(faces or ()),
            others=others,
            purpose=purpose,
            key=signing,
        )
    if as_json:
        facts = [{"image": each.image, **encoded(each)} for each in decided]
        say_json({"decisions": facts} if "." in question else facts[0])
        return
    for each in decided:
        waits = ": a second person has to agree" if each.verdict == "held" else ""
        say(f"{each.image} is {each.verdict} for {each.purpose}, by {reviewer}{waits}.")


def _faces(said: Sequence[str]) -> dict[int, str]:
    """Answers about single faces, NUMBER=ANSWER, by number."""
    found: dict[int, str] = {}
    for each in said:
        number, _, reply = each.partition("=")
        if not number.strip().isdecimal() or not reply.strip():
            raise UsageError(f"{each!r} says nothing of a face.", "Write it as --face 0=sub_ada.")
        if found.setdefault(int(number), reply.strip()) != reply.strip():
            raise UsageError(f"Face {number} is said to be two things.", "Say of each face one thing.")
    return found


@app.command("flag")
def flag(
    ctx: typer.Context,
    image: Picture,
    code: Code,
    reviewer: Reviewer,
    purpose: PurposeOption = None,
    as_json: AsJson = False,
) -> None:
    """Add a finding of your own to a picture: it is held, for every purpose, until somebody decides.

    For what nothing here looks for, such as a recognisable building or work of art.

    \b
    Example:
      volenti review flag img_1 property-release --reviewer "Pat P."
    """
    with opened(ctx) as ws:
        decision = ws.review.flag(image, code, reviewer=reviewer, purpose=purpose)
    if as_json:
        say_json({"image": image, **encoded(decision)})
        return
    say(f"{image} is held: {code}.")


@app.command("undo")
def undo(
    ctx: typer.Context,
    image: Picture,
    reviewer: Reviewer,
    purpose: PurposeOption = None,
    as_json: AsJson = False,
) -> None:
    """Take a reviewer's clearing back: the picture is held again.

    A rejection can't be undone, because nothing of the picture was kept.

    \b
    Example:
      volenti review undo img_1 --reviewer "Pat P."
    """
    with opened(ctx) as ws:
        decision = ws.review.undo(image, reviewer=reviewer, purpose=purpose)
    if as_json:
        say_json({"image": image, **encoded(decision)})
        return
    say(f"{image} is held again for {decision.purpose}.")
