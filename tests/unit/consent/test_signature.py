"""Signatures: over canonical bytes, by the key on record."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.consent.document import DocumentError, Fields
from volenti.consent.signature import Role, Signature, sign, verify
from volenti.core.signing import SigningKey

KEY, OTHER = SigningKey(b"\x01" * 32), SigningKey(b"\x02" * 32)
DOCUMENT = {"type": "test", "b": 1, "a": ["é", True, None]}
KEYS = {Role.SUBJECT: (KEY.public,), Role.GUARDIAN: (OTHER.public,)}


def test_a_signature_by_the_key_on_record_holds():
    assert verify(DOCUMENT, [sign(DOCUMENT, KEY, Role.SUBJECT)], KEYS) == []


def test_the_order_of_a_documents_fields_doesnt_matter():
    signature = sign(DOCUMENT, KEY, Role.SUBJECT)
    assert verify(dict(reversed(DOCUMENT.items())), [signature], KEYS) == []


def test_no_signature_is_a_problem():
    assert [str(problem) for problem in verify(DOCUMENT, [], KEYS)] == ["signatures: nobody has signed."]


@pytest.mark.parametrize("change", [{"b": 2}, {"c": 0}, {"a": ["e", True, None]}, {"type": "Test"}])
def test_a_changed_document_isnt_what_was_signed(change):
    problems = verify(DOCUMENT | change, [sign(DOCUMENT, KEY, Role.SUBJECT)], KEYS)
    assert "doesn't fit the document" in problems[0].message


@settings(deadline=None)
@given(st.integers(0, 511))
def test_any_flipped_bit_of_a_signature_breaks_it(bit):
    good = sign(DOCUMENT, KEY, Role.SUBJECT)
    bad = bytearray(good.signature)
    bad[bit // 8] ^= 1 << bit % 8
    assert len(verify(DOCUMENT, [Signature(Role.SUBJECT, KEY.public, bytes(bad))], KEYS)) == 1


def test_a_good_signature_by_another_key_doesnt_count():
    problems = verify(DOCUMENT, [sign(DOCUMENT, OTHER, Role.SUBJECT)], KEYS)
    assert [problem.message for problem in problems] == [
        "was made with another key than the subject's on record."
    ]


def test_a_signature_in_a_role_without_a_key_on_record_doesnt_count():
    problems = verify(DOCUMENT, [sign(DOCUMENT, OTHER, Role.GUARDIAN)], {Role.SUBJECT: KEY.public})
    assert [problem.message for problem in problems] == ["there is no key of the guardian on record."]


def test_a_witness_needs_no_key_on_record_but_a_signature_that_fits():
    good = sign(DOCUMENT, OTHER, Role.WITNESS)
    bad = sign(DOCUMENT | {"b": 2}, OTHER, Role.WITNESS)
    assert verify(DOCUMENT, [good], KEYS) == []
    assert len(verify(DOCUMENT, [good, bad], KEYS)) == 1


def test_one_bad_signature_among_good_ones_is_told():
    good, bad = sign(DOCUMENT, KEY, Role.SUBJECT), sign({}, OTHER, Role.GUARDIAN)
    assert [problem.field for problem in verify(DOCUMENT, [good, bad], KEYS)] == ["signatures.guardian"]


@pytest.mark.parametrize("role", list(Role))
def test_a_signature_survives_json(role):
    signature = sign(DOCUMENT, KEY, role)
    assert Signature.read(Fields(signature.to_json())) == signature


@pytest.mark.parametrize("length", [0, 1, 63, 65])
def test_a_signature_of_another_length_is_bad_not_an_error(length):
    signature = Signature(Role.SUBJECT, KEY.public, bytes(length))
    assert Signature.read(Fields(signature.to_json())) == signature
    assert len(verify(DOCUMENT, [signature], KEYS)) == 1


def test_what_isnt_a_signature_is_refused_field_by_field():
    with pytest.raises(DocumentError) as caught:
        Signature.read(Fields({"role": "friend", "public_key": "AAAA", "signature": "%%%"}))
    assert {problem.field for problem in caught.value.problems} == {"role", "public_key", "signature"}
