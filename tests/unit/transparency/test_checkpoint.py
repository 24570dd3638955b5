"""Checkpoints: format, signatures, cosignatures, and every edited byte."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.core.errors import IntegrityError, UsageError
from volenti.core.signing import SigningKey
from volenti.transparency import checkpoint
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.merkle import EMPTY_ROOT, leaf_hash
from volenti.transparency.note import SignatureKind, SignedNote, Verifier

KEY, WITNESS = SigningKey(bytes(32)), SigningKey(b"\x01" * 32)
LOG = Verifier("example.com/log", KEY.public)
WITNESSED = Verifier("witness.example", WITNESS.public, SignatureKind.COSIGNATURE)
NOW = datetime(2026, 11, 24, 4, 10, tzinfo=UTC)
HEAD = Checkpoint("example.com/log", 12345, leaf_hash(b"root"))
SIGNED = checkpoint.sign(HEAD, KEY)


def test_a_checkpoint_is_three_lines_a_blank_one_and_a_signature() -> None:
    lines = SIGNED.split("\n")
    assert lines[:2] == ["example.com/log", "12345"]
    assert lines[3] == ""
    assert lines[4].startswith("— example.com/log ")
    assert lines[5:] == [""]


@given(
    st.text(st.characters(min_codepoint=32, codec="utf-8"), min_size=1, max_size=30),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text("abc+/= ", min_size=1, max_size=9), max_size=3),
)
def test_any_checkpoint_is_read_back_as_it_was(
    origin: str, size: int, root: bytes, extensions: list[str]
) -> None:
    head = Checkpoint(origin, size, root, tuple(extensions))
    assert Checkpoint.parse(head.text) == head
    signed = checkpoint.sign(head, KEY, LOG.name)
    assert checkpoint.verify(signed, LOG, origin=origin) == head
    assert checkpoint.verify(signed.encode(), LOG, origin=origin) == head


def test_every_flipped_bit_of_a_signed_checkpoint_is_refused() -> None:
    raw = SIGNED.encode()
    for at in range(len(raw)):
        for bit in range(8):
            edited = bytearray(raw)
            edited[at] ^= 1 << bit
            with pytest.raises(IntegrityError):
                checkpoint.verify(bytes(edited), LOG)


@given(st.integers(0, len(SIGNED.encode()) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_every_edit_of_a_signed_checkpoint_is_refused(at: int, put: bytes, taken: int) -> None:
    raw = SIGNED.encode()
    edited = raw[:at] + put + raw[at + taken :]
    if edited != raw:
        with pytest.raises(IntegrityError):
            checkpoint.verify(edited, LOG)


def test_a_second_key_adds_its_line_and_both_can_be_asked_for() -> None:
    both = checkpoint.cosign(SIGNED, LOG, WITNESS, WITNESSED.name, NOW)
    assert both.startswith(SIGNED)
    assert checkpoint.verify(both, LOG, WITNESSED) == HEAD
    assert checkpoint.verify(both, LOG) == HEAD


def test_a_cosigner_asked_for_must_have_signed() -> None:
    with pytest.raises(IntegrityError, match=r"witness\.example"):
        checkpoint.verify(SIGNED, LOG, WITNESSED)


def test_a_cosigner_alone_is_not_the_log() -> None:
    alone = str(SignedNote(HEAD.text).cosigned(WITNESSED.name, WITNESS, NOW))
    with pytest.raises(IntegrityError, match=r"example\.com/log"):
        checkpoint.verify(alone, LOG, WITNESSED)


def test_nobody_cosigns_what_the_log_did_not_sign() -> None:
    with pytest.raises(IntegrityError):
        checkpoint.cosign(SIGNED.replace("12345", "12346"), LOG, WITNESS, WITNESSED.name, NOW)
    unsaid = str(SignedNote("not a checkpoint\n").signed(LOG.name, KEY))
    with pytest.raises(IntegrityError, match="isn't a checkpoint"):
        checkpoint.cosign(unsaid, LOG, WITNESS, WITNESSED.name, NOW)


def test_another_logs_checkpoint_under_the_same_key_is_refused() -> None:
    other = checkpoint.sign(Checkpoint("example.com/else", 1, EMPTY_ROOT), KEY, LOG.name)
    with pytest.raises(IntegrityError, match=r"example\.com/else"):
        checkpoint.verify(other, LOG)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n1\n",
        "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "origin\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "origin\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "origin\n1 \nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "origin\n١\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "origin\n99999999999999999999\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
        "origin\n1\nAAAA\n",
        "origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nextension\n",
        "origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nnot ended",
        "ori\rgin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    ],
)
def test_a_text_that_is_not_a_checkpoint_is_an_integrity_error(text: str) -> None:
    with pytest.raises(IntegrityError, match="isn't a checkpoint"):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, EMPTY_ROOT), ("two\nlines", 1, EMPTY_ROOT), ("log", -1, EMPTY_ROOT), ("log", 1, b"short")],
)
def test_a_head_that_no_reader_would_accept_is_not_made(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(UsageError):
        Checkpoint(origin, size, root)
