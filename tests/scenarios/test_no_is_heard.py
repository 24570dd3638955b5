"""A no is heard by the model at once: whatever way it was said, nothing that learned from them is served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.studio import RECIPE, Studio
from volenti.consent.purpose import Grant, Grants
from volenti.consent.signature import Role
from volenti.core.errors import ConflictError, VolentiError
from volenti.training.recipe import Recipe

ALL = Recipe(shards=1, slices=2, samples_per_image=1, min_people=1, learning_rate=0.05)


class PowerCut(Exception):
    """Ends an erasure after a step."""


def withdraws(studio: Studio) -> None:
    studio.parts.consent.withdraw("ann")


def withdraws_the_purpose(studio: Studio) -> None:
    studio.parts.consent.withdraw("ann", grant=Grant.GENERATIVE_TRAINING)


def withdraws_the_templates(studio: Studio) -> None:
    studio.parts.consent.withdraw("ann", grant=Grant.BIOMETRIC_TEMPLATES)


def signs_another_release(studio: Studio) -> None:
    grants = Grants.only(*(each for each in Grant if each is not Grant.GENERATIVE_TRAINING))
    new = studio.parts.consent.supersede("rel_ann", grants=grants)
    studio.parts.consent.sign(new.id, studio.keys["ann"], Role.SUBJECT)


def restricts(studio: Studio) -> None:
    studio.parts.restrictions.run(studio.ws.requests.open("restriction", "ann").id)


def loses_the_template(studio: Studio) -> None:
    studio.parts.records.delete("template", [studio.parts.records.alias("ann")])


WAYS: dict[str, tuple[Callable[[Studio], None], str]] = {
    "everything withdrawn": (withdraws, "release-withdrawn"),
    "the purpose withdrawn": (withdraws_the_purpose, "release-withdrawn"),
    "the yes to templates taken back": (withdraws_the_templates, "no-template"),
    "a later release that says no": (signs_another_release, "purpose-not-granted"),
    "restricted": (restricts, "restricted"),
    "the template lost": (loses_the_template, "no-template"),
}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid")
    studio.trained(ALL)
    assert studio.ws.generate(["a man"]).asked == 1
    return studio


@pytest.mark.parametrize("way", WAYS)
def test_from_then_on_nothing_that_learned_from_them_is_served(studio: Studio, way: str) -> None:
    say_no, _ = WAYS[way]
    say_no(studio)
    run = studio.parts.training.run()
    assert studio.parts.training.model_store.constituents(run.id) == []
    with pytest.raises(ConflictError):
        studio.ws.generate(["a man"])


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_served_is_told_with_the_reason(studio: Studio, way: str) -> None:
    say_no, why = WAYS[way]
    say_no(studio)
    (suspension,) = studio.ws.suspensions()
    assert suspension.reasons == ((why, ("ann",)),)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "restricted"])
def test_training_again_leaves_them_out_and_serves_the_others(studio: Studio, way: str) -> None:
    say_no, _ = WAYS[way]
    say_no(studio)
    run = studio.parts.training.run()
    studio.parts.training.replay(run.id)
    (served,) = studio.parts.training.model_store.constituents(run.id)
    assert {who for who, _ in served.uses} == {"bob", "cid"}
    assert studio.ws.suspensions() == []
    (proof,) = studio.ws.prove_forgetting()
    assert proof.ok


def test_a_restriction_that_is_lifted_has_it_served_again_bit_for_bit(studio: Studio) -> None:
    run = studio.parts.training.run()
    before = studio.hashes(run.id)
    request = studio.ws.requests.open("restriction", "ann").id
    studio.parts.restrictions.run(request)
    assert studio.hashes(run.id) == {}
    studio.parts.restrictions.lift(request)
    assert studio.hashes(run.id) == before


def test_a_yes_taken_back_that_the_model_doesnt_rest_on_stops_nothing(studio: Studio) -> None:
    studio.parts.consent.withdraw("ann", grant=Grant.REDISTRIBUTION)
    assert studio.ws.suspensions() == []
    assert studio.ws.generate(["a man"]).asked == 1


def test_a_term_that_ends_is_heard_without_anybody_saying_anything(tmp_path: Path) -> None:
    now = [datetime(2026, 1, 20, 12, tzinfo=UTC)]
    studio = Studio.open(tmp_path, clock=lambda: now[0])
    studio.person("ann", flaw="expired")  # until the 1st of February
    studio.photo("ann")
    studio.shoot("bob", "cid")
    studio.trained(ALL)
    assert studio.ws.generate(["a man"]).asked == 1
    now[0] += timedelta(days=30)
    (suspension,) = studio.ws.suspensions()
    assert suspension.reasons == (("release-expired", ("ann",)),)
    with pytest.raises(ConflictError):
        studio.ws.generate(["a man"])


def test_a_corrected_shoot_asks_for_the_releases_of_the_new_one(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid")
    studio.clear()
    pictures = [each.id for each in studio.ws.pictures.find(person="ann").pictures]
    studio.ws.pictures.amend(pictures, shoot="autumn")
    studio.trained(ALL)
    studio.parts.consent.withdraw("ann", shoot="spring")
    assert studio.ws.suspensions() == []
    studio.ws.pictures.amend(pictures, shoot="spring", dry_run=True)
    assert studio.ws.suspensions() == []
    studio.ws.pictures.amend(pictures[:1], shoot="spring")
    (suspension,) = studio.ws.suspensions()
    assert [who for _, who in suspension.reasons] == [("ann",)]
    studio.ws.pictures.amend(pictures, shoot="autumn")
    assert studio.ws.suspensions() == []


#: Steps of an erasure after which the power may go.
STEPS = (
    "hold",
    "held",
    "compare works",
    "compared works",
    "freeze",
    "froze",
    "locate",
    "located",
    "erase model",
    "did erase model",
    "did erase key",
    "replay",
    "replayed",
    "certify",
    "certified",
    "scrub",
)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_an_erasure_leaves_nothing_served_that_knew_them(
    tmp_path: Path, step: str
) -> None:
    cut = [step]

    def watch(name: str) -> None:
        if cut and name == cut[0]:
            cut.clear()
            raise PowerCut(name)

    studio = Studio.open(tmp_path, watch=watch)
    studio.shoot("ann", "bob", "cid")
    studio.trained(ALL)
    request = studio.ws.requests.open("erasure", "ann", identity="in-person").id
    with pytest.raises(PowerCut):
        studio.ws.requests.run(request)
    for served in studio.parts.training.model_store.constituents(studio.parts.training.run().id):
        knew = {who for who, _ in served.uses}
        # Before the first step nobody has been told of the no.
        assert "ann" not in knew or step == "hold"
    try:
        edition = studio.ws.generate(["a man"])
    except ConflictError:
        pass
    else:
        assert edition.asked == 1
    studio.ws.requests.run(request)
    (proof,) = studio.ws.prove_forgetting()
    assert proof.ok


def test_who_says_no_while_pictures_are_drawn_is_in_none_that_is_handed_out(studio: Studio) -> None:
    draw = studio.parts.catalogue._draw

    def drawn(*given, **named):  # type: ignore[no-untyped-def]
        pixels = draw(*given, **named)
        studio.parts.consent.withdraw("ann")
        return pixels

    before = len(studio.parts.catalogue.ledger.works())
    studio.parts.catalogue._draw = drawn  # type: ignore[method-assign]
    with pytest.raises(VolentiError):
        studio.ws.generate(["a man"])
    assert len(studio.parts.catalogue.ledger.works()) == before


def test_a_part_with_too_few_people_left_is_told_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid")
    run = studio.trained(Recipe(shards=1, slices=2, samples_per_image=1, min_people=3, learning_rate=0.05))
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    assert studio.hashes(run) == {}
    assert [each.reasons for each in studio.ws.suspensions()] == [(("too-few", ()),)]
    assert list(studio.ws.prove_forgetting()) == []
    assert studio.parts.training.model_store.slices(run) == []
    assert studio.parts.vault.packs(run) == []
    assert studio.ws.audit(deep=True).ok


def test_what_is_not_served_is_neither_proved_nor_refuted(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid", "dee")
    run = studio.trained(RECIPE)
    knew = set(studio.parts.training.model_store.affected("ann"))
    studio.parts.consent.withdraw("ann", grant=Grant.GENERATIVE_TRAINING)
    proofs = {each.constituent: each for each in studio.ws.prove_forgetting()}
    assert {name: each.suspended for name, each in proofs.items() if each.suspended} == {
        name: {"release-withdrawn": ("ann",)} for name in knew
    }
    assert all(each.ok for name, each in proofs.items() if name not in knew)
    assert not any(each.ok or each.problems for name, each in proofs.items() if name in knew)
    studio.parts.training.replay(run)
    assert all(each.ok for each in studio.ws.prove_forgetting())


def test_what_was_trained_and_is_gone_is_said_to_have_to_learn_again(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid", "dee")
    run = studio.trained(RECIPE)
    assert studio.ws.suspensions() == []
    [one, *_] = studio.parts.training.model_store.constituents(run)
    studio.parts.training.model_store.drop_constituent(run, one.shard)
    assert [(each.what, each.reasons) for each in studio.ws.suspensions()] == [
        (f"{run}/{one.shard:02d}", (("untaught", ()),))
    ]
    studio.parts.training.replay(run)
    assert studio.ws.suspensions() == []


def test_pictures_of_whoever_can_t_be_recognised_are_left_out_of_a_training_and_counted(
    studio: Studio,
) -> None:
    assert studio.ws.train("humans", ALL).unrecognisable == 0
    loses_the_template(studio)
    report = studio.ws.train("humans", ALL)
    assert report.unrecognisable == len(list(studio.parts.records.rows("image", owner="ann"))) > 0
