"""Certificate: what an erasure did, in a form that anyone can check offline.

An in-toto Statement v1 (https://github.com/in-toto/attestation) in a DSSE envelope
(https://github.com/secure-systems-lab/dsse), signed with the workspace's Ed25519
key. It holds counts, hashes of models and a keyed commitment to who asked; no
personal data. With it travel the opening of the log entry that recorded the
erasure and that entry's proof, so that "it was logged then" needs no trust in
whoever shows the certificate.

What it says was done is what the software did and measured. It doesn't say that
nobody ever copied a picture elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from volenti.core.canonical import Json, canonical, parse, parse_given
from volenti.core.codec import encoded
from volenti.core.digest import commitment, sha256
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.signing import PublicKey, SigningKey
from volenti.core.version import VERSION
from volenti.requests.history import KEYED, ErasureHistory, committed
from volenti.requests.request import Request
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.follower import added_since
from volenti.transparency.note import Verifier, exact_base64
from volenti.transparency.ports import LogFiles
from volenti.transparency.proof import Proof

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://volenti.dev/attestation/erasure/v1"

#: What the certificate commits to in this way, of what knew the person and of what took its place.
_BEFORE, _AFTER = "constituents_before", "constituents_after"


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate whose signature, log entry and proof hold. `about` is whom it opens to be about.

    `checkpoint` is the log's state that it was proved under: with it a later log can be compared.
    """

    statement: Json
    log_index: int
    checkpoint: Checkpoint
    about: str | None = None

    @property
    def log_size(self) -> int:
        """How many entries the log had then."""
        return self.checkpoint.size

    def to_json(self) -> Json:
        """What was verified as a JSON object, with the whole statement; `ok` is always true."""
        return {
            "ok": True,
            "request": self.statement["predicate"]["request"],
            "about": self.about,
            "log_index": self.log_index,
            "log_size": self.log_size,
            "statement": self.statement,
        }


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

    said: what the request has been through, its digests of weights as commitments. Of `done` only what is
    named here is taken, and nothing of what is private to it. Fields without a value are left out.
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
        "model_bytes_rewritten": said.model_bytes_rewritten,
        "canary": said.canary,
        "kept": said.kept,
        "backups": said.backups,
        "retrainings": said.retrainings,
        "attacks": said.attacks,
    }
    return {name: _decimal_strings(encoded(value)) for name, value in fields.items() if value is not None}


def _decimal_strings(value: object) -> object:
    """With floats as text: canonical JSON of a float is a trap for other languages."""
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, dict):
        return {name: _decimal_strings(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_decimal_strings(each) for each in value]
    return value


def opened_digests(said: Json, opening: Json | None, field: str = _BEFORE) -> dict[str, str]:
    """The digests that a field of a certificate commits to; none without its opening.

    Those of certificates of earlier versions lie open. IntegrityError where the opening doesn't fit.
    """
    plain = {name: str(each) for name, each in said.items() if not each.startswith(KEYED)}
    if plain or opening is None or not said:
        return plain
    try:
        found = {str(name): str(each) for name, each in opening[field].items()}
        fits = committed(found, bytes.fromhex(opening["key"])) == said
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused("its opening can't be read") from error
    if not fits:
        raise _refused("its opening names other models than it was made for")
    return found


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


def served_before(copy: bytes, key: PublicKey) -> tuple[str, dict[str, str]]:
    """The request that the person's own copy of a certificate is of, and what had learned from them then.

    The latter are SHA-256 of weights by constituent. Raises IntegrityError where the copy doesn't hold,
    UsageError where it is a certificate that anybody may have, which opens nothing.
    """
    verified = verify(copy, key)
    if verified.about is None:
        raise UsageError(
            "This isn't the person's own copy: it doesn't open what was served before.",
            "Give the file that volenti request run --copy wrote.",
        )
    predicate = verified.statement["predicate"]
    return str(predicate["request"]), opened_digests(predicate[_BEFORE], parse(copy)["opening"])


def verify(certificate: bytes, key: PublicKey, origin: str = "") -> Verified:
    """Check a certificate with the workspace's public key alone.

    origin: the log's name, if it should be a particular one; else any log the key signs for.
    Raises IntegrityError that says what doesn't hold.
    """
    with reading("it"):
        return _verified(certificate, key, origin)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """What is no certificate, or states what none does, is refused; junk comes in every form."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _refused(f"{what} can't be read as a certificate") from error


def compare(verified: Verified, log: LogFiles, key: PublicKey) -> Checkpoint:
    """The newest state of the log as it is published now, where it only added to what it was then.

    Raises IntegrityError where it went back or says something else.
    """
    then = verified.checkpoint
    head, _ = added_since(log, Verifier(then.origin, key), then.size, then.root)
    return head


def _verified(certificate: bytes, key: PublicKey, origin: str) -> Verified:
    try:
        body = parse_given(certificate)
        payload = _exact(body["payload"])
        signatures = [(str(each["keyid"]), _exact(each["sig"])) for each in body["signatures"]]
        opening, proof_text = body["transparency"]["opening"], body["transparency"]["proof"]
        extra = set(body) - {"payloadType", "payload", "signatures", "transparency", "opening"}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused("it can't be read as a certificate") from error
    if extra or body["payloadType"] != PAYLOAD_TYPE:
        raise _refused("it isn't an erasure certificate of this form")
    if len(signatures) != 1 or signatures[0][0] != key_id(key):
        raise _refused("it was signed with another key than the one given")
    if not key.verifies(pre_authentication(payload), signatures[0][1]):
        raise _refused("its signature doesn't fit its content")
    found = parse_given(payload)
    if canonical(found) != payload:
        raise _refused("what it states isn't in the one form that is signed")
    if found.get("_type") != STATEMENT_TYPE or found.get("predicateType") != PREDICATE_TYPE:
        raise _refused("it states something else than an erasure")
    about = _opened(found, body["opening"]) if "opening" in body else None
    return replace(_logged(found, payload, opening, proof_text, key, origin), about=about)


def _opened(found: Json, opening: Json) -> str:
    """Whom the commitment is to, once the opening is seen to fit."""
    try:
        subject, key = opening["subject"], bytes.fromhex(opening["key"])
        fits = commitment(key, subject.encode()).hex() == found["subject"][0]["digest"]["sha256"]
        # One form only, so that no edit goes unseen.
        digests = {field: opening[field] for field in _keyed_fields(found)}
        fits = fits and opening == {"subject": subject, "key": key.hex(), **digests}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused("its opening can't be read") from error
    if not fits:
        raise _refused("its opening is another person's, or another certificate's")
    for field in _keyed_fields(found):
        opened_digests(found["predicate"][field], opening, field)
    return str(subject)


def _keyed_fields(found: Json) -> list[str]:
    """Fields in which the statement commits to digests, which the opening then has to give."""
    return [
        field
        for field in (_BEFORE, _AFTER)
        if any(str(each).startswith(KEYED) for each in found["predicate"].get(field, {}).values())
    ]


def _logged(
    found: Json, payload: bytes, opening: Json, proof_text: str, key: PublicKey, origin: str
) -> Verified:
    try:
        event = opening["event"]
        leaf = commitment(bytes.fromhex(opening["key"]), canonical(event))
        logged = event["body"]["statement_sha256"]
        shape = set(opening) == {"event", "key"}
        proof = Proof.parse(proof_text)
    except (ValueError, KeyError, TypeError) as error:
        raise _refused("the log entry that comes with it can't be read") from error
    if logged != sha256(payload) or not shape:
        raise _refused("the log entry that comes with it is about another certificate")
    name = found["predicate"]["log"]
    if not isinstance(name, str) or not name:
        raise _refused("it doesn't say of which log it is")
    if origin and name != origin:
        raise _refused(f"it is of the log {name}, not of {origin}")
    checkpoint = proof.verify(leaf, key, origin=name)
    if str(proof) != proof_text:
        raise _refused("the proof that comes with it was edited")
    return Verified(found, proof.index, checkpoint)


def pre_authentication(payload: bytes) -> bytes:
    """DSSE's PAE: what is signed, with lengths, so that type and payload can't be shifted."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _exact(text: str) -> bytes:
    data = exact_base64(text)
    if data is None:
        raise ValueError("not base64 in its one standard form")
    return data


def key_id(key: PublicKey) -> str:
    """How a certificate's envelope names a key: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(key.raw)[:16]


def _refused(why: str) -> IntegrityError:
    return IntegrityError(
        f"The certificate doesn't hold: {why}.",
        "Ask whoever gave it to you for the original, and take the public key from its publisher.",
    )
