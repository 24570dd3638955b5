"""volenti review: a person decides what the policy held."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.help import Chapter
from volenti.cli.options import AsJson, Territory
from volenti.cli.output import advise, note, say, say_fields, say_json
from volenti.cli.session import opened
from volenti.consent.purpose import PURPOSES
from volenti.core.canonical import Json
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.clearance.decision import Decision
    from volenti.clearance.image import Image
    from volenti.workspace import Workspace

app = Chapter("Decide what the policy held.")


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List held pictures: what was found, whom a face resembles, and when they are dropped.

    Look at your own copy of the file: nothing is taken out of the quarantine for looking.

    \b
    Example:
      volenti review list
    """
    with opened(ctx) as ws:
        rows = [_facts(ws, image, decisions) for image, decisions in ws.review.queue()]
    if as_json:
        say_json({"held": rows})
        return
    for row in rows:
        say_fields([
            ("image", row["image"]),
            ("file", row["file"]),
            ("purpose", row["purposes"]),
            ("findings", "\n".join(f"{each['code']}: {each['message']}" for each in row["findings"])),
            ("resembles", "\n".join(f"{e['subject']} (score {e['score']:.2f})" for e in row["resembles"])),
            ("dropped after", row["dropped_after"]),
        ])  # fmt: skip
        say()
    if rows:
        advise("Decide: volenti review decide IMAGE --clear --subject SUBJECT --reviewer NAME, or --reject")
    else:
        note("Nothing is held.")


def _facts(ws: Workspace, image: Image, decisions: list[Decision]) -> Json:
    held = [each for each in decisions if each.verdict == "held"]
    near = {face.subject: face.score for face in image.faces if face.standing == "held" and face.subject}
    return {
        "image": image.id,
        "file": image.file,
        "purposes": [each.purpose for each in held],
        "findings": [
            {"code": code, "message": message, "remedy": remedy}
            for code, message, remedy in dict.fromkeys(
                (each.code, each.message, each.remedy) for decision in held for each in decision.findings
            )
        ],
        "resembles": [{"subject": subject, "score": round(score, 4)} for subject, score in near.items()],
        "dropped_after": _last_day(ws, image),
    }


def _last_day(ws: Workspace, image: Image) -> str | None:
    """The last day of the picture's time in quarantine, which its day's key says."""
    if image.original is None:
        return None
    sealed = date.fromisoformat(image.original.owners[0].partition("-")[2])
    return (sealed + timedelta(days=ws.settings.quarantine_days)).isoformat()


@app.command("decide")
def decide(
    ctx: typer.Context,
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="Which picture: its identifier.")],
    clear: Annotated[
        bool, typer.Option("--clear/--reject", help="Let it in, or refuse it.", show_default=False)
    ],
    reviewer: Annotated[
        str,
        typer.Option(
            metavar="NAME", envvar="VOLENTI_REVIEWER", help="Who decides; goes into the decision and the log."
        ),
    ],
    subject: Annotated[
        list[str] | None, typer.Option(metavar="SUBJECT", help="Whom it shows; repeat it for several.")
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="It shows no person.")] = False,
    purpose: Annotated[
        str | None,
        typer.Option(metavar="PURPOSE", help="For which purpose; the one it is held for by default."),
    ] = None,
    territory: Territory = None,
    as_json: AsJson = False,
) -> None:
    """Settle one held picture.

    Clearing needs a release that covers the use, of everybody named: that isn't a matter of
    opinion. The picture is then sealed under the keys of those it shows, so name all of them.

    \b
    Examples:
      volenti review decide img_1 --clear --subject sub_ada --reviewer "Pat P."
      volenti review decide img_2 --reject --reviewer "Pat P."
    """
    if clear and bool(subject) == nobody:
        raise UsageError(
            "Say whom the picture shows.", "Name each: --subject SUBJECT; or --nobody if it shows no person."
        )
    if purpose is not None and purpose not in PURPOSES:
        raise UsageError(f"There is no purpose {purpose!r}.", f"Purposes: {', '.join(PURPOSES)}.")
    with opened(ctx) as ws:
        wanted = purpose or _held_purpose(ws.review.decisions(image), image)
        decision = ws.decide(
            image, wanted, clear=clear, subjects=subject or [], reviewer=reviewer, territory=territory
        )
    if as_json:
        say_json({"image": image, **decision.to_json()})
        return
    say(f"{image} is {decision.verdict} for {decision.purpose}, by {reviewer}.")


def _held_purpose(decisions: list[Decision], image: str) -> str:
    held = [each.purpose for each in decisions if each.verdict == "held"]
    if len(held) != 1:
        why = "is held for several purposes" if held else "isn't held"
        raise UsageError(f"{image} {why}.", "List what is: volenti review list; or name the --purpose.")
    return held[0]
