"""A workspace that an earlier version made opens, holds what it held, and goes on."""

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.studio import reopened
from tests.workspaces.make import BEGAN, HERE, STOPPED, remains
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import Work
from volenti.clearance.decision import Decision
from volenti.clearance.image import Image
from volenti.clearance.policy import Policy
from volenti.consent.records import CANARY
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.canonical import Json, canonical
from volenti.core.codec import decoded, encoded
from volenti.datasets.snapshot import Entry, Page, Snapshot
from volenti.deliveries.delivery import Delivery
from volenti.erasure.certificate import verify
from volenti.kinds import KINDS
from volenti.requests.request import Request
from volenti.training.external_run import Delivery as HandedOut
from volenti.training.external_run import ExternalPart, ExternalRun
from volenti.training.run import Constituent, Run, Slice
from volenti.vault.blob import BlobRef
from volenti.vault.records import Record
from volenti.workspace.workspace import Workspace

MADE = sorted(path.stem for path in HERE.glob("*.zip"))


@pytest.fixture(params=MADE)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Workspace, Json]]:
    """The workspace, and what was written down of it when it was made."""
    at = tmp_path / "workspace"
    with zipfile.ZipFile(HERE / f"{request.param}.zip") as packed:
        packed.extractall(at)
    (at / "secret").chmod(0o700)
    said = json.loads((HERE / f"{request.param}.json").read_text())
    with reopened(at, clock=lambda: BEGAN + timedelta(days=5)) as ws:
        yield ws, said


def test_there_is_one() -> None:
    assert MADE


def test_it_holds_what_it_held(made: tuple[Workspace, Json]) -> None:
    ws, said = made
    found = remains(ws)
    # That version called cleared what it had cleared, also of those who had taken their yes back since.
    found["totals"]["cleared"] += found["totals"].pop("uncovered")
    assert found == said


#: How what a row says becomes what it stands for, and is written again.
FORMS: dict[str, Callable[[Record], Json]] = {
    "subject": lambda row: {**Subject.from_json(_but(row.body, CANARY)).to_json(), CANARY: row.body[CANARY]},
    "release": lambda row: {
        "signed": SignedRelease.from_json(row.body["signed"]).to_json(),
        "reference": encoded(decoded(BlobRef, row.body["reference"])),
    },
    "withdrawal": lambda row: Withdrawal.from_json(row.body).to_json(),
    "image": lambda row: encoded(Image.read(row.id, row.body)),
    "decision": lambda row: encoded(decoded(Decision, row.body, image=row.parent)),
    "policy": lambda row: Policy.model_validate(row.body).model_dump(mode="json"),
    "snapshot": lambda row: encoded(decoded(Snapshot, row.body)),
    "entry": lambda row: encoded(decoded(Entry, row.body, position=row.position, owners=row.owners)),
    "manifest": lambda row: Page.from_json(row.position, row.body).to_json(),
    "run": lambda row: encoded(decoded(Run, row.body, id=row.id)),
    "slice": lambda row: encoded(Slice.read(row.id, row.body)),
    "constituent": lambda row: encoded(Constituent.read(row.body, row.owners)),
    "guest-run": lambda row: encoded(decoded(ExternalRun, row.body, id=row.id)),
    "guest-part": lambda row: encoded(decoded(ExternalPart, row.body, run=row.parent)),
    "guest-delivery": lambda row: encoded(decoded(HandedOut, row.body)),
    "delivery": lambda row: encoded(decoded(Delivery, row.body, id=row.id)),
    "work": lambda row: encoded(Work.read(row.id, row.body)),
    "portrait": lambda row: Portrait.from_json(row.body).to_json(),
    "request": lambda row: Request.from_json(row.id, row.state, row.body, row.position).to_json(),
}
#: Rows that say a name or a number or two, for which there is no class.
PLAIN = {
    *("event", "journal", "consent", "restriction", "file", "mention", "template", "gallery", "renewal"),
    *("folder-person", "folder-file", "third-party-work", "drawer", "learned", "knew", "deletion"),
    *("retained", "certificate", "backup"),
}


def test_of_each_kind_of_row_the_same_bytes_are_written_again(made: tuple[Workspace, Json]) -> None:
    ws, said = made
    # Nothing of these is in the kept workspace.
    absent = {
        "acknowledgement",
        "likeness",
        "mirror",
        "recall",
        "third-party-detail",
        "erased-person",
        "left-out",
        "kept-questions",
        "wrong-claim",
        "look-alike",
        "look",
        "two-people",
        "api-answer",
        "api-token",
        "webhook",
        "job",
        "inquiry",
        "inquiry-link",
        "inquiry-photo",
        "portal-code",
        "portal-link",
        "portal-session",
        "request-copy",
        "request-link",
        "attempts",
        "letter",
        "base",
        "signing",
        "signing-draft",
        "signed-here",
        "user",
        "user-challenge",
        "user-factor",
        "user-link",
        "user-rule",
        "user-session",
    }
    assert set(said["rows"]) == {*FORMS, *PLAIN} == set(KINDS) - absent
    for kind, form in FORMS.items():
        for record in ws.parts.records.find(kind):
            if record.owners or kind != "entry":  # of a tombstone nothing is left
                assert canonical(form(record)) == canonical(record.body), (kind, record.id)


def _but(body: Json, name: str) -> Json:
    return {key: value for key, value in body.items() if key != name}


def test_its_certificates_verify(made: tuple[Workspace, Json]) -> None:
    ws, said = made
    certified = [request for request, *_ in said["rows"]["certificate"]]
    assert certified
    for request in certified:
        certificate = ws.parts.certification.certificate(request)
        assert (
            verify(json.dumps(certificate).encode(), ws.public_key).statement["predicate"]["request"]
            == request
        )


def test_what_was_begun_in_it_is_carried_through(made: tuple[Workspace, Json]) -> None:
    ws, _ = made
    for each in ws.parts.requests.unfinished():
        if each.kind == "withdrawal":
            ws.parts.withdrawals.run(each.id)
        elif each.kind == "restriction":
            ws.parts.restrictions.lift(each.id)
        elif each.kind == "objection":
            ws.parts.restrictions.uphold(each.id)
    assert len(ws.requests.run_all(identity="waived")) == 3
    assert ws.parts.requests.unfinished() == []
    assert {STOPPED, "ida"}.isdisjoint(each.id for each in ws.parts.consent.subjects())
    assert ws.audit(deep=True).problems == []
    assert all(each.ok for each in ws.prove_forgetting())
