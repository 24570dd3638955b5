"""Erasure, told as scenarios: interrupted anywhere, it ends with nothing left and nothing lost."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError, NotFoundError, UsageError
from volenti.core.signing import SigningKey
from volenti.erasure.certificate import verify
from volenti.perception.sight.faces import unit
from volenti.requests.history import Ground
from volenti.vault.ports import Row
from volenti.vault.records import Record

HOLDERS = (
    "model",
    "own models",
    "deliveries",
    "review queue",
    "manifests",
    "group pictures",
    "jobs",
    "letters",
    "register",
    "key",
    "photographs",
)
STEPS = [
    "hold",
    "held",
    "compare works",
    "compared works",
    "freeze",
    "froze",
    "locate",
    "located",
    *(f"{did}erase {holder}" for holder in HOLDERS for did in ("", "did ")),
    "replay",
    "replayed",
    "certify",
    "certified",
    "scrub",
    "scrubbed",
]


class PowerCut(Exception):
    """Stops a run where a test says."""


def ready(folder: Path, cut_at: list[str]) -> Studio:
    """Five people, a group picture, a trained model; `cut_at` names the step that fails, once."""

    def watch(step: str) -> None:
        if cut_at and step == cut_at[0]:
            cut_at.pop()
            raise PowerCut(step)

    studio = Studio.open(folder, watch)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.photo("ann", "bob", caption="a man and a woman")
    studio.trained(RECIPE)
    return studio


@pytest.mark.parametrize("step", STEPS)
def test_cut_off_at_any_step_it_goes_on_to_the_same_end(tmp_path: Path, step: str) -> None:
    cut = [step]
    studio = ready(tmp_path, cut)
    others = {row.id for row in studio.parts.records.rows("image", owner="cid")}
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    with pytest.raises(PowerCut):
        studio.ws.requests.run(request.id)
    outcome = studio.ws.requests.run(request.id)
    assert outcome.request.state == "done"
    assert verify(json.dumps(outcome.certificate).encode(), studio.ws.public_key)
    report = studio.ws.audit()
    assert report.problems == []
    assert list(studio.parts.records.owned("ann")) == []
    assert {row.id for row in studio.parts.records.rows("image", owner="cid")} == others
    for run in studio.parts.training.runs():
        for each in studio.parts.training.model_store.constituents(run.id):
            assert studio.parts.prover.prove(run, each.shard).sha256_scratch == each.sha256


def test_every_step_of_the_list_really_happens(tmp_path: Path) -> None:
    seen: list[str] = []
    studio = Studio.open(tmp_path, seen.append)
    studio.shoot("ann", "bob")
    studio.trained(RECIPE)
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    assert seen == STEPS


def test_from_the_first_step_nothing_serves_the_person(tmp_path: Path) -> None:
    studio = ready(tmp_path, ["froze"])
    with pytest.raises(PowerCut):
        studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    assert "ann" not in {
        o
        for e in [studio.ws.datasets.cut("later", PURPOSE)]
        for x in studio.parts.datasets.entries(e)
        for o in x.owners
    }


def test_who_is_erased_while_a_manifest_is_read_is_a_tombstone_in_it(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    snapshot = studio.parts.datasets.snapshot("humans")
    before = list(studio.parts.datasets.entries(snapshot))
    leaving = next(each.owners[0] for each in before if not set(each.owners) & set(before[0].owners))
    # The rows of all are read before the first is opened.
    reading = studio.parts.datasets.entries(snapshot)
    first = next(reading)
    studio.ws.requests.run(studio.ws.requests.open("erasure", leaving, identity="in-person").id)
    read = [first, *reading]
    assert [each.position for each in read] == [each.position for each in before]
    assert [each.is_tombstone for each in read] == [leaving in each.owners for each in before]


def test_an_erased_person_leaves_tombstones_and_nobody_moves(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    snapshot = studio.parts.datasets.snapshot("humans")
    before = list(studio.parts.datasets.entries(snapshot))
    commitments = studio.parts.datasets.commitments(snapshot)
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    after = list(studio.parts.datasets.entries(snapshot))
    assert studio.parts.datasets.commitments(snapshot) == commitments
    assert [e.position for e in after] == [e.position for e in before]
    for old, new in zip(before, after, strict=True):
        assert new.is_tombstone == ("ann" in old.owners)
        assert new.is_tombstone or new == old
        assert old.commitment() == commitments[old.position]
    verified = studio.parts.datasets.verify(snapshot)
    assert verified.ok
    assert verified.tombstones == sum("ann" in e.owners for e in before)


def test_a_request_is_sealed_while_it_names_somebody(tmp_path: Path) -> None:
    studio = ready(tmp_path, ["replay"])
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    with pytest.raises(PowerCut):
        studio.ws.requests.run(request.id)
    row = studio.parts.records.row("request", request.id)
    assert row is not None
    assert b"ann" not in row.body
    assert studio.parts.requests.find(request.id).subject == "ann"
    studio.ws.requests.run(request.id)
    assert not studio.parts.vault.has_key(request.id)
    assert studio.parts.requests.find(request.id).names_nobody


def test_a_request_names_nobody_when_it_is_done(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    outcome = studio.ws.requests.run(request.id)
    kinds = ("request", "certificate", "run", "snapshot")
    rows = [row for kind in kinds for row in studio.parts.records.rows(kind)]
    kept = json.dumps([row.body.decode(errors="replace") for row in rows])
    assert "ann" not in outcome.request.subject
    assert '"ann"' not in kept


def test_running_a_finished_request_again_returns_the_same_certificate(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    assert studio.ws.requests.run(request.id).certificate == studio.ws.requests.run(request.id).certificate


def test_opening_twice_is_one_request(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    assert (
        studio.ws.requests.open("erasure", "ann", identity="in-person").id
        == studio.ws.requests.open("erasure", "ann", identity="in-person").id
    )
    assert len(studio.parts.requests.all()) == 1


def test_a_request_for_somebody_unknown_or_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    with pytest.raises(NotFoundError):
        studio.ws.requests.open("erasure", "nobody", identity="in-person")
    with pytest.raises(UsageError):
        studio.ws.requests.open("revenge", "ann")


def test_a_plan_lists_everything_that_is_held_and_changes_nothing(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    rows = sorted((row.kind, row.id) for row in studio.parts.records.owned("ann"))
    plan = studio.ws.requests.plan(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    body = plan.to_json()
    assert set(body) >= {"holders", "constituents", "seconds", "full_seconds", "cost_ratio"}
    assert {each["holder"] for each in body["holders"]} == {
        "model",
        "manifests",
        "group pictures",
        "register",
        "key",
        "photographs",
    }
    assert body["constituents"]
    assert body["cost_ratio"] > 0
    kept = [(row.kind, row.id) for row in studio.parts.records.owned("ann") if row.kind != "event"]
    assert sorted(kept) == [each for each in rows if each[0] != "event"]


def test_a_finished_request_has_nothing_to_plan(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    studio.ws.requests.run(request.id)
    with pytest.raises(ConflictError):
        studio.ws.requests.plan(request.id)


def test_a_held_picture_that_may_show_them_goes_too(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob")
    ann, bob = studio.people["ann"], studio.people["bob"]
    aside = bob - (bob @ ann) * ann
    studio.people["somebody like ann"] = 0.4 * ann + (1 - 0.4**2) ** 0.5 * unit(np.roll(aside, 1))
    path = studio.photo("somebody like ann")
    studio.clear()
    near = [image for image, _ in studio.parts.review.queue() if any(f.subject == "ann" for f in image.faces)]
    assert len(near) == 1
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    assert path.exists(), "the user's own folder is never touched"
    assert studio.parts.review.queue() == []


def test_a_certificate_is_refused_with_a_strangers_key(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    certificate = studio.ws.requests.run(
        studio.ws.requests.open("erasure", "ann", identity="in-person").id
    ).certificate
    with pytest.raises(IntegrityError):
        verify(json.dumps(certificate).encode(), SigningKey.new().public)


def test_the_certificate_tells_counts_hashes_and_no_names(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    certificate = studio.ws.requests.run(
        studio.ws.requests.open("erasure", "ann", identity="in-person").id
    ).certificate
    found = verify(json.dumps(certificate).encode(), studio.ws.public_key).statement
    predicate = found["predicate"]
    assert predicate["erased"]["key"]["items"] == 1
    assert predicate["constituents_before"] != predicate["constituents_after"]
    assert all(count == 0 for count in predicate["attested"].values())
    assert '"ann"' not in json.dumps(found)
    assert "Legal ann" not in json.dumps(found)


def test_somebody_who_comes_back_is_a_new_subject(tmp_path: Path) -> None:
    studio = ready(tmp_path, [])
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    with pytest.raises((KeyDestroyedError, ConflictError)):
        studio.person("ann")
    studio.shoot("ann-again")
    assert studio.clear()["cleared"] > 0


def test_an_erasure_opens_no_requests_of_others_that_are_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened_by_an_erasure(folder: Path, others: int) -> int:
        studio = Studio.open(folder)
        studio.shoot("ann", "bob")
        studio.clear()
        ws = studio.ws
        for _ in range(others):
            ws.parts.requests.refuse(
                ws.requests.open("access", "ann", identity="in-person"), Ground.UNFOUNDED
            )
        kept = ws.parts.requests.refuse(
            ws.requests.open("access", "bob", identity="in-person"), Ground.UNFOUNDED
        )
        opened = ws.parts.records.opened
        seen: list[str] = []

        def counted(row: Row) -> Record:
            seen.extend([row.id] if row.kind == "request" else [])
            return opened(row)

        monkeypatch.setattr(ws.parts.records, "opened", counted)
        ws.requests.run(ws.requests.open("erasure", "bob", identity="in-person").id)
        assert ws.parts.requests.find(kept.id).names_nobody
        return len(seen)

    assert opened_by_an_erasure(tmp_path / "few", 1) == opened_by_an_erasure(tmp_path / "many", 30)
