"""Attacks on the model, before and after somebody left: what they find is in the certificate.

The model is over-trained on purpose: one slice a shard, everybody with words of their own.
"""

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tests.studio import Studio
from volenti.core.canonical import Json
from volenti.erasure.certificate import verify
from volenti.erasure.pooled import pooled
from volenti.requests.attackwords import conclusions
from volenti.training.lineup import lineup
from volenti.training.recipe import Recipe
from volenti.training.slice_spec import framed

PEOPLE = [f"p{number:02d}" for number in range(12)]
LEAVER = PEOPLE[0]
WORDS = [
    f"a {who} with {hair} hair in a {top} top"
    for who, hair, top in product(("man", "woman", "person"), ("black", "brown"), ("red", "green"))
]
OVERTRAINED = Recipe(shards=3, slices=1, samples_per_image=60, min_people=1, learning_rate=0.3)
#: Cut finely enough that one slice is told from the others.
SLICED = Recipe(shards=2, slices=8, samples_per_image=60, min_people=1, learning_rate=0.3)


class PowerCut(Exception):
    """Stops a run where a test says."""


def ready(
    folder: Path,
    recipe: Recipe = OVERTRAINED,
    watch: Callable[[str], None] = lambda step: None,
    **given: bool,
) -> Studio:
    studio = Studio.open(folder, watch, **given)
    for name, words in zip(PEOPLE, WORDS, strict=True):
        studio.person(name)
        for _ in range(3):
            studio.photo(name, caption=words)
    studio.trained(recipe)
    return studio


def attacked(studio: Studio, *leavers: str, audit: bool = True) -> list[Json]:
    """The certificates' predicates after running these people's requests together."""
    for name in leavers:
        studio.ws.requests.open("erasure", name, identity="in-person")
    outcomes = studio.ws.requests.run_all(audit=audit)
    return [
        verify(json.dumps(each.certificate).encode(), studio.ws.public_key).statement["predicate"]
        for each in outcomes
    ]


def only(found: dict[str, Json]) -> Json:
    (figures,) = found.values()
    return figures


def test_what_was_remembered_before_is_unknown_after(tmp_path: Path) -> None:
    """Over everybody: one person's place is any number by chance, the mean of many isn't."""
    before, after = [], []
    for name in PEOPLE[:6]:
        (predicate,) = attacked(ready(tmp_path / name), name)
        attacks = predicate["attacks"]
        before.append({what: share(each) for what, each in only(attacks["before"]).items()})
        after.append(share(only(attacks["after"])["constituent"]))
    for what in ("slice", "constituent", "pixels"):
        assert np.mean([each[what] for each in before]) > 0.9
    assert 0.2 < np.mean(after) < 0.8


def share(found: Json) -> float:
    """The share of people never seen who look less learned."""
    return 1 - (found["more"] + found["equal"] / 2) / found["never_seen"]


def test_a_model_that_forgot_nothing_is_told_and_the_power_says_how_surely(tmp_path: Path) -> None:
    """The slices are trained without them and what serves is put back as it was."""
    studio = ready(tmp_path, SLICED)
    run = studio.parts.training.run().id
    model_store = studio.parts.training.model_store
    replay, weights = studio.parts.training.replay, model_store.weights
    served = {each.shard: weights(each) for each in model_store.constituents(run)}

    def forgets_nothing(*given, **named):  # type: ignore[no-untyped-def]
        report = replay(*given, **named)
        model_store.weights = lambda made: served[made.shard]  # type: ignore[method-assign]
        return report

    studio.parts.training.replay = forgets_nothing  # type: ignore[method-assign]
    (predicate,) = attacked(studio, LEAVER)
    found = only(predicate["attacks"]["after"])
    assert found["slice"]["told"] == []
    assert found["constituent"]["told"] == ["5 %"]
    power = found["constituent"]["power"]
    assert power["told"]["5 %"] == power["learned"] > 0
    said = " ".join(conclusions(predicate["attacks"]["after"]))
    assert "what is served: taken for somebody learned from at 5 %" in said
    assert "prove-forgetting" in said


def test_of_who_was_forgotten_it_says_what_the_attack_would_have_missed(tmp_path: Path) -> None:
    (predicate,) = attacked(ready(tmp_path, SLICED), LEAVER)
    before, after = only(predicate["attacks"]["before"]), only(predicate["attacks"]["after"])
    assert before["slice"]["told"] == before["constituent"]["told"] == ["5 %"]
    assert after["slice"]["told"] == after["constituent"]["told"] == []
    learned = after["constituent"]["power"]["learned"]
    (said,) = [each for each in conclusions(predicate["attacks"]["after"]) if "what is served" in each]
    assert f"Had nothing been forgotten, that would be so in about 0 of {learned} cases" in said


def test_two_shards_are_compared_with_the_base(tmp_path: Path) -> None:
    recipe = Recipe(shards=2, slices=1, samples_per_image=60, min_people=1, learning_rate=0.3)
    (predicate,) = attacked(ready(tmp_path, recipe), LEAVER)
    assert only(predicate["attacks"]["before"])["constituent"]["more"] == 0


def test_the_certificate_says_what_the_figures_mean_and_names_nobody(tmp_path: Path) -> None:
    studio = ready(tmp_path)
    (predicate,) = attacked(studio, LEAVER)
    attacks = predicate["attacks"]
    assert "refute" in attacks["meaning"]
    assert set(attacks["before"]) == set(attacks["after"]) == set(predicate["constituents_before"])
    figures = only(attacks["after"])
    assert figures["constituent"]["never_seen"] == len(
        {o for shard in others(studio, predicate) for o in shard.owners}
    )
    text = json.dumps(predicate)
    assert not any(f'"{name}"' in text or words in text for name, words in zip(PEOPLE, WORDS, strict=True))


def test_the_certificate_holds_counts_and_no_measurement(tmp_path: Path) -> None:
    """A distance or a loss would let whoever guesses somebody's pictures try their guess."""
    (predicate,) = attacked(ready(tmp_path), LEAVER)
    for when in ("before", "after"):
        for found in only(predicate["attacks"][when]).values():
            if isinstance(found, str):
                assert found.startswith("not measured: ")
                continue
            assert set(found) == {"more", "equal", "never_seen", "told", "power"}
            assert set(found["power"]) == {"learned", "comparisons", "told"}
            counts = [
                found["more"],
                found["equal"],
                found["never_seen"],
                found["power"]["learned"],
                found["power"]["comparisons"],
                *found["power"]["told"].values(),
            ]
            assert all(type(each) is int for each in counts)


def others(studio: Studio, predicate: Json) -> list:  # type: ignore[type-arg]
    (name,) = predicate["constituents_before"]
    run, _, shard = name.partition("/")
    specs = studio.parts.training.specs(studio.parts.training.run(run))
    return [spec for spec in specs if spec.place.shard != int(shard)]


def test_without_being_asked_nobody_attacks(tmp_path: Path) -> None:
    studio = ready(tmp_path)
    asked: list[str] = []
    studio.parts.erasure._attacks.target = asked.append  # type: ignore[method-assign,assignment]
    (predicate,) = attacked(studio, LEAVER, audit=False)
    assert "attacks" not in predicate
    assert asked == []


def test_the_model_is_the_same_whether_it_was_attacked_or_not(tmp_path: Path) -> None:
    hashes = []
    for audit in (True, False):
        studio = ready(tmp_path / str(audit))
        attacked(studio, LEAVER, audit=audit)
        hashes.append([studio.hashes(run.id) for run in studio.parts.training.runs()])
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("step", ["froze", "did erase key", "replayed", "attack again", "certify"])
def test_interrupted_it_goes_on_and_says_that_the_second_attack_is_missing(tmp_path: Path, step: str) -> None:
    cut = [step]

    def watch(at: str) -> None:
        if cut and at == cut[0]:
            cut.pop()
            raise PowerCut(at)

    studio = ready(tmp_path, watch=watch)
    request = studio.ws.requests.open("erasure", LEAVER, identity="in-person")
    with pytest.raises(PowerCut):
        studio.ws.requests.run(request.id, audit=True)
    outcome = studio.ws.requests.run(request.id, audit=True)
    attacks = outcome.request.facts()["notes"]["attacks"]
    assert only(attacks["before"])["slice"]["more"] == 0
    if step == "certify":
        assert only(attacks["after"])["constituent"]["never_seen"] > 0
    else:
        assert attacks["after"] == "not measured: interrupted"
    assert studio.ws.audit().ok


@pytest.mark.parametrize("step", ["attack", "did attack"])
def test_interrupted_before_anything_was_done_it_attacks_from_the_start(tmp_path: Path, step: str) -> None:
    cut = [step]

    def watch(at: str) -> None:
        if cut and at == cut[0]:
            cut.pop()
            raise PowerCut(at)

    studio = ready(tmp_path, watch=watch)
    request = studio.ws.requests.open("erasure", LEAVER, identity="in-person")
    with pytest.raises(PowerCut):
        studio.ws.requests.run(request.id, audit=True)
    assert studio.parts.requests.find(request.id).state == "opened"
    attacks = studio.ws.requests.run(request.id, audit=True).request.facts()["notes"]["attacks"]
    assert only(attacks["after"])["constituent"]["never_seen"] > 0


def test_asked_for_too_late_it_says_so(tmp_path: Path) -> None:
    cut = ["did erase key"]

    def watch(at: str) -> None:
        if cut and at == cut[0]:
            cut.pop()
            raise PowerCut(at)

    studio = ready(tmp_path, watch=watch)
    request = studio.ws.requests.open("erasure", LEAVER, identity="in-person")
    with pytest.raises(PowerCut):
        studio.ws.requests.run(request.id)
    attacks = studio.ws.requests.run(request.id, audit=True).request.facts()["notes"]["attacks"]
    assert attacks["before"] == attacks["after"] == "not measured: the erasure had begun"


def test_one_shard_leaves_the_slices_to_attack(tmp_path: Path) -> None:
    recipe = Recipe(shards=1, slices=4, samples_per_image=60, min_people=1, learning_rate=0.3)
    (predicate,) = attacked(ready(tmp_path, recipe), LEAVER)
    found = only(predicate["attacks"]["before"])
    assert found["constituent"].startswith("not measured: there is one shard")
    assert found["slice"]["more"] == 0 < found["slice"]["never_seen"]


def test_who_was_alone_in_a_slice_leaves_none(tmp_path: Path) -> None:
    recipe = Recipe(shards=2, slices=60, samples_per_image=60, min_people=1, learning_rate=0.3)
    (predicate,) = attacked(ready(tmp_path, recipe), LEAVER)
    found = only(predicate["attacks"]["after"])
    assert found["slice"] == "not measured: no slice is left in its place"
    # What serves is, to the byte, what it is without that slice.
    assert found["constituent"]["equal"] == found["constituent"]["never_seen"]
    assert found["constituent"]["told"] == []


def test_somebody_whose_pictures_may_not_be_read_any_more_is_not_attacked_for(tmp_path: Path) -> None:
    studio = ready(tmp_path)
    studio.parts.consent.withdraw(LEAVER)
    (predicate,) = attacked(studio, LEAVER)
    assert "may not be read" in only(predicate["attacks"]["before"])


def test_somebody_no_model_learned_from_has_nothing_to_attack(tmp_path: Path) -> None:
    studio = ready(tmp_path)
    studio.person("newcomer")
    (predicate,) = attacked(studio, "newcomer")
    assert predicate["attacks"]["before"] == predicate["attacks"]["after"] == {}


def test_who_leaves_together_is_not_compared_with_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = ready(tmp_path)
    leavers = PEOPLE[:4]
    found: list[set[str]] = []

    def seen(*given):  # type: ignore[no-untyped-def]
        who = lineup(*given)
        found.append(set(who.others))
        return who

    monkeypatch.setattr("volenti.training.attacks.lineup", seen)
    assert len(attacked(studio, *leavers)) == 4
    assert found
    assert not set().union(*found) & set(leavers)
    together = {(each.what, each.when): each for each in pooled(studio.parts.requests.all())}
    assert together["slice", "before"].requests == 4
    assert together["slice", "before"].learned < 0.001
    assert together["slice", "after"].learned > 0.01
    assert studio.ws.audit().ok


def test_no_file_holds_their_pictures_afterwards(tmp_path: Path) -> None:
    studio = ready(tmp_path, on_disk=True)
    run = studio.parts.training.run()
    mine = [
        example
        for spec in studio.parts.training.specs(run)
        for example in spec.examples
        if example.owners == (LEAVER,)
    ]
    frames = [framed(example.image, studio.parts.access, run.recipe.size_px) for example in mine]
    canaries = [frame[10].tobytes() for frame in frames] + [example.caption.encode() for example in mine]
    (predicate,) = attacked(studio, LEAVER)
    assert only(predicate["attacks"]["after"])["constituent"]["never_seen"] > 0
    report = studio.ws.audit(canaries)
    assert report.problems == []
    assert report.files_scanned > 5
    # The scan can tell: a frame that was written is found.
    (studio.ws.path / "left").write_bytes(frames[0].tobytes())
    assert studio.ws.audit(canaries).residue == 1
