"""Enrolling through the front door, told as scenarios: keys, releases, imports, what falls due."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.portraits import portrait
from tests.studio import Studio
from volenti.consent.document import DocumentError
from volenti.consent.due import DueEvent
from volenti.consent.purpose import Grant
from volenti.consent.release import Release
from volenti.consent.signature import Role
from volenti.consent.storedrelease import State
from volenti.core.errors import ConflictError, IntegrityError, RefusedError, UsageError
from volenti.core.signing import SigningKey

BORN = date(1990, 5, 17)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio.open(tmp_path, clock=lambda: NOW)


def issued(studio: Studio, subject: str, *grants: str, **terms: object) -> Release:
    return studio.ws.releases.issue(
        subject,
        controller="A studio",
        photographer="Pat P.",
        first_day=date(2026, 11, 1),
        law="DE",
        grant=grants,
        **terms,  # type: ignore[arg-type]
    )


def test_a_new_key_is_written_for_whoever_comes_on_record_and_for_nobody_else(
    studio: Studio, tmp_path: Path
) -> None:
    ada, again, mother = (tmp_path / name for name in ("ada.key", "again.key", "mother.key"))
    recorded = studio.ws.subjects.add("Ada Example", BORN, new_key=ada, identifier="ada")
    assert recorded.public_key == SigningKey.load(ada).public
    with pytest.raises(ConflictError):
        studio.ws.subjects.add("Ada Example", BORN, new_key=again, identifier="ada")
    with pytest.raises(ConflictError):
        studio.ws.subjects.amend("ada", new_key=again)
    with pytest.raises(UsageError, match="no name"):
        studio.ws.subjects.add("Kim", date(2015, 1, 1), guardian_new_key=mother)
    with pytest.raises(UsageError, match="Can't write the key"):
        studio.ws.subjects.add("Kim", date(2015, 1, 1), new_key=ada)
    assert not again.exists()
    assert not mother.exists()
    assert SigningKey.load(ada).public == recorded.public_key


def test_an_amendment_says_what_was_on_record_and_what_is(studio: Studio) -> None:
    studio.ws.subjects.add("Kim Example", date(2015, 1, 1), notes="tall", identifier="kim")
    first = studio.ws.subjects.amend("kim", guardian="Ada Example", guardian_relation="mother", notes="")
    assert (first.changed, first.renamed, first.before.notes, first.after.notes) == (True, False, "tall", "")
    second = studio.ws.subjects.amend("kim", name="Kim Sample", guardian="Ada Sample")
    guardian = second.after.guardian
    assert guardian is not None
    assert (second.renamed, guardian.name, guardian.relation) == (True, "Ada Sample", "mother")
    assert not studio.ws.subjects.amend("kim", name="Kim Sample").changed
    [listed] = studio.ws.subjects.list()
    assert (listed.subject, listed.releases) == (second.after, {})


def test_an_amended_release_keeps_what_was_agreed_and_translates_what_was_usual(studio: Studio) -> None:
    key = SigningKey.new()
    studio.ws.subjects.add("Ada Example", BORN, key=key.public, identifier="ada")
    old = issued(studio, "ada", "commercial", "generative-training", compensation="100 EUR", shoot="spring")
    assert old.terms.valid_from == NOW.date()
    studio.ws.releases.sign(old.id, key)
    new = studio.ws.releases.amend(old.id, grant=["redistribution"], refuse=["commercial"], language="de")
    assert new.grants.yes == {Grant.GENERATIVE_TRAINING, Grant.REDISTRIBUTION}
    assert (new.terms.compensation, new.shoot.name, new.evidence.language) == ("100 EUR", "spring", "de")
    assert new.terms.withdrawal_method.startswith("Es dem Verantwortlichen sagen")
    assert studio.ws.releases.sign(new.id, key).is_in_force
    assert {each.release.id: each.state for each in studio.ws.releases.list("ada")} == {
        old.id: State.SUPERSEDED,
        new.id: State.SIGNED,
    }
    for contradiction in ({"grant": ["commercial"], "refuse": ["commercial"]}, {"grant": ["everything"]}):
        with pytest.raises(UsageError):
            studio.ws.releases.amend(new.id, **contradiction)


def test_nothing_is_signed_with_another_photograph_or_key(studio: Studio) -> None:
    key = SigningKey.new()
    studio.ws.subjects.add("Ada Example", BORN, key=key.public, identifier="ada")
    photo = portrait(studio.detector, "ada").data
    release = issued(studio, "ada", "generative-training", reference=photo).id
    with pytest.raises(IntegrityError):
        studio.ws.releases.sign(release, key, reference=portrait(studio.detector, "ada again").data)
    with pytest.raises(RefusedError):
        studio.ws.releases.sign(release, SigningKey.new())
    assert studio.ws.releases.show(release).state is State.DRAFT
    assert studio.ws.releases.sign(release, key).lacks_reference
    assert not studio.ws.releases.sign(release, key, reference=photo).lacks_reference
    assert [each.release.id for each in studio.ws.releases.verify()] == [release]


def test_one_document_comes_from_another_workspace(studio: Studio, tmp_path: Path) -> None:
    key = SigningKey.new()
    other = Studio.open(tmp_path / "other", clock=lambda: NOW)
    for each in (studio, other):
        each.ws.subjects.add("Ada Example", BORN, key=key.public, identifier="ada")
    photo = portrait(studio.detector, "ada").data
    portrait(other.detector, "ada")
    release = issued(other, "ada", "commercial", reference=photo).id
    other.ws.releases.sign(release, key)
    document = other.ws.releases.show(release).signed.to_json()
    file = tmp_path / "signed.json"
    file.write_text(json.dumps(document))

    dry = studio.ws.releases.import_(file, dry_run=True)
    assert (dry.imported, dry.problems, studio.ws.releases.list()) == ((release,), (), [])
    taken = studio.ws.releases.import_(file)
    assert taken.document is not None
    assert (taken.imported, taken.document.lacks_reference) == ((release,), True)
    with_photo = studio.ws.releases.import_(file, reference=photo)
    assert (with_photo.imported, with_photo.document) == ((release,), studio.ws.releases.show(release))
    assert studio.ws.releases.import_(file, dry_run=True).unchanged == (release,)
    assert studio.ws.releases.import_(file).unchanged == (release,)

    forged = {**document, "release": {**document["release"], "id": "rel_forged", "controller": "Others"}}
    file.write_text(json.dumps(forged))
    report = studio.ws.releases.import_(file)
    assert report.document is not None
    assert report.document.state is State.DEFECTIVE
    assert [(each.fatal, each.voids) for each in report.problems] == [(False, True)]
    assert not report.refused


def test_a_photograph_of_its_own_goes_with_a_single_document_alone(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text("[]")
    assert studio.ws.releases.import_(file).rows == 0
    with pytest.raises(UsageError, match="single document"):
        studio.ws.releases.import_(file, reference=b"a photograph")


def test_what_falls_due_is_of_releases_in_force_alone(studio: Studio) -> None:
    key, mothers = SigningKey.new(), SigningKey.new()
    studio.ws.subjects.add("Ada Example", BORN, key=key.public, identifier="ada")
    studio.ws.subjects.add(
        "Kim Example",
        date(2008, 11, 30),
        guardian="Ada Example",
        guardian_relation="mother",
        guardian_key=mothers.public,
        identifier="kim",
    )
    soon, draft, kims = (
        issued(studio, "ada", "commercial", valid_until=date(2026, 12, 1)).id,
        issued(studio, "ada", "commercial", valid_until=date(2026, 12, 1)).id,
        issued(studio, "kim", "commercial").id,
    )
    studio.ws.releases.sign(soon, key)
    assert studio.ws.releases.sign(kims, mothers, role=Role.GUARDIAN).is_in_force
    due = studio.ws.releases.due(30)
    assert [(each.event, each.release) for each in due] == [
        (DueEvent.COMES_OF_AGE, kims),
        (DueEvent.ENDS, soon),
    ]
    assert [each.release for each in studio.ws.releases.due(30, subject="ada")] == [soon]
    assert studio.ws.releases.due(5) == []
    assert studio.ws.releases.show(draft).state is State.DRAFT


def test_one_yes_is_taken_back_by_its_name(studio: Studio) -> None:
    studio.person("ann")
    with pytest.raises(UsageError, match="Say what is withdrawn"):
        studio.ws.releases.withdraw("rel_ann", subject="ann")
    with pytest.raises(DocumentError):
        studio.ws.releases.withdraw("rel_ann", grant="everything")
    withdrawal = studio.ws.releases.withdraw("rel_ann", grant="commercial")
    shown = studio.ws.releases.show("rel_ann")
    assert shown.withdrawals == (withdrawal,)
    assert (shown.stands(Grant.COMMERCIAL), shown.stands(Grant.REDISTRIBUTION)) == (False, True)
    in_full = studio.ws.subjects.show("ann")
    assert (in_full.withdrawals, in_full.releases) == ((withdrawal,), {"rel_ann": State.SIGNED})
    assert in_full.holdings
