"""A dataset that is cut from a selection says so, stays as it was chosen, and is read by its splits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.workspace.datasets import ShownDataset

SPLIT = {"train": 0.6, "test": 0.4}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Six people with four pictures each, two from spring and two from autumn, and one of ann and bob."""
    studio = Studio.open(tmp_path)
    for name in ("ann", "bob", "cid", "dee", "eve", "fay"):
        studio.person(name)
    for shoot in ("spring", "autumn"):
        inbox = tmp_path / "inbox" / shoot
        inbox.mkdir()
        for name in ("ann", "bob", "cid", "dee", "eve", "fay"):
            for caption in ("a red top", "a blue top"):
                studio.photo(name, caption=caption).rename(inbox / f"{studio.photos}.png")
                (tmp_path / "inbox" / f"{studio.photos - 1:03d}.txt").rename(inbox / f"{studio.photos}.txt")
        studio.ws.add([inbox], shoot=shoot)
    studio.photo("ann", "bob", caption="both")
    studio.ws.add([tmp_path / "inbox"])
    assert studio.ws.clear(PURPOSE).totals["cleared"] == 25
    return studio


def cut(studio: Studio, **asked: Any) -> ShownDataset:
    return studio.ws.datasets.show(studio.ws.datasets.cut("humans", PURPOSE, **asked).id)


def people(shown: ShownDataset) -> set[str]:
    return {owner for each in shown.entries for owner in each.owners}


#: What is asked for, how many pictures of how many people that is, and what was passed over.
CUTS: dict[str, tuple[dict[str, Any], tuple[int, int], dict[str, int]]] = {
    "a shoot": ({"shoot": "spring"}, (12, 6), {"shoot": 13}),
    "two shoots": ({"shoot": ["spring", "AUTUMN"]}, (24, 6), {"shoot": 1}),
    "a person": ({"subject": "ann"}, (5, 2), {"subject": 20}),
    "without a person": ({"without": ["ann"]}, (20, 5), {"without": 5}),
    "a word": ({"word": "red"}, (12, 6), {"word": 13}),
    "a shoot and a word": ({"shoot": "spring", "word": "red"}, (6, 6), {"shoot": 13, "word": 6}),
    "wide faces": ({"min_face": 31}, (0, 0), {}),
    "a side": ({"min_side": 48}, (25, 6), {}),
    "a count": ({"count": 6}, (6, 6), {"count": 19}),
    "a count of a shoot": ({"shoot": "spring", "count": 9}, (9, 6), {"shoot": 13, "count": 3}),
    "a count of more than there is": ({"count": 99}, (25, 6), {"count": 0}),
}


@pytest.mark.parametrize("case", CUTS)
def test_a_cut_has_what_was_asked_for_and_says_what_it_passed_over(studio: Studio, case: str) -> None:
    asked, (pictures, persons), passed_over = CUTS[case]
    if not pictures:
        with pytest.raises(UsageError, match="the selection chooses none: 25 with a face that is too small"):
            cut(studio, **asked)
        return
    shown = cut(studio, **asked)
    assert (shown.snapshot.entries, shown.snapshot.subjects, len(people(shown))) == (
        pictures,
        persons,
        persons,
    )
    assert shown.selection is not None
    assert shown.selection.passed_over == passed_over
    assert studio.parts.datasets.verify(shown.snapshot).ok
    again = cut(studio, **asked)
    assert [each.image for each in again.entries] == [each.image for each in shown.entries]


def test_a_draw_is_even_over_the_people(studio: Studio) -> None:
    shown = cut(studio, count=12, shoot=["spring", "autumn"])
    assert sorted(sum(who in each.owners for each in shown.entries) for who in people(shown)) == [2] * 6


def test_a_selection_is_said_as_it_was_asked(studio: Studio) -> None:
    shown = cut(
        studio, shoot="spring", subject=["bob", "ann"], without="cid", word="red", seed=4, split={"all": 1.0}
    )
    assert shown.selection is not None
    assert shown.selection.in_words == [
        ("from the shoots", "spring"),
        ("people", "ann, bob"),
        ("without", "cid"),
        ("words", "red"),
        ("splits", "all 1"),
    ]


WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "nobody of that name": ({"subject": "nobody"}, NotFoundError, "nobody"),
    "nobody of that name left out": ({"without": "nobody"}, NotFoundError, "nobody"),
    "chosen and left out": ({"subject": "ann", "without": "ann"}, UsageError, "both chosen"),
    "a shoot that isn't there": ({"shoot": "winter"}, UsageError, "25 from another shoot"),
    "shares that aren't the whole": ({"split": {"train": 0.5}}, UsageError, "make 0.5"),
    "a side below nothing": ({"min_side": -1}, UsageError, "min_side"),
    "a count of none": ({"count": 0}, UsageError, "count"),
    "a share that is a text": ({"split": {"train": "all"}}, UsageError, "split"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_chosen_is_refused_and_leaves_nothing(studio: Studio, case: str) -> None:
    asked, error, said = WRONG[case]
    with pytest.raises(error, match=said):
        cut(studio, **asked)
    assert studio.parts.datasets.snapshots() == []
    assert studio.parts.records.count("left-out") == 0


def test_who_is_erased_takes_along_what_the_selection_said_of_them(studio: Studio) -> None:
    cut(studio, subject=["ann", "cid"], without=["bob"], word=["red", "blue"], shoot=["spring"])
    for who in ("bob", "ann"):
        studio.ws.requests.run(studio.ws.requests.open("erasure", who, identity="in-person").id)
    shown = studio.ws.datasets.show("humans")
    assert shown.selection is not None
    assert (shown.selection.subject, shown.selection.without) == (("cid",), ())
    assert dict(shown.selection.in_words)["people"] == "cid, 1 that nothing in it is of"
    kept = [
        json.dumps(each.body)
        for kind in ("snapshot", "entry", "left-out")
        for each in studio.parts.records.find(kind)
    ]
    assert not any(who in body for body in kept for who in ("ann", "bob"))
    assert studio.ws.audit(deep=True).problems == []


def test_whoever_was_left_out_is_told_so(studio: Studio) -> None:
    cut(studio, without=["bob"])
    held = studio.parts.answers.make("bob").record["held"]
    assert len(held["left-out"]) == 1
    assert "left-out" not in studio.parts.answers.make("cid").record["held"]


def test_after_an_erasure_a_draw_stays_as_it_was_drawn(studio: Studio) -> None:
    before = cut(studio, count=12)
    studio.ws.requests.run(studio.ws.requests.open("erasure", "cid", identity="in-person").id)
    after = studio.ws.datasets.show("humans@1")
    left = [each.image for each in after.entries if not each.is_tombstone]
    assert left == [each.image for each in before.entries if "cid" not in each.owners]


def test_the_next_version_says_that_it_was_chosen_otherwise(studio: Studio) -> None:
    cut(studio, shoot="spring")
    cut(studio)
    cut(studio)
    changed = studio.ws.datasets.diff("humans@1", "humans@2")
    assert (len(changed.added), len(changed.removed), changed.is_chosen_otherwise) == (13, 0, True)
    assert changed.old_selection is not None
    assert changed.old_selection.shoot == ("spring",)
    assert not studio.ws.datasets.diff("humans@2", "humans@3").is_chosen_otherwise


# -- splits


def test_splits_have_people_of_their_own_and_leave_out_pictures_between_them(studio: Studio) -> None:
    for seed in range(8):
        shown = cut(studio, split=SPLIT, seed=seed)
        where: dict[str, set[str]] = {}
        for each in shown.entries:
            for owner in each.owners:
                where.setdefault(owner, set()).add(shown.split_of(each))
        assert all(len(splits) == 1 for splits in where.values())
        together = where["ann"] == where["bob"]
        assert shown.selection is not None
        assert shown.selection.passed_over == ({} if together else {"split": 1})
        assert sum(shown.pictures_by_split.values()) == shown.snapshot.entries == 24 + together


def test_nobody_changes_splits_when_others_come_or_go(studio: Studio) -> None:
    def splits() -> dict[str, str]:
        shown = cut(studio, split=SPLIT)
        return {each.owners[0]: shown.split_of(each) for each in shown.entries if len(each.owners) == 1}

    before = splits()
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    studio.person("gus")
    studio.photo("gus")
    studio.clear()
    after = splits()
    assert set(after) == {"bob", "cid", "dee", "eve", "fay", "gus"}
    assert all(before[who] == after[who] for who in set(before) & set(after))


def test_a_reader_reads_one_split_or_all(studio: Studio) -> None:
    shown = cut(studio, split=SPLIT)
    datasets = studio.ws.datasets
    by_split = {name: datasets.read("humans", split=name) for name in SPLIT}
    assert {name: len(reader) for name, reader in by_split.items()} == shown.pictures_by_split
    assert by_split["train"].people().isdisjoint(by_split["test"].people())
    assert len(datasets.read("humans")) == shown.snapshot.entries
    with pytest.raises(NotFoundError, match="no split 'val'"):
        datasets.read("humans", split="val")


def test_a_training_learns_from_one_split_and_has_to_be_told_which(studio: Studio) -> None:
    cut(studio, split=SPLIT, seed=1)
    train = studio.ws.datasets.read("humans", split="train").people()
    test = studio.ws.datasets.read("humans", split="test").people()
    assert train
    assert test
    for verb in (studio.ws.train, studio.ws.plan_training):
        with pytest.raises(UsageError, match="no split was named"):
            verb("humans", RECIPE)
    studio.ws.train("humans", RECIPE, split="train")
    [run] = studio.parts.training.runs()
    learned = {who for each in studio.parts.training.model_store.constituents(run.id) for who, _ in each.uses}
    assert learned == train
    assert all(studio.parts.training.homes(who) for who in train)
    assert not any(studio.parts.training.homes(who) for who in test)


@pytest.mark.parametrize("of", ["train", "test"])
def test_forgetting_trains_the_split_again_and_no_other(studio: Studio, of: str) -> None:
    cut(studio, split=SPLIT, seed=1)
    studio.ws.train("humans", RECIPE, split="train")
    who = min(studio.ws.datasets.read("humans", split=of).people())
    studio.ws.requests.run(studio.ws.requests.open("erasure", who, identity="in-person").id)
    [run] = studio.parts.training.runs()
    learned = {who for each in studio.parts.training.model_store.constituents(run.id) for who, _ in each.uses}
    assert learned == studio.ws.datasets.read("humans", split="train").people() - {who}
    assert all(each.ok for each in studio.ws.prove_forgetting().proofs)


def test_a_script_of_ones_own_learns_from_one_split(studio: Studio, tmp_path: Path) -> None:
    cut(studio, split=SPLIT, seed=1)
    train = studio.ws.datasets.read("humans", split="train").people()
    with pytest.raises(UsageError, match="no split was named"):
        studio.ws.runs.begin("mine", dataset="humans", code=[Path(__file__)], min_people=1)
    with studio.ws.runs.begin(
        "mine", dataset="humans", code=[Path(__file__)], min_people=1, split="train"
    ) as run:
        assert run.dataset.people() == train
        (tmp_path / "weights").write_text("weights")
        assert run.keep(tmp_path / "weights").people == len(train)
    with pytest.raises(ConflictError, match=r"humans@1 \(train\)"):
        studio.ws.runs.begin("mine", dataset="humans", code=[Path(__file__)], min_people=1, split="test")
