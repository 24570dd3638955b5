"""Shown: the texts that somebody reads before they sign, cut into headings, paragraphs and lines of lists.

A wording is plain text whose lines were broken for paper. On a phone they are joined again; not a word is
added or left out. Places that only the signer fills are dots, and questions that they are asked are boxes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from volenti.consent.drafting import terms_in
from volenti.consent.purpose import Grant
from volenti.consent.releasetext import filled, questions
from volenti.consent.territory import WORLD
from volenti.consent.wording import WordingKind, wording
from volenti.signings.session import SigningSession

#: What stands where only the signer knows what to write, and before a question that they are asked.
BLANK, BOX = "…………", "☐"
#: Lines of a paragraph that are this long go on in the next line.
_FULL = 70


class BlockKind(StrEnum):
    """What a block of a text is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or a line of a list."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class ShownTexts:
    """Release text and notice in one language with their digests, and the sentence of each grant asked."""

    language: str
    text: tuple[Block, ...]
    text_sha256: str
    notice: tuple[Block, ...]
    notice_sha256: str
    questions: dict[Grant, str]


def shown_texts(session: SigningSession, language: str) -> ShownTexts:
    """What is shown in a session in a language; UsageError where there is no text in it."""
    text, notice = wording(WordingKind.RELEASE, language), wording(WordingKind.NOTICE, language)
    asked = "|".join(each.value for each in session.asks)
    boxed = re.sub(rf"\[\{{(?:{asked}):[^}}]*\}}\]", BOX, text.text)
    said = questions(language)
    return ShownTexts(
        language,
        blocks(filled(boxed, _values(session, language, notice.version))),
        text.sha256,
        blocks(notice.text),
        notice.sha256,
        {grant: said[grant] for grant in session.asks},
    )


def blocks(text: str) -> tuple[Block, ...]:
    """A text's headings, paragraphs and lines of lists."""
    return tuple(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    parts = groupby(text.split("\n"), key=lambda line: bool(line.strip()))
    for number, lines in enumerate([*group] for has_text, group in parts if has_text):
        if _is_heading(lines) or number == 0:
            yield Block(BlockKind.HEADING, lines.pop(0).strip())
        joined: list[str] = []
        for place, line in enumerate(lines):
            goes_on = place and len(lines[place - 1]) >= _FULL and not _is_item(line)
            if goes_on:
                joined[-1] += f" {line.strip()}"
            else:
                joined.append(line.strip())
        for each in joined:
            yield Block(BlockKind.ITEM if _is_item(each) else BlockKind.PARAGRAPH, each.removeprefix("- "))


def _is_heading(lines: list[str]) -> bool:
    return len(lines) > 1 and len(lines[0]) < _FULL and not lines[0].rstrip().endswith((".", ":", ","))


def _is_item(line: str) -> bool:
    return line.lstrip().startswith(("- ", BOX, "["))


def _values(session: SigningSession, language: str, notice: str) -> dict[str, str | bool | None]:
    terms = terms_in(
        language,
        session.territory,
        session.first_day,
        session.law,
        session.valid_until,
        session.sublicensing,
        session.compensation,
    )
    return {
        **{grant.value: False for grant in Grant},
        "id": BLANK,
        "subject": BLANK,
        "legal_name": BLANK,
        "birth_date": BLANK,
        "controller": session.controller,
        "supersedes": None,
        "photographer": session.photographer,
        "first_day": session.first_day.isoformat(),
        "last_day": session.last_day.isoformat(),
        "shoot_name": session.name,
        "territory": None if WORLD in terms.territory else ", ".join(terms.territory),
        "valid_from": terms.valid_from.isoformat(),
        "valid_until": terms.valid_until.isoformat() if terms.valid_until else None,
        "sublicensing": terms.sublicensing,
        "compensation": terms.compensation,
        "governing_law": terms.governing_law,
        "withdrawal_method": terms.withdrawal_method,
        "withdrawal_effect": terms.withdrawal_effect,
        "notice_version": notice,
        "signed_at": None,
        "method": BLANK,
        "witness": BLANK if session.has_witness else None,
    }
