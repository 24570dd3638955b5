"""Findings from rights: what the statements that go with a picture mean for a purpose.

The table in `reservation` says what a reservation means for a purpose; the strictest of all decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from volenti.perception.finding import Finding, finding
from volenti.perception.rights.licence import is_allowed
from volenti.perception.rights.reservation import Answer, answer_of, strictest
from volenti.perception.rights.statement import COMPLETE, NOT_NEEDED, Rights, age_of

ADULT_AGE = 18


def rights_findings(rights: Rights, purpose: str) -> list[Finding]:
    """Findings against using a picture with these rights for `purpose`, and notes about the picture."""
    answers: list[tuple[str, Answer]] = [
        *((value, answer_of(value, purpose)) for value in rights.data_mining),
        *((each, answer_of(each.partition(" ")[0], purpose)) for each in rights.reservations),
        *((str(each), each.answer(purpose)) for each in rights.mining),
    ]
    if rights.tdm_reserved:
        answers.append(("tdm:reservation", answer_of("tdm-reservation", purpose)))
    found: list[Finding] = []
    answer = strictest(each for _, each in answers)
    if answer:
        stated = [statement for statement, each in answers if each == answer]
        code = "opt-out" if answer == "refused" else "opt-out-unclear"
        found.append(finding(code, {"reservations": stated}))
    return [*found, *_credential_findings(rights), *_release_findings(rights), *_identity_findings(rights)]


def licence_findings(rights: Rights, allowed: Collection[str]) -> list[Finding]:
    """A finding `licence` where the licences named aren't all allowed, or none is named.

    allowed: SPDX identifiers or addresses; an empty list asks for nothing.
    """
    if not allowed or is_allowed(rights.licences, allowed):
        return []
    return [finding("licence", {"licences": list(rights.licences)})]


def _credential_findings(rights: Rights) -> Iterable[Finding]:
    if rights.credentials == "unread":
        yield finding("credential-unread", reason=rights.credential_notes[0])
    if rights.credentials == "changed":
        yield finding("credential-tampered", {"codes": list(rights.credential_notes)})
    if rights.signer_notes:
        yield finding("credential-untrusted", {"codes": list(rights.signer_notes)})


def _release_findings(rights: Rights) -> Iterable[Finding]:
    not_needed = []
    stated = (
        ("release-status", rights.model_release_status),
        ("property-release", rights.property_release_status),
    )
    for code, status in stated:
        if status in NOT_NEEDED:
            not_needed.append(status)
        elif status and status not in COMPLETE:
            yield finding(code, {"status": status})
    if not_needed:
        yield finding("release-not-needed", {"status": not_needed})
    if age_of(rights.youngest_model_age) < ADULT_AGE:
        yield finding("minor-disclosed", {"age": rights.youngest_model_age})


def _identity_findings(rights: Rights) -> Iterable[Finding]:
    by = ["coordinates"] * rights.has_location + ["place name"] * rights.has_place
    if by:
        yield finding("location", {"by": by})
    if rights.device_identity:
        yield finding("device-identity", {"fields": list(rights.device_identity)})
