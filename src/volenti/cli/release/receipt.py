"""volenti release receipt: what was agreed, for the person who signed it to keep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson, ReleaseName
from volenti.cli.terminal.output import note, say_json, say_text
from volenti.cli.terminal.session import opened, write_new
from volenti.consent.wording import LANGUAGES
from volenti.core.errors import UsageError

Page = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write it as a page for a person into this new file.")
]
Language = Annotated[
    str,
    typer.Option(
        metavar="LANGUAGE",
        help=f"Language of text and page: {', '.join(LANGUAGES)}; else the one the release was signed in.",
    ),
]
Recipients = Annotated[
    list[str] | None, typer.Option(metavar="TEXT", help="Who received the pictures; repeat it.")
]
Places = Annotated[
    list[str] | None, typer.Option(metavar="PLACE", help="Country they are kept in, as DE; repeat it.")
]


def receipt(
    ctx: typer.Context,
    release: ReleaseName,
    pdf: Page = None,
    language: Language = "",
    recipient: Recipients = None,
    stored_in: Places = None,
    as_json: AsJson = False,
) -> None:
    """Print the receipt of a release, for the person who signed it to keep.

    It says in plain words what was agreed and what was withdrawn since. With --pdf it is a page to hand
    out, with a record attached that programs can read; --json prints that record: JSON-LD after ISO/IEC TS
    27560 in the Data Privacy Vocabulary. Text and page name the person, the record by identifier alone.

    \b
    Examples:
      volenti release receipt rel_1
      volenti release receipt rel_1 --json
      volenti release receipt rel_1 --pdf ada.pdf --language de
    """
    if language and as_json and pdf is None:
        raise UsageError("The record has no language.", "Leave out --language, or --json.")
    if (recipient or stored_in) and not as_json and pdf is None:
        raise UsageError("--recipient and --stored-in are for the record.", "Add --json, or --pdf FILE.")
    given = {"recipient": recipient or (), "stored_in": stored_in or ()}
    with opened(ctx) as ws:
        if pdf is None and not as_json:
            say_text(ws.releases.receipt_text(release, language=language))
            return
        if pdf is None:
            say_json(ws.releases.receipt(release, **given))
            return
        write_new(pdf, ws.releases.receipt_page(release, language=language, **given))
    if as_json:
        say_json({"receipt": str(pdf)})
    note(f"The receipt is in {pdf}: give it to whom it is for.")
