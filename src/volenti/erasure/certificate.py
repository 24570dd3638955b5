"""Certificate: what an erasure did, read and checked by anyone, offline (`erasure.statement` makes it).

It states what the software did and measured. It doesn't state that nobody ever copied a picture
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from volenti.core.canonical import Json, canonical, parse, parse_given
from volenti.core.digest import commitment, sha256
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.signing import PublicKey
from volenti.erasure.statement import (
    PAYLOAD_TYPE,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    key_id,
    pre_authentication,
)
from volenti.requests.history import KEYED, AttackFindings, committed
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.follower import added_since
from volenti.transparency.note import Verifier, exact_base64
from volenti.transparency.ports import LogFiles
from volenti.transparency.proof import Proof

#: Fields with digests of constituents: those that had learned from the person, and those in their places.
_BEFORE, _AFTER = "constituents_before", "constituents_after"


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate whose signature, log entry and proof hold.

    `about` is the person it is about, where the certificate came with its opening. `checkpoint` is the
    state of the log that the proof is of; a later state can be compared with it.
    """

    statement: Json
    log_index: int
    checkpoint: Checkpoint
    about: str | None = None

    @property
    def log_size(self) -> int:
        """How many entries the log had at that checkpoint."""
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


@dataclass(frozen=True, slots=True)
class Stated:
    """What a certificate states of an erasure, in short; the page says all of it.

    left: items that the holders still had when they were asked afterwards. replaced: by constituent, what
    was served before and what is served now, as hexadecimal digests or commitments. drawn, called_back:
    how many pictures were drawn by constituents that had learned from the person, and how many of these
    were called back; None where the certificate doesn't say. attacks: what attacks on the model found;
    None where nobody attacked it.
    """

    kind: str
    request: str
    completed: str
    log: str
    left: int
    replaced: dict[str, tuple[str, str]]
    drawn: int | None
    called_back: int | None
    attacks: AttackFindings | None


def stated(verified: Verified) -> Stated:
    """What a verified certificate states; IntegrityError where it states something else than an erasure."""
    with reading("what it states"):
        said = verified.statement["predicate"]
        before = said.get(_BEFORE, {})
        works = said.get("works")
        return Stated(
            kind=str(said["kind"]),
            request=str(said["request"]),
            completed=str(said["completed"]),
            log=str(said["log"]),
            left=sum(said.get("attested", {}).values()),
            replaced={
                name: (before[name].removeprefix(KEYED), now.removeprefix(KEYED))
                for name, now in said.get(_AFTER, {}).items()
            },
            drawn=works["drawn"] if works else None,
            called_back=works["withdrawn"] if works else None,
            attacks=_attacks(said.get("attacks")),
        )


def _attacks(said: Json | None) -> AttackFindings | None:
    if not said:
        return None
    found = AttackFindings(str(said.get("meaning", "")), said["before"], said["after"])
    _ = found.lines, found.conclusions  # raises where the figures aren't those of attacks
    return found


def opened_digests(said: Json, opening: Json | None, field: str = _BEFORE) -> dict[str, str]:
    """The digests that a field of a certificate commits to; none without its opening.

    Certificates of earlier versions give digests without commitments. Raises IntegrityError where the
    opening doesn't fit.
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


def served_before(copy: bytes, key: PublicKey) -> tuple[str, dict[str, str]]:
    """The request that the person's own copy of a certificate is about, and what had learned from them.

    The latter is SHA-256 of weights by constituent. Raises IntegrityError where the copy doesn't hold,
    UsageError where it is a certificate without an opening, which anybody may have.
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
    """Turn whatever error reading junk raises into the IntegrityError that refuses a certificate."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _refused(f"{what} can't be read as a certificate") from error


def compare(verified: Verified, log: LogFiles, key: PublicKey) -> Checkpoint:
    """The newest state of the log as it is published now.

    Raises IntegrityError where the log lost entries since the certificate was made, or changed them.
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
        extra |= set(body["transparency"]) - {"opening", "proof"}
        extra |= {name for each in body["signatures"] for name in each} - {"keyid", "sig"}
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
    """The person the commitment is to; IntegrityError where the opening doesn't fit."""
    try:
        subject, key = opening["subject"], bytes.fromhex(opening["key"])
        fits = commitment(key, subject.encode()).hex() == found["subject"][0]["digest"]["sha256"]
        # An opening has one form only, so that every edit is noticed.
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
    """Fields in which the statement commits to digests: the opening has to give these."""
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
        key_of_leaf = bytes.fromhex(opening["key"])
        leaf = commitment(key_of_leaf, canonical(event))
        logged = event["body"]["statement_sha256"]
        # A key has one form only, so that every edit is noticed.
        shape = set(opening) == {"event", "key"} and opening["key"] == key_of_leaf.hex()
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


def _exact(text: str) -> bytes:
    data = exact_base64(text)
    if data is None:
        raise ValueError("not base64 in its one standard form")
    return data


def _refused(why: str) -> IntegrityError:
    return IntegrityError(
        f"The certificate doesn't hold: {why}.",
        "Ask whoever gave it to you for the original, and take the public key from its publisher.",
    )
