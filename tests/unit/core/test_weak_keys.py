"""Points of small order, in every way of writing them, are taken for nobody's key."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path

import pytest

from tests.studio import Studio
from volenti.consent.subject import Guardian, Subject
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.signing import PublicKey, SigningKey
from volenti.transparency.note import SignatureKind, Verifier

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def doubled(point: tuple[int, int]) -> tuple[int, int]:
    """A point of edwards25519 added to itself (RFC 8032, section 5.1.4, in affine form)."""
    x, y = point
    xx, yy = x * x % P, y * y % P
    return (
        2 * x * y * pow(1 + D * xx * yy, -1, P) % P,
        (yy + xx) * pow(1 - D * xx * yy, -1, P) % P,
    )


def root(value: int) -> int | None:
    """A square root in the field (RFC 8032, section 5.1.1), or None."""
    x = pow(value, (P + 3) // 8, P)
    for each in (x, x * pow(2, (P - 1) // 4, P) % P):
        if each * each % P == value % P:
            return each
    return None


def x_of(y: int) -> int | None:
    return root((y * y - 1) * pow(D * y * y + 1, -1, P) % P)


def written(y: int) -> set[bytes]:
    """All encodings that a lenient reader takes for a point with this y, either sign."""
    found = {value for value in (y, y + P) if value < 2**255}
    return {(value | sign << 255).to_bytes(32, "little") for value in found for sign in (0, 1)}


def small() -> set[int]:
    """The y of all points that are the neutral one after three doublings: those of order 1, 2, 4 and 8."""
    half = [0, 1, P - 1]
    # Of order 8 are those whose double has y = 0, so x^2 = -y^2; on the curve that is 2 y^2 = 1 - D y^4.
    discriminant = root(4 + 4 * D)
    assert discriminant is not None
    for sign in (1, -1):
        squared = (-2 + sign * discriminant) * pow(2 * D, -1, P) % P
        y = root(squared)
        if y is not None:
            half += [y, P - y]
    return set(half)


def test_the_points_are_those_of_small_order() -> None:
    assert len(small()) == 5
    for y in small():
        x = x_of(y)
        assert x is not None
        point = (x, y)
        for _ in range(3):
            point = doubled(point)
        assert point == (0, 1)


WEAK = sorted(set().union(*map(written, small())))


@pytest.mark.parametrize("raw", WEAK, ids=bytes.hex)
def test_none_is_taken_and_nothing_is_signed_under_it(raw: bytes) -> None:
    text = base64.b64encode(raw).decode()
    with pytest.raises(IntegrityError, match="nobody's"):
        PublicKey.parse(text)
    assert PublicKey.read(text).is_weak
    # The neutral point twice: for most messages that is a signature under a weak key.
    for signature in (b"\x01" + bytes(63), raw + bytes(32)):
        assert not any(PublicKey(raw).verifies(b"%d" % number, signature) for number in range(64))
    verifier = str(Verifier("example.com/log", PublicKey(raw), SignatureKind.ED25519))
    with pytest.raises(IntegrityError, match="nobody's"):
        Verifier.parse(verifier)


@pytest.mark.parametrize("raw", WEAK, ids=bytes.hex)
def test_nobody_is_recorded_with_one(raw: bytes, tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    weak = PublicKey(raw)
    guardian = Guardian("Grace Example", "mother", weak)
    for person in (
        Subject("Eve Example", date(1990, 1, 1), public_key=weak, id="eve"),
        Subject("Eve Example", date(2015, 1, 1), guardian=guardian, id="eve"),
    ):
        with pytest.raises(UsageError):
            studio.parts.consent.add_subject(person)
        signed = studio.parts.consent.release("rel_ann")
        release = {**signed.release.to_json(), "id": "rel_eve", "subject": "eve"}
        entry = {
            "subject": person.to_json(),
            "release": release,
            "signatures": signed.to_json()["signatures"],
        }
        table = tmp_path / "people.json"
        table.write_text(json.dumps([entry]))
        report = studio.ws.releases.import_(table)
        assert report.refused
        assert any("nobody's" in each.message for each in report.problems)
    assert [each.id for each in studio.parts.consent.subjects()] == ["ann"]


def test_without_the_check_they_would_be_taken() -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    fooled = 0
    for number in range(64):
        try:
            neutral = b"\x01" + bytes(31)
            Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"%d" % number)
            fooled += 1
        except InvalidSignature:
            continue
    assert fooled == 64


@pytest.mark.parametrize("y", [P, P + 1, P + 2, P + 18])
def test_what_isn_t_written_as_it_must_be_is_refused(y: int) -> None:
    for sign in (0, 1):
        raw = (y | sign << 255).to_bytes(32, "little")
        with pytest.raises(IntegrityError):
            PublicKey.parse(base64.b64encode(raw).decode())


def test_everybody_else_s_key_is_taken() -> None:
    for number in range(64):
        key = SigningKey(bytes([number]) * 32)
        assert PublicKey.parse(str(key.public)) == key.public
        assert key.public.verifies(b"message", key.sign(b"message"))
