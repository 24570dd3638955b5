"""One human on record twice: asked about by the same photograph, and by faces that match."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.studio import Studio
from volenti.clearance.lookalikes import LookAlikes
from volenti.consent.purpose import Grant
from volenti.core.errors import ConflictError, UsageError
from volenti.core.signing import SigningKey

TRAINING = Grant.GENERATIVE_TRAINING
KEY = SigningKey(b"\x21" * 32)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Ann, Eva with the same face, and Bob, all compared with a picture."""
    studio = Studio.open(tmp_path, on_disk=True)
    studio.person("ann")
    studio.people["eva"] = studio.people["ann"]
    studio.person("eva")
    studio.person("bob")
    studio.photo("bob")
    studio.clear()
    return studio


def pairs(studio: Studio) -> list[tuple[str, str]]:
    return LookAlikes(studio.parts.records, studio.parts.consent).all()


def test_two_records_whose_faces_match_are_named_everywhere(studio: Studio) -> None:
    assert pairs(studio) == [("ann", "eva")]
    listed = {each.id: each.look_alikes for each in studio.ws.subjects.list()}
    assert listed == {"ann": ("eva",), "eva": ("ann",), "bob": ()}
    assert studio.ws.subjects.show("eva").look_alikes == ("ann",)
    [notice] = studio.ws.notices()
    assert notice.message == "ann and eva look like one person."
    assert "volenti subject distinguish ann eva" in notice.remedy


#: What ends that two people are named, and whether a later look names them again.
ENDS: dict[str, tuple[Callable[[Studio], Any], bool]] = {
    "told apart": (lambda studio: studio.ws.subjects.distinguish("eva", "ann"), False),
    "one of them erased": (lambda studio: _erased(studio, "eva"), False),
    "templates taken back by one": (
        lambda studio: studio.ws.releases.withdraw(subject="eva", grant="biometric-templates"),
        False,
    ),
}


def _erased(studio: Studio, who: str) -> None:
    request = studio.ws.requests.open("erasure", who)
    studio.ws.requests.run(request.id, identity="waived")


@pytest.mark.parametrize("how", ENDS)
def test_nobody_is_named_once(studio: Studio, how: str) -> None:
    act, named_again = ENDS[how]
    act(studio)
    assert bool(pairs(studio)) is named_again
    studio.photo("ann")
    studio.clear()
    assert bool(pairs(studio)) is named_again
    assert studio.ws.notices() == []


def test_what_is_kept_of_two_is_gone_with_either(studio: Studio) -> None:
    studio.ws.subjects.distinguish("ann", "eva")
    _erased(studio, "ann")
    records = studio.parts.records
    assert [records.count(kind) for kind in ("look-alike", "two-people")] == [0, 0]
    assert studio.ws.audit(deep=True).ok


def test_who_gave_no_templates_is_compared_with_nobody(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    studio.people["eva"] = studio.people["ann"]
    studio.person("eva", TRAINING)
    studio.photo("ann")
    studio.clear()
    assert pairs(studio) == []


def test_people_enrolled_by_an_earlier_version_are_compared(studio: Studio) -> None:
    records = studio.parts.records
    [row] = records.find("gallery")
    records.put_all([replace(row, state="")])
    records.delete("look-alike", [each.id for each in records.rows("look-alike")])
    studio.photo("bob")
    studio.clear()
    assert pairs(studio) == [("ann", "eva")]


# -- the same photograph


def photo_of(studio: Studio, who: str) -> bytes:
    return studio.parts.consent.reference(f"rel_{who}") or b""


def by_issue(studio: Studio, subject: str, photo: bytes) -> None:
    given = {"controller": "A", "photographer": "P", "first_day": date(2026, 1, 5), "law": "DE"}
    studio.ws.releases.issue(subject, **given, reference=photo)  # type: ignore[arg-type]


def by_amending(studio: Studio, subject: str, photo: bytes) -> None:
    given = {"controller": "A", "photographer": "P", "first_day": date(2026, 1, 5), "law": "DE"}
    draft = studio.ws.releases.issue(subject, **given)  # type: ignore[arg-type]
    studio.ws.releases.amend(draft.id, reference=photo)


WAYS = [by_issue, by_amending]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_somebody_elses_photograph_is_refused_until_the_two_are_told_apart(
    studio: Studio, way: Callable[[Studio, str, bytes], None]
) -> None:
    new = studio.ws.subjects.add("Somebody Else", date(1980, 2, 3), key=KEY.public).id
    with pytest.raises(ConflictError, match="A release of bob names the same photograph") as refused:
        way(studio, new, photo_of(studio, "bob"))
    assert f"volenti subject distinguish {new} bob" in refused.value.remedy
    studio.ws.subjects.distinguish("bob", new)
    way(studio, new, photo_of(studio, "bob"))


def test_a_file_with_somebody_elses_photograph_is_asked_about(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "same.png").write_bytes(photo_of(studio, "bob"))
    release = studio.ws.releases.show("rel_bob").release.to_json()
    parts = {name: release[name] for name in ("controller", "shoot", "grants", "terms", "evidence")}
    people = [("Somebody Else", "1980-02-03"), ("Yet Another", "1981-02-03")]
    entries = [
        {
            "subject": {"legal_name": name, "birth_date": born},
            "release": {**parts, "evidence": {**parts["evidence"], "signed_at": None}},
            "reference": "same.png",
        }
        for name, born in people
    ]
    (tmp_path / "people.json").write_text(json.dumps(entries))
    report = studio.ws.releases.import_(tmp_path / "people.json")
    assert report.refused
    told = {each.row: each.message for each in report.problems if each.fatal}
    assert "is the photograph of another record, too: bob." in told[1]
    assert "too: bob, row 1." in told[2]
    assert studio.ws.releases.import_(tmp_path / "people.json", another_person=True).imported
    again = studio.ws.releases.import_(tmp_path / "people.json")
    assert (again.refused, len(again.unchanged)) == (False, 2)


def test_nobody_is_told_apart_from_themselves_nor_from_somebody_unknown(studio: Studio) -> None:
    with pytest.raises(UsageError, match="one person's"):
        studio.ws.subjects.distinguish("ann", "ann")
