"""Typesetting by typst, a typesetting system in one wheel, with its own fonts.

A page is passed as data, never as markup, so that nobody's name can be taken for a command.
Names in scripts that the wheel's fonts lack are set in a system font, if there is one. A character that no
font here has is given by its Unicode number, and the page says so: nothing that somebody wrote is left out,
and nobody waits for their receipt until a font is installed.
Nothing is fetched: the templates import only `paper.typ`, the look that all pages share.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from typing import Any

from volenti.consent.receiptpage import ReceiptPage
from volenti.core.canonical import Json
from volenti.core.clock import stamp
from volenti.erasure.certificatepage import CertificatePage
from volenti.requests.answerpage import AnswerPage

Page = ReceiptPage | AnswerPage | CertificatePage
#: What a page says that has such numbers on it, by its language.
NUMBERED = {
    "en": "[U+…] is the Unicode number of a character that no font had here.",
    "de": "[U+…] ist die Unicode-Nummer eines Zeichens, für das hier keine Schrift da war.",
    "es": "[U+…] es el número Unicode de un carácter que ninguna fuente tenía aquí.",
}
#: How typst names characters that it can't display, and those that no archive may have (private use).
_MISSING = re.compile(r'(?:the text|the codepoint) `"(.+?)"`')
_NUMBER = re.compile(r"\\u\{([0-9a-f]+)\}")


class TypstTypesetter:
    """Sets receipts in `receipt.typ`, answers in `answer.typ`, certificates in `certificate.typ`."""

    def receipt(self, page: ReceiptPage, record: bytes) -> bytes:
        """The receipt as PDF; see `consent.ports.Typesetter`."""
        return _pdf("receipt.typ", page, record)

    def answer(self, page: AnswerPage, record: bytes) -> bytes:
        """The answer as PDF; see `requests.ports.AnswerTypesetter`."""
        return _pdf("answer.typ", page, record)

    def certificate(self, page: CertificatePage, record: bytes) -> bytes:
        """The certificate as PDF; see `erasure.ports.CertificateTypesetter`."""
        return _pdf("certificate.typ", page, record)


def pictures(template: str, page: Page, record: bytes, dots_per_inch: float = 110) -> list[bytes]:
    """The pages of a document as PNGs, for looking at."""
    made = _compiled(template, page, record, format="png", ppi=dots_per_inch)
    return made if isinstance(made, list) else [made]


def _pdf(template: str, page: Page, record: bytes) -> bytes:
    # PDF/A-3a: for archives, may have a file attached, and is tagged, so that software can read it aloud.
    made = _compiled(template, page, record, format="pdf", pdf_standards=["a-3a"], timestamp=page.created)
    assert isinstance(made, bytes)
    return made


def _compiled(template: str, page: Page, record: bytes, **options: Any) -> Any:
    import typst  # a library of 80 MB that only this function needs

    folder = files("volenti.adapters.typesetter")
    sources = {"main.typ": (folder / template).read_bytes(), "paper.typ": (folder / "paper.typ").read_bytes()}
    said = json.loads(json.dumps(asdict(page), default=_plain))
    inputs = {"record": record.decode()}
    while True:
        try:
            return typst.compile(sources, sys_inputs={**inputs, "page": json.dumps(said)}, **options)
        except typst.TypstError as error:
            # It names characters of one kind at a time: those without a font, then those of private use.
            numbered = _numbered(said, _missing(error.diagnostic))
            if numbered == said:
                raise
            said = numbered
            inputs["note"] = NUMBERED[getattr(page, "language", "en")]


def _missing(complaint: str) -> dict[int, str]:
    """The characters that a complaint of typst's names, and what stands for each."""
    named = "".join(
        _NUMBER.sub(lambda found: chr(int(found[1], 16)), each) for each in _MISSING.findall(complaint)
    )
    # A run of text is named as a whole, and letters of ASCII are in every font.
    strange = (each for each in named if not (each.isascii() and each.isprintable()))
    return {ord(each): f"[U+{ord(each):04X}]" for each in strange}


def _numbered(value: Any, missing: dict[int, str]) -> Any:
    """A value of JSON in whose texts characters are given by their numbers."""
    if isinstance(value, str):
        return value.translate(missing)
    if isinstance(value, dict):
        return {name: _numbered(each, missing) for name, each in value.items()}
    return [_numbered(each, missing) for each in value] if isinstance(value, list) else value


def _plain(value: object) -> Json | list[int] | str:
    """Values that JSON can't hold: moments as text, bytes as lists of numbers, others as text."""
    return (
        stamp(value)
        if isinstance(value, datetime)
        else list(value)
        if isinstance(value, bytes)
        else str(value)
    )
