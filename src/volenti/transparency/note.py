"""Signed notes: a text and one or more signature lines.

Follows C2SP signed-note (https://c2sp.org/signed-note) with two types of Ed25519
signatures: plain ones, and the witnesses' that also state a time (C2SP tlog-cosignature,
https://c2sp.org/tlog-cosignature). Signatures of other types, and those of unknown keys,
are kept and ignored, as the specification asks; nothing here makes or checks them.
Whether a text is a checkpoint, `checkpoint` decides.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256

from volenti.core.errors import IntegrityError, UsageError
from volenti.core.signing import PublicKey, SigningKey

_KEY_ID_BYTES = 4
#: Of a cosignature's 72 bytes, those that state the time: seconds since 1970, big-endian.
_TIME_BYTES = 8
#: The end of the year 9999, where Python's time ends: no signature states a later time.
_TIME_MAX = 253_402_300_799
_LINE_START = "— "
#: Notes come from strangers, so their size has a limit. Checkpoints have some hundred bytes.
_NOTE_BYTES_MAX = 1 << 20
_SIGNATURES_MAX = 100
_REMEDY = "Fetch it again from whoever published it."


class SignatureKind(bytes, Enum):
    """The type of a key, by the byte that stands before it where it is published."""

    ED25519 = b"\x01"
    COSIGNATURE = b"\x04"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A key name, the public key that signs under it, and what kind of signatures it makes.

    As text it is `<name>+<key id in hex>+<base64 of type byte and key>`, the form in
    which a log's key is published.
    """

    name: str
    key: PublicKey
    kind: SignatureKind = SignatureKind.ED25519

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or not _is_printable(self.name) or _has_space(self.name):
            raise UsageError(
                f"{self.name!r} can't be a key name.",
                "Use a name without spaces and '+', such as example.com/log.",
            )

    @property
    def key_id(self) -> bytes:
        """4 bytes that tell keys of one name apart; an identifier, not a fingerprint."""
        return sha256(self.name.encode() + b"\n" + self._material).digest()[:_KEY_ID_BYTES]

    @property
    def _material(self) -> bytes:
        return self.kind.value + self.key.raw

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self._material).decode()}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """From the published form; raises IntegrityError where it isn't one, or its id doesn't fit."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        material = exact_base64(encoded)
        if material is None or len(material) != 33 or material[:1] not in set(SignatureKind) or not name:
            raise IntegrityError(
                "This isn't an Ed25519 verifier key.", "Give <name>+<id>+<key>, as published."
            )
        verifier = cls(name, PublicKey(material[1:]).checked(), SignatureKind(material[:1]))
        if verifier.key_id.hex() != key_id:
            raise IntegrityError(
                f"The id in the verifier key {name!r} isn't that key's.", "Copy it again, whole."
            )
        return verifier


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line. `data` is whatever the key's algorithm made: 64 bytes for Ed25519, after
    8 of the time where it is a cosignature."""

    name: str
    key_id: bytes
    data: bytes

    def fits(self, text: str, verifier: Verifier) -> bool:
        """Whether this verifier's key made this signature for that text."""
        if verifier.kind is SignatureKind.ED25519:
            return verifier.key.verifies(text.encode(), self.data)
        seconds, made = int.from_bytes(self.data[:_TIME_BYTES], "big"), self.data[_TIME_BYTES:]
        return seconds <= _TIME_MAX and verifier.key.verifies(_cosigned(text, seconds), made)

    def __str__(self) -> str:
        return f"{_LINE_START}{self.name} {base64.b64encode(self.key_id + self.data).decode()}"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text, with its last newline, and its signatures in order. Trust nothing before `verify`."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or not _is_printable(self.text.replace("\n", "")):
            raise UsageError(
                "This text can't be a note.", "End it with a newline; use no control characters."
            )

    @classmethod
    def parse(cls, data: str | bytes) -> SignedNote:
        """Read a note without trusting it; raises IntegrityError where it isn't one."""
        whole = _decoded(data)
        text, blank, lines = whole.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise IntegrityError("This isn't a signed note: it has no signatures.", _REMEDY)
        signature_lines = lines[:-1].split("\n")
        if len(signature_lines) > _SIGNATURES_MAX:
            raise IntegrityError(f"This note has more than {_SIGNATURES_MAX} signatures.", _REMEDY)
        return cls(text + "\n", tuple(_parse_signature(line) for line in signature_lines))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)

    def signed(self, name: str, key: SigningKey) -> SignedNote:
        """This note with one more signature line."""
        return self._with(Verifier(name, key.public), key.sign(self.text.encode()))

    def cosigned(self, name: str, key: SigningKey, at: datetime) -> SignedNote:
        """This note with one more line, a cosignature of that moment."""
        seconds = int(at.timestamp())
        made = seconds.to_bytes(_TIME_BYTES, "big") + key.sign(_cosigned(self.text, seconds))
        return self._with(Verifier(name, key.public, SignatureKind.COSIGNATURE), made)

    def _with(self, signer: Verifier, data: bytes) -> SignedNote:
        line = Signature(signer.name, signer.key_id, data)
        return SignedNote(self.text, (*self.signatures, line))

    def cosigned_at(self, cosigner: Verifier) -> datetime | None:
        """The latest time that a cosigner states, or None; trust nothing of it before `verify`."""
        wanted = (cosigner.name, cosigner.key_id) if cosigner.kind is SignatureKind.COSIGNATURE else None
        lines = [each for each in self.signatures if (each.name, each.key_id) == wanted]
        times = [int.from_bytes(line.data[:_TIME_BYTES], "big") for line in lines]
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def verify(self, *known: Verifier) -> tuple[Verifier, ...]:
        """Those of `known` who signed this text, in the order given.

        Raises IntegrityError if none did, or if a line says it is a known key's and isn't:
        a note that carries one forged line deserves no trust in the others.
        """
        by_identity = {(verifier.name, verifier.key_id): verifier for verifier in known}
        signers = set()
        for signature in self.signatures:
            verifier = by_identity.get((signature.name, signature.key_id))
            if verifier is None:
                continue
            if not signature.fits(self.text, verifier):
                raise IntegrityError(f"The signature of {signature.name!r} doesn't fit this note.", _REMEDY)
            signers.add(verifier)
        if not signers:
            raise IntegrityError(
                "This wasn't signed with the key that was given.", "Check that the key is the publisher's."
            )
        return tuple(verifier for verifier in known if verifier in signers)


def _cosigned(text: str, seconds: int) -> bytes:
    """What a cosigner signs of a text at a time (tlog-cosignature, Ed25519 signed message)."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def exact_base64(text: str) -> bytes | None:
    """The bytes, or None where `text` isn't the one standard base64 form (RFC 4648, section 4) of any.

    Python's decoder ignores the unused bits at the end; then two texts would mean one value,
    and an edited character could go unseen.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def _decoded(data: str | bytes) -> str:
    try:
        raw = data.encode() if isinstance(data, str) else data
        text = raw.decode()
    except UnicodeError as error:
        raise IntegrityError("This isn't a signed note: it isn't UTF-8.", _REMEDY) from error
    if len(raw) > _NOTE_BYTES_MAX:
        raise IntegrityError("This isn't a signed note that anybody needs: it is over 1 MiB.", _REMEDY)
    if not _is_printable(text.replace("\n", "")):
        raise IntegrityError("This isn't a signed note: it has control characters.", _REMEDY)
    return text


def _parse_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_LINE_START).partition(" ")
    raw = exact_base64(encoded)
    named = line.startswith(_LINE_START) and name and space and "+" not in name and not _has_space(name)
    if not named or raw is None or len(raw) <= _KEY_ID_BYTES:
        raise IntegrityError("A signature line of this note can't be read.", _REMEDY)
    return Signature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def _is_printable(text: str) -> bool:
    return all(character >= " " for character in text)


def _has_space(text: str) -> bool:
    return any(character.isspace() for character in text)
