"""The certificate as a page: what it says, and that only one that holds becomes one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.contracts.test_typesetter import streams
from tests.studio import Studio
from volenti.core.canonical import Json
from volenti.core.errors import ConflictError, IntegrityError
from volenti.core.signing import PublicKey, SigningKey
from volenti.erasure.certificate import verify
from volenti.erasure.certificatepage import CertificatePage, certificate_page
from volenti.requests.outcome import personal
from volenti.standalone import certificate_pdf


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Json, Json, PublicKey]:
    """A certificate about somebody in a model and in an export, its opening, and the key."""
    folder = tmp_path_factory.mktemp("certificate")
    studio = Studio.open(folder)
    studio.shoot("ann", "bob", "cid")
    studio.trained()
    studio.parts.exports.export(
        studio.parts.datasets.snapshot("humans"), folder / "export", recipient="Example Lab"
    )
    request = studio.ws.requests.open("erasure", "bob", identity="in-person")
    outcome = studio.ws.requests.run(request.id)
    certificate, opening = outcome.certificate, outcome.opening
    assert opening is not None
    with pytest.raises(ConflictError):
        studio.parts.requests.opening(studio.parts.requests.find(request.id))
    return certificate, opening, studio.ws.public_key


def words(page: CertificatePage) -> str:
    return json.dumps(
        [page.title, page.about, [[s.title, s.paragraphs, s.lines, s.digests] for s in page.sections]]
    )


def test_it_says_what_was_held_and_names_nobody(given: tuple[Json, Json, PublicKey]) -> None:
    certificate, _, key = given
    said = words(certificate_page(verify(json.dumps(certificate).encode(), key), key))
    for each in ("signed releases", "2 samples in 1 delivery", "0 items, asked of 11 holders", str(key)):
        assert each in said
    for secret in ("bob", "Example Lab"):
        assert secret not in said


def test_of_their_own_copy_it_says_whom_it_is_about(given: tuple[Json, Json, PublicKey]) -> None:
    certificate, opening, key = given
    verified = verify(json.dumps(personal(certificate, opening)).encode(), key)
    assert verified.about == "bob"
    assert "About bob" in words(certificate_page(verified, key))


@pytest.mark.parametrize(
    "edit",
    [
        {"subject": "ann"},
        {"key": "00" * 32},
        {"key": "zz"},
        {"key": None},
        {"more": 1},
        {"subject": 7},
        {"constituents_before": {}},
        {"constituents_before": None},
    ],
)
def test_an_opening_that_does_not_fit_is_refused(given: tuple[Json, Json, PublicKey], edit: Json) -> None:
    certificate, opening, key = given
    with pytest.raises(IntegrityError, match="opening"):
        verify(json.dumps(personal(certificate, {**opening, **edit})).encode(), key)


def test_the_pdf_is_archival_and_carries_the_certificate(given: tuple[Json, Json, PublicKey]) -> None:
    certificate, _, key = given
    data = json.dumps(certificate).encode()
    made = certificate_pdf(data, key)
    inside = list(streams(made))
    assert b"pdfaid:part>3<" in made + b"".join(inside)
    assert data in inside


def test_only_a_certificate_that_holds_becomes_a_page(
    given: tuple[Json, Json, PublicKey], tmp_path: Path
) -> None:
    certificate, _, _ = given
    with pytest.raises(IntegrityError):
        certificate_pdf(json.dumps(certificate).encode(), SigningKey.new().public)
