"""Statement: what a certificate says of an erasure, and how that is signed.

It is an in-toto Statement v1 (https://github.com/in-toto/attestation) in a DSSE envelope
(https://github.com/secure-systems-lab/dsse), signed with the workspace's Ed25519
key. It holds counts, commitments to digests of models and a keyed commitment to who asked; no
personal data. With it go the opening of the log entry that recorded the
erasure and that entry's proof: to see that the erasure was logged then, nobody has to trust
whoever shows the certificate.
"""

from __future__ import annotations

import base64

from volenti.core.canonical import Json, canonical
from volenti.core.codec import encoded
from volenti.core.digest import sha256
from volenti.core.signing import PublicKey, SigningKey
from volenti.core.version import VERSION
from volenti.requests.history import ErasureHistory
from volenti.requests.request import Request

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://volenti.dev/attestation/erasure/v1"


def statement(predicate: Json, subject_commitment: str) -> Json:
    """The in-toto statement. Its subject is the commitment to the person, not the person."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "data-subject-commitment", "digest": {"sha256": subject_commitment}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }


def predicate(done: Request, completed: str, log: str, said: ErasureHistory) -> Json:
    """What a certificate says of an erasure: these fields and no others (docs/formats/certificate.md).

    said: what the request has been through, its digests of weights as commitments. Of `done` only the fields
    named here are taken, and nothing that is private to it. Fields without a value are left out.
    """
    fields: dict[str, object] = {
        "request": done.id,
        "kind": done.kind,
        "opened": done.opened,
        "completed": completed,
        "log": log,
        "software": {"name": "volenti", "version": VERSION},
        "identified": said.identified,
        "extended": said.extended,
        "frozen_at": said.frozen_at,
        "holdings": said.holdings,
        "erased": said.erased,
        "attested": said.attested,
        "constituents_before": said.constituents_before,
        "constituents_after": said.constituents_after,
        "works": said.works,
        "slices": said.slices,
        "full_seconds": said.full_seconds,
        "erase_seconds": said.erase_seconds,
        "replay_seconds": said.replay_seconds,
        "seconds": said.seconds,
        "environments": said.environments,
        "bases": said.bases,
        "model_bytes_rewritten": said.model_bytes_rewritten,
        "canary": said.canary,
        "kept": said.kept,
        "backups": said.backups,
        "retrainings": said.retrainings,
        "attacks": said.attacks,
    }
    return {name: _decimal_strings(encoded(value)) for name, value in fields.items() if value is not None}


def _decimal_strings(value: object) -> object:
    """The value with floats as text, because other languages write floats in JSON differently."""
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, dict):
        return {name: _decimal_strings(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_decimal_strings(each) for each in value]
    return value


def envelope(body: Json, key: SigningKey, opening: Json, proof: str) -> Json:
    """The DSSE envelope, with the log entry's opening and proof beside it."""
    payload = canonical(body)
    signature = key.sign(pre_authentication(payload))
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(key.public), "sig": base64.b64encode(signature).decode()}],
        "transparency": {"opening": opening, "proof": proof},
    }


def pre_authentication(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: the bytes that are signed; lengths keep type and payload apart."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def key_id(key: PublicKey) -> str:
    """How a certificate's envelope names a key: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(key.raw)[:16]
