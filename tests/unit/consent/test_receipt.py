"""Receipts: the fields of DPV's 27560 profile, and nothing made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from volenti.consent.purpose import Grant, Grants
from volenti.consent.receipt import receipt
from volenti.consent.releasetext import evidence
from volenti.consent.signed_release import SignedRelease
from volenti.consent.withdrawal import Withdrawal
from volenti.core.canonical import canonical

NOW = datetime(2026, 11, 23, tzinfo=UTC)

#: Fields the profile says must be present: of the receipt, of the record in it.
RECEIPT_FIELDS = {"@type", "dct:conformsTo", "dct:identifier", "dct:created", "dpv:hasRecordOfActivity"}
RECORD_FIELDS = {
    *("@type", "dct:conformsTo", "dct:identifier", "dpv:hasDataSubject", "dpv:hasNotice", "dpv:hasProcess"),
    *("dpv:hasDataController", "dpv:hasJurisdiction", "dpv:hasConsentControl", "dpv:hasConsentStatus"),
    "dpv:hasRight",
}
PROCESS_FIELDS = {"@type", "dpv:hasPurpose", "dpv:hasPersonalData", "dpv:hasStorageCondition"}


def record_of(signed: SignedRelease, *withdrawals: Withdrawal, **told) -> dict:
    return receipt(signed, withdrawals, NOW, **told)["dpv:hasRecordOfActivity"]


def test_the_profiles_required_fields_are_there(hands):
    made = receipt(hands.signed(), [], NOW)
    record = made["dpv:hasRecordOfActivity"]
    assert made.keys() >= RECEIPT_FIELDS
    assert record.keys() >= RECORD_FIELDS
    assert all(process.keys() >= PROCESS_FIELDS for process in record["dpv:hasProcess"])


def test_every_prefix_used_is_declared(hands):
    told = {"recipients": ("Buyer",), "storage_locations": ("DE",)}
    withdrawal = Withdrawal("wdr_1", "sub_ada", NOW, grant=Grant.COMMERCIAL)
    made = receipt(hands.signed(), [withdrawal], NOW, **told)
    declared = {name for name in made["@context"] if ":" not in name}

    def names(value: object) -> set[str]:
        if isinstance(value, dict):
            return {*value, *(name for inner in value.values() for name in names(inner))}
        return {name for inner in value for name in names(inner)} if isinstance(value, list) else set()

    assert {name.partition(":")[0] for name in names(made) if ":" in name} <= declared


def test_a_yes_is_a_process_and_a_no_is_said(hands):
    signed = hands.signed(grants=Grants.only(Grant.GENERATIVE_TRAINING, Grant.BIOMETRIC_TEMPLATES))
    record = record_of(signed)
    purposes = {process["dpv:hasPurpose"]["@id"]: process for process in record["dpv:hasProcess"]}
    assert set(purposes) == {"volenti:generative-training", "volenti:biometric-templates"}
    assert "pd:FacialPrint" in purposes["volenti:biometric-templates"]["dpv:hasPersonalData"]
    assert "pd:FacialPrint" not in purposes["volenti:generative-training"]["dpv:hasPersonalData"]
    assert len(record["volenti:refused"]) == 6


def test_consent_was_given_by_the_subject_or_the_guardian(hands):
    (given,) = record_of(hands.signed())["dpv:hasConsentStatus"]
    assert "dpv:ConsentGiven" in given["@type"]
    assert given["dpv:isIndicatedBy"] == "dpv:DataSubject"
    assert given["dpv:isIndicatedAtTime"] == "2026-11-22T12:00:00Z"
    (given,) = record_of(hands.signed(hands.child()))["dpv:hasConsentStatus"]
    assert given["dpv:isIndicatedBy"] == "dpv:GuardianOfDataSubject"


def test_what_isnt_signed_was_only_asked_for(hands):
    assert record_of(SignedRelease(hands.release()))["dpv:hasConsentStatus"] == [
        {"@type": "dpv:ConsentRequested"}
    ]


def test_withdrawals_that_reach_the_release_follow_the_yes(hands):
    statuses = record_of(
        hands.signed(),
        Withdrawal("wdr_1", "sub_ada", NOW, grant=Grant.COMMERCIAL),
        Withdrawal("wdr_2", "sub_ada", NOW, release="rel_1"),
        Withdrawal("wdr_3", "sub_ada", NOW, release="rel_other"),
    )["dpv:hasConsentStatus"]
    assert [status["@type"] for status in statuses[1:]] == ["dpv:ConsentWithdrawn"] * 2
    assert statuses[1]["dpv:hasPurpose"] == {"@id": "volenti:commercial"}
    assert "dpv:hasPurpose" not in statuses[2]


def test_term_territory_and_storage_are_told(hands):
    terms = hands.terms(territory=("WORLD",), valid_until=date(2030, 1, 1))
    record = record_of(hands.signed(terms=terms), storage_locations=("DE",), recipients=("Buyer",))
    assert record["dpv:hasJurisdiction"] == ["volenti:WORLD"]
    assert record["dpv:hasConsentStatus"][0]["dct:valid"] == "2026-01-01/2030-01-01"
    duration, location = record["dpv:hasProcess"][0]["dpv:hasStorageCondition"]
    assert duration["dpv:hasDuration"] == {"@type": "dpv:UntilTimeDuration", "rdf:value": "2030-01-01"}
    assert location["dpv:hasLocation"] == ["loc:DE"]
    assert record["dpv:hasProcess"][0]["dpv:hasRecipient"] == ["Buyer"]


def test_what_nobody_said_isnt_made_up(hands):
    (process, *_) = record_of(hands.signed())["dpv:hasProcess"]
    assert "dpv:hasRecipient" not in process
    assert [condition["@type"] for condition in process["dpv:hasStorageCondition"]] == ["dpv:StorageDuration"]


def test_a_receipt_names_the_subject_by_identifier_only(hands):
    text = canonical(receipt(hands.signed(), [], NOW)).decode()
    assert "sub_ada" in text
    assert "Ada Example" not in text
    assert "1990-05-17" not in text


def test_the_text_and_the_notice_are_named_by_their_digests(hands):
    signed = hands.signed(evidence=evidence("electronic", language="de"))
    consent, privacy = record_of(signed)["dpv:hasNotice"]
    shown = signed.release.evidence
    assert consent == {
        "@type": "dpv:ConsentNotice",
        "dct:identifier": shown.text_sha256,
        "dct:language": "de",
        "dct:hasVersion": "2",
    }
    assert (privacy["@type"], privacy["dct:identifier"]) == ("dpv:PrivacyNotice", shown.notice_sha256)


def test_a_text_of_the_controllers_own_has_no_version_here(hands):
    own = replace(evidence("paper"), text_sha256="d" * 64)
    consent, _ = record_of(hands.signed(evidence=own))["dpv:hasNotice"]
    assert "dct:hasVersion" not in consent


def test_what_a_release_supersedes_and_what_superseded_it_is_told(hands):
    later = hands.signed(id="rel_2", supersedes="rel_1")
    assert record_of(later)["dct:replaces"] == "urn:volenti:release:rel_1"
    record = record_of(hands.signed(), successor=later)
    assert record["dct:isReplacedBy"] == "urn:volenti:release:rel_2"
    assert record["dpv:hasConsentStatus"][-1]["@type"] == "dpv:ConsentInvalidated"


def test_a_term_that_is_over_is_told(hands):
    terms = hands.terms(valid_until=date(2026, 11, 22))
    assert record_of(hands.signed(terms=terms))["dpv:hasConsentStatus"][-1] == {
        "@type": "dpv:ConsentExpired",
        "dpv:isIndicatedAtTime": "2026-11-22",
    }


def test_a_withdrawn_shoot_is_told_by_its_name(hands):
    statuses = record_of(hands.signed(), Withdrawal("wdr_1", "sub_ada", NOW, shoot="spring"))
    assert statuses["dpv:hasConsentStatus"][-1]["volenti:shoot"] == "spring"


def test_the_rights_the_notice_promises_are_linked(hands):
    assert "eu-gdpr:A7-3" in record_of(hands.signed())["dpv:hasRight"]
    assert receipt(hands.signed(), [], NOW)["@context"]["dpv:hasRight"] == {"@type": "@id"}
