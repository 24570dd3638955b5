"""Signed notes: what parses, what verifies, and what doesn't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.core.errors import IntegrityError, UsageError
from volenti.core.signing import SigningKey
from volenti.transparency.note import Signature, SignatureKind, SignedNote, Verifier, exact_base64

LOG, OTHER = SigningKey(bytes(32)), SigningKey(b"\x01" * 32)
LOG_VERIFIER = Verifier("example.com/log", LOG.public)
OTHER_VERIFIER = Verifier("example.com/other", OTHER.public)
TEXT = "first line\n\nthird line\n"
NOTE = SignedNote(TEXT).signed("example.com/log", LOG)


def test_a_note_with_two_signatures_is_read_as_it_was_written_and_names_both_signers() -> None:
    note = SignedNote.parse(str(NOTE.signed("example.com/other", OTHER)))
    assert note.text == TEXT
    assert note.verify(LOG_VERIFIER, OTHER_VERIFIER) == (LOG_VERIFIER, OTHER_VERIFIER)
    assert note.verify(OTHER_VERIFIER) == (OTHER_VERIFIER,)


def test_a_note_nobody_known_signed_is_refused() -> None:
    with pytest.raises(IntegrityError, match="wasn't signed with the key"):
        NOTE.verify(OTHER_VERIFIER)
    with pytest.raises(IntegrityError, match="wasn't signed with the key"):
        NOTE.verify()


def test_a_known_key_under_another_name_is_another_signer() -> None:
    with pytest.raises(IntegrityError, match="wasn't signed with the key"):
        NOTE.verify(Verifier("example.com/elsewhere", LOG.public))


def test_one_forged_line_spoils_the_whole_note() -> None:
    genuine = NOTE.signed("example.com/other", OTHER)
    forged = str(genuine).replace("first", "fIrst")
    mixed = SignedNote(
        SignedNote.parse(forged).text,
        (
            *SignedNote(SignedNote.parse(forged).text).signed("example.com/other", OTHER).signatures,
            NOTE.signatures[0],
        ),
    )
    assert mixed.verify(OTHER_VERIFIER) == (OTHER_VERIFIER,)
    with pytest.raises(IntegrityError, match=r"example\.com/log"):
        mixed.verify(OTHER_VERIFIER, LOG_VERIFIER)


def test_lines_of_unknown_keys_and_types_are_kept_and_ignored() -> None:
    unknown = str(NOTE) + "— witness.example AAAAAAEBAQ==\n"
    note = SignedNote.parse(unknown)
    assert note.verify(LOG_VERIFIER) == (LOG_VERIFIER,)
    assert str(note) == unknown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n— name",
        "text\n\n— name\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAA==\n",
        "text\n\n- name AAAAAAEB\n",
        "text\n\n— na+me AAAAAAEB\n",
        "text\n\n—  AAAAAAEB\n",
        "text\n\n— na\u00a0me AAAAAAEB\n",
        "text\n\n— name AAAAAAEB\nrest\n",
        "te\rxt\n\n— name AAAAAAEB\n",
        "te\x00xt\n\n— name AAAAAAEB\n",
        "text\n\n— name AAAAAAEC=\n",
        "text\n\n" + "— name AAAAAAEB\n" * 101,
        "x" * 1_048_577 + "\n\n— name AAAAAAEB\n",
        b"\xff\xfe\n\n\xe2\x80\x94 name AAAAAAEB\n",
        "\ud800\n\n— name AAAAAAEB\n",
    ],
)
def test_what_is_not_a_signed_note_is_an_integrity_error(text: str | bytes) -> None:
    with pytest.raises(IntegrityError):
        SignedNote.parse(text)


def test_sixteen_signatures_are_accepted() -> None:
    note = SignedNote(TEXT)
    for number in range(16):
        note = note.signed(f"witness{number}", LOG)
    assert len(SignedNote.parse(str(note)).signatures) == 16


AT = datetime(2026, 11, 24, 4, 10, tzinfo=UTC)
COSIGNER = Verifier("witness.example", OTHER.public, SignatureKind.COSIGNATURE)
COSIGNED = NOTE.cosigned(COSIGNER.name, OTHER, AT)


def test_a_cosignature_states_when_and_is_no_plain_signature() -> None:
    note = SignedNote.parse(str(COSIGNED))
    assert note.verify(COSIGNER) == (COSIGNER,)
    assert note.cosigned_at(COSIGNER) == AT
    plain = Verifier(COSIGNER.name, OTHER.public)
    assert plain.key_id != COSIGNER.key_id
    assert note.cosigned_at(plain) is None
    assert NOTE.cosigned_at(COSIGNER) is None
    with pytest.raises(IntegrityError, match="wasn't signed with the key"):
        note.verify(plain)


def test_the_latest_of_a_cosigners_times_counts() -> None:
    again = COSIGNED.cosigned(COSIGNER.name, OTHER, AT + timedelta(days=1))
    assert again.verify(COSIGNER) == (COSIGNER,)
    assert again.cosigned_at(COSIGNER) == AT + timedelta(days=1)


@given(bit=st.integers(0, 8 * 72 - 1))
def test_any_other_time_or_signature_is_refused(bit: int) -> None:
    genuine, data = COSIGNED.signatures[-1], bytearray(COSIGNED.signatures[-1].data)
    data[bit // 8] ^= 1 << bit % 8
    forged = SignedNote(TEXT, (Signature(genuine.name, genuine.key_id, bytes(data)),))
    with pytest.raises(IntegrityError, match="doesn't fit"):
        forged.verify(COSIGNER)


def test_a_cosignature_from_beyond_the_calendar_or_cut_short_is_refused() -> None:
    line = COSIGNED.signatures[-1]
    made = OTHER.sign(f"cosignature/v1\ntime {2**63}\n{TEXT}".encode())
    for data in (line.data[:7], line.data[:40], (2**63).to_bytes(8, "big") + made):
        with pytest.raises(IntegrityError, match="doesn't fit"):
            SignedNote(TEXT, (Signature(line.name, line.key_id, data),)).verify(COSIGNER)


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_rubbish_never_raises_anything_but_an_integrity_error(data: str | bytes) -> None:
    with pytest.raises(IntegrityError):
        SignedNote.parse(data).verify(LOG_VERIFIER)


@pytest.mark.parametrize("text", ["no newline", "", "a\rb\n", "a\tb\n"])
def test_a_text_that_no_reader_would_accept_is_not_signed(text: str) -> None:
    with pytest.raises(UsageError):
        SignedNote(text)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\t", "line\n", "thin\u2009space"])
def test_key_names_with_spaces_or_plus_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        Verifier(name, LOG.public)


def test_a_verifier_key_is_read_back_from_its_text() -> None:
    assert Verifier.parse(f"  {LOG_VERIFIER}\n") == LOG_VERIFIER
    assert Verifier.parse(str(COSIGNER)) == COSIGNER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/log",
        str(LOG_VERIFIER)[:-1],
        str(LOG_VERIFIER).replace("example", "Example"),
        str(LOG_VERIFIER).replace(LOG_VERIFIER.key_id.hex(), "00000000"),
        str(LOG_VERIFIER)[15:],
    ],
)
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError):
        Verifier.parse(text)


def test_base64_with_stray_bits_is_refused_though_a_lenient_reader_takes_it() -> None:
    assert exact_base64("AAE=") == b"\x00\x01"
    assert exact_base64("AAF=") is None
    assert exact_base64("AA E=") is None
    assert exact_base64("ÄÄÄÄ") is None
