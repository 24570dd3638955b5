"""The receipt's page as plain text, for a terminal: the same words as on the PDF, without its layout."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from volenti.consent.receiptpage import ReceiptPage, Section

#: Width of the text, in characters.
WIDTH = 88


def receipt_text(page: ReceiptPage) -> str:
    """The whole page as text, from top to bottom."""
    parts = [
        [page.title],
        [page.for_whom],
        [page.about],
        [page.state],
        _section(page.parties),
        _section(page.shoot),
        [page.answers_title, *_answers(page)],
        *map(_section, page.sections),
        [page.made],
    ]
    text = "\n\n".join("\n".join(line for each in part for line in _wrapped(each)) for part in parts)
    # What stays on one line of the page need not in a terminal, which may not show such a space.
    return text.replace("\u00a0", " ") + "\n"


def _section(section: Section) -> list[str]:
    lines = (f"  {label}: {text}" for label, text in (*section.lines, *section.digests))
    return [section.title, *(f"  {each}" for each in section.paragraphs), *lines]


def _answers(page: ReceiptPage) -> Iterator[str]:
    for each in page.answers:
        remark = f" ({each.remark})" if each.remark else ""
        yield f"  {each.word.upper()}: {each.question}{remark}"


def _wrapped(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, WIDTH, subsequent_indent=f"{indent}  ", break_long_words=False) or [""]
