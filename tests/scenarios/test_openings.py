"""What a certificate says of models that knew somebody can't be tried on guesses of their pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.studio import RECIPE, Studio
from volenti.core.digest import commitment
from volenti.core.errors import IntegrityError, UsageError
from volenti.erasure.certificate import KEYED, opened_digests, verify
from volenti.requests.outcome import Outcome, personal


def erased(folder: Path) -> tuple[Studio, dict[str, str], Outcome]:
    """A studio that ann left, the digests of what knew her, and how it went."""
    studio = Studio.open(folder)
    studio.shoot("ann", "bob", "cid", "dee")
    run = studio.trained(RECIPE)
    known = set(studio.parts.training.model_store.affected("ann"))
    before = {
        name: digest
        for shard, digest in studio.hashes(run).items()
        if (name := f"{run}/{shard:02d}") in known
    }
    assert before
    return (
        studio,
        before,
        studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id),
    )


def test_a_guess_of_their_pictures_can_not_be_tried_on_the_certificate(tmp_path: Path) -> None:
    # Whoever guessed them right, and has the others' pictures, trains the very weights that were served.
    studio, before, outcome = erased(tmp_path)
    kept = json.dumps(
        [
            row.body.decode(errors="replace")
            for kind in studio.parts.records.kinds()
            for row in studio.parts.records.rows(kind)
            if not row.owners
        ]
    )
    said = json.dumps(verify(json.dumps(outcome.certificate).encode(), studio.ws.public_key).statement)
    for digest in before.values():
        assert digest not in kept
        assert digest not in said
        assert digest not in json.dumps(outcome.certificate)


def test_their_own_copy_opens_it(tmp_path: Path) -> None:
    studio, before, outcome = erased(tmp_path)
    assert outcome.opening is not None
    assert outcome.opening["constituents_before"] == before
    copy = personal(outcome.certificate, outcome.opening)
    verified = verify(json.dumps(copy).encode(), studio.ws.public_key)
    assert verified.about == "ann"
    said = verified.statement["predicate"]["constituents_before"]
    key = bytes.fromhex(outcome.opening["key"])
    assert said == {
        name: KEYED + commitment(key, f"{name} {digest}".encode()).hex() for name, digest in before.items()
    }
    for broken in (
        {**outcome.opening, "constituents_before": dict.fromkeys(before, "0" * 64)},
        {**outcome.opening, "constituents_before": {}},
        {name: value for name, value in outcome.opening.items() if name != "constituents_before"},
        {**outcome.opening, "constituents_before": [*before]},
    ):
        with pytest.raises(IntegrityError):
            verify(json.dumps(personal(outcome.certificate, broken)).encode(), studio.ws.public_key)


def test_what_was_served_before_is_a_control_again_for_whoever_opens_it(tmp_path: Path) -> None:
    studio, before, outcome = erased(tmp_path)
    without = {each.constituent: each for each in studio.ws.prove_forgetting(outcome.request.id)}
    assert outcome.copy is not None
    # Which request is the latest plays no part.
    studio.ws.requests.open("access", "bob", identity="in-person")
    opened = studio.ws.prove_forgetting(copy=outcome.copy)
    assert all(each.ok for each in [*without.values(), *opened])
    assert {each.sha256_control for each in without.values()} == {""}
    assert {each.constituent: each.sha256_control for each in opened if each.sha256_control} == before
    name = next(iter(before))
    other = {**(outcome.opening or {}), "constituents_before": {name: "0" * 64}}
    with pytest.raises(IntegrityError):
        studio.ws.prove_forgetting(copy=json.dumps(personal(outcome.certificate, other)).encode())
    with pytest.raises(UsageError, match="own copy"):
        studio.ws.prove_forgetting(copy=json.dumps(outcome.certificate).encode())
    with pytest.raises(UsageError, match="not of"):
        studio.ws.prove_forgetting("req_other", copy=outcome.copy)
    with pytest.raises(IntegrityError, match="another key"):
        Studio.open(tmp_path / "another", on_disk=True).ws.prove_forgetting(copy=outcome.copy)


def test_a_workspace_that_was_put_back_doesn_t_pass_with_the_copy_in_hand(tmp_path: Path) -> None:
    studio, _, outcome = erased(tmp_path)
    ws = studio.ws
    ws.parts.records.delete("request", [outcome.request.id])
    with pytest.raises(IntegrityError, match="knows nothing of"):
        ws.prove_forgetting(copy=outcome.copy)


def test_certificates_of_earlier_versions_say_digests_and_are_read() -> None:
    assert opened_digests({"run_1/00": "0" * 64}, None) == {"run_1/00": "0" * 64}
    assert opened_digests({"run_1/00": KEYED + "0" * 64}, None) == {}
