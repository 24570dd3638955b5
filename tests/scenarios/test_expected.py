"""Whom a picture is given as showing: it narrows the comparison, clears nothing, and leaves nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.studio import PURPOSE, Studio
from volenti.consent.purpose import Grant
from volenti.core.canonical import canonical
from volenti.core.errors import NotFoundError
from volenti.perception.sight.faces import Face, unit

PEOPLE = ("ann", "bob", "cleo", "dan")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    for name in PEOPLE:
        studio.person(name)
    return studio


def photo_like(studio: Studio, name: str, cosine: float) -> Path:
    """A picture of a face that comes so near to somebody."""
    path = studio.photo()
    rgb = np.asarray(Pillow.open(path).convert("RGB"))
    own = unit(studio.people[name])
    other = unit(np.random.default_rng(7).normal(size=128))
    other = unit(other - (other @ own) * own)
    vector = unit(cosine * own + (1 - cosine**2) ** 0.5 * other)
    studio.detector.tell(rgb, [Face((8.0, 8.0, 30.0, 30.0), 0.9, np.zeros((5, 2), np.float32), vector)])
    return path


#: How near a face comes to Ann, whom it is given as showing, and what becomes of it.
CASES = {
    "sure, nobody named": (0.9, (), "cleared"),
    "sure, herself named": (0.9, ("ann",), "cleared"),
    "sure, another named": (0.9, ("bob",), "cleared"),
    "half sure, nobody named": (0.52, (), "held"),
    "half sure, herself named": (0.52, ("ann",), "cleared"),
    "half sure, she and another named": (0.52, ("ann", "bob"), "cleared"),
    "half sure, another named": (0.52, ("bob",), "held"),
    "near, herself named": (0.45, ("ann",), "held"),
    "far, nobody named": (0.05, (), "rejected"),
    "far, herself named": (0.05, ("ann",), "held"),
    "far, another named": (0.05, ("bob",), "held"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_naming_somebody_does(studio: Studio, name: str) -> None:
    cosine, subjects, verdict = CASES[name]
    path = photo_like(studio, "ann", cosine)
    studio.ws.add([path], subjects=subjects)
    assert studio.ws.clear(PURPOSE).totals[verdict] == 1
    if verdict == "cleared":
        assert next(studio.parts.records.find("image", state="cleared")).owners == ("ann",)


def test_pictures_given_as_somebody_elses_are_cleared_for_nobody_but_those_they_show(studio: Studio) -> None:
    for place, name in enumerate(PEOPLE):
        other = PEOPLE[(place + 1) % len(PEOPLE)]
        studio.ws.add([studio.photo(name)], subjects=[other])
        studio.ws.add([photo_like(studio, name, 0.52)], subjects=[other])
    totals = studio.ws.clear(PURPOSE).totals
    assert (totals["cleared"], totals["held"]) == (4, 4)
    owners = [record.owners for record in studio.parts.records.find("image", state="cleared")]
    assert sorted(owners) == [(name,) for name in PEOPLE]


@pytest.mark.parametrize(("cosine", "code"), [(0.05, "unlike-claim"), (0.45, "uncertain-match")])
def test_whether_a_face_is_near_to_whoever_it_was_given_as_is_said(
    studio: Studio, cosine: float, code: str
) -> None:
    studio.ws.add([photo_like(studio, "ann", cosine)], subjects=["ann"])
    studio.ws.clear(PURPOSE)
    (question,) = studio.ws.review.list()
    assert question.findings == (code,)


def test_somebody_whose_release_covers_something_else_refuses_what_is_given_as_theirs(studio: Studio) -> None:
    studio.person("eve", Grant.BIOMETRIC_TEMPLATES, Grant.REDISTRIBUTION)
    studio.ws.add([photo_like(studio, "ann", 0.05)], subjects=["eve"])
    assert studio.ws.clear(PURPOSE).totals["rejected"] == 1


def test_nobody_who_is_not_on_record_can_be_named(studio: Studio) -> None:
    with pytest.raises(NotFoundError):
        studio.ws.add([studio.photo("ann")], subjects=["zoe"])
    assert studio.ws.status().totals["given"] == 0


@pytest.mark.parametrize("judged", [False, True], ids=["while it waits", "once it is held"])
def test_who_is_erased_is_in_no_picture_that_was_given_as_theirs(studio: Studio, judged: bool) -> None:
    studio.ws.add([photo_like(studio, "ann", 0.05)], subjects=["bob"])
    studio.ws.add([studio.photo("ann")], subjects=["bob"])
    if judged:
        studio.ws.clear(PURPOSE)
    studio.ws.requests.open("erasure", "bob", identity="in-person")
    studio.ws.requests.run()
    assert studio.ws.audit().ok
    for kind in ("image", "mention", "file", "decision"):
        for record in studio.parts.records.find(kind):
            assert b"bob" not in canonical(record.body)
            assert "bob" not in record.owners


def test_a_cleared_picture_keeps_nobody_as_whose_it_was_given(studio: Studio) -> None:
    studio.ws.add([studio.photo("ann")], subjects=["bob", "ann"])
    studio.ws.clear(PURPOSE)
    (record,) = studio.parts.records.find("image", state="cleared")
    assert "expected" not in record.body


def test_that_a_picture_was_given_as_somebody_elses_is_said_until_one_of_them_leaves(studio: Studio) -> None:
    for name in ("ann", "bob"):
        studio.ws.add([studio.photo(name)], subjects=["ann"])
    account = studio.ws.clear(PURPOSE)
    assert [each.files for each in account.findings if each.finding.code == "given-as-another"] == [1]
    (image,) = [row.id for row in studio.parts.records.rows("image", owner="bob")]
    assert studio.ws.pictures.show(image).given_as == ("ann",)
    assert all(not each.findings for each in studio.ws.pictures.show(image).decisions)
    studio.ws.requests.open("erasure", "ann", identity="in-person")
    studio.ws.requests.run()
    assert studio.ws.pictures.show(image).given_as == ()
    assert not list(studio.parts.records.rows("wrong-claim"))
    assert studio.ws.audit().ok
    assert "given-as-another" not in {each.finding.code for each in studio.ws.status().findings}


def test_a_picture_given_as_somebodys_among_others_is_no_wrong_claim(studio: Studio) -> None:
    studio.ws.add([studio.photo("ann")], subjects=["bob", "ann"])
    assert not studio.ws.clear(PURPOSE).findings
