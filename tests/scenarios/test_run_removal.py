"""A run is removed: what it trained is gone, what it drew can still be called back, and others go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.scenarios.test_interrupted_training import killed_at
from tests.studio import PURPOSE, RECIPE, Studio
from volenti.core.errors import ConflictError, IntegrityError, NotFoundError

OTHER = replace(RECIPE, slices=3)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.trained()
    return studio


def rows_of(studio: Studio, run: str) -> int:
    records = studio.parts.records
    kinds = ("slice", "constituent", "guest-part")
    own = sum(records.row(kind, run) is not None for kind in ("run", "guest-run"))
    return own + sum(records.count(kind, parent=run) for kind in kinds)


def script(studio: Studio, folder: Path) -> str:
    """A run of a script with one part; returns its name."""
    own = folder / "own.bin"
    own.write_bytes(b"weights")
    with studio.ws.runs.begin("mine", dataset="humans", code=[own], min_people=1) as run:
        for part in run.parts():
            part.keep(own)
    return "mine"


def test_what_it_trained_is_gone_and_what_it_drew_is_on_record(studio: Studio) -> None:
    first = studio.parts.training.run().id
    second = studio.ws.train("humans", OTHER).run
    drawn = studio.ws.generate(["a man"]).drawn
    would = studio.ws.runs.remove(second, dry_run=True)
    assert (would.id, would.dataset, would.is_damaged, would.external_parts) == (second, "humans@1", False, 0)
    assert would.constituents == len(studio.hashes(second)) > 0
    assert would.slices > 0
    assert would.bytes > 0
    assert studio.ws.generate(["a man"]).run == second
    assert studio.ws.runs.remove(second) == would
    assert rows_of(studio, second) == 0
    assert studio.parts.vault.packs(second) == []
    assert [each.id for each in studio.ws.runs.list()] == [first]
    assert studio.ws.generate(["a man"]).run == first
    assert {each.work.id for each in drawn} <= {each.id for each in studio.parts.catalogue.ledger.works()}
    assert studio.ws.prove_forgetting().ok
    assert studio.ws.audit(deep=True).problems == []
    with pytest.raises(NotFoundError):
        studio.ws.runs.remove(second)


def test_works_of_a_removed_run_are_still_called_back(studio: Studio) -> None:
    run = studio.parts.training.run().id
    studio.ws.generate(["a man"], count=3)
    knew = studio.parts.catalogue.ledger
    before = len(knew.works())
    studio.ws.runs.remove(run)
    outcome = studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    assert outcome.request.erasure.works.compared == before
    assert studio.ws.audit(deep=True).problems == []


def test_it_can_be_trained_again_with_the_same_bits(studio: Studio) -> None:
    run = studio.parts.training.run().id
    before = studio.hashes(run)
    studio.ws.runs.remove(run)
    with pytest.raises(NotFoundError):
        studio.ws.generate(["a man"])
    assert studio.ws.train("humans", RECIPE).run == run
    assert studio.hashes(run) == before
    assert studio.ws.audit(deep=True).problems == []
    # Once it was begun anew, it may not be taken out of the register in silence.
    studio.parts.records.delete("run", [run])
    assert any(f"run {run} is in the log" in each for each in studio.ws.audit().problems)


def test_a_run_of_a_script_is_removed_by_its_name(studio: Studio, tmp_path: Path) -> None:
    name = script(studio, tmp_path)
    would = studio.ws.runs.remove(name, dry_run=True)
    assert (would.name, would.external_parts, would.constituents) == (name, 1, 0)
    studio.ws.runs.remove(name)
    assert rows_of(studio, would.id) == 0
    assert studio.parts.vault.packs(would.id) == []
    assert studio.ws.audit(deep=True).problems == []


def test_what_somebody_was_handed_out_stays(studio: Studio, tmp_path: Path) -> None:
    name = script(studio, tmp_path)
    studio.ws.runs.deliver(name, tmp_path / "out.bin", "Example Ltd")
    for dry_run in (True, False):
        with pytest.raises(ConflictError, match="handed out"):
            studio.ws.runs.remove(name, dry_run=dry_run)
    assert [each.recipients for each in studio.ws.runs.show(name).kept] == [("Example Ltd",)]


def test_it_is_interrupted_anywhere_and_removed_by_the_same_call(tmp_path: Path) -> None:
    number, is_through = 0, False
    while not is_through:
        studio = Studio.open(tmp_path / str(number))
        studio.shoot("ann", "bob", "cid", "dee")
        first = studio.trained()
        second = studio.ws.train("humans", OTHER).run
        with killed_at(studio, number) as done:
            studio.ws.runs.remove(second)
        is_through = len(done) <= number
        if not is_through:
            assert rows_of(studio, second)
            studio.ws.runs.remove(second)
        assert rows_of(studio, second) == 0
        assert studio.parts.vault.packs(second) == []
        assert studio.ws.generate(["a man"]).run == first
        assert studio.ws.audit(deep=True).problems == []
        number += 1
    assert number > 3


def an_erasure_has_begun(studio: Studio, run: str) -> None:
    """Its constituents are named by a request that isn't through when the run is removed."""
    request = studio.ws.requests.open("erasure", "ann", identity="in-person").id

    class Interrupted(Exception):
        pass

    def interrupt(*given: object, **named: object) -> None:
        raise Interrupted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(studio.parts.training, "replay", interrupt)
        with pytest.raises(Interrupted):
            studio.ws.requests.run(request)
    studio.ws.runs.remove(run)
    assert studio.ws.requests.run(request).request.state == "done"


def test_a_run_that_is_removed_in_the_middle_of_an_erasure_stops_it_not(studio: Studio) -> None:
    an_erasure_has_begun(studio, studio.parts.training.run().id)
    assert studio.ws.audit(deep=True).problems == []


def damage_row(studio: Studio, kind: str, identifier: str) -> None:
    """Other bytes are stored than were sealed."""
    register = studio.parts.adapters.register
    row = register.get(kind, identifier)
    assert row is not None
    register.put([replace(row, body=row.body[:-1] + bytes([row.body[-1] ^ 1]))])


def run_row(studio: Studio, run: str) -> None:
    damage_row(studio, "run", run)


def slice_row(studio: Studio, run: str) -> None:
    damage_row(studio, "slice", next(studio.parts.records.rows("slice", parent=run)).id)


def constituent_row(studio: Studio, run: str) -> None:
    damage_row(studio, "constituent", next(studio.parts.records.rows("constituent", parent=run)).id)


def constituent_pack(studio: Studio, run: str) -> None:
    pack = next(each for each in studio.parts.vault.packs(run) if "-" not in each)
    studio.parts.vault.remove_packs(run, [pack])


def slice_pack(studio: Studio, run: str) -> None:
    pack = next(each for each in studio.parts.vault.packs(run) if "-" in each)
    studio.parts.vault.remove_packs(run, [pack])


def every_pack(studio: Studio, run: str) -> None:
    studio.parts.vault.remove(run)


DAMAGES = [run_row, slice_row, constituent_row, constituent_pack, slice_pack, every_pack]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_is_named_by_a_proof_of_the_others_and_can_be_removed(
    studio: Studio, damage: Callable[[Studio, str], None]
) -> None:
    first = studio.parts.training.run().id
    second = studio.ws.train("humans", OTHER).run
    damage(studio, second)
    proofs = list(studio.ws.prove_forgetting())
    mine = [each for each in proofs if each.constituent.startswith(second)]
    assert any(each.problems for each in mine)
    others = [each for each in proofs if each not in mine]
    assert others
    assert all(each.ok and each.constituent.startswith(first) for each in others)
    assert {each.id for each in studio.ws.runs.list()} == {first, second}
    studio.ws.suspensions()
    assert studio.ws.audit(deep=True).problems
    would = studio.ws.runs.remove(second)
    assert would.is_damaged == (damage is run_row)
    assert studio.ws.prove_forgetting().ok
    assert studio.ws.generate(["a man"]).run == first
    assert studio.ws.audit(deep=True).problems == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_keeps_nobody_from_training_others(
    studio: Studio, damage: Callable[[Studio, str], None]
) -> None:
    damage(studio, studio.parts.training.run().id)
    studio.shoot("eve")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    report = studio.ws.train("humans", RECIPE)
    assert studio.ws.generate(["a man"]).run == report.run


@pytest.mark.parametrize("damage", DAMAGES)
def test_somebody_is_erased_whatever_run_is_damaged(
    studio: Studio, damage: Callable[[Studio, str], None]
) -> None:
    first = studio.parts.training.run().id
    second = studio.ws.train("humans", OTHER).run
    damage(studio, second)
    request = studio.ws.requests.open("erasure", "ann", identity="in-person").id
    try:
        studio.ws.requests.run(request)
    except IntegrityError:
        # What of hers is in it can't be said, so it has to go before her erasure goes on.
        studio.ws.runs.remove(second)
        studio.ws.requests.run(request)
    assert studio.ws.requests.show(request).state == "done"
    assert not studio.parts.training.model_store.held("ann")
    assert all(each.ok for each in studio.ws.prove_forgetting() if each.constituent.startswith(first))
