"""Every typesetter makes a receipt that is a PDF, says what it should, and carries the record."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from volenti.adapters.typesetter.typst import NUMBERED, TypstTypesetter
from volenti.consent.ports import Typesetter
from volenti.consent.receiptpage import Answer, ReceiptPage, Section
from volenti.consent.wording import LANGUAGES

RECORD = b'{"@type": "dpv:ConsentReceipt", "name": "\xc3\x81"}'
PAGE = ReceiptPage(
    language="en",
    created=datetime(2026, 11, 23, 10, tzinfo=UTC),
    title="Consent receipt",
    for_whom="For Ada Example",
    about="Keep it.",
    in_force=True,
    state="In force.",
    parties=Section("Between you and", ("Example Studio",)),
    shoot=Section("The shoot", ("By Pat",)),
    answers_title="Your answers",
    answers=(Answer("yes", "Yes", "Use the pictures."), Answer("no", "No", "Pass them on.", "A remark.")),
    sections=(Section("Conditions", ("Words.",), (("Where", "DE"),), (("Digest", "a" * 64),)),),
    made="Made today.",
    attached="The record is attached.",
    page_number="Page {page} of {pages}",
)


@pytest.fixture(params=[TypstTypesetter], ids=["typst"])
def typesetter(request: pytest.FixtureRequest) -> Typesetter:
    make: Callable[[], Typesetter] = request.param
    return make()


def streams(pdf: bytes) -> Iterator[bytes]:
    """What the PDF's compressed streams hold."""
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            yield found[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_is_an_archival_tagged_pdf_in_its_language(typesetter: Typesetter, language: str) -> None:
    made = typesetter.receipt(replace(PAGE, language=language), RECORD)
    whole = made + b"".join(streams(made))
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>3<" in whole
    assert b"pdfaid:conformance>A<" in whole
    assert f"/Lang({language})".encode() in whole.replace(b" ", b"")


def test_the_record_is_attached_byte_for_byte(typesetter: Typesetter) -> None:
    made = typesetter.receipt(PAGE, RECORD)
    assert RECORD in list(streams(made))
    assert b"receipt.jsonld" in made + b"".join(streams(made))


def test_the_same_page_is_the_same_bytes(typesetter: Typesetter) -> None:
    assert typesetter.receipt(PAGE, RECORD) == typesetter.receipt(PAGE, RECORD)


@pytest.mark.parametrize(
    "name",
    [
        "#panic()",
        "$x$ *b* _i_ `c`",
        '#include "/etc/passwd"',
        "@ref <label>",
        "\\ # [",
        "Łukasz Ѵольский",
        "Ελένη",
        "",
    ],
)
def test_a_name_is_text_whatever_it_is(typesetter: Typesetter, name: str) -> None:
    assert typesetter.receipt(replace(PAGE, for_whom=name), RECORD).startswith(b"%PDF")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "printed"),
    [
        # A code point of a private use area: what it looks like is nobody's agreement.
        ("Ada \U0010fffd", "Ada [U+10FFFD]"),
        ("Ada \ue000\U0001fae8", "Ada [U+E000][U+1FAE8]"),
        ("\U00013000 Ada", "[U+13000] Ada"),
        ("Ada \x1b[2J\x7f", "Ada [U+001B][2J[U+007F]"),
    ],
)
def test_a_character_no_font_has_is_given_by_its_number(
    typesetter: Typesetter, language: str, name: str, printed: str
) -> None:
    made = typesetter.receipt(replace(PAGE, language=language, for_whom=name), RECORD)
    told = typesetter.receipt(replace(PAGE, language=language, for_whom=printed), RECORD)
    # What is printed is the same but for the line that says what the number means.
    assert NUMBERED[language]
    assert len(told) < len(made) < len(told) + 4000


def test_a_long_release_goes_over_several_pages(typesetter: Typesetter) -> None:
    long = Section("Conditions", ("Words and more words. " * 80,) * 8)
    made = typesetter.receipt(replace(PAGE, sections=(long,)), RECORD)
    assert len(made) > len(typesetter.receipt(PAGE, RECORD))
