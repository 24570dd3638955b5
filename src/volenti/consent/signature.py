"""Signatures under a document of consent: Ed25519 (RFC 8032) over RFC 8785 bytes.

Every signer signs the same bytes: the canonical JSON of the document, which contains its
own type and version, so that nobody can take a signature for one under something else.
Whose signature it is follows from the key on record, never from the signature's own
claim. A signature proves that the holder of a key agreed to these bytes; when they did is
only what the document says.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from volenti.consent.document import Fields, Problem
from volenti.core.canonical import Json, canonical
from volenti.core.signing import PublicKey, SigningKey


class Role(StrEnum):
    """In what capacity somebody signs."""

    SUBJECT = "subject"
    GUARDIAN = "guardian"
    WITNESS = "witness"
    CONTROLLER = "controller"


#: What is wrong where there is no signature.
NOBODY = "nobody has signed."
#: Roles whose signatures count only if they were made with the key on record.
BOUND_ROLES = (Role.SUBJECT, Role.GUARDIAN)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: who claims to have signed, with which key, and the 64 bytes."""

    role: Role
    public_key: PublicKey
    signature: bytes

    @classmethod
    def from_json(cls, value: object) -> Signature:
        """From `to_json`'s form; raises DocumentError that names every faulty field."""
        return cls.read(Fields(value))

    @classmethod
    def read(cls, fields: Fields) -> Signature:
        """From the fields of a JSON object; raises DocumentError that names every faulty one."""
        role = fields.choice("role", Role)
        key, signature = fields.key("public_key"), fields.bytes64("signature")
        fields.finish()
        return cls(role, key, signature)

    def to_json(self) -> Json:
        """Role, public key and signature as texts; key and signature in base64."""
        text = base64.b64encode(self.signature).decode()
        return {"role": self.role.value, "public_key": str(self.public_key), "signature": text}


def sign(document: Json, key: SigningKey, role: Role) -> Signature:
    """The signature of `document` by the holder of `key`."""
    return Signature(role, key.public, key.sign(canonical(document)))


def fits(document: Json, signature: Signature) -> bool:
    """Whether the holder of the signature's own key made it under this document, whoever that is."""
    return signature.public_key.verifies(canonical(document), signature.signature)


def verify(
    document: Json, signatures: Iterable[Signature], keys: Mapping[Role, Collection[PublicKey]]
) -> list[Problem]:
    """What is wrong with the signatures; an empty list where all of them hold.

    keys: the keys on record of the subject and of the guardian that count under this document. Who should
    have signed isn't checked here, but no signature at all is a problem.
    """
    given = list(signatures)
    if not given:
        return [Problem("signatures", NOBODY)]
    return faults(document, given, keys)


def faults(
    document: Json, signatures: Iterable[Signature], keys: Mapping[Role, Collection[PublicKey]]
) -> list[Problem]:
    """What is wrong with each signature; as `verify`, but no signature at all is no problem."""
    message = canonical(document)
    return [problem for signature in signatures for problem in _faults(message, signature, keys)]


def _faults(
    message: bytes, signature: Signature, keys: Mapping[Role, Collection[PublicKey]]
) -> Iterator[Problem]:
    name = f"signatures.{signature.role}"
    if signature.role in BOUND_ROLES:
        on_record = keys.get(signature.role) or ()
        if not on_record:
            yield Problem(name, f"there is no key of the {signature.role} on record.")
        elif signature.public_key not in on_record:
            yield Problem(name, f"was made with another key than the {signature.role}'s on record.")
    if not signature.public_key.verifies(message, signature.signature):
        yield Problem(name, "doesn't fit the document: one of the two was changed.")
