"""Deciding whether text read off a picture is an owner's mark."""

import pytest

from volenti.core.errors import UsageError
from volenti.perception.rights.marks import MARKS, mark_findings, marks_in, marks_of


@pytest.mark.parametrize("mark", MARKS)
def test_every_mark_is_found_as_written_and_inside_a_line(mark: str) -> None:
    assert mark in marks_in([mark.upper()])
    assert mark in marks_in(["photo by", f"{mark} / someone", "7"])


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Shutterst0ck", "shutterstock"),
        ("shutterstocl", "shutterstock"),
        ("shuttersock", "shutterstock"),
        ("gettyimag", "gettyimages"),
        ("GETTY IMAGES", "gettyimages"),
        ("iSt0ck", "istock"),
        ("lStock", "istock"),
        ("Adobe Stock", "adobestock"),
        ("deposit photos", "depositphotos"),
        ("dreamstlme.com", "dreamstime"),
        ("I23RF", "123rf"),
        ("a1amy", "alamy"),
    ],
)
def test_marks_are_found_through_the_mistakes_of_readers(text: str, mark: str) -> None:
    assert mark in marks_in([text])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("© 2024 Jane Doe", "copyright line"),
        ("(C) 1998", "copyright line"),
        ("All Rights Reserved", "copyright line"),
        ("stockphoto", "stock picture"),
        ("Royalty-free", "stock picture"),
        ("PREVIEW", "preview"),
        ("do not copy", "preview"),
        ("www.example.com", "web address"),
        ("studio-example.co.uk", "web address"),
        ("Photo: Ada Example", "credit line"),
        ("PHOTOGRAPH BY ADA EXAMPLE", "credit line"),
        ("Foto von Ada Example", "credit line"),
        ("photo credit: Ada", "credit line"),
        ("Courtesy of the artist", "credit line"),
        ("Handout photo", "credit line"),
    ],
)
def test_other_text_of_owners_is_found(text: str, name: str) -> None:
    assert name in marks_in([text])


@pytest.mark.parametrize(
    "text",
    [
        "pretty",
        "salami",
        "EXIT",
        "Betty",
        "1234",
        "stockings",
        "previews of life",
        "in stock",
        "image",
        "LIMA",
        "taking images",
        "all images",
        "her features",
        "photos of life",
        "a photo booth by the sea",
        "by courtesy",
        "",
    ],
)
def test_ordinary_words_are_no_marks(text: str) -> None:
    assert marks_in([text]) == []


def test_a_mark_read_in_pieces_is_found() -> None:
    assert "shutterstock" in marks_in(["shutter", "stock"])
    assert "stock picture" in marks_in(["stock", "photo"])


def test_one_finding_names_all_marks_and_none_means_no_finding() -> None:
    (found,) = mark_findings(["shutterstock", "www.example.com"])
    assert found.code == "watermark"
    assert found.data == {"marks": ["shutterstock", "web address"]}
    assert mark_findings(["no smoking"]) == []
    assert mark_findings([]) == []


def test_marks_of_ones_own_are_found_beside_the_shipped_ones() -> None:
    own = marks_of(["Example Press Agency", "", "# a comment", "Example Press-Agency"])
    assert own == ("examplepressagency",)
    assert marks_in(["(c) EXAMPLE PRESS AGENCV"], own) == ["examplepressagency"]
    assert marks_in(["Example Press Agency"]) == []
    (found,) = mark_findings(["Example Press Agency / alamy"], own)
    assert found.data == {"marks": ["alamy", "examplepressagency"]}


@pytest.mark.parametrize("mark", ["ab", "--", "x" * 41])
def test_a_mark_that_would_be_found_everywhere_or_nowhere_is_refused(mark: str) -> None:
    with pytest.raises(UsageError) as error:
        marks_of([mark])
    assert error.value.remedy


def test_the_shipped_list_holds_no_mark_twice_and_none_that_cannot_be_compared() -> None:
    assert len(MARKS) > 30
    assert marks_of(MARKS) == MARKS
