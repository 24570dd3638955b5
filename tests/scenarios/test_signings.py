"""Signing on a page: what comes of it holds as every release does, is kept once or not at all, and can go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.signings import OPENED, Phone, statement
from tests.studio import Studio
from volenti.core.errors import ConflictError, NotFoundError, RefusedError, UsageError, VolentiError
from volenti.signings.session import SigningSession
from volenti.workspace.workspace import Workspace


class Now:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def studio(tmp_path: Path, now: Now) -> Iterator[Studio]:
    made = Studio.open(tmp_path, on_disk=True, clock=now)
    yield made
    made.ws.close()


@pytest.fixture
def ws(studio: Studio) -> Workspace:
    return studio.ws


def opened(ws: Workspace, **changes: Any) -> SigningSession:
    return ws.signings.open("march", **{**OPENED, **changes})


def phone(ws: Workspace) -> Phone:
    return Phone(ws, Ed25519PrivateKey.generate())


def test_what_was_signed_on_a_phone_is_a_release_like_every_other(studio: Studio, ws: Workspace) -> None:
    session, picture = opened(ws), studio._picture(["ada"], scale=2)
    said = statement(session, (picture,))
    signed = ws.signings.receive(session.token, phone(ws).sealed(said, (picture,)))
    shown = ws.releases.show(signed.release)
    assert (shown.today, shown.method, shown.problems) == ("signed", "web-ceremony", [])
    assert shown.release.evidence.method == "web ceremony"
    assert {str(each) for each in shown.release.grants.yes} == {str(each) for each in session.asks}
    assert ws.releases.verify([signed.release])[0].is_in_force
    [attestation] = shown.signed.attestations
    assert attestation.officer == ws.public_key
    record = json.loads(ws.parts.consent.scans(signed.release)[0])
    assert json.loads(record["statement"]) == said
    assert record["device"]["algorithm"] == "Ed25519"
    assert ws.subjects.show_references(signed.subject)
    assert ws.releases.receipt(signed.release)["dpv:hasRecordOfActivity"]
    assert "on a page" in ws.releases.receipt_text(signed.release)
    assert ws.audit(deep=True).ok
    ws.releases.withdraw(signed.release)
    assert ws.releases.show(signed.release).today == "withdrawn"


def test_a_release_that_was_signed_on_a_page_clears_pictures(studio: Studio, ws: Workspace) -> None:
    session, picture = opened(ws), studio._picture(["ada"], scale=2)
    signed = ws.signings.receive(session.token, phone(ws).sealed(statement(session, (picture,)), (picture,)))
    studio.photo("ada")
    ws.add([studio.folder / "inbox"], shoot="march")
    assert ws.clear("generative-training").totals["cleared"] == 1
    assert ws.releases.show(signed.release).is_in_force


def test_erasing_whoever_signed_leaves_nothing_and_the_session_names_them_no_more(
    studio: Studio, ws: Workspace
) -> None:
    session, picture = opened(ws), studio._picture(["ada"], scale=2)
    sealed = phone(ws).sealed(statement(session, (picture,)), (picture,))
    signed = ws.signings.receive(session.token, sealed)
    request = ws.requests.open("erasure", signed.subject, identity="in-person")
    ws.requests.run(request.id)
    assert ws.signings.show(session.id).signed == ()
    assert ws.audit(deep=True).ok
    # The phone sends once more what was signed before.
    with pytest.raises(RefusedError, match="erased since"):
        ws.signings.receive(session.token, sealed)
    assert not ws.subjects.list()


def test_what_is_sent_twice_is_kept_once(ws: Workspace) -> None:
    session = opened(ws, ask=["commercial"])
    sealed = phone(ws).sealed(statement(session))
    first = ws.signings.receive(session.token, sealed)
    assert ws.signings.receive(session.token, sealed) == first
    assert len(ws.subjects.list()) == len(ws.releases.list()) == 1


def test_a_signing_that_ends_in_the_middle_leaves_nothing(ws: Workspace) -> None:
    session = opened(ws, ask=["commercial"])
    sealed, consent = phone(ws).sealed(statement(session)), ws.parts.consent
    log = ws.parts.events.size
    for step in ("issue", "attest"):
        with pytest.MonkeyPatch.context() as patch:

            def fails(*_: object, **__: object) -> None:
                raise OSError("the disk is full")

            patch.setattr(consent, step, fails)
            with pytest.raises(OSError, match="full"):
                ws.signings.receive(session.token, sealed)
        assert not ws.subjects.list()
        assert ws.signings.list()[0].count == 0
    assert ws.parts.events.size == log
    assert ws.signings.receive(session.token, sealed).release == ws.releases.list()[0].id


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"session": "sgn_other"}, "another session"),
        ({"key": "short"}, "key"),
        ({"text_sha256": "0" * 64}, "Another text"),
        ({"language": "fr"}, "Another text"),
        ({"answers": {}}, "its answer"),
        ({"answers": {"commercial": True, "identification": True}}, "its answer"),
        ({"answers": {"commercial": "yes"}}, "true or false"),
        ({"photos": ["0" * 64]}, "photographs aren't"),
        ({"birth_date": "2015-01-01"}, "guardian has to sign"),
        ({"guardian": {"name": "Bea", "relation": "mother"}}, "without a guardian"),
        ({"mark": {"way": "drawn", "text": "", "strokes": []}}, "too few"),
        ({"mark": {"way": "typed", "text": " ", "strokes": []}}, "type the name"),
        ({"mark": {"way": "drawn", "text": "", "strokes": [[["a", 1, 2]]]}}, "lines of points"),
        ({"name": ""}, "name"),
        ({"birth_date": "17.5.1990"}, "calendar date"),
        ({"birth_date": "2999-01-01"}, "future|guardian"),
        ({"further": 1}, "isn't a field"),
    ],
)
def test_what_can_t_be_signed_is_refused_and_nothing_is_kept(
    ws: Workspace, change: dict[str, Any], told: str
) -> None:
    session = opened(ws, ask=["commercial"])
    with pytest.raises(UsageError, match=told):
        ws.signings.receive(session.token, phone(ws).sealed(statement(session, **change)))
    assert not ws.subjects.list()


def test_a_statement_that_the_device_did_not_sign_is_refused(ws: Workspace) -> None:
    session = opened(ws, ask=["commercial"])
    with pytest.raises(UsageError, match="device's signature"):
        ws.signings.receive(session.token, phone(ws).sealed(statement(session), forged=True))


@pytest.mark.parametrize("damage", [b"", b"\x01" * 200, b"{}"])
def test_what_doesn_t_open_is_refused(ws: Workspace, damage: bytes) -> None:
    session = opened(ws, ask=["commercial"])
    with pytest.raises(UsageError, match="doesn't open"):
        ws.signings.receive(session.token, damage)
    sealed = bytearray(phone(ws).sealed(statement(session)))
    sealed[-1] ^= 1
    with pytest.raises(UsageError, match="doesn't open"):
        ws.signings.receive(session.token, bytes(sealed))


def test_a_link_is_good_while_its_session_is_open_and_for_so_many_people(ws: Workspace, now: Now) -> None:
    session = opened(ws, ask=["commercial"], people=1, hours=1)
    late = phone(ws).sealed(statement(session, name="Bea Example"))
    ws.signings.receive(session.token, phone(ws).sealed(statement(session)))
    with pytest.raises(ConflictError, match="As many people"):
        ws.signings.receive(session.token, late)
    now.at += timedelta(hours=2)
    for call in (ws.signings.linked, lambda token: ws.signings.keep_draft(token, "k" * 43, {})):
        with pytest.raises(RefusedError, match="isn't good"):
            call(session.token)
    with pytest.raises(RefusedError, match="isn't good"):
        ws.signings.linked("x" * 43)
    with pytest.raises(NotFoundError):
        ws.signings.show("sgn_none")


def test_what_was_signed_without_a_network_is_taken_later(ws: Workspace, now: Now) -> None:
    session = opened(ws, ask=["commercial"], hours=1)
    sealed = phone(ws).sealed(statement(session))
    now.at += timedelta(days=1)
    ws.signings.close(session.id)
    signed = ws.signings.receive(session.token, sealed)
    assert ws.releases.show(signed.release).is_in_force
    assert ws.signings.receive(session.token, sealed) == signed
    now.at += timedelta(days=30)
    with pytest.raises(RefusedError, match="isn't good"):
        ws.signings.receive(session.token, phone(ws).sealed(statement(session)))


def test_a_guardian_signs_for_a_minor_and_a_witness_sees_them(ws: Workspace) -> None:
    session = opened(ws, ask=["commercial"], witness=True)
    born, mark = f"{date.today().year - 10}-01-01", statement(session)["mark"]
    guardian = {"name": "Bea Example", "relation": "mother"}
    witness = {"name": "Cid", "saw": "Bea Example", "mark": mark}
    said = {"birth_date": born, "guardian": guardian}
    for wrong in (None, {**witness, "saw": "Ada Example"}):
        with pytest.raises(UsageError, match="witness"):
            ws.signings.receive(session.token, phone(ws).sealed(statement(session, **said, witness=wrong)))
    signed = ws.signings.receive(session.token, phone(ws).sealed(statement(session, **said, witness=witness)))
    shown = ws.releases.show(signed.release)
    assert (shown.signed.roles, shown.release.evidence.witness) == (("guardian",), "Cid")
    assert shown.is_in_force


def test_a_photograph_that_nobody_can_be_enrolled_by_doesn_t_keep_the_release_out(ws: Workspace) -> None:
    session, broken = opened(ws), b"no picture"
    assert [each.value for each in ws.signings.look(session.token, broken)] == ["no-picture"]
    said = statement(session, (broken,))
    signed = ws.signings.receive(session.token, phone(ws).sealed(said, (broken,)))
    assert (signed.unusable, ws.releases.show(signed.release).release.shoot.references) == (1, ())


def test_a_draft_opens_only_with_its_key_and_goes_away_by_itself(ws: Workspace, now: Now) -> None:
    session, key, another = opened(ws), "k" * 43, opened(ws)
    ws.signings.keep_draft(session.token, key, {"name": "Ada Example"}, [b"photo"])
    found = ws.signings.draft(session.token, key)
    assert found is not None
    assert (found.fields, found.photos) == ({"name": "Ada Example"}, (b"photo",))
    assert ws.signings.draft(session.token, "j" * 43) is None
    assert ws.signings.draft(another.token, key) is None
    [row] = ws.parts.records.rows("signing-draft")
    assert b"Ada" not in row.body
    now.at += timedelta(days=3)
    ws.signings.keep_draft(opened(ws).token, "z" * 43, {})
    assert ws.parts.records.count("signing-draft") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"ask": []},
        {"ask": ["sing"]},
        {"law": "Germany"},
        {"language": ["fr"]},
        {"people": 0},
        {"hours": 0},
        {"hours": 24 * 40},
        {"controller": " "},
        {"first_day": date(2999, 1, 1)},
        {"valid_until": date(2000, 1, 1)},
        {"territory": []},
    ],
)
def test_a_session_that_can_t_be_is_refused(ws: Workspace, change: dict[str, Any]) -> None:
    with pytest.raises(VolentiError):
        opened(ws, **change)
    assert ws.signings.list() == []
