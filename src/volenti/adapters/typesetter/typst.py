"""Typesetting by typst, a typesetting system in one wheel, with its own fonts.

A page is passed as data, never as markup, so that nobody's name can be taken for a command.
Names in scripts that the wheel's fonts lack are set in a system font, if there is one.
Nothing is fetched: the templates import only `paper.typ`, the look that all pages share.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from typing import Any

from volenti.consent.ports import FontMissingError
from volenti.consent.receiptpage import ReceiptPage
from volenti.core.canonical import Json
from volenti.core.clock import stamp
from volenti.erasure.certificatepage import CertificatePage
from volenti.requests.answerpage import AnswerPage

Page = ReceiptPage | AnswerPage | CertificatePage


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
    inputs = {"page": json.dumps(asdict(page), default=_plain), "record": record.decode()}
    try:
        return typst.compile(sources, sys_inputs=inputs, **options)
    except typst.TypstError as error:
        if "could not be displayed with font" not in str(error):
            raise
        raise FontMissingError(
            "No font on this machine has all the letters of this document.",
            "Install one for its script, such as Noto Sans CJK, and repeat.",
        ) from error


def _plain(value: object) -> Json | list[int] | str:
    """Values that JSON can't hold: moments as text, bytes as lists of numbers, others as text."""
    return (
        stamp(value)
        if isinstance(value, datetime)
        else list(value)
        if isinstance(value, bytes)
        else str(value)
    )
