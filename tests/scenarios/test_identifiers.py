"""Nobody is recorded, asked about or erased under a name that the workspace uses for something else."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.studio import PURPOSE, Studio, reopened
from volenti.consent.subject import Subject
from volenti.core.errors import NotFoundError, RefusedError, UsageError, VolentiError
from volenti.requests.history import ErasureHistory, Private
from volenti.requests.identity import Identification, Identified
from volenti.requests.request import Request
from volenti.vault.owner import CONTROLLER, OwnerKind, check_chosen, is_chosen, kind_of

OURS = [
    "controller",
    "Controller",
    "quarantine",
    "quarantine-2026-11-22",
    "quarantine-x",
    "QUARANTINE-1",
    "own_" + "0a" * 16,
    "own_bob",
    "OWN_" + "0A" * 16,
    "run_" + "0" * 20,
    "run_x",
    "req_k3v5q2m7x4n6a2b5c7d2",
    "req_1",
    "unk_k3v5q2m7x4n6a2b5c7d2",
]
#: What is no identifier at all: paths, white space, letters that look like others, nothing.
IMPOSSIBLE = [
    "",
    " ",
    "..",
    ".",
    "../x",
    "a/b",
    "a\\b",
    "a\0b",
    "controller ",
    " controller",
    "controller\n",
    "con\u200btroller",
    "\u0441ontroller",
    "ｃontroller",
    "ann\u00a0",
    "-ann",
    "~",
    "a" * 65,
]


def named(identifier: str) -> Subject:
    return Subject("Legal Name", date(1990, 1, 1), id=identifier)


def forged(studio: Studio, subject: str, state: str = "opened", **private: Any) -> str:
    """A request as only somebody who has the workspace's keys can put it there."""
    request = Request(
        "req_forged",
        "erasure",
        subject,
        "2026-01-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
        state,
        history=ErasureHistory(identified=Identification(Identified.DOCUMENT, "2026-01-01T00:00:00Z")),
        private=Private("00" * 32, **private),
        number=99,
    )
    studio.parts.requests.keep(request)
    return request.id


@pytest.mark.parametrize("identifier", OURS)
def test_a_name_of_the_workspace_s_own_is_refused_at_every_way_in(tmp_path: Path, identifier: str) -> None:
    studio = Studio.open(tmp_path)
    ann = studio.person("ann")
    with pytest.raises(UsageError, match="workspace itself"):
        studio.parts.consent.add_subject(named(identifier))
    signed = studio.parts.consent.release("rel_ann").to_json()
    person = {**studio.parts.consent.subject(ann).to_json(), "id": identifier}
    release = {**signed["release"], "subject": identifier, "id": "rel_other"}
    table = tmp_path / "people.json"
    for signatures in (signed["signatures"], []):
        entry = {"subject": person, "release": release, "signatures": signatures}
        table.write_text(json.dumps([entry]))
        for dry_run in (True, False):
            report = studio.ws.releases.import_(table, dry_run=dry_run)
            assert report.refused
            assert any("workspace itself" in each.message for each in report.problems)
    for kind in ("erasure", "access", "restriction", "withdrawal"):
        with pytest.raises(VolentiError):
            studio.ws.requests.open(kind, identifier)
    for verb in (studio.parts.consent.withdraw, studio.parts.consent.restrict):
        with pytest.raises(VolentiError):
            verb(identifier)
    assert [each.id for each in studio.parts.consent.subjects()] == [ann]
    assert studio.ws.audit(deep=True).problems == []


@pytest.mark.parametrize("identifier", IMPOSSIBLE)
def test_what_is_no_identifier_is_refused_at_every_way_in(tmp_path: Path, identifier: str) -> None:
    studio = Studio.open(tmp_path)
    with pytest.raises(UsageError):
        named(identifier)
    with pytest.raises(VolentiError):
        studio.ws.requests.open("erasure", identifier, identity="in-person")
    forged(studio, identifier)
    with pytest.raises(VolentiError):
        studio.ws.requests.run("req_forged")
    assert studio.parts.records.count("certificate") == 0


def test_the_kinds_of_names() -> None:
    kinds = {
        "ann": OwnerKind.SUBJECT,
        "sub_k3v5q2m7x4n6a2b5c7d2": OwnerKind.SUBJECT,
        "controllers": OwnerKind.SUBJECT,
        "quarantined": OwnerKind.SUBJECT,
        "own_" + "a" * 31: OwnerKind.SUBJECT,
    }
    assert {name: kind_of(name) for name in kinds} == kinds
    assert [name for name in kinds if not is_chosen(name)] == ["own_" + "a" * 31]
    assert [name for name in OURS if is_chosen(name)] == []
    assert check_chosen("s042") == "s042"


def test_an_alias_is_nobody_s_name(tmp_path: Path) -> None:
    """Else her rows would go, her key stay, and a certificate say that nothing is left."""
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob")
    studio.clear()
    alias = studio.parts.records.alias("ann")
    for verb in (
        studio.parts.consent.subject,
        studio.parts.consent.withdraw,
        studio.parts.answers.make,
        lambda who: studio.ws.requests.open("erasure", who, identity="in-person"),
    ):
        with pytest.raises(NotFoundError):
            verb(alias)
    for state in ("opened", "frozen"):
        forged(studio, alias, state)
        with pytest.raises(VolentiError):
            studio.ws.requests.run("req_forged")
    studio.parts.records.delete("request", ["req_forged"])
    studio.parts.vault.destroy_key("req_forged")
    assert studio.parts.consent.withdrawals("ann") == []
    assert studio.ws.audit(deep=True).problems == []


@pytest.mark.parametrize("name", [CONTROLLER, "quarantine-2026-11-22", "nobody", "req_x", "unk_x"])
@pytest.mark.parametrize("state", ["opened", "frozen"])
def test_who_was_never_there_is_not_certified(tmp_path: Path, name: str, state: str) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann")
    studio.photo("zoe")
    studio.clear()
    keys, packs = studio.parts.vault.owners(), studio.parts.vault.prefixes()
    forged(studio, name, state)
    with pytest.raises(VolentiError):
        studio.ws.requests.run("req_forged")
    assert studio.parts.records.count("certificate") == 0
    assert set(keys) <= set(studio.parts.vault.owners())
    assert studio.parts.vault.prefixes() == packs


@pytest.mark.parametrize("name", [CONTROLLER, "quarantine-2026-11-22", "ann"])
def test_the_faces_of_nobody_are_not_certified_as_somebody_s(tmp_path: Path, name: str) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann")
    studio.clear()
    forged(studio, name, faces=("img_0.0",))
    with pytest.raises(UsageError):
        studio.ws.requests.run("req_forged")
    forged(studio, "unk_k3v5q2m7x4n6a2b5c7d2", faces=("img_0.0",))
    with pytest.raises(NotFoundError):
        studio.ws.requests.run("req_forged")
    assert studio.parts.records.count("certificate") == 0


def test_the_controller_s_key_and_the_quarantine_can_t_be_erased(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    with pytest.raises(UsageError):
        studio.parts.vault.destroy_key(CONTROLLER)
    for prefix in (CONTROLLER, "quarantine"):
        with pytest.raises(UsageError):
            studio.parts.vault.remove(prefix)


def earlier(studio: Studio, identifier: str) -> None:
    """Somebody recorded under a name of the workspace's own, as it could be done once."""
    register = studio.parts.consent._records
    register.keep_subject(named(identifier), "subject-added")


@pytest.mark.parametrize("identifier", [CONTROLLER, "quarantine-2026-11-22", "own_" + "0a" * 16, "run_x"])
def test_one_recorded_before_is_named_covers_nothing_and_isn_t_erased(
    tmp_path: Path, identifier: str
) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    studio.shoot("ann")
    studio.photo("ann", "_", "zoe")
    studio.clear()
    earlier(studio, identifier)
    ws = reopened(studio.ws.path)
    assert [each for each in ws.audit().problems if identifier in each]
    with pytest.raises(UsageError):
        ws.requests.open("erasure", identifier, identity="in-person")
    [question] = studio.parts.review.questions()
    with pytest.raises(RefusedError):
        studio.ws.review.decide(question.id, clear=True, subjects=[identifier], reviewer="eve")
    assert studio.ws.clear(PURPOSE).totals["cleared"] == 2
