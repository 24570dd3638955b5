"""The C2SP formats against published examples: notes, checkpoints of running logs, tile paths."""

from __future__ import annotations

import base64

import pytest

from volenti.core.clock import stamp
from volenti.core.errors import IntegrityError
from volenti.core.signing import PublicKey, SigningKey
from volenti.transparency import checkpoint
from volenti.transparency.merkle import EMPTY_ROOT
from volenti.transparency.note import SignedNote, Verifier
from volenti.transparency.proof import Proof
from volenti.transparency.tiles import Bundle, Tile, bundles_of, tiles_of

# The example key pair and note of the Go note package, where the format comes from.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_KEY = SigningKey(base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:])
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

# A checkpoint of the Go checksum database, whose origin isn't its key's name.
GO = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_CHECKPOINT = """go.sum database tree
6476701
mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=

— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=
"""

# A checkpoint of Sigstore's Rekor, with a witness's cosignature, and the key that witness publishes.
REKOR_KEY = PublicKey(base64.b64decode("MCowBQYDK2VwAyEAt8rlp1knGwjfbcXAYPYAkn0XiLz1x8O4t0YkEhie244=")[-32:])
REKOR_CHECKPOINT = (
    "log2025-1.rekor.sigstore.dev\n139911860\nEliTHtnx44DhEBH+5qIXBtQsSpc54Avam7mIYEvxnTA=\n\n"
    "— log2025-1.rekor.sigstore.dev "
    "zxGZFcOra4Y7QpuiQen+CmnUvDZbxSXfBOXJzL+HKIeR9aC58QTfao58ABqkhVyBhQDseS+TZdDNpcnZhoRxkh7IbQ0=\n"
    "— witness.stagemole.eu "
    "Z/euoAAAAABqxF18wrJCADsJ1G5Lc2JaRjZqqBwjpNqH24yQse4iJ4rKS6b5MtvHP+IbKYXwaWuWokdGA+BubLFi+TrwK7xpKr6XBw==\n"
)
STAGEMOLE = "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv"


def test_signing_the_published_note_gives_its_published_bytes() -> None:
    note = SignedNote(PETER_TEXT).signed("PeterNeumann", PETER_KEY)
    assert str(note) == PETER_TEXT + "\n" + PETER_LINE


@pytest.mark.parametrize("text", [PETER, GO, STAGEMOLE])
def test_published_verifier_keys_are_read_and_written_alike(text: str) -> None:
    assert str(Verifier.parse(text)) == text


def test_a_checkpoint_of_the_go_checksum_database_verifies() -> None:
    head = checkpoint.verify(GO_CHECKPOINT, Verifier.parse(GO), origin="go.sum database tree")
    assert head.size == 6476701
    with pytest.raises(IntegrityError):
        checkpoint.verify(GO_CHECKPOINT.replace("6476701", "6476702"), Verifier.parse(GO), origin=head.origin)


def test_a_witnessed_checkpoint_of_rekor_verifies_with_the_logs_key_alone() -> None:
    head = checkpoint.verify(REKOR_CHECKPOINT, Verifier("log2025-1.rekor.sigstore.dev", REKOR_KEY))
    assert head.size == 139911860
    assert [line.name for line in SignedNote.parse(REKOR_CHECKPOINT).signatures][1] == "witness.stagemole.eu"
    assert str(SignedNote.parse(REKOR_CHECKPOINT)) == REKOR_CHECKPOINT


def test_the_cosignature_of_rekors_witness_verifies_and_says_when() -> None:
    log, witness = Verifier("log2025-1.rekor.sigstore.dev", REKOR_KEY), Verifier.parse(STAGEMOLE)
    assert checkpoint.verify(REKOR_CHECKPOINT, log, witness).size == 139911860
    at = SignedNote.parse(REKOR_CHECKPOINT).cosigned_at(witness)
    assert at is not None
    assert stamp(at) == "2026-10-06T02:31:24Z"
    with pytest.raises(IntegrityError, match="stagemole"):
        checkpoint.verify(REKOR_CHECKPOINT.replace("BqxF18", "BqxF19"), log, witness)


def test_tile_paths_are_those_of_the_specification() -> None:
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(1, 0, 17).path == "tile/1/000.p/17"
    assert Bundle(273, 112).path == "tile/entries/273.p/112"


def test_a_tree_of_seventy_thousand_has_the_tiles_the_specification_counts() -> None:
    widths = [[tile.width for tile in tiles_of(70_000, level)] for level in range(4)]
    assert widths == [[256] * 273 + [112], [256, 17], [1], []]
    assert [bundle.width for bundle in bundles_of(70_000)] == widths[0]


def test_a_tree_of_one_full_tile_has_one_hash_above_it() -> None:
    assert [tile.path for level in (0, 1, 2) for tile in tiles_of(256, level)] == [
        "tile/0/000",
        "tile/1/000.p/1",
    ]


def test_a_proof_file_has_the_lines_of_the_specification() -> None:
    signed = (
        "example.com/log\n2\n" + base64.b64encode(EMPTY_ROOT).decode() + "\n\n— example.com/log AAAAAAAA\n"
    )
    proof = Proof(1, (EMPTY_ROOT,), signed, b"context")
    assert str(proof).split("\n") == [
        "c2sp.org/tlog-proof@v1",
        "extra Y29udGV4dA==",
        "index 1",
        base64.b64encode(EMPTY_ROOT).decode(),
        "",
        *signed.split("\n"),
    ]
    assert Proof.parse(str(proof)) == proof
