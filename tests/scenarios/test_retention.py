"""What a law demands to keep of somebody who is erased: the least, sealed, named, and gone on its day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.studio import Studio
from volenti.core.canonical import canonical
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.erasure.certificate import verify
from volenti.erasure.certificatepage import certificate_page
from volenti.requests.history import Ground

CANARIES = [b"Legal bob", b"bob@example.org"]
UNTIL = date(2029, 12, 31)


class Days:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def ready(folder: Path) -> tuple[Studio, Days]:
    clock = Days()
    studio = Studio.open(folder, clock=clock, on_disk=True)
    studio.shoot("ann", "bob")
    studio.clear()
    return studio, clock


def test_the_least_is_kept_and_the_certificate_says_so(tmp_path: Path) -> None:
    studio, _ = ready(tmp_path)
    ws = studio.ws
    request = ws.parts.requests.retain(
        ws.requests.open("erasure", "bob", identity="in-person"), Ground.CLAIMS, UNTIL
    )
    outcome = ws.requests.run(request.id)

    kept = ws.parts.retention.of(request.id)
    assert kept["release"][0]["release"]["legal_name"] == "Legal bob"
    assert len(kept["withdrawal"]) == 1
    checked = verify(canonical(outcome.certificate), ws.public_key)
    assert checked.statement["predicate"]["kept"] == {
        "ground": "legal-claims",
        "article": "Art. 17(3)(e)",
        "until": "2029-12-31",
        "kept": {"signed releases": 1, "withdrawals": 1},
    }
    page = certificate_page(checked, ws.public_key)
    assert any("Art. 17(3)(e)" in text for each in page.sections for text in each.paragraphs)

    report = ws.audit(CANARIES, deep=True)
    assert (report.problems, report.residue) == ([], 0)
    assert not ws.parts.vault.has_key("bob")
    assert [each.id for each in ws.parts.consent.subjects()] == ["ann"]


def test_it_goes_on_its_day(tmp_path: Path) -> None:
    studio, clock = ready(tmp_path)
    ws = studio.ws
    request = ws.parts.requests.retain(
        ws.requests.open("erasure", "bob", identity="in-person"), Ground.OBLIGATION, UNTIL
    )
    ws.requests.run(request.id)
    clock.now = datetime(2029, 12, 31, 12, tzinfo=UTC)
    assert (ws.parts.retention.expire(), ws.audit().problems) == (0, [])
    clock.now = datetime(2030, 1, 1, 12, tzinfo=UTC)
    assert any("beyond its day" in each for each in ws.audit().problems)
    studio.clear()
    with pytest.raises(NotFoundError):
        ws.parts.retention.of(request.id)
    assert ws.audit(deep=True).problems == []


def test_without_being_asked_nothing_is_kept(tmp_path: Path) -> None:
    studio, _ = ready(tmp_path)
    ws = studio.ws
    request = ws.requests.open("erasure", "bob", identity="in-person")
    outcome = ws.requests.run(request.id)
    assert "kept" not in verify(canonical(outcome.certificate), ws.public_key).statement["predicate"]
    with pytest.raises(NotFoundError):
        ws.parts.retention.of(request.id)


def test_only_what_the_law_knows_may_be_asked_for(tmp_path: Path) -> None:
    studio, _ = ready(tmp_path)
    ws = studio.ws
    request = ws.requests.open("erasure", "bob", identity="in-person")
    with pytest.raises(UsageError, match="doesn't say"):
        ws.parts.requests.retain(request, Ground.UNFOUNDED, UNTIL)
    with pytest.raises(UsageError, match="future"):
        ws.parts.requests.retain(request, Ground.CLAIMS, date(2026, 6, 1))
    with pytest.raises(ConflictError):
        ws.parts.requests.retain(
            ws.requests.open("access", "ann", identity="in-person"), Ground.CLAIMS, UNTIL
        )
    ws.requests.run(request.id)
    with pytest.raises(ConflictError):
        ws.parts.requests.retain(ws.parts.requests.find(request.id), Ground.CLAIMS, UNTIL)
