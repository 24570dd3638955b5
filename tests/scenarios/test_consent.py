"""Consent, told as scenarios: what a no does to pictures that are in already, and at once."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.clearance.access import ANSWER_SECONDS
from volenti.clearance.image import Image
from volenti.consent.coverage import Coverage
from volenti.consent.purpose import Grant, Grants, Use
from volenti.consent.reference import GivenPhoto
from volenti.consent.service import Consent
from volenti.consent.signature import Role
from volenti.consent.subject import Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core.clock import system_clock
from volenti.core.codec import encoded
from volenti.core.digest import sha256
from volenti.core.errors import RefusedError
from volenti.core.signing import SigningKey
from volenti.datasets.snapshot import Snapshot


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio.open(tmp_path)


def add(studio: Studio, shoot: str, *names: str) -> str:
    """A picture of these people from a shoot, cleared; returns its identifier."""
    path = studio.photo(*names)
    before = {row.id for row in studio.parts.records.rows("image")}
    studio.ws.add([path], shoot=shoot)
    (image,) = {row.id for row in studio.parts.records.rows("image")} - before
    studio.ws.clear(PURPOSE)
    return image


def read(studio: Studio, image: str) -> Image:
    return studio.parts.datasets._access.image(image, PURPOSE, "WORLD")[0]


def exported(studio: Studio, snapshot: Snapshot, folder: Path) -> int:
    return studio.parts.exports.export(snapshot, folder).samples


def test_a_withdrawn_shoot_is_closed_at_once_and_the_other_stays_open(studio: Studio, tmp_path: Path) -> None:
    studio.person("ann")
    spring, autumn = add(studio, "spring", "ann"), add(studio, "autumn", "ann")
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    assert read(studio, spring).shoot == "spring"
    studio.parts.consent.withdraw("ann", shoot="spring")
    with pytest.raises(RefusedError, match="withdrawn this shoot"):
        read(studio, spring)
    assert read(studio, autumn).shoot == "autumn"
    assert exported(studio, snapshot, tmp_path / "export") == 1
    assert studio.ws.datasets.cut("humans", PURPOSE).entries == 1


def test_a_release_for_one_shoot_clears_that_shoots_pictures_only(studio: Studio) -> None:
    studio.person("ann", at="spring")
    spring, autumn, unknown = (add(studio, name, "ann") for name in ("spring", "autumn", ""))
    verdicts = {
        image: studio.parts.records.row("image", image).state  # type: ignore[union-attr]
        for image in (spring, autumn, unknown)
    }
    assert verdicts == {spring: "cleared", autumn: "held", unknown: "held"}


def test_a_superseding_release_that_says_no_closes_what_the_old_one_opened(studio: Studio) -> None:
    studio.person("ann")
    image = add(studio, "spring", "ann")
    assert read(studio, image)
    key = SigningKey.new()
    # Somebody who signs with another key can't take the release's place.
    forged = studio.parts.consent.supersede("rel_ann", grants=Grants.only())
    with pytest.raises(RefusedError):
        studio.parts.consent.sign(forged.id, key)
    assert read(studio, image)


def test_a_signed_successor_counts_as_soon_as_answers_are_asked_anew(studio: Studio) -> None:
    key = SigningKey.new()
    photo = studio._picture(["bea"], scale=2)
    studio.parts.consent.add_subject(Subject("Bea", date(1990, 1, 1), public_key=key.public, id="bea"))
    first = studio.parts.consent.issue(
        "bea",
        controller="A test",
        shoot=Shoot("A test", date(2026, 1, 5), date(2026, 1, 5), sha256(photo)),
        grants=Grants.only(*Grant),
        terms=Terms(("WORLD",), date(2026, 1, 5), "DE"),
    )
    studio.parts.consent.sign(first.id, key, Role.SUBJECT)
    studio.parts.consent.set_references(first.id, [GivenPhoto("bea.png", photo)])
    image = add(studio, "spring", "bea")
    assert read(studio, image)
    narrower = studio.parts.consent.supersede(first.id, grants=Grants.only(Grant.COMMERCIAL))
    assert read(studio, image)
    studio.parts.consent.sign(narrower.id, key)
    time.sleep(ANSWER_SECONDS)
    with pytest.raises(RefusedError, match="says no to generative-training"):
        read(studio, image)


def test_a_face_template_goes_with_the_withdrawal_and_not_with_the_next_clearing(studio: Studio) -> None:
    studio.person("ann")
    add(studio, "spring", "ann")
    assert studio.parts.records.count("template") == 1
    studio.parts.consent.withdraw("ann")
    assert studio.parts.records.count("template") == 0


def test_the_record_of_processing_counts_what_is_stored_and_names_nobody(
    studio: Studio, tmp_path: Path
) -> None:
    studio.person("ann")
    studio.person("bob", Grant.BIOMETRIC_TEMPLATES, Grant.COMMERCIAL)
    studio.person("cat", flaw="expired")
    add(studio, "spring", "ann")
    add(studio, "spring", "ann", "a stranger")
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    exported(studio, snapshot, tmp_path / "export")
    record = studio.parts.processing.record()
    purposes = {each.purpose: (each.subjects, each.releases, each.pictures) for each in record.purposes}
    assert purposes["generative-training"] == (1, 1, 1)
    assert purposes["commercial"] == (2, 2, 0)
    assert purposes["redistribution"] == (1, 1, 0)
    assert {each.what: each.items for each in record.people}["people who were photographed, adult"] == 3
    data = {each.what: each.items for each in record.data}
    assert data["pictures cleared"] == 1
    assert data["pictures waiting or held, in quarantine"] == 1
    assert data["face templates"] == 2
    assert (data["rows of dataset manifests"], data["models trained"]) == (1, 0)
    assert [(each.who, each.what) for each in record.recipients] == [("", "humans@1")]
    assert "who received the exports that name no recipient" in record.missing
    assert [(each.what, each.items) for each in record.controllers] == [("A test", 2)]
    text = str(encoded(record))
    assert not any(name in text for name in ("ann", "bob", "Legal", "@example.org"))


def test_the_record_of_processing_counts_what_is_about_somebody_alone(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.trained()
    assert len(studio.ws.generate(["a man"] * 3).drawn) == 3
    data = {each.what: each.items for each in studio.parts.processing.record().data}
    # What was drawn is about nobody; only what was refused as too near is.
    assert data["records of synthetic pictures refused as too near to them"] == 0
    assert (data["rows of dataset manifests"], data["models trained"]) == (8, 1)
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    data = {each.what: each.items for each in studio.parts.processing.record().data}
    assert data["rows of dataset manifests"] == 6, "tombstones are about nobody"


def test_a_yes_taken_back_is_gone_from_the_record_of_processing(studio: Studio) -> None:
    studio.person("ann")
    studio.parts.consent.withdraw("ann", grant=Grant.COMMERCIAL)
    purposes = {each.purpose: each.releases for each in studio.parts.processing.record().purposes}
    assert (purposes["commercial"], purposes["generative-training"]) == (0, 1)
    studio.parts.consent.withdraw("ann")
    assert {each.releases for each in studio.parts.processing.record().purposes} == {0}


def test_the_time_limit_in_the_record_is_the_one_that_is_set(studio: Studio) -> None:
    add(studio, "spring", "a stranger", "another")
    record = studio.parts.processing.record()
    (limit,) = [each.remark for each in record.retention if each.what == "pictures in quarantine"]
    days = studio.ws.settings.quarantine_days
    assert limit == f"dropped after {days} days without a decision"


def test_nobody_is_asked_about_twice_until_somebodys_consent_changes(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "bob"):
        studio.person(name)
    images = {name: add(studio, "spring", name) for name in ("ann", "bob")}
    asked: list[str] = []
    coverage_for = studio.parts.consent.coverage_for

    def counted(subject: str, use: Use) -> Coverage:
        asked.append(subject)
        return coverage_for(subject, use)

    monkeypatch.setattr(studio.parts.consent, "coverage_for", counted)
    for _ in range(3):
        for image in images.values():
            assert read(studio, image)
        time.sleep(ANSWER_SECONDS)
    assert asked == ["ann", "bob"]
    # Not the workspace's own: as another process would, it tells this one nothing.
    Consent(
        studio.parts.records, studio.parts.events, studio.parts.vault, studio.detector, system_clock
    ).withdraw("bob")
    time.sleep(ANSWER_SECONDS)
    with pytest.raises(RefusedError, match="withdrawn"):
        read(studio, images["bob"])
    assert read(studio, images["ann"])
    assert asked == ["ann", "bob", "bob", "ann"]


def test_a_picture_whose_row_is_gone_is_refused(studio: Studio) -> None:
    studio.person("ann")
    image = add(studio, "spring", "ann")
    studio.parts.records.delete("image", [image])
    with pytest.raises(RefusedError, match="isn't here any more"):
        read(studio, image)
