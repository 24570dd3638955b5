"""Somebody has the use of what is theirs restricted, or objects: everything is kept, and nothing is used."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.clearance.access import ANSWER_SECONDS
from volenti.clearance.policyfile import policy_for
from volenti.consent.purpose import Grant
from volenti.core.errors import ConflictError, RefusedError
from volenti.requests.history import Ground
from volenti.requests.request import Request


def studio_of(folder: Path) -> tuple[Studio, str]:
    studio = Studio.open(folder)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.photo("ann", "_", "bob")
    return studio, studio.trained(RECIPE)


def restricted(studio: Studio, who: str, kind: str = "restriction") -> Request:
    done = studio.parts.restrictions.run(studio.ws.requests.open(kind, who).id)
    time.sleep(ANSWER_SECONDS)
    return done


def readable(studio: Studio, who: str) -> int:
    rows = studio.parts.records.rows("image", owner=who)
    return sum(studio.parts.access.refusal(row.id, PURPOSE, "WORLD") is None for row in rows)


def kept(studio: Studio, who: str) -> dict[str, int]:
    """How many rows of each kind are theirs, but the events."""
    found: dict[str, int] = {}
    for row in studio.parts.records.owned(who):
        if row.kind not in ("event", "restriction"):
            found[row.kind] = found.get(row.kind, 0) + 1
    return found


@pytest.mark.parametrize("kind", ["restriction", "objection"])
def test_nothing_is_used_and_everything_is_kept(tmp_path: Path, kind: str) -> None:
    studio, run = studio_of(tmp_path)
    before, others = kept(studio, "ann"), readable(studio, "cid")
    affected = studio.parts.training.model_store.affected("ann")
    done = restricted(studio, "ann", kind)
    assert done.state == "in-force"
    assert sorted(done.restriction.suspended) == sorted(affected)
    assert (readable(studio, "ann"), readable(studio, "cid")) == (0, others)
    served = {f"{run}/{each.shard:02d}" for each in studio.parts.training.model_store.constituents(run)}
    assert not served & set(affected)
    assert kept(studio, "ann") == before
    assert studio.ws.audit(deep=True).problems == []


def test_judging_anew_throws_nothing_of_theirs_away(tmp_path: Path) -> None:
    studio, _ = studio_of(tmp_path)
    before = kept(studio, "ann")
    restricted(studio, "ann")
    for purpose in ("non-generative-training", PURPOSE):
        studio.ws.clear(policy=policy_for(purpose, "WORLD"))
    studio.ws.clear(PURPOSE, territory="DE")
    assert kept(studio, "ann") == before


def test_a_new_picture_of_theirs_is_not_cleared(tmp_path: Path) -> None:
    studio, _ = studio_of(tmp_path)
    restricted(studio, "ann")
    cleared = studio.ws.status().totals["cleared"]
    studio.photo("ann")
    studio.clear()
    assert studio.ws.status().totals["cleared"] == cleared


def test_lifting_it_undoes_all_of_it(tmp_path: Path) -> None:
    studio, run = studio_of(tmp_path)
    before, hashes, could = kept(studio, "ann"), studio.hashes(run), readable(studio, "ann")
    request = restricted(studio, "ann")
    assert studio.parts.restrictions.lift(request.id).state == "done"
    time.sleep(ANSWER_SECONDS)
    assert (kept(studio, "ann"), studio.hashes(run), readable(studio, "ann")) == (before, hashes, could)
    with pytest.raises(ConflictError):
        studio.parts.restrictions.lift(request.id)


def test_what_two_people_are_in_is_served_once_both_allow_it(tmp_path: Path) -> None:
    studio, run = studio_of(tmp_path)
    hashes = studio.hashes(run)
    first, second = (restricted(studio, who) for who in ("ann", "bob"))
    studio.parts.restrictions.lift(first.id)
    shared = set(studio.parts.training.model_store.affected("bob"))
    served = {f"{run}/{each.shard:02d}" for each in studio.parts.training.model_store.constituents(run)}
    assert not served & shared
    studio.parts.restrictions.lift(second.id)
    assert studio.hashes(run) == hashes


def test_two_of_one_person_are_both_to_be_ended(tmp_path: Path) -> None:
    studio, _ = studio_of(tmp_path)
    first, second = restricted(studio, "ann"), restricted(studio, "ann", "objection")
    studio.parts.restrictions.lift(first.id)
    time.sleep(ANSWER_SECONDS)
    assert readable(studio, "ann") == 0
    studio.parts.restrictions.refuse(second, Ground.OVERRIDING)
    time.sleep(ANSWER_SECONDS)
    assert readable(studio, "ann") > 0


def test_an_objection_that_is_upheld_makes_the_model_forget(tmp_path: Path) -> None:
    studio, run = studio_of(tmp_path)
    pictures = kept(studio, "ann")["image"]
    request = restricted(studio, "ann", "objection")
    done = studio.parts.restrictions.uphold(request.id)
    assert done.state == "done"
    assert studio.parts.training.model_store.affected("ann") == []
    assert kept(studio, "ann")["image"] == pictures
    for each in studio.parts.training.model_store.constituents(run):
        assert (
            studio.parts.prover.prove(studio.parts.training.run(run), each.shard).sha256_scratch
            == each.sha256
        )
    assert studio.parts.consent.restricted() == frozenset()
    assert readable(studio, "ann") == 0
    assert studio.ws.audit(deep=True).problems == []


def test_a_yes_taken_back_meanwhile_costs_no_more_than_it_must(tmp_path: Path) -> None:
    studio, run = studio_of(tmp_path)
    hashes = studio.hashes(run)
    request = restricted(studio, "ann")
    withdrawal = studio.ws.requests.open("withdrawal", "ann", grant=Grant.COMMERCIAL)
    assert studio.parts.withdrawals.run(withdrawal.id).withdrawal.dropped == ()
    studio.parts.restrictions.lift(request.id)
    assert studio.hashes(run) == hashes


def test_the_yes_to_training_taken_back_meanwhile_is_forgotten(tmp_path: Path) -> None:
    studio, _ = studio_of(tmp_path)
    request = restricted(studio, "ann")
    withdrawal = studio.ws.requests.open("withdrawal", "ann", grant=Grant.GENERATIVE_TRAINING)
    assert studio.parts.withdrawals.run(withdrawal.id).withdrawal.dropped
    studio.parts.restrictions.lift(request.id)
    assert studio.parts.training.model_store.affected("ann") == []


def test_an_objection_that_is_refused_leaves_everything_as_it_was(tmp_path: Path) -> None:
    studio, run = studio_of(tmp_path)
    hashes = studio.hashes(run)
    request = restricted(studio, "ann", "objection")
    done = studio.parts.restrictions.refuse(request, Ground.OVERRIDING)
    assert (done.state, done.history.refused.article) == ("refused", "Art. 21(1)")
    assert studio.hashes(run) == hashes


def test_who_is_restricted_can_be_erased(tmp_path: Path) -> None:
    studio, _ = studio_of(tmp_path)
    request = restricted(studio, "ann")
    erasure = studio.ws.requests.open("erasure", "ann", identity="in-person")
    studio.ws.requests.run(erasure.id, overtake=True)
    assert studio.ws.audit(deep=True).problems == []
    assert studio.parts.requests.find(request.id).state == "overtaken"
    assert studio.parts.consent.restricted() == frozenset()


def test_it_is_repeated_harmlessly_and_never_overdue(tmp_path: Path) -> None:
    studio, _ = studio_of(tmp_path)
    request = restricted(studio, "ann")
    assert studio.parts.restrictions.run(request.id) == studio.parts.requests.find(request.id)
    assert studio.parts.requests.overdue() == []
    assert studio.ws.requests.run(request.id).request == studio.parts.requests.find(request.id)
    with pytest.raises(ConflictError):
        studio.parts.restrictions.uphold(request.id)


def test_the_answer_to_a_reader_says_why(tmp_path: Path) -> None:
    studio, _ = studio_of(tmp_path)
    [image, *_] = [row.id for row in studio.parts.records.rows("image", owner="ann")]
    restricted(studio, "ann")
    with pytest.raises(RefusedError, match="restricted at their request"):
        studio.parts.access.image(image, PURPOSE, "WORLD")


def test_what_waits_is_not_refused_as_a_strangers_while_it_may_be_theirs(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    studio.person("bob")
    studio.photo("ann")
    studio.photo("bob")
    studio.ws.add([studio.folder / "inbox"])
    request = studio.ws.requests.open("restriction", "ann").id
    studio.parts.restrictions.run(request)
    assert studio.clear() == {**studio.ws.status().totals, "cleared": 1, "waiting": 1, "rejected": 0}
    studio.parts.restrictions.lift(request)
    assert studio.clear()["cleared"] == 2
