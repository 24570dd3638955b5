"""volenti picture show: everything that is on record of one picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volenti.cli.picture.criteria import Image
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import counted, note, say, say_fields, say_json
from volenti.cli.terminal.session import opened, write_new
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volenti.clearance.decision import Decision
    from volenti.workspace.shownpicture import ShownPicture

To = Annotated[
    Path | None,
    typer.Option("--to", dir_okay=False, metavar="FILE", help="Write a small JPEG of it to this new file."),
]


def show(ctx: typer.Context, image: Image, to: To = None, as_json: AsJson = False) -> None:
    """Show everything that is on record of one picture.

    The files that gave it, its caption and shoot, what was decided for each purpose and why, whom it
    belongs to, what the file states about rights, and the datasets, exports and runs that have it.

    \b
    Examples:
      volenti picture show img_1
      volenti picture show img_1 --to look.jpg
    """
    with opened(ctx) as ws:
        found = ws.pictures.show(image)
        if to is not None:
            write_new(to, ws.pictures.preview(image))
    if as_json:
        say_json(_facts(found))
    else:
        say_fields(_fields(found))
        for each in found.decisions:
            say()
            say_fields(_decided(each))
    if to is not None:
        note(f"{to} shows people. Delete it once you have looked.")


def _facts(found: ShownPicture) -> dict[str, Any]:
    places = [{"dataset": each.snapshot, "entry": each.position} for each in found.datasets]
    handed = [
        {"delivery": each.id, "dataset": each.snapshot, "to": each.recipient} for each in found.deliveries
    ]
    return {**encoded(found), "datasets": places, "deliveries": handed}


def _fields(found: ShownPicture) -> Iterator[tuple[str, object]]:
    yield "picture", found.id
    yield "state", found.state
    yield "size", f"{found.width} x {found.height} pixels" if found.width else ""
    yield "caption", _said(found, "caption", found.caption)
    yield "shoot", _said(found, "shoot", found.shoot)
    yield "people", found.people
    yield "may show", found.may_show
    if found.given_as:
        yield "given as", f"{', '.join(found.given_as)}; but it shows {', '.join(found.people)}"
    files = (f"{each.file or '(name is gone)'} ({each.state}{_given(each.given)})" for each in found.files)
    yield "files", "\n".join(files)
    yield "dropped after", found.last_day
    yield (
        "rights",
        "\n".join(f"{name}: {_words(said)}" for name, said in (found.rights or {}).items() if said),
    )
    yield "datasets", "\n".join(f"{each.snapshot}, entry {each.position}" for each in found.datasets)
    yield "exports", "\n".join(f"{each.id} of {each.snapshot}, to {each.to}" for each in found.deliveries)
    yield "runs", found.runs
    yield "works", f"{counted(found.works, 'picture')} drawn by what learned from them" if found.works else ""


def _said(found: ShownPicture, name: str, text: str) -> str:
    """A caption or a shoot, and whether somebody corrected it."""
    return f"{text or '(none)'} (amended)" if name in found.amended else text


def _given(day: object) -> str:
    return f", given {day}" if day else ""


def _words(said: object) -> str:
    return ", ".join(map(str, said)) if isinstance(said, list) else str(said)


def _decided(each: Decision) -> Iterator[tuple[str, object]]:
    yield "purpose", each.purpose
    yield "verdict", f"{each.verdict}, by {each.by}, {each.at}"
    # A finding is said once, with the faces that it is about.
    faces: dict[tuple[str, str, str], list[str]] = {}
    for one in each.findings:
        about = faces.setdefault((one.code, one.message, one.remedy), [])
        about += [str(one.data["face"])] if "face" in one.data else []
    found = (
        f"{code}{_about(numbers)}: {message}\n  -> {remedy}"
        for (code, message, remedy), numbers in faces.items()
    )
    yield "findings", "\n".join(found)


def _about(faces: list[str]) -> str:
    return f" ({'face' if len(faces) == 1 else 'faces'} {', '.join(faces)})" if faces else ""
