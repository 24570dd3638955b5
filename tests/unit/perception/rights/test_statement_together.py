"""How statements from several places about one picture come together, and what statuses mean."""

from itertools import product

import pytest

from volenti.core.canonical import canonical, parse
from volenti.core.codec import encoded
from volenti.perception.files.metadata import Metadata
from volenti.perception.finding import TABLE
from volenti.perception.rights.credentials import ELSEWHERE, REMOVED, Credentials
from volenti.perception.rights.findings import rights_findings
from volenti.perception.rights.reservation import ENTRIES, PURPOSES, MiningEntry
from volenti.perception.rights.statement import Rights, joined, rights_of

NAMESPACES = (
    'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:cc="http://creativecommons.org/ns#" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:tdm="http://www.w3.org/ns/tdmrep#" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
)
VOCABULARY = "http://ns.useplus.org/ldf/vocab/"


def packet(elements: str) -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {NAMESPACES}>{elements}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


def codes(rights: Rights, purpose: str = "generative-training") -> list[str]:
    return [each.code for each in rights_findings(rights, purpose)]


def stated(elements: str) -> list[str]:
    return codes(rights_of(Metadata(xmp=(packet(elements),))))


ALLOWED = "<plus:DataMining>DMI-ALLOWED</plus:DataMining>"
PROHIBITED = "<plus:DataMining>DMI-PROHIBITED-GENAIMLTRAINING</plus:DataMining>"
SAYS_NO = Credentials(mining=(MiningEntry("ai_generative_training", "notAllowed"),))
SAYS_YES = Credentials(mining=tuple(MiningEntry(entry, "allowed") for entry in ENTRIES))


@pytest.mark.parametrize(
    ("embedded", "beside", "signed", "saved"),
    list(
        product(
            (ALLOWED, PROHIBITED), (ALLOWED, PROHIBITED), (SAYS_YES, SAYS_NO), ((), ("noai (x-robots-tag)",))
        )
    ),
)
def test_wherever_the_prohibition_stands_no_permission_elsewhere_lifts_it(
    embedded: str, beside: str, signed: Credentials, saved: tuple[str, ...]
) -> None:
    rights = rights_of(Metadata(xmp=(packet(embedded),)), packet(beside), saved, signed)
    said_no = PROHIBITED in (embedded, beside) or signed == SAYS_NO or saved
    assert codes(rights) == (["opt-out"] if said_no else [])


def test_constrained_is_held_unless_something_is_not_allowed() -> None:
    constrained = MiningEntry("ai_generative_training", "constrained", "ask first")
    forbidden = MiningEntry("data_mining", "notAllowed")
    assert codes(Rights(mining=(constrained,))) == ["opt-out-unclear"]
    assert codes(Rights(mining=(constrained,)), "redistribution") == []
    (found,) = rights_findings(Rights(mining=(constrained, forbidden)), "generative-training")
    assert found.code == "opt-out"
    assert found.data == {"reservations": ["data_mining=notAllowed"]}
    assert TABLE["opt-out-unclear"].verdict == "held"


def test_who_forbids_the_lesser_use_and_is_silent_on_the_greater_is_asked() -> None:
    assert codes(Rights(mining=(MiningEntry("ai_training", "notAllowed"),))) == ["opt-out-unclear"]


@pytest.mark.parametrize("form", ['tdm:reservation="1"', "<tdm:reservation>1</tdm:reservation>"])
def test_a_tdm_reservation_survives_damage_to_its_packet(form: str) -> None:
    rights = rights_of(Metadata(xmp=(packet(ALLOWED)[:-40] + form.encode(),)))
    assert rights.malformed
    assert codes(rights) == ["opt-out"]
    free = rights_of(Metadata(xmp=(packet(ALLOWED)[:-40] + form.replace("1", "0").encode(),)))
    assert codes(free) == []


def test_several_sidecars_count_each() -> None:
    rights = rights_of(Metadata(), packet(ALLOWED) + b"\n" + packet(PROHIBITED))
    assert not rights.malformed
    assert codes(rights) == ["opt-out"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("MR-NON", ["release-status"]),
        ("MR-LMR", ["release-status"]),
        ("MR-SOMETHINGNEW", ["release-status"]),
        ("nil", ["release-status"]),
        ("MR-NAP", ["release-not-needed"]),
        ("MR-UMR", []),
        ("", []),
    ],
)
@pytest.mark.parametrize("prefix", ["", VOCABULARY])
def test_a_model_release_status_that_lacks_anything_is_never_passed_over(
    status: str, expected: list[str], prefix: str
) -> None:
    value = prefix + status if status else ""
    assert stated(f"<plus:ModelReleaseStatus>{value}</plus:ModelReleaseStatus>") == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("PR-NON", ["property-release"]),
        ("PR-LPR", ["property-release"]),
        ("PR-NAP", ["release-not-needed"]),
        ("PR-UPR", []),
    ],
)
def test_a_property_release_status_that_lacks_anything_is_never_passed_over(
    status: str, expected: list[str]
) -> None:
    assert (
        stated(f"<plus:PropertyReleaseStatus>{VOCABULARY}{status}</plus:PropertyReleaseStatus>") == expected
    )


def test_of_two_statuses_the_one_that_lacks_a_signature_counts() -> None:
    rights = rights_of(
        Metadata(xmp=(packet("<plus:ModelReleaseStatus>MR-UMR</plus:ModelReleaseStatus>"),)),
        packet("<plus:ModelReleaseStatus>MR-NON</plus:ModelReleaseStatus>"),
    )
    assert codes(rights) == ["release-status"]


@pytest.mark.parametrize(
    ("term", "minor"),
    [
        ("AG-U14", True),
        ("AG-A15", True),
        ("AG-A17", True),
        ("AG-A18", False),
        ("AG-A25", False),
        ("AG-UNK", False),
        ("16", True),
        ("nil", False),
    ],
)
def test_a_disclosed_minor_is_held(term: str, minor: bool) -> None:
    element = f"<plus:MinorModelAgeDisclosure>{VOCABULARY}{term}</plus:MinorModelAgeDisclosure>"
    assert stated(element) == (["minor-disclosed"] if minor else [])


def test_findings_that_hold_are_held_and_notes_are_notes() -> None:
    held = (
        "release-status",
        "property-release",
        "minor-disclosed",
        "licence",
        "credential-tampered",
        "credential-unread",
        "opt-out-unclear",
    )
    assert {TABLE[code].verdict for code in held} == {"held"}
    assert {TABLE[code].verdict for code in ("release-not-needed", "credential-untrusted")} == {"cleared"}


def test_changed_credentials_are_a_finding_and_their_opt_out_counts_all_the_same() -> None:
    signed = Credentials(
        changed=("assertion.dataHash.mismatch",),
        untrusted=("signingCredential.untrusted",),
        mining=SAYS_NO.mining,
    )
    rights = rights_of(Metadata(), credentials=signed)
    assert codes(rights) == ["opt-out", "credential-tampered", "credential-untrusted"]
    assert rights.credentials == "changed"


def test_intact_credentials_by_a_known_signer_are_no_finding() -> None:
    rights = rights_of(Metadata(), credentials=Credentials())
    assert codes(rights) == []
    assert rights.credentials == "intact"


@pytest.mark.parametrize(
    ("provenance", "reason"),
    [("https://example.com/manifest.c2pa", ELSEWHERE), ("self#jumbf=/c2pa/adobe:urn:uuid:1", REMOVED)],
)
def test_credentials_that_xmp_names_and_nobody_finds_are_unread(provenance: str, reason: str) -> None:
    named = Metadata(xmp=(packet(f"<dcterms:provenance>{provenance}</dcterms:provenance>"),))
    (found,) = rights_findings(rights_of(named), "commercial")
    assert found.code == "credential-unread"
    assert reason in found.message
    assert codes(rights_of(named, credentials=Credentials())) == []


def test_the_opt_out_of_a_metadata_assertion_counts() -> None:
    assert codes(rights_of(Metadata(), credentials=Credentials(data_mining=("DMI-PROHIBITED",)))) == [
        "opt-out"
    ]


def test_licence_creator_and_credit_are_kept() -> None:
    rights = rights_of(
        Metadata(
            xmp=(
                packet(
                    '<cc:license rdf:resource="https://creativecommons.org/licenses/by-sa/4.0/"/>'
                    "<xmpRights:WebStatement>https://example.com/17</xmpRights:WebStatement>"
                    "<photoshop:Credit>Example Agency</photoshop:Credit>"
                    "<dc:creator><rdf:Seq><rdf:li>Ada Example</rdf:li></rdf:Seq></dc:creator>"
                ),
            ),
            iptc={(2, 110): b"Example Agency/Desk"},
        )
    )
    assert rights.licences == ("CC-BY-SA-4.0",)
    assert rights.web_statement == ("https://example.com/17",)
    assert rights.credit == ("Example Agency", "Example Agency/Desk")
    assert rights.creators == ("Ada Example",)


def test_a_place_name_is_a_location_as_coordinates_are() -> None:
    assert stated("<photoshop:City>Wigan</photoshop:City>") == ["location"]
    assert codes(rights_of(Metadata(iptc={(2, 92): b"Dw Stadium"}))) == ["location"]
    (found,) = rights_findings(
        rights_of(Metadata(gps={2: (1.0, 2.0, 3.0)}, iptc={(2, 90): b"Wigan"})), "commercial"
    )
    assert found.data == {"by": ["coordinates", "place name"]}


def test_rights_come_back_from_their_json() -> None:
    rights = rights_of(
        Metadata(xmp=(packet(PROHIBITED + "<photoshop:Credit>Ädä</photoshop:Credit>"),)),
        reservations=("noai (x-robots-tag)",),
        credentials=Credentials(mining=(MiningEntry("data_mining", "constrained", "ask"),), changed=("x",)),
    )
    assert Rights.from_json(parse(canonical(rights.to_json()))) == rights
    assert Rights.from_json({}) == Rights()
    assert Rights.from_json({"a field of another version": 1}) == Rights()


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_finding_of_rights_names_anybody(purpose: str) -> None:
    rights = rights_of(
        Metadata(
            exif={0x013B: "Ada Example", 0xA430: "Ada Example", 0xA431: "SN-4711"},
            gps={2: (52.0, 31.0, 12.0)},
            xmp=(packet("<dc:creator>Ada Example</dc:creator><photoshop:City>Wigan</photoshop:City>"),),
        )
    )
    said = canonical([encoded(each) for each in rights_findings(rights, purpose)])
    assert not any(word in said for word in (b"Ada", b"4711", b"Wigan", b"52.0"))


def test_files_that_go_together_say_what_any_of_them_says() -> None:
    one = Rights(creators=("a",), model_release_status="MR-UMR", youngest_model_age="AG-A18", has_place=True)
    other = Rights(creators=("b", "a"), model_release_status="MR-NON", youngest_model_age="AG-A16")
    assert joined([one, other]) == Rights(
        creators=("a", "b"), model_release_status="MR-NON", youngest_model_age="AG-A16", has_place=True
    )
    assert joined([]) == Rights()
    assert joined([other]) == other
