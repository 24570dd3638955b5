"""volenti subject headings: which column each heading of a table stands for."""

from __future__ import annotations

import typer

from volenti.cli.terminal.imports import (
    Encoding,
    Fill,
    Headings,
    ImportFile,
    columns_in,
    filled_in,
    given_file,
)
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.consent.columns import BY_NAME


def headings(
    ctx: typer.Context,
    file: ImportFile = None,
    columns: Headings = None,
    fill: Fill = None,
    encoding: Encoding = "",
    as_json: AsJson = False,
) -> None:
    """Show which column each heading of a table stands for, before it is imported.

    For a heading that isn't known, it says what it may stand for.

    \b
    Example:
      volenti subject headings people.xlsx
    """
    given = given_file(file)
    with opened(ctx) as ws:
        found = ws.subjects.headings(
            given, columns=columns_in(columns), fill=filled_in(fill), encoding=encoding
        )
    rows = list(zip(found.headings, found.columns, found.suggested, strict=True))
    if as_json:
        told = [{"heading": one, "column": two, "suggested": three} for one, two, three in rows]
        say_json({"headings": told, "lacking": found.lacking, "rows": len(found.rows)})
        return
    say_table(
        ("HEADING", "COLUMN", "MAY BE"),
        [(one, two if two in BY_NAME else "left out" if not two else "", three) for one, two, three in rows],
    )
    note(f"{len(found.rows):,} rows below row {found.header}.")
    for each in found.lacking:
        say(f"{each} is missing: {BY_NAME[each].meaning}")
    if found.lacking:
        advise(
            "Say which heading it is, --map HEADING=COLUMN, or what stands in every row, --fill COLUMN=TEXT"
        )
