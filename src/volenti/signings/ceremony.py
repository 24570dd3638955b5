"""Ceremony: what somebody was shown, answered and signed on a page, and how the device vouches for it.

The device writes it down as one JSON text (the statement) and, where it can, signs these very bytes with a
key that never leaves it: Ed25519 (RFC 8032), or ECDSA with P-256 and SHA-256 (FIPS 186-5) in the form r || s.
The text is kept byte for byte, so that the signature can be checked later; the record of a signing is that
text, the device's signature, the moment when it arrived and the release that came of it.

A device's key says that one device made the whole statement, and nothing about whose device it is. It isn't
the person's key on record: it is lost with the browser's data, and nobody made sure whose it is.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from volenti.consent.document import Fields, Problem, faults_of_text, require
from volenti.consent.subject import Guardian
from volenti.core.canonical import canonical
from volenti.core.clock import stamp
from volenti.core.errors import UsageError

TYPE, VERSION = "volenti-web-ceremony", 1
#: Bytes of a statement at most; points of one finger signature at most; reference photographs at most.
STATEMENT_MAX, POINTS_MAX, PHOTOS_MAX = 512 * 1024, 8000, 3
#: Characters of a key by which a signing is sent once, however often it is sent: 256 bits in base64url.
KEY_CHARACTERS = 43


#: A point of a finger signature: x, y, milliseconds since the first one.
Point = tuple[int, int, int]


class Way(StrEnum):
    """How somebody signed on the page: with a finger, or by typing their name."""

    DRAWN = "drawn"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Mark:
    """A signature as it was made on the page.

    strokes: lines of points, each (x, y, milliseconds since the first point), x and y from 0 to 1000 of the
    field. text: the name as it was typed.
    """

    way: Way
    strokes: tuple[tuple[Point, ...], ...] = ()
    text: str = ""

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """From the fields of a JSON object; raises DocumentError that names every faulty one."""
        way, text = fields.choice("way", Way), fields.text("text", blank=True)
        strokes = _strokes(fields.values("strokes"))
        if strokes is None:
            fields.note_fault("strokes", "aren't lines of points.")
        fields.finish()
        mark = cls(way, strokes or (), text)
        require(mark._faults())
        return mark

    def _faults(self) -> list[Problem]:
        if self.way is Way.DRAWN and sum(map(len, self.strokes)) < 5:
            return [Problem("strokes", "are too few for a signature.")]
        if self.way is Way.TYPED and not self.text.strip():
            return [Problem("text", "is empty: type the name as the signature.")]
        return list(faults_of_text("text", self.text))


@dataclass(frozen=True, slots=True)
class Witness:
    """Who saw it signed: their name, whom they saw signing, and their own signature."""

    name: str
    saw: str
    mark: Mark

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """From the fields of a JSON object; raises DocumentError that names every faulty one."""
        found = cls(fields.text("name"), fields.text("saw"), fields.section("mark", Mark.read))
        fields.finish()
        return found


@dataclass(frozen=True, slots=True)
class Device:
    """The key of a device and its signature over the statement; what it is made with, by WebCrypto's name."""

    algorithm: str
    public_key: str
    signature: str

    def fits(self, statement: bytes) -> bool:
        """Whether the device's key signed these bytes."""
        try:
            key, signature = (
                base64.b64decode(each, validate=True) for each in (self.public_key, self.signature)
            )
            if self.algorithm == "Ed25519":
                ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, statement)
            elif self.algorithm == "ECDSA-P256" and len(signature) == 64:
                public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
                r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
                public.verify(encode_dss_signature(r, s), statement, ec.ECDSA(SHA256()))
            else:
                return False
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What somebody was shown, answered and signed. `said` are the bytes from which all the rest is read."""

    said: bytes = field(repr=False)
    session: str
    key: str = field(repr=False)
    language: str
    text_sha256: str
    notice_sha256: str
    answers: dict[str, bool] = field(repr=False)
    name: str = field(repr=False)
    birth_date: date = field(repr=False)
    contact: str = field(repr=False)
    guardian: Guardian | None = field(repr=False)
    photos: tuple[str, ...] = field(repr=False)
    mark: Mark = field(repr=False)
    witness: Witness | None = field(repr=False)
    began: datetime = field(repr=False)
    signed_at: datetime
    device: Device | None = field(default=None, repr=False)

    @property
    def signer(self) -> str:
        """Who signed, by name: the guardian where one is named, else the person."""
        return self.name if self.guardian is None else self.guardian.name

    def record(self, release: str, received: datetime) -> bytes:
        """The record of the signing, as it is sealed with the release: canonical JSON."""
        device = self.device
        return canonical(
            {
                "type": f"{TYPE}-record",
                "version": VERSION,
                "release": release,
                "received_at": stamp(received),
                "statement": self.said.decode(),
                "device": None
                if device is None
                else {
                    "algorithm": device.algorithm,
                    "public_key": device.public_key,
                    "signature": device.signature,
                },
            }
        )

    @classmethod
    def parse(cls, said: bytes, device: Device | None = None) -> Self:
        """From the bytes of a statement.

        Raises DocumentError that names every faulty field, UsageError where it is no JSON or too long, or
        the device's signature doesn't fit.
        """
        if len(said) > STATEMENT_MAX:
            raise UsageError("What was signed is too long.", "Sign with fewer strokes.")
        if device is not None and not device.fits(said):
            raise UsageError(
                "What was signed isn't what the device's signature is over.", "Sign on the device once more."
            )
        try:
            fields = Fields(json.loads(said))
        except (ValueError, RecursionError) as error:
            raise UsageError("What was signed can't be read.", "Open the link again, and sign.") from error
        return cls._read(fields, said, device)

    @classmethod
    def _read(cls, fields: Fields, said: bytes, device: Device | None) -> Self:
        fields.literal("type", TYPE)
        fields.number("version", (VERSION,))
        found: dict[str, Any] = {
            name: fields.text(name) for name in ("session", "key", "language", "text_sha256", "notice_sha256")
        }
        found["answers"] = fields.section("answers", _read_answers)
        found |= {"name": fields.text("name"), "birth_date": fields.day("birth_date")}
        found["contact"] = fields.text("contact", blank=True)
        found["guardian"] = fields.optional_section("guardian", _read_guardian)
        found["photos"] = fields.texts("photos")
        found["mark"] = fields.section("mark", Mark.read)
        found["witness"] = fields.optional_section("witness", Witness.read)
        found |= {"began": fields.moment("began"), "signed_at": fields.moment("signed_at")}
        fields.finish()
        return cls(said, **found, device=device)


def _read_answers(fields: Fields) -> dict[str, bool]:
    answers = {name: fields.yes_no(name) for name in fields.names()}
    fields.finish()
    return answers


def _read_guardian(fields: Fields) -> Guardian:
    name, relation = fields.text("name"), fields.text("relation")
    fields.finish()
    return Guardian(name, relation)


def _strokes(drawn: list[object]) -> tuple[tuple[Point, ...], ...] | None:
    """Strokes as they stand in JSON; None where they can't be."""
    lines = [each for each in drawn if isinstance(each, list)]
    points = [point for line in lines for point in line]
    fine = all(
        isinstance(point, list)
        and len(point) == 3
        and all(type(each) is int and 0 <= each <= 10_000_000 for each in point)
        for point in points
    )
    if not fine or len(lines) < len(drawn) or len(points) > POINTS_MAX:
        return None
    return tuple(tuple((x, y, ms) for x, y, ms in line) for line in lines)
