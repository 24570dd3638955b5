"""The consent receipt: what was agreed and what was withdrawn, for the subject to keep.

JSON-LD after ISO/IEC TS 27560:2023 in the W3C Data Privacy Vocabulary's profile
(https://w3id.org/dpv/schema/dpv-27560, receipt around a record). What the vocabulary has
no word for (a grant by its name, the answers that were no, a shoot) is under `volenti:`. The
subject appears by identifier only. Only the controller knows the profile's storage location
and recipients, so they are arguments. Where they are absent nothing is made up: the receipt
names the schema that it follows and lacks those two of its fields.

The rights named are those of the GDPR, in DPV's extension for it, because the notice
promises them to everybody, whatever law governs the release.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from volenti.consent.purpose import Grant
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.territory import WORLD
from volenti.consent.withdrawal import Withdrawal
from volenti.consent.wording import WordingKind, wording_of
from volenti.core.canonical import Json
from volenti.core.clock import stamp
from volenti.core.digest import sha256

SCHEMA = "https://w3id.org/dpv/schema/dpv-27560"

#: Properties whose texts are names of things, not words.
_LINKS = (
    "dct:conformsTo",
    "dpv:hasJurisdiction",
    "dpv:hasLegalBasis",
    "dpv:hasLocation",
    "dpv:hasPersonalData",
    "dpv:hasRight",
    "dpv:isIndicatedBy",
    "dct:isReplacedBy",
    "dct:replaces",
)

#: Articles of the GDPR that give the rights: withdrawal, access, rectification, erasure,
#: restriction, portability, objection, complaint.
RIGHTS = ("A7-3", "A15", "A16", "A17", "A18", "A20", "A21", "A77")

CONTEXT: Json = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "volenti": "urn:volenti:consent:",
    **{name: {"@type": "@id"} for name in _LINKS},
}


def receipt(
    signed: SignedRelease,
    withdrawals: Collection[Withdrawal],
    created: datetime,
    *,
    recipients: Sequence[str] = (),
    storage_locations: Sequence[str] = (),
    successor: SignedRelease | None = None,
) -> Json:
    """The receipt of one release at the moment `created`.

    storage_locations: ISO 3166 alpha-2 codes of where the pictures are kept.
    successor: the release that took this one's place, if one did.
    """
    release = signed.release
    reaching = [each for each in withdrawals if each.reaches(release, each.shoot)]
    record = _record(signed, recipients, storage_locations)
    record["dpv:hasConsentStatus"] = [
        *_given(signed),
        *map(_withdrawn, reaching),
        *_over(signed, created, successor),
    ]
    if successor is not None:
        record["dct:isReplacedBy"] = _urn(successor.release.id)
    return {
        "@context": CONTEXT,
        "@id": f"urn:volenti:receipt:{release.id}:{stamp(created)}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": f"{SCHEMA}#receipt",
        "dct:identifier": f"{release.id}:{stamp(created)}",
        "dct:created": stamp(created),
        "dct:publisher": release.controller,
        "dpv:hasRecordOfActivity": record,
    }


def _urn(release: str) -> str:
    return f"urn:volenti:release:{release}"


def _record(signed: SignedRelease, recipients: Sequence[str], storage_locations: Sequence[str]) -> Json:
    release = signed.release
    granted = [grant for grant in Grant if release.grants[grant]]
    record: Json = {
        "@id": _urn(release.id),
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": f"{SCHEMA}#record",
        "dct:identifier": release.id,
        "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": release.subject},
        "dpv:hasDataController": {
            "@id": f"urn:volenti:controller:{sha256(release.controller.encode())[:16]}",
            "@type": "dpv:DataController",
            "dpv:hasName": release.controller,
        },
        "dpv:hasJurisdiction": [_place(place) for place in release.terms.territory],
        "dpv:hasApplicableLaw": release.terms.governing_law,
        "dpv:hasLegalBasis": "dpv:ExplicitlyExpressedConsent",
        "dpv:hasProcess": [_process(signed, grant, recipients, storage_locations) for grant in granted],
        "volenti:refused": [grant.value for grant in Grant if not release.grants[grant]],
        "dpv:hasConsentControl": {
            "@type": ["dpv:WithdrawConsent"],
            "dct:description": release.terms.withdrawal_method,
            "dpv:hasConsequence": release.terms.withdrawal_effect,
        },
        "dpv:hasRight": [f"eu-gdpr:{article}" for article in RIGHTS],
        "dpv:hasNotice": _notices(signed),
    }
    if release.shoot.name:
        record["volenti:shoot"] = release.shoot.name
    if release.supersedes is not None:
        record["dct:replaces"] = _urn(release.supersedes)
    return record


def _notices(signed: SignedRelease) -> list[Json]:
    """What was read before signing: the release's own text, and the notice about biometric data."""
    shown = signed.release.evidence
    text = wording_of(WordingKind.RELEASE, shown.text_sha256)
    consent: Json = {
        "@type": "dpv:ConsentNotice",
        "dct:identifier": shown.text_sha256,
        "dct:language": shown.language,
    }
    privacy: Json = {
        "@type": "dpv:PrivacyNotice",
        "dct:hasVersion": shown.notice_version,
        "dct:language": shown.language,
    }
    if text is not None:
        consent["dct:hasVersion"] = text.version
    if shown.notice_sha256:
        privacy["dct:identifier"] = shown.notice_sha256
    return [consent, privacy]


def _process(
    signed: SignedRelease, grant: Grant, recipients: Sequence[str], storage_locations: Sequence[str]
) -> Json:
    terms = signed.release.terms
    if terms.valid_until is None:
        end = {"@type": "dpv:UntilEventDuration", "rdf:value": "withdrawal"}
    else:
        end = {"@type": "dpv:UntilTimeDuration", "rdf:value": terms.valid_until.isoformat()}
    storage: list[Json] = [{"@type": "dpv:StorageDuration", "dpv:hasDuration": end}]
    if storage_locations:
        places = [_place(place) for place in storage_locations]
        storage.append({"@type": "dpv:StorageLocation", "dpv:hasLocation": places})
    face = ["pd:FacialPrint"] if grant is Grant.BIOMETRIC_TEMPLATES else []
    process: Json = {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": f"volenti:{grant.value}",
            "@type": "dpv:Purpose",
            "dct:title": grant.meaning,
        },
        "dpv:hasPersonalData": ["pd:Picture", *face],
        "dpv:hasStorageCondition": storage,
    }
    if recipients:
        process["dpv:hasRecipient"] = list(recipients)
    return process


def _given(signed: SignedRelease) -> list[Json]:
    """How the consent was given: by whom, how, when, for how long; or that it was only requested."""
    evidence, terms = signed.release.evidence, signed.release.terms
    if evidence.signed_at is None or not signed.roles:
        return [{"@type": "dpv:ConsentRequested"}]
    by_guardian = signed.signed_as(Role.GUARDIAN)
    given: Json = {
        "@type": ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"],
        "dpv:isIndicatedBy": "dpv:GuardianOfDataSubject" if by_guardian else "dpv:DataSubject",
        "dpv:hasIndicationMethod": evidence.method,
        "dpv:isIndicatedAtTime": stamp(evidence.signed_at),
    }
    if signed.attestations:
        given["volenti:attested"] = [each.to_json() for each in signed.attestations]
    if terms.valid_until is not None:
        given["dct:valid"] = f"{terms.valid_from}/{terms.valid_until}"
    return [given]


def _withdrawn(withdrawal: Withdrawal) -> Json:
    status: Json = {
        "@type": "dpv:ConsentWithdrawn",
        "dpv:isIndicatedBy": "dpv:DataSubject",
        "dpv:isIndicatedAtTime": stamp(withdrawal.at),
    }
    if withdrawal.grant is not None:
        status["dpv:hasPurpose"] = {"@id": f"volenti:{withdrawal.grant.value}"}
    if withdrawal.shoot is not None:
        status["volenti:shoot"] = withdrawal.shoot
    return status


def _over(signed: SignedRelease, created: datetime, successor: SignedRelease | None) -> list[Json]:
    """Why the consent is over: its term ended, or another release took this one's place."""
    last_day = signed.release.terms.valid_until
    found: list[Json] = []
    if last_day is not None and created.date() > last_day:
        found.append({"@type": "dpv:ConsentExpired", "dpv:isIndicatedAtTime": last_day.isoformat()})
    if successor is not None and successor.release.evidence.signed_at is not None:
        at = stamp(successor.release.evidence.signed_at)
        found.append({"@type": "dpv:ConsentInvalidated", "dpv:isIndicatedAtTime": at})
    return found


def _place(place: str) -> str:
    return "volenti:WORLD" if place == WORLD else f"loc:{place}"
