"""A base that was exchanged between training and forgetting: refused, never mixed in."""

from pathlib import Path

import pytest

from tests.studio import Studio
from volenti.adapters.trainer.memory import MemoryTrainer
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    made = Studio.open(tmp_path)
    made.shoot("ann", "bob", "cid", "dee")
    made.trained()
    return made


def exchange(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MemoryTrainer, "base_sha256", sha256(b"another grey"))


def test_drawing_on_another_base_is_refused_and_says_which_one_is_needed(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange(monkeypatch)
    with pytest.raises(ConflictError, match="isn't at hand") as refusal:
        studio.ws.generate(["a man in a red top"])
    assert sha256(b"grey") in refusal.value.message


def test_an_erasure_erases_then_waits_for_the_right_base_and_goes_on_with_it(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    with monkeypatch.context() as patch:
        exchange(patch)
        with pytest.raises(ConflictError, match="isn't at hand"):
            studio.ws.requests.run(request.id)
        assert studio.parts.requests.find(request.id).state == "replaying"
        assert not studio.parts.vault.has_key("ann")
    studio.ws.requests.run(request.id)
    assert {each.ok for each in studio.ws.prove_forgetting(request.id)} == {True}


def test_a_proof_on_another_base_says_not_comparable(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    exchange(monkeypatch)
    assert {each.comparable for each in studio.ws.prove_forgetting()} == {False}
