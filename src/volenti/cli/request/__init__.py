"""volenti request: what somebody asks for, by when, and what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.request.answering import answer
from volenti.cli.request.erasing import RequestName, plan, run
from volenti.cli.request.restricting import lift, uphold
from volenti.cli.request.retaining import keep, kept
from volenti.cli.terminal.evidence import say_pooled
from volenti.cli.terminal.help import Chapter
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, progress, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import opened, read_bytes, write_new
from volenti.consent.purpose import Grant
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.errors import UsageError
from volenti.requests.history import Delay, Ground, Identified
from volenti.requests.request import KINDS

if TYPE_CHECKING:
    from volenti.requests.request import Request

app = Chapter("What somebody asks for, by when, and what comes of it.")
#: What is found among a request's notes that a person wants to see.
ANSWERS = ("identified", "extended", "answered", "refused")


@app.command("open")
def open_(
    ctx: typer.Context,
    subject: Annotated[str | None, typer.Option(metavar="SUBJECT", help="Who asks.")] = None,
    kind: Annotated[str, typer.Option(metavar="KIND", help=f"What for: {', '.join(KINDS)}.")] = "erasure",
    release: Annotated[
        str | None, typer.Option(metavar="RELEASE", help="A withdrawal of this release alone.")
    ] = None,
    grant: Annotated[
        Grant | None,
        typer.Option(metavar="GRANT", help=f"A withdrawal of this yes alone: {', '.join(Grant)}."),
    ] = None,
    shoot: Annotated[
        str | None, typer.Option(metavar="SHOOT", help="A withdrawal for the pictures of this shoot alone.")
    ] = None,
    photo: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="Whoever asks isn't known by a name: look for this face, and open nothing yet.",
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            metavar="FILE",
            help="With --photo: draw the face beside those found, as .jpg or .png.",
        ),
    ] = None,
    face: Annotated[
        list[str] | None,
        typer.Option(metavar="IMAGE.NUMBER", help="A face so found that is theirs; repeat it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Open a request. Nothing is done yet; it is due within 30 days.

    Somebody who was never enrolled may ask too. With --photo their face is looked for among the
    people enrolled and the pictures held; the photograph, and what is computed of it, are kept
    nowhere. Compare what is found (--sheet), then open the request for the subject it is, or for
    the faces that are theirs.

    \b
    Examples:
      volenti request open --kind erasure --subject sub_ada
      volenti request open --kind withdrawal --subject sub_ada --grant generative-training
      volenti request open --photo selfie.jpg --sheet compare.jpg
      volenti request open --face img_1.0 --face img_2.1
    """
    if sum(bool(each) for each in (subject, photo, face)) != 1:
        raise UsageError(
            "Say who asks: one of --subject, --photo and --face.",
            "Somebody who isn't enrolled is looked for by --photo FILE.",
        )
    if photo is not None:
        _look_for(ctx, photo, sheet, as_json)
        return
    with opened(ctx) as ws:
        if face:
            request = ws.parts.requests.open_for_faces(face)
        else:
            request = ws.requests.open(kind, subject or "", release=release, grant=grant, shoot=shoot)
    if as_json:
        say_json(request.facts())
        return
    say(request.id)
    note(f"Due by {request.due}.")
    if request.kind == "erasure":
        advise(f"See what would go: volenti request plan {request.id}")
    elif request.kind in ("withdrawal", "restriction", "objection"):
        advise(f"Carry it out: volenti request run {request.id}")
    else:
        advise(f"Answer it: volenti request answer {request.id} --folder DIR")


def _look_for(ctx: typer.Context, photo: Path, sheet: Path | None, as_json: bool) -> None:
    """Print what resembles a face, and what to do about it."""
    data = read_bytes(photo)
    with opened(ctx) as ws, progress(as_json) as told:
        found = ws.parts.faces.search(data, ws.settings.territory, told)
        if sheet is not None:
            write_new(sheet, ws.parts.faces.sheet(data, found, sheet.suffix))
    if as_json:
        say_json({"candidates": [encoded(each) for each in found]})
        return
    if not found:
        note("No such face is enrolled or held.")
        return
    say_table(
        ("WHAT", "NAME", "FILE", "SCORE", "A MATCH NEEDS", ""),
        [
            (
                each.kind,
                each.name,
                each.file,
                f"{each.score:.2f}",
                f"{each.needed:.2f}",
                "match" if each.is_match else "perhaps",
            )
            for each in found
        ],
    )
    if sheet is None:
        advise(f"Compare them: volenti request open --photo {photo} --sheet compare.jpg")
    for each in found:
        if each.kind == "subject":
            advise(f"If it is {each.name}: volenti request open --subject {each.name}")
    faces = [each.name for each in found if each.kind == "face"]
    if faces:
        advise("For the faces that are theirs: volenti request open --face " + " --face ".join(faces))


app.command("answer")(answer)
app.command("plan")(plan)
app.command("run")(run)


@app.command("identify")
def identify(
    ctx: typer.Context,
    how: Annotated[
        Identified,
        typer.Option("--by", metavar="WAY", help=f"How it was made sure: {', '.join(Identified)}."),
    ],
    request: RequestName = None,
    as_json: AsJson = False,
) -> None:
    """Write down how it was made sure that who asks is who they say. The certificate says it.

    What was looked at (a passport's number, a letter) is nobody's business afterwards: it isn't kept.

    \b
    Example:
      volenti request identify req_1 --by document
    """
    with opened(ctx) as ws:
        changed = ws.parts.requests.identify(ws.parts.requests.find(request), how)
    _say_changed(changed, f"{changed.id}: identified by {how.value}.", as_json)


@app.command("extend")
def extend(
    ctx: typer.Context,
    reason: Annotated[Delay, typer.Option(metavar="REASON", help=f"One of the law's: {', '.join(Delay)}.")],
    request: RequestName = None,
    as_json: AsJson = False,
) -> None:
    """Put a request's deadline off by two months, once. Tell whoever asked, and why.

    Art. 12(3) GDPR: they must be told within the first month.

    \b
    Example:
      volenti request extend req_1 --reason complexity
    """
    with opened(ctx) as ws:
        changed = ws.parts.requests.extend(ws.parts.requests.find(request), reason)
    _say_changed(changed, f"{changed.id} is due by {changed.due} now.", as_json)


@app.command("refuse")
def refuse(
    ctx: typer.Context,
    ground: Annotated[Ground, typer.Option(metavar="GROUND", help="One of the grounds above.")],
    request: RequestName = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a request that wasn't begun, on a ground of law. Everything stays as it is.

    An objection may be refused while it is in force: then what is theirs may be used again.

    \b
    Grounds, by articles of the GDPR:
      not-identified          11(2), 12(2)  who asks can't be identified
      unfounded-or-excessive  12(5)(b)      such as the same request every week
      freedom-of-expression   17(3)(a)      and information
      legal-obligation        17(3)(b)      a law says it must be kept
      public-health           17(3)(c)
      archiving-or-research   17(3)(d)      in the public interest, if erasure would defeat it
      legal-claims            17(3)(e)      kept for a claim or against one
      overriding-grounds      21(1)         of an objection: yours outweigh theirs

    Tell whoever asked within the month, why, and that they may complain to a supervisory authority
    (Art. 12(4)).

    \b
    Example:
      volenti request refuse req_1 --ground legal-claims
    """
    with opened(ctx) as ws:
        changed = ws.parts.restrictions.refuse(ws.parts.requests.find(request), ground)
    _say_changed(changed, f"{changed.id} is refused: {ground.article} GDPR.", as_json)


def _say_changed(request: Request, what: str, as_json: bool) -> None:
    if as_json:
        say_json(request.facts())
    else:
        say(what)


app.command("keep")(keep)
app.command("kept")(kept)
app.command("lift")(lift)
app.command("uphold")(uphold)


@app.command("list")
def list_(
    ctx: typer.Context,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those that should be over by now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List requests, oldest first. An erasure that is over names nobody any more.

    Where the model was attacked for several people (request run --audit), what the attacks say together.

    \b
    Examples:
      volenti request list
      volenti request list --overdue
    """
    from volenti.erasure.pooled import pooled

    with opened(ctx) as ws:
        found = ws.parts.requests.overdue() if overdue else ws.parts.requests.all()
    together = pooled(found)
    if as_json:
        attacks = {"attacks": [encoded(each) for each in together]} if together else {}
        say_json({"requests": [each.facts() for each in found], **attacks})
        return
    if not found:
        note("Nothing is overdue." if overdue else "Nobody has asked for anything.")
        return
    say_table(
        ("REQUEST", "KIND", "STATE", "SUBJECT", "OPENED", "DUE"),
        [(each.id, each.kind, each.state, each.subject, each.opened, each.due) for each in found],
    )
    say_pooled(together)


@app.command("show")
def show(ctx: typer.Context, request: RequestName = None, as_json: AsJson = False) -> None:
    """Show one request and how far it has come.

    \b
    Example:
      volenti request show
    """
    with opened(ctx) as ws:
        found = ws.parts.requests.find(request)
    if as_json:
        say_json(found.facts())
        return
    notes = found.facts()["notes"]
    say_fields(
        [
            ("request", found.id),
            ("kind", found.kind),
            ("subject", found.subject),
            ("state", found.state),
            ("opened", found.opened),
            ("due", found.due),
            *[(name, _told(notes[name])) for name in ANSWERS if name in notes],
            ("steps done", "\n".join(found.steps)),
        ]
    )


def _told(facts: Json) -> str:
    """When, and how or why."""
    return ", ".join(str(each) for name, each in sorted(facts.items()) if name != "at") + f" ({facts['at']})"
