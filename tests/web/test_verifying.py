"""The table of forged certificates by Python's verifier; tests/browser/test_verify.py has the browser's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.studio import Studio
from tests.web.forged import forged
from volenti.core.errors import IntegrityError
from volenti.core.signing import PublicKey
from volenti.erasure.certificate import verify


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, PublicKey]:
    """Somebody's own copy of the certificate of their erasure, and the workspace's public key."""
    studio = Studio.open(tmp_path_factory.mktemp("erased"))
    studio.shoot("ann", "ben", "cid")
    studio.trained()
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    copy = studio.ws.requests.run(request.id, copy=True).copy
    assert copy is not None
    return copy, studio.ws.public_key


def test_every_forgery_is_refused(erased: tuple[bytes, PublicKey]) -> None:
    certificate, key = erased
    assert verify(certificate, key).about == "ann"
    table = dict(forged(json.loads(certificate)))
    assert len(table) > 150
    for what, document in table.items():
        if what == "without ('opening',)":
            assert verify(document, key).about is None  # then it is what anybody may have
            continue
        with pytest.raises(IntegrityError):
            raise AssertionError(f"{what} was taken for {verify(document, key).statement}")


def test_a_link_opens_the_persons_own_copy_and_nothing_else_does(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann")
    studio.clear()
    requests = studio.ws.requests
    opened = requests.open("erasure", "ann", identity="account")
    links = [requests.follow_link(opened.id) for _ in range(2)]
    assert requests.followed(links[0]).certificate is None
    copy = requests.run(opened.id, copy=True).copy
    sealed = [json.loads(requests.followed(each).certificate or b"") for each in links]
    assert sealed == [json.loads(copy or b"")] * 2
    late = requests.followed(requests.follow_link(opened.id)).certificate
    assert late is not None
    assert copy is not None
    assert verify(late, studio.ws.public_key).about is None
    assert verify(copy, studio.ws.public_key).about == "ann"
    for record in studio.parts.records.find("request-copy"):
        assert "ann" not in record.body["sealed"]
    assert studio.ws.audit(deep=True).ok
