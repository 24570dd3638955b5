"""Consent over the real vault: enrolling, signing, withdrawing, asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from volenti.consent.drafting import amended
from volenti.consent.purpose import Grant, Grants
from volenti.consent.reference import GivenPhoto
from volenti.consent.signature import Role, sign
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State
from volenti.consent.subject import Guardian
from volenti.core.errors import (
    ConflictError,
    IntegrityError,
    KeyDestroyedError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from volenti.core.signing import SigningKey


def test_a_subject_comes_back_as_recorded(desk):
    subject = desk.hands.subject(contact="ada@example.test", attributes=(("pronoun", "she"),))
    recorded = desk.consent.add_subject(subject)
    assert desk.consent.subject("sub_ada") == recorded == replace(subject, created=desk.now)
    assert list(desk.consent.subjects()) == [recorded]
    assert desk.events("subject-added") == 1


def test_a_name_is_nowhere_in_the_clear(desk):
    desk.signed_release()
    kinds = ("subject", "release", "withdrawal", "event")
    rows = [row for kind in kinds for row in desk.records.rows(kind)]
    assert len(rows) == 5
    for row in rows:
        clear = f"{row.id}{row.state}{row.parent}".encode() + row.body
        assert b"Ada" not in clear


def test_an_identifier_is_given_once(desk):
    desk.enrolled()
    with pytest.raises(ConflictError):
        desk.enrolled()


def test_an_erased_subjects_identifier_is_not_given_again(desk):
    desk.enrolled()
    desk.vault.destroy_key("sub_ada")
    desk.records.delete("subject", ["sub_ada"])
    with pytest.raises(ConflictError):
        desk.enrolled()


def test_nobody_unknown_is_found(desk):
    with pytest.raises(NotFoundError):
        desk.consent.subject("sub_nobody")
    with pytest.raises(NotFoundError):
        desk.consent.release("rel_none")


def test_a_draft_covers_nothing(desk):
    subject = desk.enrolled()
    release = desk.draft(subject, grants=Grants.only(*Grant))
    assert desk.consent.state(release.id) is State.DRAFT
    assert desk.consent.coverage_for(subject.id, desk.hands.use()).code == "signature"


def test_a_signed_release_covers_what_it_grants_and_no_more(desk):
    signed = desk.signed_release()
    assert desk.consent.state(signed.release.id) is State.SIGNED
    assert signed.release.evidence.signed_at == desk.now
    answer = desk.consent.coverage_for("sub_ada", desk.hands.use())
    assert (answer.covered, answer.release) == (True, signed.release.id)
    refused = desk.consent.coverage_for("sub_ada", desk.hands.use(Grant.REDISTRIBUTION))
    assert (refused.covered, refused.code) == (False, "purpose-not-granted")


def test_signing_twice_changes_nothing(desk):
    signed = desk.signed_release()
    desk.wait(60)
    assert desk.consent.sign(signed.release.id, desk.hands.key) == signed
    assert desk.events("release-signed") == 1


def test_a_strangers_key_cant_sign_for_the_subject(desk):
    release = desk.signed_release().release
    with pytest.raises(RefusedError):
        desk.consent.sign(release.id, SigningKey.new())
    assert len(desk.consent.release(release.id).signatures) == 1


def test_a_witness_may_sign_with_any_key(desk):
    release = desk.signed_release().release
    signed = desk.consent.sign(release.id, SigningKey.new(), Role.WITNESS)
    assert [signature.role for signature in signed.signatures] == [Role.SUBJECT, Role.WITNESS]
    assert desk.consent.verify(release.id) == []


def test_a_child_is_covered_once_its_guardian_has_signed(desk):
    child = desk.enrolled(desk.hands.child())
    release = desk.draft(child, grants=Grants.only(Grant.GENERATIVE_TRAINING))
    desk.consent.sign(release.id, desk.hands.key)
    assert desk.consent.state(release.id) is State.DRAFT
    assert desk.consent.coverage_for(child.id, desk.hands.use()).code == "minor"
    desk.consent.sign(release.id, desk.hands.guardian_key, Role.GUARDIAN)
    assert desk.consent.state(release.id) is State.SIGNED
    assert desk.consent.coverage_for(child.id, desk.hands.use()).covered


def test_a_release_identifier_is_given_once(desk):
    release = desk.signed_release().release
    with pytest.raises(ConflictError):
        desk.consent.issue(
            "sub_ada",
            controller="Studio",
            shoot=release.shoot,
            grants=release.grants,
            terms=release.terms,
            identifier=release.id,
        )


def test_a_withdrawn_release_covers_nothing_and_stays_on_record(desk):
    signed = desk.signed_release()
    desk.wait(1)
    desk.consent.withdraw("sub_ada", release_id=signed.release.id)
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).code == "release-withdrawn"
    assert desk.consent.state(signed.release.id) is State.WITHDRAWN
    assert desk.consent.release(signed.release.id) == signed
    assert desk.events("release-withdrawn") == 1


def test_a_withdrawal_counts_in_the_very_second_of_signing(desk):
    desk.signed_release()
    desk.consent.withdraw("sub_ada")
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use()).covered


def test_withdrawing_one_release_leaves_the_other(desk):
    first = desk.signed_release()
    second = desk.signed_release(desk.consent.subject("sub_ada"))
    desk.consent.withdraw("sub_ada", release_id=second.release.id)
    answer = desk.consent.coverage_for("sub_ada", desk.hands.use())
    assert (answer.covered, answer.release) == (True, first.release.id)


def test_withdrawing_one_grant_leaves_the_others(desk):
    signed = desk.signed_release()
    desk.consent.withdraw("sub_ada", grant=Grant.GENERATIVE_TRAINING)
    refused = desk.consent.coverage_for("sub_ada", desk.hands.use())
    assert (refused.code, refused.clause) == ("release-withdrawn", "grants.generative-training")
    assert desk.consent.coverage_for("sub_ada", desk.hands.use(Grant.COMMERCIAL)).covered
    assert desk.consent.state(signed.release.id) is State.SIGNED
    assert desk.events("grant-withdrawn") == 1


def test_withdrawing_a_grant_of_one_release_leaves_it_in_the_other(desk):
    first = desk.signed_release()
    second = desk.signed_release(desk.consent.subject("sub_ada"))
    desk.consent.withdraw("sub_ada", release_id=first.release.id, grant=Grant.GENERATIVE_TRAINING)
    answer = desk.consent.coverage_for("sub_ada", desk.hands.use())
    assert (answer.covered, answer.release) == (True, second.release.id)


@pytest.mark.parametrize("whose", ["one release", "all of theirs"])
def test_taking_back_what_nobody_gave_changes_nothing(desk, whose):
    signed = desk.signed_release()
    named = signed.release.id if whose == "one release" else None
    before, changes = desk.consent.revision, desk.consent.changes
    taken = desk.consent.withdraw("sub_ada", release_id=named, grant=Grant.REDISTRIBUTION)
    assert (taken, desk.consent.withdrawals("sub_ada"), desk.events("grant-withdrawn")) == (None, [], 0)
    assert (desk.consent.revision, desk.consent.changes) == (before, changes)
    assert desk.consent.withdraw("sub_ada", release_id=named, grant=Grant.COMMERCIAL)


#: What was withdrawn, the shoot that the new release is about, what it is given, and its yes.
AMENDED = {
    "one grant": ({"grant": Grant.COMMERCIAL}, {}, {Grant.GENERATIVE_TRAINING}),
    "one grant, given anew": (
        {"grant": Grant.COMMERCIAL},
        {"grant": ["commercial"]},
        {Grant.GENERATIVE_TRAINING, Grant.COMMERCIAL},
    ),
    "everything": ({}, {}, set()),
    "one grant for one shoot": (
        {"grant": Grant.COMMERCIAL, "shoot": "spring"},
        {},
        {Grant.GENERATIVE_TRAINING},
    ),
    "one shoot, and the new one is for another": (
        {"shoot": "spring"},
        {"shoot": "autumn"},
        {Grant.GENERATIVE_TRAINING, Grant.COMMERCIAL},
    ),
    "one shoot, and the new one is for it": ({"shoot": "spring"}, {"shoot": "spring"}, set()),
}


@pytest.mark.parametrize("case", AMENDED)
def test_what_takes_a_release_s_place_says_no_to_what_was_withdrawn_from_it(desk, case):
    withdrawn, given, granted = AMENDED[case]
    old = desk.signed_release().release
    desk.consent.withdraw("sub_ada", release_id=old.id, **withdrawn)
    known = desk.consent.on_record(old.id)
    assert amended(known, **given)["grants"].yes == granted
    if not given:
        assert desk.consent.supersede(old.id).grants.yes == granted


def test_withdrawing_everything_reaches_every_release(desk):
    desk.signed_release()
    desk.signed_release(desk.consent.subject("sub_ada"))
    desk.consent.withdraw("sub_ada")
    states = {desk.consent.state(signed.release.id) for signed in desk.consent.releases("sub_ada")}
    assert states == {State.WITHDRAWN}


def test_a_release_signed_after_withdrawing_everything_is_a_new_yes(desk):
    desk.signed_release()
    desk.consent.withdraw("sub_ada")
    desk.wait(1)
    new = desk.signed_release(desk.consent.subject("sub_ada"))
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).release == new.release.id
    desk.consent.withdraw("sub_ada")
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use()).covered
    assert len(desk.consent.withdrawals("sub_ada")) == 2


def test_withdrawing_a_shoot_takes_its_pictures_out_and_leaves_the_others(desk):
    desk.signed_release()
    withdrawal = desk.consent.withdraw("sub_ada", shoot="spring")
    use = desk.hands.use()
    assert not desk.consent.coverage_for("sub_ada", replace(use, shoot="spring")).covered
    assert desk.consent.coverage_for("sub_ada", replace(use, shoot="autumn")).covered
    assert desk.consent.coverage_for("sub_ada", replace(use, shoot="")).code == "shoot"
    assert desk.consent.withdraw("sub_ada", shoot="spring") == withdrawal
    assert desk.events("release-withdrawn") == 1


def test_withdrawing_a_shoot_withdraws_the_releases_for_it(desk):
    spring = desk.signed_release(shoot=replace(desk.hands.shoot(), name="spring"))
    autumn = desk.signed_release(
        desk.consent.subject("sub_ada"), shoot=replace(desk.hands.shoot(), name="autumn")
    )
    desk.consent.withdraw("sub_ada", shoot="spring")
    assert desk.consent.state(spring.release.id) is State.WITHDRAWN
    assert desk.consent.state(autumn.release.id) is State.SIGNED


def test_a_shoot_that_no_release_reaches_cant_be_withdrawn(desk):
    desk.signed_release(shoot=replace(desk.hands.shoot(), name="spring"))
    with pytest.raises(NotFoundError):
        desk.consent.withdraw("sub_ada", shoot="sprng")
    assert desk.consent.withdrawals("sub_ada") == []


def test_a_shoot_can_be_withdrawn_again_once_a_later_release_covered_it(desk):
    desk.signed_release()
    first = desk.consent.withdraw("sub_ada", shoot="spring")
    desk.wait(1)
    desk.signed_release(desk.consent.subject("sub_ada"))
    use = replace(desk.hands.use(), shoot="spring")
    assert desk.consent.coverage_for("sub_ada", use).covered
    assert desk.consent.withdraw("sub_ada", shoot="spring") != first
    assert not desk.consent.coverage_for("sub_ada", use).covered


def test_amending_writes_a_draft_that_changes_nothing_before_it_is_signed(desk):
    old = desk.signed_release()
    new = desk.consent.supersede(old.release.id, grants=Grants.only(*Grant))
    assert (new.supersedes, new.controller, new.terms) == (
        *(old.release.id, old.release.controller, old.release.terms),
    )
    assert desk.consent.state(old.release.id) is State.SIGNED
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).release == old.release.id
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use(Grant.IDENTIFICATION)).covered


def test_once_the_successor_is_signed_it_alone_answers_and_both_stay_on_record(desk):
    old = desk.signed_release()
    new = desk.consent.supersede(old.release.id, grants=Grants.only(Grant.IDENTIFICATION))
    desk.consent.sign(new.id, desk.hands.key)
    assert desk.consent.coverage_for("sub_ada", desk.hands.use(Grant.IDENTIFICATION)).release == new.id
    refused = desk.consent.coverage_for("sub_ada", desk.hands.use())
    assert (refused.code, refused.release) == ("purpose-not-granted", new.id)
    assert desk.consent.release(old.release.id) == old
    assert desk.consent.state(old.release.id) is State.SUPERSEDED
    assert desk.consent.successor(old.release.id).release == desk.consent.release(new.id).release
    assert desk.consent.successor(new.id) is None


def test_withdrawing_the_successor_doesnt_revive_what_it_superseded(desk):
    old = desk.signed_release()
    new = desk.consent.supersede(old.release.id)
    desk.consent.sign(new.id, desk.hands.key)
    desk.consent.withdraw("sub_ada", release_id=new.id)
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use()).covered
    assert desk.consent.state(old.release.id) is State.SUPERSEDED


def test_a_forged_successor_supersedes_nothing(desk):
    old = desk.signed_release()
    desk.consent.import_signed(desk.hands.forged(id="rel_x", supersedes=old.release.id))
    assert desk.consent.state(old.release.id) is State.SIGNED
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).covered


def test_a_successor_that_came_in_first_counts_when_its_predecessor_follows(desk):
    desk.enrolled()
    desk.consent.import_signed(desk.hands.signed(id="rel_2", supersedes="rel_1", grants=Grants.only()))
    desk.consent.import_signed(desk.hands.signed())
    assert desk.consent.state("rel_1") is State.SUPERSEDED
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use()).covered


def test_only_ones_own_release_can_be_superseded(desk):
    old = desk.signed_release().release
    other = desk.enrolled(desk.hands.subject(id="sub_bea"))
    given = {"controller": "Studio", "shoot": old.shoot, "grants": old.grants, "terms": old.terms}
    with pytest.raises(NotFoundError):
        desk.consent.issue(other.id, supersedes=old.id, **given)


def test_the_reference_photograph_goes_on_with_the_successor_that_names_it(desk):
    old = desk.signed_release(shoot=desk.hands.shoot(desk.photo.digest)).release
    desk.consent.set_references(old.id, [desk.photo])
    size = desk.vault.size("sub_ada")
    new = desk.consent.supersede(old.id)
    desk.consent.sign(new.id, desk.hands.key)
    assert desk.consent.reference(new.id) == desk.photo.data
    assert desk.consent.reference(old.id) is None
    assert desk.vault.size("sub_ada") == size


def test_the_reference_photograph_isnt_handed_out_once_the_release_is_withdrawn(desk):
    release = desk.signed_release(shoot=desk.hands.shoot(desk.photo.digest)).release
    desk.consent.set_references(release.id, [desk.photo])
    desk.consent.withdraw("sub_ada")
    assert desk.consent.reference(release.id) is None


def test_one_subjects_withdrawal_doesnt_touch_another(desk):
    desk.signed_release()
    other = desk.enrolled(desk.hands.subject(id="sub_bea", legal_name="Bea Example"))
    desk.signed_release(other)
    desk.consent.withdraw("sub_ada")
    assert desk.consent.coverage_for("sub_bea", desk.hands.use()).covered


def test_repeating_a_withdrawal_adds_nothing_but_tells_the_listeners_again(desk):
    told: list[str] = []
    desk.signed_release()
    desk.consent.on_change(told.append)
    first = desk.consent.withdraw("sub_ada")
    desk.wait(60)
    assert desk.consent.withdraw("sub_ada") == first
    assert told == ["sub_ada", "sub_ada"]
    assert desk.consent.withdrawals("sub_ada") == [first]


def test_listeners_hear_of_a_withdrawal_that_is_already_kept(desk):
    kept: list[bool] = []
    desk.signed_release()
    desk.consent.on_change(lambda who: kept.append(len(desk.consent.withdrawals(who)) == 1))
    desk.consent.withdraw("sub_ada")
    assert kept == [True]


def test_a_failing_listener_keeps_neither_the_withdrawal_nor_the_other_listeners_from_it(desk):
    told: list[str] = []

    def fail(subject: str) -> None:
        raise RuntimeError("the listener's own trouble")

    desk.signed_release()
    desk.consent.on_change(fail)
    desk.consent.on_change(told.append)
    with pytest.raises(RuntimeError):
        desk.consent.withdraw("sub_ada")
    assert len(told) == 1
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use()).covered


def test_only_ones_own_releases_can_be_withdrawn(desk):
    release = desk.signed_release().release
    other = desk.enrolled(desk.hands.subject(id="sub_bea"))
    with pytest.raises(NotFoundError):
        desk.consent.withdraw(other.id, release_id=release.id)
    assert desk.consent.withdrawals(other.id) == []


def test_a_withdrawn_release_cant_be_signed_again(desk):
    release = desk.signed_release().release
    desk.consent.withdraw("sub_ada", release_id=release.id)
    with pytest.raises(ConflictError):
        desk.consent.sign(release.id, SigningKey.new(), Role.WITNESS)


def test_asking_about_an_unknown_subject_is_answered(desk):
    assert desk.consent.coverage_for("sub_nobody", desk.hands.use()).code == "no-release"


def test_asking_about_an_erased_subject_is_answered(desk):
    desk.signed_release()
    desk.vault.destroy_key("sub_ada")
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).code == "no-release"
    assert list(desk.consent.subjects()) == []
    with pytest.raises(KeyDestroyedError):
        desk.consent.subject("sub_ada")


def test_the_reference_photograph_is_sealed_and_comes_back(desk):
    release = desk.signed_release(shoot=desk.hands.shoot(desk.photo.digest)).release
    assert desk.consent.lacks_reference(release.id)
    reference = desk.consent.set_references(release.id, [desk.photo])
    assert desk.consent.reference(release.id) == desk.photo.data
    assert desk.consent.set_references(release.id, [desk.photo]) == reference
    assert not desk.consent.lacks_reference(release.id)
    [sealed] = reference.photos.values()
    assert desk.vault.size("sub_ada") == sealed.location.length


def test_another_photograph_isnt_taken_for_the_reference(desk):
    release = desk.signed_release(shoot=desk.hands.shoot(desk.photo.digest)).release
    with pytest.raises(IntegrityError):
        desk.consent.set_references(release.id, [GivenPhoto("other.png", desk.photo.data + b".")])
    assert desk.consent.reference(release.id) is None


def test_a_release_without_a_reference_takes_none(desk):
    release = desk.signed_release().release
    with pytest.raises(UsageError):
        desk.consent.set_references(release.id, [desk.photo])


def test_no_photograph_is_kept_before_the_signature_or_after_withdrawal(desk):
    subject = desk.enrolled()
    shoot = desk.hands.shoot(desk.photo.digest)
    release = desk.draft(subject, shoot=shoot, grants=Grants.only())
    with pytest.raises(RefusedError):
        desk.consent.set_references(release.id, [desk.photo])
    desk.consent.sign(release.id, desk.hands.key)
    desk.consent.withdraw(subject.id, release_id=release.id)
    with pytest.raises(RefusedError):
        desk.consent.set_references(release.id, [desk.photo])
    assert desk.vault.size(subject.id) == 0


def test_a_release_signed_elsewhere_is_taken_and_covers(desk):
    desk.enrolled()
    assert desk.consent.import_signed(desk.hands.signed()) == []
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).covered


def test_a_forged_release_is_kept_reported_and_covers_nothing(desk):
    desk.enrolled()
    forged = desk.hands.forged(shoot=desk.hands.shoot(desk.photo.digest))
    problems = desk.consent.import_signed(forged, [desk.photo])
    assert [problem.field for problem in problems] == ["signatures.subject"]
    assert desk.consent.verify("rel_1") == problems
    assert desk.consent.release("rel_1") == forged
    assert desk.consent.state("rel_1") is State.DEFECTIVE
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).code == "signature"
    assert desk.consent.reference("rel_1") is None


def test_taking_the_same_release_twice_changes_nothing(desk):
    desk.enrolled()
    signed = desk.hands.signed(shoot=desk.hands.shoot(desk.photo.digest))
    desk.consent.import_signed(signed, [desk.photo])
    size = desk.vault.size("sub_ada")
    desk.consent.import_signed(signed, [desk.photo])
    assert desk.events("release-imported") == 1
    assert desk.vault.size("sub_ada") == size


def test_a_draft_signed_elsewhere_is_completed(desk):
    subject = desk.enrolled()
    draft = desk.draft(subject, grants=Grants.only(Grant.GENERATIVE_TRAINING))
    elsewhere = SignedRelease(draft).signed_by(desk.hands.key, Role.SUBJECT, desk.now)
    assert desk.consent.import_signed(elsewhere) == []
    assert desk.consent.release(draft.id) == elsewhere
    assert desk.consent.state(draft.id) is State.SIGNED


def test_another_document_under_a_known_identifier_is_refused(desk):
    desk.enrolled()
    desk.consent.import_signed(desk.hands.signed())
    wider = desk.hands.signed(grants=Grants.only(*Grant))
    with pytest.raises(ConflictError):
        desk.consent.import_signed(wider)
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use(Grant.IDENTIFICATION)).covered


def test_a_release_signed_before_everything_was_withdrawn_comes_in_withdrawn(desk):
    desk.signed_release()
    desk.wait(1)
    desk.consent.withdraw("sub_ada")
    desk.consent.import_signed(desk.hands.signed())
    assert desk.consent.state("rel_1") is State.WITHDRAWN
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).code == "release-withdrawn"


def test_taking_a_withdrawn_release_again_doesnt_revive_it(desk):
    desk.enrolled()
    signed = desk.hands.signed()
    desk.consent.import_signed(signed)
    desk.consent.withdraw("sub_ada", release_id="rel_1")
    desk.consent.import_signed(replace(signed, signatures=(*signed.signatures, _witnessed(signed))))
    assert desk.consent.state("rel_1") is State.WITHDRAWN
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use()).covered


def _witnessed(signed: SignedRelease):
    return sign(signed.release.to_json(), SigningKey.new(), Role.WITNESS)


def test_a_release_of_nobody_on_record_is_refused(desk):
    with pytest.raises(NotFoundError):
        desk.consent.import_signed(desk.hands.signed())


def test_details_can_be_corrected_and_a_missing_guardian_added(desk):
    child = desk.enrolled(desk.hands.child(guardian=None))
    desk.consent.import_signed(desk.hands.signed(desk.hands.child()))
    assert desk.consent.coverage_for(child.id, desk.hands.use()).code == "signature"
    guardian = Guardian("Grace Example", "mother", desk.hands.guardian_key.public)
    desk.wait(60)
    desk.consent.amend(replace(child, guardian=guardian, contact="new@example.test", created=None))
    amended = desk.consent.subject(child.id)
    assert (amended.contact, amended.created) == ("new@example.test", child.created)
    assert desk.consent.coverage_for(child.id, desk.hands.use()).covered
    assert desk.consent.state("rel_1") is State.SIGNED
    assert desk.events("subject-amended") == 1


@pytest.mark.parametrize("new_key", [None, SigningKey(b"\x05" * 32).public])
def test_a_key_on_record_is_never_replaced(desk, new_key):
    subject = desk.enrolled()
    with pytest.raises(ConflictError):
        desk.consent.amend(replace(subject, public_key=new_key))
    assert desk.consent.subject(subject.id) == subject


def test_changing_a_birth_date_voids_what_was_signed_with_the_old_one(desk):
    desk.signed_release()
    subject = desk.consent.subject("sub_ada")
    desk.consent.amend(replace(subject, birth_date=date(2010, 1, 1)))
    refused = desk.consent.coverage_for("sub_ada", desk.hands.use())
    assert (refused.code, refused.clause) == ("signature", "birth_date")


def test_steps_taken_together_are_kept_together_or_not_at_all(desk):
    size = desk.log.size

    def steps() -> None:
        with desk.consent.together():
            desk.enrolled()
            desk.consent.import_signed(desk.hands.signed())
            desk.enrolled()

    with pytest.raises(ConflictError):
        steps()
    assert list(desk.consent.subjects()) == []
    assert desk.log.size == size
    assert desk.records.count("release") == 0


def test_steps_taken_together_share_one_checkpoint(desk):
    before = desk.log.checkpoint()
    with desk.consent.together():
        desk.enrolled()
        desk.consent.import_signed(desk.hands.signed())
        assert desk.log.checkpoint() == before
    assert desk.log.size == 2


def test_what_the_log_says_of_a_subject_cant_be_opened_once_they_are_erased(desk):
    desk.signed_release()
    desk.vault.destroy_key("sub_ada")
    with pytest.raises(KeyDestroyedError):
        list(desk.records.find("event", state="release-signed"))
    assert desk.log.verify() == []


def test_whatever_changes_in_consent_makes_another_revision(desk):
    subject = desk.hands.subject()
    release = desk.hands.release(subject, shoot=desk.hands.shoot(desk.photo.digest))
    signed = SignedRelease(release).signed_by(desk.hands.key, Role.SUBJECT, desk.now)
    changes = [
        lambda: desk.consent.add_subject(subject),
        lambda: desk.consent.amend(replace(subject, contact="ada@example.test")),
        lambda: desk.consent.import_signed(signed),
        lambda: desk.consent.set_references(release.id, [desk.photo]),
        lambda: desk.consent.supersede(release.id, grants=Grants.only(Grant.COMMERCIAL)),
        lambda: desk.consent.restrict(subject.id),
        lambda: desk.consent.lift(subject.id),
        lambda: desk.consent.withdraw(subject.id, grant=Grant.COMMERCIAL),
        lambda: desk.consent.withdraw(subject.id),
    ]
    seen = [desk.consent.revision]
    for change in changes:
        change()
        seen.append(desk.consent.revision)
    assert len(set(seen)) == 1 + len(changes)


def test_asking_and_what_changes_nothing_leave_the_revision_as_it_is(desk):
    desk.signed_release()
    before = desk.consent.revision
    desk.consent.coverage_for("sub_ada", desk.hands.use())
    desk.consent.lift("sub_ada")
    with pytest.raises(NotFoundError):
        desk.consent.withdraw("sub_ada", release_id="rel_nobodys")
    assert desk.consent.revision == before
