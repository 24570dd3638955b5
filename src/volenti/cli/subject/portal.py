"""volenti subject link, code, uses and picture: somebody's own way to what is theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.subject.person import Person
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_json, say_table
from volenti.cli.terminal.session import opened, write_new
from volenti.core.codec import encoded


def link(ctx: typer.Context, subject: Person, as_json: AsJson = False) -> None:
    """Print a new personal link, with which somebody sees and decides what is theirs.

    Put the application's address before it, and give it to them. Whoever opens it is asked for a one-time
    code, so the link alone opens nothing. Earlier links of theirs are good no more.

    \b
    Example:
      volenti subject link sub_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        token = ws.subjects.link(subject)
    if as_json:
        say_json({"subject": subject, "link": f"/me/enter/{token}"})
        return
    say(f"/me/enter/{token}")
    note("Put the application's address before this path, and give it to them alone.")
    advise(f"Where they have no e-mail address on record, read them a code: volenti subject code {subject}")


def code(ctx: typer.Context, subject: Person, as_json: AsJson = False) -> None:
    """Print a one-time code to read to somebody who opened their link, and has no e-mail address on record.

    It is good once, for ten minutes and five tries. Make sure first that it is them.

    \b
    Example:
      volenti subject code sub_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        digits = ws.subjects.code(subject)
    if as_json:
        say_json({"subject": subject, "code": digits})
        return
    say(f"{digits[:3]} {digits[3:]}")
    note("Read it to them, once you are sure that it is them. It is good for ten minutes, with their link.")


def uses(ctx: typer.Context, subject: Person, as_json: AsJson = False) -> None:
    """List where somebody is used: datasets, models, deliveries and works.

    \b
    Example:
      volenti subject uses sub_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        found = ws.subjects.uses(subject)
    if as_json:
        say_json(encoded(found))
        return
    rows = [
        *(
            ("dataset", each.dataset, f"{each.pictures:,} pictures, {each.purpose}")
            for each in found.datasets
        ),
        *(
            ("model", each.run, f"{each.constituents:,} parts, {each.suspended:,} of them not served")
            for each in found.models
        ),
        *(
            ("delivery", each.what, f"to {each.recipient}, {each.at}, {each.called_back:,} called back")
            for each in found.deliveries
        ),
    ]
    if rows:
        say_table(("USED IN", "NAME", "HOW"), rows)
    else:
        note("They are used nowhere.")
    if found.works or found.refused:
        say(
            f"{found.works:,} works were drawn by what had learned from them, "
            f"{found.withdrawn:,} of these are called back; "
            f"{found.refused:,} more came too near to them and weren't kept."
        )


def picture(
    ctx: typer.Context,
    subject: Person,
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="The picture's identifier.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="A new file.")],
    preview: Annotated[bool, typer.Option("--preview", help="A small picture.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write somebody's picture as they are shown it: others in it are made unrecognisable.

    The file leaves the workspace and isn't erased with them.

    \b
    Example:
      volenti subject picture sub_k3v5q2m7x4n6a2b5c7d2 img_1 --out picture.png
    """
    with opened(ctx) as ws:
        write_new(out, ws.subjects.picture(subject, image, preview=preview))
    if as_json:
        say_json({"subject": subject, "image": image, "file": str(out)})
        return
    note(f"{out} shows a person. Delete it once it isn't needed.")
