"""Works when somebody says no: what is known of them and a work is theirs, nothing is drawn blind, and what
was drawn by what knew them is compared with them, counted, and called back where it has to be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.catalogue.work import Rule, WithdrawnWork, Work
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, VolentiError
from volenti.erasure.certificate import verify
from volenti.perception.sight.faces import Face, unit
from volenti.training.run import shard_in
from volenti.training.serving_consent import ServingConsent

PEOPLE = ("ann", "bob", "cid", "dee", "eve")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return ready(tmp_path)


def ready(folder: Path, watch: Callable[[str], None] = lambda step: None) -> Studio:
    studio = Studio.open(folder, watch)
    studio.shoot(*PEOPLE)
    studio.trained(RECIPE)
    return studio


def drawn(studio: Studio, count: int = 12, seed: int = 0) -> list[Work]:
    return [each.work for each in studio.ws.generate(["a man"] * count, seed=seed).drawn]


def faced(studio: Studio, template: np.ndarray, *seeds: int) -> None:
    """Have the works of these seeds show a face with this template."""
    for seed in seeds:
        (found,) = studio.ws.generate(["a man"], seed=seed, tries=1).drawn
        studio.detector.tell(
            found.pixels, [Face((8, 8, 40, 40), 0.9, np.zeros((5, 2), np.float32), unit(template))]
        )


def readable(studio: Studio) -> str:
    """Everything that the register holds and somebody can still open, as text."""
    found = []
    for kind in studio.parts.records.kinds():
        for row in studio.parts.records.rows(kind):
            try:
                found.append([row.kind, row.id, studio.parts.records.opened(row).body])
            except VolentiError:
                continue
    return json.dumps(found)


# -- what is known of somebody and a work


def test_no_row_but_theirs_says_how_near_a_work_comes_to_anybody(studio: Studio) -> None:
    rng = np.random.default_rng(1)
    faced(studio, rng.normal(size=128), *range(4))
    edition = studio.ws.generate(["a man"] * 4, seed=0)
    assert len(edition.drawn) == 4
    scores = {f"{near.score}" for each in edition.drawn for near in each.likeness.nearnesses.values()}
    assert scores
    kept = readable(studio)
    assert not [score for score in scores if score in kept]
    assert studio.parts.records.count("likeness") == 0
    # It is looked up again when somebody asks.
    for each in edition.drawn:
        assert studio.parts.catalogue.likeness(each.work) == each.likeness


def test_works_of_earlier_versions_are_cleaned_by_the_next_erasure(studio: Studio) -> None:
    records, ledger = studio.parts.records, studio.parts.catalogue.ledger
    run = studio.parts.training.run().id
    mine = {shard_in(name) for name in studio.parts.training.model_store.affected("ann")}
    assert mine == {0} or mine == {1}
    body: Json = {
        "run": run,
        "prompt": "a man",
        "seed": 1,
        "guidance": 2.5,
        "steps": 16,
        "created": "2026-11-22T00:00:00Z",
        "size_px": None,
    }
    near, far = {"score": 4.4321, "limit": 2.0}, {"score": 0.1234, "limit": 2.0}
    for name, shard, face, owner in (
        ("wrk_of_hers", mine, far, "ann"),
        ("wrk_of_others", {0, 1} - mine, far, "bob"),
        ("wrk_for_ann", mine, near, "ann"),
        ("wrk_for_bob", mine, near, "bob"),
        ("wrk_gone", mine, near, ""),
    ):
        likeness = {"faces": 1, "face": face}
        said = {
            "constituent": min(shard),
            "sha256": sha256(name.encode()),
            "likeness": likeness,
            "refused": ["face"] if face is near else [],
        }
        records.put("work", name, {**body, **said})
        if owner:
            records.put("likeness", f"{name}/face", face, owners=(owner,), parent=name)
    told: Json = {"works": [], "refused": [sha256(b"wrk_for_ann"), sha256(b"wrk_for_bob")]}
    studio.parts.events.record("works-generated", told)
    assert len(ledger.works()) == 5
    request, said = erased(studio)
    kept = readable(studio)
    for each in ("4.4321", "0.1234", sha256(b"wrk_for_ann")):
        assert each not in kept
    assert [each.id for each in ledger.works(refused=True)] == ["wrk_for_bob"]
    assert ledger.too_near_to("wrk_for_bob") == ("bob",)
    # Nobody knows whom its constituent had learned from then, and it can't be compared: it is called back.
    assert [each.id for each in ledger.withdrawn()] == ledger.knew(request) == ["wrk_of_hers"]
    assert said == {"drawn": 1, "compared": 0, "withdrawn": 1, "rule": "near"}
    assert [each.id for each in ledger.works(refused=False)] == ["wrk_of_others"]
    assert studio.ws.audit(deep=True).problems == []


def world(folder: Path, ann: int) -> tuple[Studio, set[str]]:
    """A story in which ann's face and pictures are these, and no other; works she has nothing to do with."""
    studio = Studio.open(folder)
    studio.people["ann"] = unit(np.random.default_rng(ann).normal(size=128))
    studio.shoot(*PEOPLE)
    _repainted(studio, "ann", ann)
    studio.trained(RECIPE)
    for seed in range(6):
        faced(studio, np.random.default_rng([9, seed]).normal(size=128), seed)
    works = [*drawn(studio, 8), *drawn(studio, 8, seed=50)]
    strange = {each.id for each in works} - set(drawn_by_what_knew(studio, "ann", works))
    erased(studio)
    drawn(studio, 4, seed=100)
    return studio, strange


def _repainted(studio: Studio, name: str, seed: int) -> None:
    """Other pictures of somebody, with the faces that they had."""
    first = 3 * PEOPLE.index(name) + 1
    for number in range(first, first + 2):
        path = studio.folder / "inbox" / f"{number:03d}.png"
        rgb = np.asarray(Image.open(path))
        other = np.random.default_rng([seed, number]).integers(0, 255, rgb.shape, dtype=np.uint8)
        studio.detector.tell(other, studio.detector.faces(rgb))
        Image.fromarray(other).save(path)


def left_of(studio: Studio, works: set[str]) -> list[Json]:
    """What is left of some works, in canonical order: without random names, times and who is counted."""
    records, ledger = studio.parts.records, studio.parts.catalogue.ledger
    found = []
    for each in ledger.works(refused=False):
        if each.id in works:
            body = records.require("work", each.id).body
            portrait = records.require("portrait", each.id)
            kept = {name: body[name] for name in body if name not in ("created", "drawn_by", "run")}
            likeness = studio.parts.catalogue.likeness(each)
            assert likeness is not None
            found.append(
                {
                    **kept,
                    "portrait": portrait.body,
                    "owners": portrait.owners,
                    "looked up": likeness.to_json(),
                }
            )
    return sorted(found, key=lambda body: (body["seed"], body["sha256"]))


def test_two_worlds_that_differ_in_who_left_alone_leave_the_same_of_works(tmp_path: Path) -> None:
    (one, first), (other, second) = world(tmp_path / "one", 1), world(tmp_path / "other", 2)
    assert left_of(one, first) == left_of(other, second)
    assert left_of(one, first)
    kinds = [
        {kind: studio.parts.records.count(kind) for kind in studio.parts.records.kinds()}
        for studio in (one, other)
    ]
    assert kinds[0] == kinds[1]


# -- never blind


@pytest.mark.parametrize("who", ["ann", "dee"])
def test_without_a_template_of_somebody_nothing_is_drawn_that_knew_them(studio: Studio, who: str) -> None:
    homes = set(studio.parts.training.model_store.affected(who))
    studio.parts.records.delete("template", [studio.parts.records.alias(who)])
    works = drawn(studio)
    assert works
    assert not {f"{each.run}/{each.constituent:02d}" for each in works} & homes
    # What the remedy says helps.
    studio.clear()
    assert {f"{each.run}/{each.constituent:02d}" for each in drawn(studio)} & homes


@pytest.mark.parametrize("who", ["ann", "dee"])
def test_were_something_served_that_knew_somebody_without_a_template_nothing_is_drawn(
    studio: Studio, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ServingConsent, "against", lambda *_: {})
    studio.parts.records.delete("template", [studio.parts.records.alias(who)])
    with pytest.raises(ConflictError, match=rf"compared with 1 person \({who}\)") as refusal:
        drawn(studio, 1)
    assert "volenti clear" in refusal.value.remedy
    assert refusal.value.exit_status == 6
    assert studio.parts.catalogue.ledger.works() == []


def test_where_nothing_is_served_it_is_said_because_of_whom(studio: Studio) -> None:
    for who in PEOPLE:
        studio.parts.records.delete("template", [studio.parts.records.alias(who)])
    with pytest.raises(ConflictError, match=r"because of 5 people \(ann, bob, ") as refusal:
        drawn(studio, 1)
    assert "volenti clear" in refusal.value.remedy


def test_without_sketches_of_a_slice_that_is_served_nothing_is_drawn(studio: Studio) -> None:
    records, run = studio.parts.records, studio.parts.training.run().id
    record = next(iter(records.find("slice", parent=run)))
    body = {name: value for name, value in record.body.items() if name != "sketches"}
    records.put("slice", record.id, body, owners=record.owners, parent=run)
    with pytest.raises(ConflictError) as refusal:
        drawn(studio, 1)
    assert all(owner in refusal.value.message for owner in record.owners)
    assert "new version of the dataset" in refusal.value.remedy
    # What the remedy says helps: a slice without sketches isn't taken over.
    studio.ws.datasets.cut("humans", PURPOSE)
    studio.ws.train("humans", RECIPE)
    assert len(drawn(studio, 1)) == 1


def test_a_slice_that_is_missing_is_noticed_as_well(studio: Studio) -> None:
    records, run = studio.parts.records, studio.parts.training.run().id
    record = next(iter(records.find("slice", parent=run)))
    records.delete("slice", [record.id])
    with pytest.raises(ConflictError) as refusal:
        drawn(studio, 1)
    assert all(owner in refusal.value.message for owner in record.owners)


def test_who_leaves_while_pictures_are_drawn_is_in_none_that_is_kept(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = studio.parts.catalogue._draw

    def leaving(*given, **named):  # type: ignore[no-untyped-def]
        pixels = draw(*given, **named)
        studio.parts.consent.withdraw("ann")
        return pixels

    monkeypatch.setattr(studio.parts.catalogue, "_draw", leaving)
    with pytest.raises(ConflictError, match="none is handed out"):
        drawn(studio, 1)
    assert studio.parts.catalogue.ledger.works() == []


@pytest.mark.parametrize(
    "step", ["froze", "located", "erase own models", "did erase key", "replay", "certify"]
)
def test_an_erasure_that_was_cut_off_lets_nothing_be_drawn_that_knew_them(tmp_path: Path, step: str) -> None:
    cut = [step]

    def watch(now: str) -> None:
        if cut and now == cut[0]:
            cut.pop()
            raise InterruptedError(now)

    studio = ready(tmp_path, watch)
    with pytest.raises(InterruptedError):
        studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    homes = set(studio.parts.training.model_store.affected("ann"))
    works = drawn(studio)
    assert works
    assert not {f"{each.run}/{each.constituent:02d}" for each in works} & homes
    assert studio.parts.catalogue.ledger.drawn_by_learners_of("ann") == []


# -- works drawn by what knew somebody


def erased(studio: Studio, who: str = "ann") -> tuple[str, Json]:
    outcome = studio.ws.requests.run(studio.ws.requests.open("erasure", who, identity="in-person").id)
    statement = verify(json.dumps(outcome.certificate).encode(), studio.ws.public_key).statement
    return outcome.request.id, statement["predicate"]["works"]


def drawn_by_what_knew(studio: Studio, who: str, works: list[Work]) -> list[str]:
    """By the constituents' own rows, while they are there."""
    homes = set(studio.parts.training.model_store.affected(who))
    return sorted(each.id for each in works if f"{each.run}/{each.constituent:02d}" in homes)


def test_what_was_drawn_by_what_knew_them_is_counted_and_listed(studio: Studio) -> None:
    works = drawn(studio)
    knew = drawn_by_what_knew(studio, "ann", works)
    assert 0 < len(knew) < len(works)
    plan = studio.ws.requests.plan(
        studio.ws.requests.open("erasure", "ann", identity="in-person").id
    ).to_json()["works"]
    request, said = erased(studio)
    assert plan == said == {"drawn": len(knew), "compared": len(works), "withdrawn": 0, "rule": "near"}
    assert studio.parts.catalogue.ledger.knew(request) == knew
    # Who leaves later finds what they were in, then as well.
    later = drawn(studio, seed=100)
    both = sorted([*drawn_by_what_knew(studio, "bob", works), *drawn_by_what_knew(studio, "bob", later)])
    assert studio.parts.catalogue.ledger.knew(erased(studio, "bob")[0]) == both


def test_no_row_that_stays_says_whom_a_constituent_had_learned_from(studio: Studio) -> None:
    drawn(studio)
    versions = {each.drawn_by for each in studio.parts.catalogue.ledger.works()}
    alias = studio.parts.records.alias("ann")
    hashes = [*studio.hashes(studio.parts.training.run().id).values()]
    before = studio.hashes(studio.parts.training.run().id)
    request, _ = erased(studio)
    after = set(studio.hashes(studio.parts.training.run().id).values())
    kept = readable(studio)
    assert not [each for each in before.values() if each not in after and each in kept]
    assert alias not in kept
    assert [*studio.parts.records.owned("ann")] == []
    assert all(version in kept for version in versions), "works still say which version drew them"
    assert hashes
    assert studio.parts.catalogue.ledger.knew(request)


def test_a_work_near_to_who_leaves_is_called_back_whoever_drew_it(studio: Studio) -> None:
    # The limit rises with how many are compared: alone, somebody can be nearer than among many.
    works = drawn(studio)
    knew = set(drawn_by_what_knew(studio, "ann", works))
    mine = next(each for each in works if each.id in knew)
    foreign = next(each for each in works if each.id not in knew)
    for each in (mine, foreign):
        record = studio.parts.records.require("portrait", each.id)
        portrait = studio.parts.catalogue.ledger.portrait(each.id)
        assert portrait is not None
        body = type(portrait)(studio.people["ann"][None].astype(np.float32), portrait.looks).to_json()
        studio.parts.records.put("portrait", each.id, body, owners=record.owners)
    request, said = erased(studio)
    assert (said["drawn"], said["withdrawn"]) == (len(knew), 2)
    ledger = studio.parts.catalogue.ledger
    back = ledger.withdrawn()
    assert {each.id for each in back} == {mine.id, foreign.id}
    assert {(each.request, each.ground) for each in back} == {(request, "likeness")}
    assert {each.sha256 for each in back} == {mine.sha256, foreign.sha256}
    for each in back:
        # Nothing to draw it again by, and nothing of a face that is like theirs.
        assert isinstance(ledger.find(each.id), WithdrawnWork)
        assert ledger.portrait(each.id) is None
        assert set(encoded(each)) == {"sha256", "created", "request", "at", "ground"}
    assert mine.id in ledger.knew(request)
    assert '"ann"' not in readable(studio)


def test_a_copy_of_a_picture_of_theirs_is_called_back(studio: Studio) -> None:
    work = drawn(studio, 1)[0]
    run = studio.parts.training.run().id
    book = next(
        book
        for book in studio.parts.training.model_store.copy_indexes(run)
        if book is not None and any("ann" in group for group in book.groups)
    )
    sketch = book.rows[[n for n in range(len(book.rows)) if "ann" in book.owners(n)][:1]]
    record = studio.parts.records.require("portrait", work.id)
    portrait = studio.parts.catalogue.ledger.portrait(work.id)
    assert portrait is not None
    studio.parts.records.put(
        "portrait", work.id, type(portrait)(portrait.faces, sketch).to_json(), owners=record.owners
    )
    assert erased(studio)[1]["withdrawn"] == 1


def test_where_the_means_of_comparing_went_before_what_knew_them_is_called_back(studio: Studio) -> None:
    works = drawn(studio, seed=200)
    knew = drawn_by_what_knew(studio, "ann", works)
    # Earlier versions kept works without a face, too: these are still told from a person's pictures.
    (faceless,) = [each for each in works if each.id in knew][:1]
    record = studio.parts.records.require("portrait", faceless.id)
    portrait = studio.parts.catalogue.ledger.portrait(faceless.id)
    assert portrait is not None
    without = type(portrait)(portrait.faces[:0], portrait.views)
    studio.parts.records.put("portrait", faceless.id, without.to_json(), owners=record.owners)
    shown = {each.id for each in works if each.id in knew and each.id != faceless.id}
    assert shown
    studio.parts.consent.withdraw("ann")
    _, said = erased(studio)
    assert {each.id for each in studio.parts.catalogue.ledger.withdrawn()} == shown
    assert said["withdrawn"] == len(shown)


def ruled(studio: Studio, rule: Rule) -> None:
    for part in (studio.parts.erasure, studio.parts.plans):
        part._works._rule = rule


def test_the_workspace_may_call_back_all_that_was_drawn_by_what_knew_them(studio: Studio) -> None:
    ruled(studio, "all")
    works = drawn(studio)
    knew = drawn_by_what_knew(studio, "ann", works)
    _, said = erased(studio)
    assert said == {"drawn": len(knew), "compared": len(works), "withdrawn": len(knew), "rule": "all"}
    left = {each.id for each in studio.parts.catalogue.ledger.works()}
    assert left == {each.id for each in works} - set(knew)
    assert {each.ground for each in studio.parts.catalogue.ledger.withdrawn()} == {"rule"}


class PowerCut(Exception):
    """Stops a run where a test says."""


@pytest.mark.parametrize(
    "step",
    [
        "compare works",
        "compared works",
        "freeze",
        "froze",
        "locate",
        "located",
        "erase model",
        "did erase register",
        "did erase key",
        "replay",
        "certify",
        "certified",
    ],
)
@pytest.mark.parametrize("rule", ["near", "all"])
def test_cut_off_anywhere_the_same_works_are_counted_and_called_back(
    tmp_path: Path, step: str, rule: Rule
) -> None:
    def run(folder: Path, cut: list[str]) -> tuple[Json, list[int], int]:
        def watch(now: str) -> None:
            if cut and now == cut[0]:
                cut.pop()
                raise PowerCut(now)

        studio = ready(folder, watch)
        ruled(studio, rule)
        faced(studio, studio.people["ann"], 200)
        works = drawn(studio)
        request = studio.ws.requests.open("erasure", "ann", identity="in-person")
        if cut:
            with pytest.raises(PowerCut):
                studio.ws.requests.run(request.id)
        certificate = studio.ws.requests.run(request.id).certificate
        statement = verify(json.dumps(certificate).encode(), studio.ws.public_key).statement
        said = statement["predicate"]["works"]
        ledger = studio.parts.catalogue.ledger
        seeds = {each.id: each.seed for each in works}
        assert studio.ws.audit(deep=True).problems == []
        return (
            said,
            sorted(seeds[each] for each in ledger.knew(request.id) if each in seeds),
            len(ledger.withdrawn()),
        )

    assert run(tmp_path / "cut", [step]) == run(tmp_path / "calm", [])


def test_works_that_a_backup_brought_back_are_called_back_where_they_knew_who_left(studio: Studio) -> None:
    works = drawn(studio)
    knew = drawn_by_what_knew(studio, "ann", works)
    old = next(each for each in works if each.id not in knew)
    body = {name: value for name, value in encoded(old).items() if name not in ("faces", "drawn_by")}
    shard = shard_in(studio.parts.training.model_store.affected("ann")[0])
    said = {"constituent": shard, "likeness": {"faces": 1, "face": {"score": 1.2345, "limit": 2.0}}}
    studio.parts.records.put("work", "wrk_old", {**body, **said})
    knew.append("wrk_old")
    studio.parts.vault.destroy_key("ann")
    studio.parts.restoration.replay()
    assert "1.2345" not in readable(studio)
    back = studio.parts.catalogue.ledger.withdrawn()
    assert sorted(each.id for each in back) == sorted(knew)
    assert {each.request for each in back} == {""}
    studio.parts.restoration.replay()
    assert len(studio.parts.catalogue.ledger.withdrawn()) == len(knew)
