"""volenti request inquiries, inquiry and reply: whether somebody is in there, asked with a photograph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, progress, say, say_json, say_table
from volenti.cli.terminal.session import opened, write_new
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.requests.inquiry import Inquiry

Which = Annotated[str, typer.Argument(metavar="INQUIRY", help="Its identifier.")]


def inquiries(
    ctx: typer.Context,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that aren't answered yet.")] = False,
    as_json: AsJson = False,
) -> None:
    """List inquiries: people who asked with a photograph whether they are in there.

    \b
    Example:
      volenti request inquiries --waiting
    """
    with opened(ctx) as ws:
        found = ws.requests.inquiries(waiting=waiting)
    if as_json:
        say_json({"inquiries": [_facts(each) for each in found]})
        return
    if not found:
        note("Nobody waits for an answer." if waiting else "Nobody has asked.")
        return
    say_table(
        ("INQUIRY", "MADE", "DUE", "ANSWER"),
        [(each.id, each.at, each.due, each.reply or "") for each in found],
    )


def inquiry(
    ctx: typer.Context,
    inquiry: Which,
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the faces beside each other: .jpg or .png.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look into an inquiry: who resembles whoever asks. What is found is kept nowhere.

    \b
    Example:
      volenti request inquiry req_k3v5q2m7x4n6a2b5c7d2 --sheet compare.jpg
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        into = ws.requests.inquiry(inquiry, suffix=sheet.suffix if sheet else ".jpg", progress=bar)
        if sheet is not None:
            write_new(sheet, into.sheet)
            note(f"{sheet} shows people. Delete it once you have looked at it.")
    if as_json:
        say_json({**_facts(into.inquiry), "candidates": [encoded(each) for each in into.found]})
        return
    if into.found:
        say_table(
            ("NO.", "WHAT", "NAME", "SCORE", "A MATCH NEEDS"),
            [
                (str(number), each.kind, each.name, f"{each.score:.2f}", f"{each.needed:.2f}")
                for number, each in enumerate(into.found, 1)
            ],
        )
    else:
        note("No such face is enrolled or held.")
    advise(f"Answer it: volenti request reply {inquiry} --reply not-found")


def reply(
    ctx: typer.Context,
    inquiry: Which,
    reply: Annotated[str, typer.Option(metavar="WORD", help="found, not-found or unclear.")],
    as_json: AsJson = False,
) -> None:
    """Answer an inquiry. Its photograph is destroyed at once.

    \b
    Example:
      volenti request reply req_k3v5q2m7x4n6a2b5c7d2 --reply not-found
    """
    with opened(ctx) as ws:
        over = ws.requests.reply(inquiry, reply)
    if as_json:
        say_json(_facts(over))
        return
    say(f"{over.id} is answered: {over.reply}. Its photograph is destroyed.")


def _facts(inquiry: Inquiry) -> Json:
    return {"id": inquiry.id, **encoded(inquiry)}
