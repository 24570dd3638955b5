"""A certificate says what docs/formats/certificate.md lists and nothing else; nor do feed and log."""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.histories import UNHURRIED, histories
from tests.studio import Studio
from volenti.consent.purpose import Grant
from volenti.core.canonical import canonical
from volenti.erasure.statement import predicate, statement
from volenti.requests.history import ErasureHistory, Ground, Private, Retain
from volenti.requests.identity import Identified
from volenti.requests.request import Request

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOCUMENT = Path(__file__).parents[2] / "docs" / "formats" / "certificate.md"
#: Of a history, what no certificate has a field for: of a request that was refused there is none.
NOT_CERTIFIED = {"refused"}
#: How a canary is put into each private field. A new field without an entry here fails the tests.
CANARIES = {
    "commitment_key": lambda text: text,
    "faces": lambda text: (f"img_{text}.0", f"img_{text}.1"),
    "retain": lambda text: Retain(Ground.CLAIMS, text, text),
}


def documented() -> list[str]:
    """The predicate's fields as the document lists them, in its order."""
    table = DOCUMENT.read_text().split("| field of the predicate |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| ([a-z_, ]+) \|", table, re.MULTILINE)
    return [name for row in rows for name in row.split(", ")]


def said_of(history: ErasureHistory, request: Request | None = None) -> dict[str, Any]:
    asked = request or Request.open("req_1", "erasure", "s1", NOW)
    return predicate(asked, "2026-11-22T12:00:00Z", "test.example/log", history)


@UNHURRIED
@given(histories(ErasureHistory, full=True))
def test_a_certificate_has_the_fields_of_its_document_in_its_order(history: ErasureHistory) -> None:
    assert list(said_of(history)) == documented()


def test_every_part_of_an_erasure_s_history_is_certified_or_named_here() -> None:
    assert {each.name for each in fields(ErasureHistory)} - set(documented()) == NOT_CERTIFIED


@UNHURRIED
@given(histories(ErasureHistory), st.uuids().map(lambda each: each.hex))
def test_nothing_private_is_in_what_is_signed(history: ErasureHistory, text: str) -> None:
    assert {each.name for each in fields(Private)} == set(CANARIES)
    private = Private(**{name: put(text) for name, put in CANARIES.items()})
    asked = Request.open("req_1", "erasure", f"sub_{text}", NOW, private=private)
    asked = replace(asked, other={"note": text, text: [text]}, steps=(text,))
    signed = canonical(statement(said_of(history, asked), "00" * 32))
    assert text.encode() not in signed


@pytest.mark.parametrize("enrolled", [True, False])
def test_nothing_private_is_in_certificate_feed_or_log(tmp_path: Path, enrolled: bool) -> None:
    """Of an erasure that is really carried out, with everything private that there can be."""
    studio = Studio.open(tmp_path, on_disk=True)
    ws = studio.ws
    studio.shoot("ann", "bob", "cid")
    studio.photo("cid", "stranger")
    studio.trained()
    ws.parts.exports.export(
        ws.parts.datasets.snapshot("humans@1"), tmp_path / "delivered", recipient="Example Ltd"
    )
    canary = os.urandom(12).hex()
    if enrolled:
        ws.parts.consent.amend(
            replace(ws.parts.consent.subject("ann"), notes=canary, legal_name=f"Ann {canary}")
        )
        ws.parts.withdrawals.run(ws.requests.open("withdrawal", "ann", grant=Grant.COMMERCIAL).id)
        request = ws.parts.requests.retain(
            ws.requests.open("erasure", "ann", identity="in-person"), Ground.CLAIMS, date(2099, 1, 1)
        )
    else:
        waiting = [(image, number) for image, number, _ in ws.parts.faces._quarantine.faces()]
        request = ws.parts.requests.open_for_faces([f"{image.id}.{number}" for image, number in waiting])
    ws.parts.requests.keep(replace(request, other={"of before": canary}))
    key, faces = request.private.commitment_key, request.private.faces or ()
    assert key is not None
    outcome = ws.requests.run(
        ws.parts.requests.identify(ws.parts.requests.find(request.id), Identified.DOCUMENT).id
    )
    assert outcome.certificate is not None

    secrets = {canary, key, request.subject, *(face.partition(".")[0] for face in faces)}
    public = [json.dumps(outcome.certificate).encode(), base64.b64decode(outcome.certificate["payload"])]
    for folder in (ws.path / "log", ws.path / "feed"):
        public += [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(public) > 4
    for secret in secrets:
        for form in (secret.encode(), base64.b64encode(secret.encode()), bytes.fromhex(key)):
            assert not [text for text in public if form in text], secret
    # What was private to it is gone from the request, too.
    done = ws.parts.requests.find(request.id)
    assert (done.private, done.other) == (Private(), {})
