"""What `volenti picture list` and `find` look for, and how they print what they find."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.clearance.account import STATES
from volenti.cli.terminal.options import day_option
from volenti.cli.terminal.output import advise, counted, note, say, say_json, say_table
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.clearance.picturelist import ListedPicture, PictureList

Image = Annotated[str, typer.Argument(metavar="IMAGE", help="Which picture: its identifier.")]
Images = Annotated[list[str], typer.Argument(metavar="IMAGE", help="Which pictures: their identifiers.")]
Shoot = Annotated[str | None, typer.Option(metavar="ID", help="Only from this shoot.")]
Person = Annotated[
    str | None,
    typer.Option(metavar="SUBJECT", help="Only with this person in it, or perhaps in it while it is held."),
]
State = Annotated[str | None, typer.Option(metavar="STATE", help=f"Only what is {', '.join(STATES)}.")]
Finding = Annotated[
    str | None, typer.Option(metavar="CODE", help="Only where a decision rests on this finding.")
]
GivenFrom = Annotated[date | None, day_option("--given-from", "Only what was given on this day or later.")]
GivenUntil = Annotated[date | None, day_option("--given-until", "Only what was given by this day.")]
DecidedFrom = Annotated[
    date | None, day_option("--decided-from", "Only what was last decided on this day or later.")
]
DecidedUntil = Annotated[
    date | None, day_option("--decided-until", "Only what was last decided by this day.")
]
Count = Annotated[int, typer.Option(min=1, metavar="NUMBER", help="How many files a page has.")]
Page = Annotated[int, typer.Option(min=1, metavar="NUMBER", help="Which page.")]


def say_found(found: PictureList, *, as_json: bool) -> None:
    """Print one page of what was found, and how many there are in all."""
    if as_json:
        totals = {"found": found.total, **found.totals}
        pictures = [encoded(each) for each in found.pictures]
        say_json({"totals": totals, "page": found.page, "pages": found.pages, "pictures": pictures})
        return
    if not found.total:
        note("No file was found.")
        advise("Ask for less, or take some in: volenti add FOLDER")
        return
    if found.pictures:
        say_table(
            ("PICTURE", "STATE", "FILE", "SHOOT", "PEOPLE", "FINDINGS", "CAPTION"), map(_row, found.pictures)
        )
    by_state = ", ".join(f"{number:,} {state}" for state, number in found.totals.items())
    say(f"{counted(found.total, 'file')} found: {by_state}. Page {found.page:,} of {found.pages:,}.")
    if found.page < found.pages:
        advise(f"The next page: --page {found.page + 1}")
    if found.page > found.pages:
        advise(f"The last page: --page {found.pages}")


def _row(each: ListedPicture) -> tuple[str, ...]:
    return (
        each.id or "none",
        each.state,
        each.file or "(name is gone)",
        each.shoot,
        ", ".join(each.people),
        ", ".join(each.findings),
        each.caption,
    )
