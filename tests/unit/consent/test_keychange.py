"""A lost key is replaced on an officer's word; the old one counts for what it had signed alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from volenti.consent.document import DocumentError
from volenti.consent.importing import import_document
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Guardian, Subject
from volenti.core.errors import ConflictError, RefusedError
from volenti.core.signing import SigningKey

OFFICER, NEW = SigningKey(b"\x0f" * 32), SigningKey(b"\x0a" * 32)


def test_what_the_old_key_signed_stays_valid_and_the_new_one_signs_from_now_on(desk):
    before = desk.signed_release()
    ada = desk.consent.subject("sub_ada")
    desk.consent.amend(replace(ada, public_key=NEW.public), OFFICER, "Phone lost; passport shown.")
    assert desk.consent.verify(before.release.id) == []
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).covered
    later = desk.draft(ada)
    with pytest.raises(RefusedError, match="isn't the subject's key"):
        desk.consent.sign(later.id, desk.hands.key)
    assert desk.consent.sign(later.id, NEW).holds(desk.consent.subject("sub_ada"))
    assert desk.events("key-replaced") == 1


def test_whoever_found_the_old_key_can_t_date_a_signature_back(desk):
    desk.signed_release()
    ada = desk.consent.subject("sub_ada")
    desk.consent.amend(replace(ada, public_key=NEW.public), OFFICER, "Phone lost.")
    forged = desk.hands.signed(ada, id="rel_forged")
    import_document(desk.consent, forged.to_json())
    assert [each.field for each in desk.consent.verify("rel_forged")] == ["signatures.subject"]


def test_a_guardian_s_key_is_replaced_too(desk):
    child = desk.enrolled(desk.hands.child())
    signed = desk.signed_release(child)
    guardian = replace(child.guardian, public_key=NEW.public)
    desk.consent.amend(replace(child, guardian=guardian), OFFICER, "Key lost.")
    (former,) = desk.consent.subject(child.id).former_keys
    assert (former.role, former.public_key) == (Role.GUARDIAN, desk.hands.guardian_key.public)
    assert desk.consent.verify(signed.release.id) == []


@pytest.mark.parametrize(
    ("officer", "reason", "error"),
    [
        (None, "Lost.", ConflictError),
        (OFFICER, "", DocumentError),
        (OFFICER, "  ", DocumentError),
        (NEW, "Lost.", DocumentError),
        (SigningKey(b"\x01" * 32), "Lost.", DocumentError),
    ],
    ids=["no officer", "no reason", "blank reason", "the new key", "the old key"],
)
def test_a_key_isnt_replaced_without_an_officer_and_a_reason(desk, officer, reason, error):
    ada = desk.enrolled()
    with pytest.raises(error):
        desk.consent.amend(replace(ada, public_key=NEW.public), officer, reason)
    assert desk.consent.subject("sub_ada") == ada


def test_a_key_isnt_taken_away(desk):
    ada = desk.enrolled()
    with pytest.raises(ConflictError, match="officer's word"):
        desk.consent.amend(replace(ada, public_key=None), OFFICER, "Lost.")


@pytest.mark.parametrize(
    "change",
    [{"reason": "Nothing."}, {"documents": ("0" * 64,)}, {"officer": NEW.public}, {"signature": bytes(64)}],
    ids=lambda change: next(iter(change)),
)
def test_a_former_key_that_was_edited_counts_for_nothing(desk, change):
    signed = desk.signed_release()
    ada = desk.consent.subject("sub_ada")
    after = desk.consent.amend(replace(ada, public_key=NEW.public), OFFICER, "Phone lost.")
    edited = replace(after, former_keys=(replace(after.former_keys[0], **change),))
    assert not signed.holds(edited)


def test_keys_are_replaced_as_often_as_they_are_lost(desk):
    signed = [desk.signed_release()]
    key = desk.hands.key
    for number in range(3):
        ada = desk.consent.subject("sub_ada")
        key = SigningKey(bytes([20 + number]) * 32)
        desk.consent.amend(replace(ada, public_key=key.public), OFFICER, "Lost again.")
        signed.append(desk.consent.sign(desk.draft(ada).id, key))
    assert [desk.consent.verify(each.release.id) for each in signed] == [[], [], [], []]
    assert Subject.from_json(desk.consent.subject("sub_ada").to_json()).former_keys[2].reason == "Lost again."


def test_who_never_lost_a_key_is_kept_as_before(hands):
    assert "former_keys" not in hands.subject().to_json()
    assert "attestations" not in SignedRelease(hands.release()).to_json()
    assert Guardian("Grace", "mother").to_json().keys() == {"name", "relation", "public_key"}
