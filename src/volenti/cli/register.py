"""volenti register: the record of processing activities, as Art. 30 GDPR asks for.

It is printed as Markdown, which can be read as it is, and saved to a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, say_json, say_text
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.requests.record_of_processing import Category, ProcessingRecord


def register(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Print the record of processing activities (Art. 30 GDPR), from what is really stored.

    Purposes, categories of people and data, recipients, time limits and security measures, all
    counted now. What the workspace can't know is listed for you to add. Names no data subject.

    \b
    Examples:
      volenti register > record-of-processing.md
      volenti register --json
    """
    with opened(ctx) as ws:
        record = ws.register()
    if as_json:
        say_json(encoded(record))
        return
    say_text("\n".join(page(record)))
    advise("Add by hand what the last section names; a data protection authority asks for it.")


def page(record: ProcessingRecord) -> Iterator[str]:
    """The record as lines of Markdown."""
    yield from ("# Record of processing activities", "", f"As of {record.at}; Art. 30(1) GDPR.", "")
    yield from _counts("Controllers, as the releases in force name them", "controller", record.controllers)
    yield from ("## Purposes", "", "Legal basis: consent, Art. 6(1)(a); for face templates explicit")
    yield from ("consent, Art. 9(2)(a). Counted over releases in force.", "")
    yield from _table(
        ("purpose", "what it means", "people", "releases", "pictures cleared"),
        (
            (each.purpose, each.meaning, each.subjects, each.releases, each.pictures)
            for each in record.purposes
        ),
    )
    yield from _counts("Categories of data subjects", "who", record.people)
    yield from _counts("Categories of data", "what", record.data)
    yield from ("## Recipients", "")
    if record.recipients:
        rows = ((each.who or "not recorded", each.what, each.at) for each in record.recipients)
        yield from _table(("recipient", "what", "when"), rows)
    else:
        yield from ("Nothing was exported.", "")
    yield from _counts("Where the releases in force allow use", "place", record.territories)
    yield from _counts("Time limits for erasure", "what", record.retention)
    yield from _counts("Security measures, as found", "measure", record.security)
    yield from ("## To be added by the controller", "")
    yield from (f"- {each}" for each in record.missing)


def _counts(title: str, what: str, categories: Iterable[Category]) -> Iterator[str]:
    yield from (f"## {title}", "")
    yield from _table(
        (what, "count", "remark"), ((each.what, each.items, each.remark) for each in categories)
    )


def _table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    """A Markdown table, its columns padded so that it reads well as plain text, too."""
    cells = [header, *(tuple(_cell(value) for value in row) for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(header))]
    for number, row in enumerate(cells):
        padded = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield f"| {' | '.join(padded)} |"
        if number == 0:
            yield f"|{'|'.join('-' * (width + 2) for width in widths)}|"
    yield ""


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return " ".join(text.replace("|", "\\|").split())
