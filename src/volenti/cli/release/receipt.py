"""volenti release receipt, template, texts: papers that go out, and the forms they start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.release.signature import ReleaseName
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say, say_json, say_table
from volenti.cli.terminal.session import opened, write_new
from volenti.consent.wording import LANGUAGES
from volenti.core.errors import UsageError


def receipt(
    ctx: typer.Context,
    release: ReleaseName,
    pdf: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as a page for a person into this new file.")
    ] = None,
    language: Annotated[
        str,
        typer.Option(
            metavar="LANGUAGE",
            help=f"Language of the page: {', '.join(LANGUAGES)}; else the one the release was signed in.",
        ),
    ] = "",
    recipient: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Who received the pictures; repeat it.")
    ] = None,
    stored_in: Annotated[
        list[str] | None, typer.Option(metavar="PLACE", help="Country they are kept in, as DE; repeat it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the receipt of a release, for the person who signed it to keep.

    JSON-LD after ISO/IEC TS 27560 in the Data Privacy Vocabulary, or a PDF in plain words with that same
    record attached. It says what was agreed and what was withdrawn since. The JSON-LD names the
    person by identifier, the page by name.

    \b
    Examples:
      volenti release receipt rel_1
      volenti release receipt rel_1 --pdf ada.pdf --language de
    """
    from volenti.consent.document import require
    from volenti.consent.territory import faults_of_place

    places = tuple(stored_in or ())
    require(fault for place in places for fault in faults_of_place("--stored-in", place))
    if language and pdf is None:
        raise UsageError("--language is for the page.", "Say where to write it: --pdf FILE.")
    told = {"recipients": tuple(recipient or ()), "storage_locations": places}
    with opened(ctx) as ws:
        if pdf is None:
            say_json(ws.parts.receipts.record(release, **told))
            return
        write_new(pdf, ws.parts.receipts.pdf(release, language, **told))
    if as_json:
        say_json({"receipt": str(pdf)})
    note(f"The receipt is in {pdf}: give it to whom it is for.")


Columns = Annotated[
    bool, typer.Option("--columns", help="Explain every column instead: what it means, and if empty.")
]
AsExample = Annotated[
    bool, typer.Option("--json", help="Print an example in the JSON form, to be filled in.")
]


def template(columns: Columns = False, as_json: AsExample = False) -> None:
    """Print an empty file for bringing in people with their releases.

    A CSV header, one row a release; or, with --json, one example entry. Both go to
    `volenti release import`; docs/how-to/import-releases.md tells the whole way.

    \b
    Examples:
      volenti release template > people.csv
      volenti release template --columns
      volenti release template --json > people.json
    """
    from volenti.consent import spreadsheet

    if as_json:
        say_json([spreadsheet.example()])
    elif columns:
        say_table(
            ("COLUMN", "IF EMPTY", "MEANING"),
            [(each.name, each.if_empty, each.explained) for each in spreadsheet.COLUMNS],
        )
    else:
        say(spreadsheet.template().rstrip())


def texts(as_json: AsJson = False) -> None:
    """List the texts and notices there are, by language and version, with their digests.

    What somebody signed names the digest of the text they read. To read one, have a release written
    in it (`volenti release show ID --text`, `--notice`).

    \b
    Example:
      volenti release texts
    """
    from volenti.consent.wording import Kind, wordings

    found = [each for kind in Kind for each in wordings(kind)]
    if as_json:
        say_json(
            {
                "texts": [
                    {
                        "kind": each.kind.value,
                        "language": each.language,
                        "version": each.version,
                        "sha256": each.sha256,
                    }
                    for each in found
                ]
            }
        )
        return
    say_table(
        ("KIND", "LANGUAGE", "VERSION", "SHA-256"),
        [(each.kind.value, each.language, each.version, each.sha256) for each in found],
    )
