"""Files of a pipeline's constituent: plain diffusers loads each, and draws what `volenti generate` does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load, save

from tests.unit.adapters.pipelines import FAMILIES, write_pipeline
from tests.unit.adapters.test_pipeline import task
from volenti.adapters.trainer.pipeline import PipelineTrainer
from volenti.core.digest import sha256
from volenti.deliveries.weights import lora
from volenti.training.ports import Drawing

SAID = {"format": "pt", "volenti.run": "run_1", "volenti.dataset": "humans@1"}


@pytest.fixture(scope="module", params=FAMILIES)
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A pipeline of each family, and a constituent of two slices."""
    folder = write_pipeline(tmp_path_factory.mktemp("pipelines") / request.param, request.param)
    trainer = PipelineTrainer(folder)
    return folder, trainer.merge([(3, trainer.train(task(seed=seed)).weights) for seed in (1, 2)], 1.6)


def drawn_by_diffusers(pipeline: Path, folder: Path, file: str) -> np.ndarray:
    """A picture of plain diffusers with a file of a folder, uint8 (64, 64, 3); Volenti has no part in it."""
    index = json.loads((pipeline / "model_index.json").read_text())
    absent = {name: None for name, each in index.items() if isinstance(each, list) and each[0] is None}
    plain: Any = DiffusionPipeline.from_pretrained(pipeline, dtype=torch.float32, **absent)
    plain.set_progress_bar_config(disable=True)
    plain.load_lora_weights(folder, weight_name=file)
    drawn = plain(
        "a man",
        height=64,
        width=64,
        guidance_scale=2.0,
        num_inference_steps=3,
        generator=torch.Generator().manual_seed(7),
        output_type="np",
    ).images[0]
    pixels: np.ndarray = (drawn * 255).round().astype(np.uint8)
    return pixels


def test_plain_diffusers_loads_both_files_and_draws_what_volenti_does(
    trained: tuple[Path, bytes], tmp_path: Path
) -> None:
    pipeline, weights = trained
    trainer = PipelineTrainer(pipeline)
    ours = trainer.draw(weights, [Drawing("a man", 7)], guidance=2.0, steps=3)[0]
    assert not np.array_equal(trainer.draw(b"", [Drawing("a man", 7)], guidance=2.0, steps=3)[0], ours)
    (tmp_path / "lora.safetensors").write_bytes(lora.with_header(weights, SAID))
    assert np.array_equal(drawn_by_diffusers(pipeline, tmp_path, "lora.safetensors"), ours)
    renamed = lora.kohya(weights)
    assert (renamed is None) == (pipeline.name == "sd3")
    if renamed is not None:
        (tmp_path / "kohya.safetensors").write_bytes(lora.with_header(renamed, SAID))
        assert np.array_equal(drawn_by_diffusers(pipeline, tmp_path, "kohya.safetensors"), ours)


def test_the_header_says_what_was_given_and_leaves_the_weights_as_they_were(
    trained: tuple[Path, bytes], tmp_path: Path
) -> None:
    _, weights = trained
    said = SAID | {"volenti.licence": 'für "alle"\n'}
    (file := tmp_path / "lora.safetensors").write_bytes(lora.with_header(weights, said))
    with safe_open(file, "np") as opened:
        assert opened.metadata() == said
    assert sha256(file.read_bytes()) != sha256(weights)
    assert lora.bare(file.read_bytes()) == weights
    assert lora.with_header(weights, said) == file.read_bytes()


def test_the_rank_is_that_of_the_file_and_what_is_no_lora_has_none(trained: tuple[Path, bytes]) -> None:
    assert lora.rank_of(trained[1]) == 8  # of two slices of rank 4
    for other in (b"", b"damaged", save({"whole": np.zeros(3, np.float32)}), save({})):
        assert lora.rank_of(other) == 0


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=5),
    st.integers(1, 3),
)
def test_any_header_can_be_read_back(said: dict[str, str], count: int) -> None:
    weights = save({f"t{n}": np.full((n + 1, 2), n, np.float32) for n in range(count)})
    file = lora.with_header(weights, said)
    length = int.from_bytes(file[:8], "little")
    assert json.loads(file[8 : 8 + length])["__metadata__"] == said
    assert length % 8 == 0
    assert all(np.array_equal(each, load(weights)[name]) for name, each in load(file).items())
