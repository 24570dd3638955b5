"""volenti release browse: releases by what they amount to today, a page at a time."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.release.list import facts, say_releases
from volenti.cli.subject.browse import Count, Page, Words
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say_json
from volenti.cli.terminal.session import opened

Now = Annotated[
    str | None,
    typer.Option(metavar="WORD", help="What they amount to, such as signed, draft or 'ends soon'."),
]
OfShoot = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only those for this shoot; '' for those that name none.")
]


def browse(
    ctx: typer.Context,
    words: Words = None,
    standing: Now = None,
    shoot: OfShoot = None,
    count: Count = 50,
    page: Page = 1,
    as_json: AsJson = False,
) -> None:
    """List releases by their people's names, a page at a time.

    A release ends soon where it holds today and is over within 60 days. One comes of age where a guardian
    signed it for somebody who signs for themselves by then.

    \b
    Examples:
      volenti release browse --standing "ends soon"
      volenti release browse ada --shoot spring
    """
    with opened(ctx) as ws:
        found = ws.releases.browse(
            " ".join(words or ()), standing=standing, shoot=shoot, count=count, page=page
        )
    if as_json:
        about = {"total": found.total, "page": found.page, "pages": found.pages, "totals": found.totals}
        say_json({**about, "releases": [facts(each) for each in found.releases]})
        return
    if found.releases:
        say_releases(found.releases)
    totals = ", ".join(f"{count:,} {what}" for what, count in found.totals.items())
    note(f"Page {found.page} of {found.pages}; {found.total:,} found. In all: {totals or 'none'}.")
