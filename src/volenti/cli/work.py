"""volenti work: what was drawn and what was refused, with whom it came near to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.help import Chapter
from volenti.cli.options import AsJson
from volenti.cli.output import note, say, say_fields, say_json, say_table
from volenti.cli.session import opened, write_new
from volenti.core.canonical import Json

if TYPE_CHECKING:
    from volenti.catalogue.work import Likeness, Way, Work

app = Chapter("Pictures that were drawn, and those that were refused.")

#: What is said of a refused picture.
WAYS: dict[Way, str] = {"face": "has the face of", "copy": "is like a picture of"}


def facts_of(work: Work, nearest: dict[Way, tuple[str, ...]]) -> Json:
    """A work as --json prints it, with whom it came near to."""
    return {"id": work.id, **work.to_json(), "nearest": {way: list(who) for way, who in nearest.items()}}


def subjects_of(likeness: Likeness) -> dict[Way, tuple[str, ...]]:
    """Whom it came near to, by each way of comparing."""
    return {way: near.subjects for way, near in likeness.nearnesses.items()}


def scores_of(likeness: Likeness) -> tuple[str, str]:
    """Both scores beside the limits that they must stay under."""
    found = [
        "" if near is None else f"{near.score:.2f} {'>=' if near.too_near else '<'} {near.limit:.2f}"
        for near in (likeness.face, likeness.copy)
    ]
    return found[0], found[1]


@app.command("list")
def list_(
    ctx: typer.Context,
    refused: Annotated[bool, typer.Option("--refused", help="Only those that were refused.")] = False,
    as_json: AsJson = False,
) -> None:
    """List every picture that was drawn, oldest first, with its scores beside their limits.

    \b
    Examples:
      volenti work list
      volenti work list --refused
    """
    with opened(ctx) as ws:
        found = ws.catalogue.works(refused=True if refused else None)
        nearest = [ws.catalogue.nearest(work) for work in found]
    if as_json:
        say_json({"works": [facts_of(work, who) for work, who in zip(found, nearest, strict=True)]})
        return
    if not found:
        note("Nothing was refused yet." if refused else "Nothing was drawn yet.")
        return
    say_table(
        ("WORK", "SEED", "DRAWN", "FACE", "COPY", "REFUSED", "PROMPT"),
        [(work.id, work.seed, work.created, *scores_of(work.likeness), work.refused, work.prompt)
         for work in found],
    )  # fmt: skip


@app.command("show")
def show(
    ctx: typer.Context,
    work: Annotated[str, typer.Argument(metavar="WORK", help="Its identifier: volenti work list.")],
    picture: Annotated[
        Path | None,
        typer.Option(dir_okay=False, metavar="FILE", help="Draw it again, into this new PNG, to look at it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one picture's record: how it was made, whom it comes near to, why it was refused.

    The picture itself isn't kept. --picture draws it again from its words and seed, also a refused one,
    for whoever has to judge the refusal; it isn't meant to be handed out.

    \b
    Examples:
      volenti work show wrk_1
      volenti work show wrk_1 --picture look.png
    """
    with opened(ctx) as ws:
        found = ws.catalogue.work(work)
        nearest = ws.catalogue.nearest(found)
        again = ws.catalogue.redrawn(found) if picture is not None else None
    if picture is not None and again is not None:
        write_new(picture, again[0])
    if as_json:
        redrawn = None if again is None else {"file": str(picture), "same": again[1]}
        say_json({**facts_of(found, nearest), "picture": redrawn})
        return
    _say_work(found, nearest)
    if again is not None:
        say(f"Drawn again: {picture}")
        if not again[1]:
            note("It isn't the very same file: the model, the machine or the background is another now.")


def _say_work(work: Work, nearest: dict[Way, tuple[str, ...]]) -> None:
    face, copy = scores_of(work.likeness)
    by_face, by_copy = (", ".join(nearest.get(way, ("(nobody, or erased since)",))) for way in WAYS)
    say_fields(
        [
            ("work", work.id),
            ("prompt", work.prompt),
            ("seed", work.seed),
            ("guidance, steps", f"{work.guidance}, {work.steps}"),
            ("run", f"{work.run}, constituent {work.constituent}"),
            ("drawn", work.created),
            ("sha256", work.sha256),
            ("faces found", work.likeness.faces),
            ("face", face and f"{face}, nearest {by_face}"),
            ("copy", copy and f"{copy}, nearest picture of {by_copy}"),
            ("refused", ", ".join(f"{_REASONS[way]}" for way in work.refused) or "no"),
        ]
    )


#: Why a picture was refused, in words.
_REASONS: dict[Way, str] = {"face": "the face is too near", "copy": "it is too near to a picture"}
