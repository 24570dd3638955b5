"""volenti review decide: a person answers a question, or decides one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from volenti.cli.review.options import Key, PurposeOption, Reviewer
from volenti.cli.terminal.options import AsJson, either, signing_key
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded
from volenti.core.errors import UsageError

What = Annotated[
    str, typer.Argument(metavar="QUESTION", help="A question of `review list`, or one picture's identifier.")
]
Clear = Annotated[bool, typer.Option("--clear", help="Let it in.")]
Reject = Annotated[bool, typer.Option("--reject", help="Refuse it: nothing of it is kept.")]
Subjects = Annotated[
    list[str] | None,
    typer.Option(
        "--subject", metavar="SUBJECT", help="Whom it shows, or whose face it is; repeat it for several."
    ),
]
Nobody = Annotated[
    bool,
    typer.Option(
        "--nobody", help="It shows no person, or nobody beside those recognised whom anybody can tell."
    ),
]
Faces = Annotated[
    list[str] | None,
    typer.Option(
        "--face",
        metavar="NUMBER=ANSWER",
        help="Whose one face is: a subject, blur, no-face, too-small or too-blurred. Faces are numbered from "
        "0, as on the sheet; repeat it for several.",
    ),
]
Others = Annotated[
    str | None,
    typer.Option(
        "--others",
        metavar="ANSWER",
        help="What every other face is that nobody covers: blur, no-face, too-small or too-blurred.",
    ),
]

Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="IMAGE",
        help="Only these of the question's pictures; repeat it for several. All by default.",
    ),
]


def decide(
    ctx: typer.Context,
    question: What,
    reviewer: Reviewer,
    clear: Clear = False,
    reject: Reject = False,
    subjects: Subjects = None,
    nobody: Nobody = False,
    faces: Faces = None,
    others: Others = None,
    images: Only = None,
    purpose: PurposeOption = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Decide a question, or one held picture.

    Clearing needs a release that covers the use, of everybody named: that isn't a matter of
    opinion. The picture is then sealed under the keys of those it shows, so name all of them;
    those already recognised needn't be named. A face that nobody covers is somebody's (--subject,
    or --face), is made unrecognisable (blur), is no face, or too small or too blurred to recognise
    anybody by, as far as the policy lets you say that; otherwise reject. Faces are numbered from 0, as
    on the sheet that `review show` writes. A face is somebody's where it is like theirs; where it can't
    be compared with them, or the policy asks for two people, the first yes waits for a second.
    Where somebody may be seen whose face wasn't found, say who (--subject), or --nobody.

    \b
    Examples:
      volenti review decide img_1.0 --clear --subject sub_ada --reviewer "Pat P."
      volenti review decide img_3 --clear --face 1=sub_ada --others blur --reviewer "Pat P."
      volenti review decide img_2 --reject --reviewer "Pat P."
    """
    lets_in = either(clear, reject, ("--clear", "--reject"))
    if lets_in is None:
        raise UsageError(
            "Nothing is decided: you say neither --clear nor --reject.", "Choose one of the two."
        )
    signing = None if key is None else signing_key(key)
    with opened(ctx) as ws:
        decided = ws.review.decide(
            question,
            clear=lets_in,
            reviewer=reviewer,
            subjects=subjects or (),
            nobody=nobody,
            faces=_faces(faces or ()),
            others=others,
            images=images or (),
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
