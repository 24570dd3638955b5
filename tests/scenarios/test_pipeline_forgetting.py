"""A pipeline of diffusers forgets exactly: trained on the studio's people, and one of them leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.numpy import load

from tests.studio import PURPOSE, Studio
from tests.unit.adapters.pipelines import FAMILIES, write_pipeline
from volenti.adapters.trainer.pipeline import PipelineTrainer
from volenti.training.recipe import Recipe

RECIPE = Recipe(
    shards=1, slices=3, samples_per_image=2, batch=2, rank=2, min_people=1, learning_rate=0.01, scale=1.6
)


@pytest.mark.parametrize("family", FAMILIES)
def test_who_leaves_a_pipeline_is_forgotten_bit_for_bit(tmp_path: Path, family: str) -> None:
    trainer = PipelineTrainer(write_pipeline(tmp_path / "pipeline", family))
    studio = Studio.open(tmp_path / "studio", trainer=trainer)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    run = studio.ws.train("humans", RECIPE).run
    store = studio.parts.training.model_store
    slices = store.slices(run)
    assert len(slices) > 1
    before = store.weights(store.constituents(run)[0])
    # One LoRA of the sum of the slices' ranks.
    assert {each.shape[0] for name, each in load(before).items() if name.endswith("lora_A.weight")} == {
        RECIPE.rank * len(slices)
    }
    studio.ws.requests.run(studio.ws.requests.open("erasure", "bob", identity="in-person").id)
    after = store.weights(store.constituents(run)[0])
    assert after != before
    assert store.affected("bob") == []
    proofs = studio.ws.prove_forgetting()
    assert proofs.ok, [each.problems for each in proofs]
    (proof,) = proofs
    assert proof.sha256_after == proof.sha256_scratch != proof.sha256_one_less
