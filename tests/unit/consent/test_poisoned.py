"""A signature that is none is reported, and takes nothing from what is on record or comes later."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.consent.test_importing import entry_of
from volenti.consent.importing import import_file
from volenti.consent.purpose import Grant, Grants
from volenti.consent.signature import Role, Signature, sign
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State
from volenti.core.signing import SigningKey

#: How a signature can be none: by another's key; the right key's name beside junk; over something else.
JUNK = {
    "another-key": lambda hands, release: sign(release.to_json(), SigningKey(b"\x09" * 32), Role.SUBJECT),
    "junk": lambda hands, release: Signature(Role.SUBJECT, hands.key.public, bytes(64)),
    "short": lambda hands, release: Signature(Role.SUBJECT, hands.key.public, b"x"),
    "other-document": lambda hands, release: sign({"other": 1}, hands.key, Role.SUBJECT),
    "witness": lambda hands, release: Signature(Role.WITNESS, hands.key.public, bytes(64)),
    "guardian": lambda hands, release: sign(release.to_json(), SigningKey(b"\x08" * 32), Role.GUARDIAN),
}


@pytest.fixture(params=JUNK)
def junk(request, desk):
    return lambda release: JUNK[request.param](desk.hands, release)


def covered(desk) -> bool:
    return desk.consent.coverage_for("sub_ada", desk.hands.use()).covered


def test_one_beside_a_good_one_on_record_changes_nothing(desk, junk):
    desk.enrolled()
    good = desk.hands.signed()
    desk.consent.import_signed(good)
    size = desk.log.size
    for signatures in ((junk(good.release),), (junk(good.release), *good.signatures)):
        problems = desk.consent.import_signed(SignedRelease(good.release, signatures))
        assert problems
        assert (desk.consent.release("rel_1"), desk.consent.state("rel_1")) == (good, State.SIGNED)
    assert covered(desk)
    assert desk.log.size == size


def test_one_that_comes_first_doesn_t_void_the_good_one_that_comes_later(desk, junk):
    desk.enrolled()
    good = desk.hands.signed()
    assert desk.consent.import_signed(SignedRelease(good.release, (junk(good.release),)))
    assert not covered(desk)
    assert desk.consent.import_signed(good) == []
    assert covered(desk)
    assert desk.consent.release("rel_1") == good


def test_one_that_comes_along_with_a_good_one_is_left_out_and_told(desk, junk):
    desk.enrolled()
    good = desk.hands.signed()
    assert desk.consent.import_signed(SignedRelease(good.release, (junk(good.release), *good.signatures)))
    assert covered(desk)
    assert desk.consent.release("rel_1") == good


def test_one_under_another_document_doesn_t_keep_the_signed_one_out(desk, junk):
    desk.enrolled()
    wider = desk.hands.signed(grants=Grants.only(*Grant)).release
    desk.consent.import_signed(SignedRelease(wider, (junk(wider),)))
    good = desk.hands.signed()
    assert desk.consent.import_signed(good) == []
    assert desk.consent.release("rel_1") == good
    assert covered(desk)


def test_a_draft_stays_a_draft_and_can_be_signed_by_who_it_is_for(desk, junk):
    subject = desk.enrolled()
    draft = desk.draft(subject, grants=Grants.only(Grant.GENERATIVE_TRAINING))
    later = replace(
        draft, evidence=replace(draft.evidence, signed_at=desk.hands.signed().release.evidence.signed_at)
    )
    assert desk.consent.import_signed(SignedRelease(later, (junk(later),)))
    assert (desk.consent.release(draft.id).release, desk.consent.state(draft.id)) == (draft, State.DRAFT)
    desk.consent.sign(draft.id, desk.hands.key)
    assert desk.consent.state(draft.id) is State.SIGNED


def test_what_came_in_with_one_alone_can_be_signed_here_and_is_dated_then(desk, junk):
    desk.enrolled()
    given = desk.hands.signed().release
    desk.consent.import_signed(SignedRelease(given, (junk(given),)))
    desk.wait(3600)
    signed = desk.consent.sign("rel_1", desk.hands.key)
    assert signed.release.evidence.signed_at == desk.now
    assert desk.consent.state("rel_1") is State.SIGNED
    assert covered(desk)


def test_in_a_table_it_is_a_finding_on_its_row(desk, junk, tmp_path: Path):
    subject, good = desk.hands.subject(), desk.hands.signed()
    path = tmp_path / "releases.json"
    path.write_text(json.dumps([entry_of(subject, good)]))
    import_file(desk.consent, path)
    both = SignedRelease(good.release, (junk(good.release), *good.signatures))
    path.write_text(json.dumps([entry_of(subject, both)]))
    for dry_run in (True, False):
        report = import_file(desk.consent, path, dry_run=dry_run)
        assert (report.imported, report.unchanged, report.refused) == ((), ("rel_1",), False)
        assert [(each.row, each.fatal, each.voids) for each in report.problems] == [(1, False, False)] * len(
            report.problems
        )
        assert report.problems
    assert covered(desk)


def test_a_stranger_as_witness_under_another_document_doesn_t_keep_the_signed_one_out(desk):
    desk.enrolled()
    wider = desk.hands.signed(grants=Grants.only(*Grant)).release
    witness = sign(wider.to_json(), SigningKey(b"\x07" * 32), Role.WITNESS)
    desk.consent.import_signed(SignedRelease(wider, (witness,)))
    assert not covered(desk)
    assert desk.consent.import_signed(desk.hands.signed()) == []
    assert covered(desk)
