"""volenti request open: opens a request of somebody who is known by name, or by their face."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson, Identity
from volenti.cli.terminal.output import advise, note, progress, say, say_json, say_table
from volenti.cli.terminal.session import opened, read_bytes, write_new
from volenti.consent.purpose import Grant
from volenti.core.codec import encoded
from volenti.core.errors import UsageError
from volenti.requests.course import KINDS

if TYPE_CHECKING:
    from volenti.clearance.facesearch import Resembling
    from volenti.requests.request import Request

Subject = Annotated[str | None, typer.Option(metavar="SUBJECT", help="Who asks.")]
RequestKind = Annotated[str, typer.Option(metavar="KIND", help=f"What for: {', '.join(KINDS)}.")]
Release = Annotated[str | None, typer.Option(metavar="RELEASE", help="A withdrawal of this release alone.")]
ThisGrant = Annotated[
    Grant | None,
    typer.Option(metavar="GRANT", help=f"A withdrawal of this yes alone: {', '.join(Grant)}."),
]
Shoot = Annotated[
    str | None, typer.Option(metavar="SHOOT", help="A withdrawal for the pictures of this shoot alone.")
]
Photo = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="Whoever asks isn't known by a name: look for this face, and open nothing yet.",
    ),
]
Sheet = Annotated[
    Path | None,
    typer.Option(
        dir_okay=False,
        metavar="FILE",
        help="With --photo: draw the face beside those found, as .jpg or .png.",
    ),
]
Face = Annotated[
    list[str] | None,
    typer.Option(metavar="IMAGE.NUMBER", help="A face so found that is theirs; repeat it."),
]


def open_(
    ctx: typer.Context,
    subject: Subject = None,
    kind: RequestKind = "erasure",
    release: Release = None,
    grant: ThisGrant = None,
    shoot: Shoot = None,
    photo: Photo = None,
    sheet: Sheet = None,
    face: Face = None,
    identity: Identity = None,
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
            request = ws.requests.open(face=face, identity=identity)
        else:
            request = ws.requests.open(
                kind, subject, release=release, grant=grant, shoot=shoot, identity=identity
            )
    if as_json:
        say_json(request.facts())
        return
    _say_opened(request)


def _say_opened(request: Request) -> None:
    say(request.id)
    note(f"Due by {request.due}.")
    if request.kind == "erasure":
        advise(f"See what would go: volenti request plan {request.id}")
    for each in request.next_steps:
        advise(f"Next: {each}")


def _look_for(ctx: typer.Context, photo: Path, sheet: Path | None, as_json: bool) -> None:
    """Print who resembles the face in a photograph, and what to do next."""
    data = read_bytes(photo)
    with opened(ctx) as ws, progress(as_json) as bar:
        found = ws.requests.look_for(data, progress=bar)
        if sheet is not None:
            write_new(sheet, ws.requests.compare(data, found, sheet.suffix))
    if as_json:
        say_json({"candidates": [encoded(each) for each in found]})
        return
    if not found:
        note("No such face is enrolled or held.")
        return
    _say_found(found)
    if sheet is None:
        advise(f"Compare them: volenti request open --photo {photo} --sheet compare.jpg")
    for each in found:
        if each.kind == "subject":
            advise(f"If it is {each.name}: volenti request open --subject {each.name}")
    faces = [each.name for each in found if each.kind == "face"]
    if faces:
        advise("For the faces that are theirs: volenti request open --face " + " --face ".join(faces))


def _say_found(found: list[Resembling]) -> None:
    say_table(
        ("NO.", "WHAT", "NAME", "FILE", "SCORE", "A MATCH NEEDS", ""),
        [
            (
                str(number),
                each.kind,
                each.name,
                each.file,
                f"{each.score:.2f}",
                f"{each.needed:.2f}",
                "match" if each.is_match else "perhaps",
            )
            for number, each in enumerate(found, 1)
        ],
    )
