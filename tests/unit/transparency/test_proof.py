"""Proof files: read, written, checked offline, and every edited byte."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.adapters.log.memory import MemoryLogStore
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.signing import SigningKey
from volenti.transparency import checkpoint
from volenti.transparency.log import Log
from volenti.transparency.note import SignatureKind, Verifier
from volenti.transparency.proof import Proof

KEY, WITNESS = SigningKey(bytes(32)), SigningKey(b"\x01" * 32)
LOG = Log(MemoryLogStore(), "example.com/log", KEY)
ENTRIES = [f"entry {number}".encode() for number in range(300)]
LOG.append(ENTRIES)
TEXT = LOG.prove(137)


def test_a_proof_holds_for_its_entry_and_gives_the_checkpoint() -> None:
    head = Proof.parse(TEXT).verify(ENTRIES[137], LOG.verifier)
    assert (head.origin, head.size) == ("example.com/log", 300)


def test_a_bare_public_key_needs_the_logs_name() -> None:
    proof = Proof.parse(TEXT.encode())
    assert proof.verify(ENTRIES[137], KEY.public, origin="example.com/log").size == 300
    with pytest.raises(UsageError, match="name a log"):
        proof.verify(ENTRIES[137], KEY.public)


@given(st.integers(0, 299), st.binary(max_size=20))
def test_a_proof_holds_for_no_other_entry(index: int, other: bytes) -> None:
    proof = Proof.parse(LOG.prove(index))
    assert proof.verify(ENTRIES[index], LOG.verifier).size == 300
    if other != ENTRIES[index]:
        with pytest.raises(IntegrityError):
            proof.verify(other, LOG.verifier)


def test_every_flipped_bit_of_a_proof_is_refused() -> None:
    raw = TEXT.encode()
    for at in range(len(raw)):
        for bit in range(8):
            edited = bytearray(raw)
            edited[at] ^= 1 << bit
            with pytest.raises(IntegrityError):
                Proof.parse(bytes(edited)).verify(ENTRIES[137], LOG.verifier)


@given(st.integers(0, len(TEXT.encode()) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_every_edit_of_a_proof_is_refused(at: int, put: bytes, taken: int) -> None:
    raw = TEXT.encode()
    edited = raw[:at] + put + raw[at + taken :]
    if edited != raw:
        with pytest.raises(IntegrityError):
            Proof.parse(edited).verify(ENTRIES[137], LOG.verifier)


def test_a_proof_under_another_key_is_refused() -> None:
    with pytest.raises(IntegrityError):
        Proof.parse(TEXT).verify(ENTRIES[137], Verifier("example.com/log", WITNESS.public))


def test_a_cosigner_can_be_asked_for() -> None:
    witness = Verifier("witness.example", WITNESS.public, SignatureKind.COSIGNATURE)
    plain = Proof.parse(TEXT)
    with pytest.raises(IntegrityError, match=r"witness\.example"):
        plain.verify(ENTRIES[137], LOG.verifier, witness)
    cosigned = checkpoint.cosign(plain.checkpoint, LOG.verifier, WITNESS, witness.name, datetime.now(UTC))
    both = Proof.parse(str(Proof(plain.index, plain.hashes, cosigned)))
    assert both.verify(ENTRIES[137], LOG.verifier, witness).size == 300


@given(st.binary(min_size=1, max_size=100))
def test_extra_data_travels_and_changes_nothing(extra: bytes) -> None:
    plain = Proof.parse(TEXT)
    proof = Proof.parse(str(Proof(plain.index, plain.hashes, plain.checkpoint, extra)))
    assert proof.extra == extra
    assert proof.verify(ENTRIES[137], LOG.verifier).size == 300


@given(st.binary(max_size=80) | st.text(max_size=80))
def test_rubbish_never_raises_anything_but_an_integrity_error(data: str | bytes) -> None:
    with pytest.raises(IntegrityError):
        Proof.parse(data)


HASH = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.mark.parametrize(
    "head",
    [
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v2\nindex 1",
        "c2sp.org/tlog-proof@v1\nindex",
        "c2sp.org/tlog-proof@v1\nindex ",
        "c2sp.org/tlog-proof@v1\nindex 01",
        "c2sp.org/tlog-proof@v1\nindex -1",
        "c2sp.org/tlog-proof@v1\nindex 1_0",
        "c2sp.org/tlog-proof@v1\n1",
        "c2sp.org/tlog-proof@v1\nextra \nindex 1",
        "c2sp.org/tlog-proof@v1\nextra A\nindex 1",
        "c2sp.org/tlog-proof@v1\nindex 1\nextra AAAA",
        "c2sp.org/tlog-proof@v1\nindex 1\nAAAA",
        "c2sp.org/tlog-proof@v1\nindex 1\n" + "\n".join([HASH] * 65),
    ],
)
def test_what_is_not_a_proof_is_an_integrity_error(head: str) -> None:
    with pytest.raises(IntegrityError):
        Proof.parse(f"{head}\n\n{LOG.checkpoint()}")


@pytest.mark.parametrize(("index", "hashes"), [(-1, ()), (0, (b"short",))])
def test_a_proof_that_no_reader_would_accept_is_not_made(index: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(UsageError):
        Proof(index, hashes, LOG.checkpoint())
