"""What a C2PA manifest store's JSON says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.perception.rights.credentials import (
    NO_READER,
    Credentials,
    carries_credentials,
    credentials_in,
    credentials_of,
)
from volenti.perception.rights.reservation import MiningEntry

JUMBF = b"\xff\xeb" + b"\0\0\x01\0jumb\0\0\0\x1ejumdc2pa\0\x11\0\x10"


def store(*assertions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"active_manifest": "a", "manifests": {"a": {"assertions": list(assertions), **more}}}


def mining(entries: dict[str, Any], label: str = "cawg.training-mining") -> dict[str, Any]:
    return {"label": label, "data": {"entries": entries}}


def failure(code: str) -> dict[str, str]:
    return {"code": code, "url": "self#jumbf=/c2pa/a", "explanation": "it is so"}


@pytest.mark.parametrize("label", ["cawg.training-mining", "c2pa.training-mining", "cawg.training-mining__1"])
@pytest.mark.parametrize("prefix", ["cawg.", "c2pa."])
def test_entries_of_both_standards_are_read(label: str, prefix: str) -> None:
    found = credentials_of(store(mining({f"{prefix}ai_training": {"use": "notAllowed"}}, label)))
    assert found.mining == (MiningEntry("ai_training", "notAllowed"),)


@pytest.mark.parametrize("field", ["constraint_info", "constraints_info"])
def test_a_constraint_is_read_under_both_names_the_standard_gives_it(field: str) -> None:
    entry = {"use": "constrained", field: "ask first"}
    found = credentials_of(store(mining({"cawg.data_mining": entry})))
    assert found.mining == (MiningEntry("data_mining", "constrained", "ask first"),)


@pytest.mark.parametrize("shape", ["entries", "metadata", ""])
def test_entries_are_found_where_writers_put_them(shape: str) -> None:
    entries = {"cawg.ai_inference": {"use": "notAllowed"}}
    data = {shape: entries} if shape else entries
    found = credentials_of(store({"label": "cawg.training-mining", "data": data}))
    assert found.mining == (MiningEntry("ai_inference", "notAllowed"),)


def test_a_reservation_of_an_ingredient_is_not_lost_in_the_collage() -> None:
    given_store = store(mining({"cawg.ai_training": {"use": "allowed"}}))
    given_store["manifests"]["b"] = {"assertions": [mining({"cawg.ai_training": {"use": "notAllowed"}})]}
    assert MiningEntry("ai_training", "notAllowed") in credentials_of(given_store).mining


@pytest.mark.parametrize(
    "code",
    [
        "assertion.dataHash.mismatch",
        "assertion.hashedURI.mismatch",
        "assertion.missing",
        "claimSignature.mismatch",
        "ingredient.manifest.missing",
        "general.error",
    ],
)
def test_what_does_not_verify_was_changed(code: str) -> None:
    listed = credentials_of({**store(), "validation_status": [failure(code)]})
    results = {"activeManifest": {"success": [], "failure": [failure(code)]}}
    assert listed.changed == credentials_of({**store(), "validation_results": results}).changed == (code,)
    assert listed.untrusted == ()


@pytest.mark.parametrize(
    "code",
    [
        "signingCredential.untrusted",
        "signingCredential.expired",
        "cawg.x509.credential.untrusted",
        "timeStamp.untrusted",
    ],
)
def test_a_stranger_who_signed_changed_nothing(code: str) -> None:
    found = credentials_of({**store(), "validation_status": [failure(code)]})
    assert (found.changed, found.untrusted) == ((), (code,))


def test_what_was_wrong_with_an_ingredient_counts_when_it_was_added_and_now() -> None:
    before = store(ingredients=[{"validation_status": [failure("claimSignature.mismatch")]}])
    assert credentials_of(before).changed == ("claimSignature.mismatch",)
    delta = {"validationDeltas": {"failure": [failure("assertion.dataHash.mismatch")]}}
    now = {**store(), "validation_results": {"ingredientDeltas": [delta]}}
    assert credentials_of(now).changed == ("assertion.dataHash.mismatch",)


def test_metadata_assertions_tell_opt_outs_places_and_devices_but_not_their_values() -> None:
    data = {
        "exif:GPSLatitude": "39,21.102N",
        "exifEX:BodySerialNumber": "SN-4711",
        "plus:DataMining": "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING",
    }
    found = credentials_of(store({"label": "cawg.metadata", "data": data}))
    assert found.data_mining == ("DMI-PROHIBITED-AIMLTRAINING",)
    assert found.has_location
    assert found.device_identity == ("camera serial number",)
    assert "4711" not in repr(found)


KEYS = (
    "manifests",
    "assertions",
    "label",
    "data",
    "entries",
    "use",
    "validation_status",
    "validation_results",
    "ingredients",
    "code",
    "cawg.training-mining",
)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    )
)
def test_no_store_is_too_odd(value: object) -> None:
    assert isinstance(credentials_of(value if isinstance(value, dict) else {}), Credentials)


def test_a_jumbf_box_of_c2pas_is_seen_and_a_mention_is_not() -> None:
    assert carries_credentials(b"\xff\xd8" + JUMBF)
    assert carries_credentials(b"the rest is damaged, but cawg.training-mining\0 still stands")
    assert not carries_credentials(b'dcterms:provenance="self#jumbf=/c2pa/adobe:urn:uuid:1"')
    assert not carries_credentials(b"")


def test_without_a_reader_credentials_are_unread_not_absent() -> None:
    assert credentials_in(JUMBF, "JPEG", None) == Credentials(unread=NO_READER)
    assert credentials_in(b"\xff\xd8", "JPEG", None) is None
