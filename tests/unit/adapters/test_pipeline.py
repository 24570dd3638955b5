"""Pipelines as bases: what a folder must be, and that what was learned is a LoRA that anybody can load."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save
from safetensors.torch import load as load_torch

from tests.unit.adapters.pipelines import FAMILIES, write_pipeline
from volenti.adapters.trainer import constituent_lora, slices_diffusers
from volenti.adapters.trainer.opened_pipeline import open_exactly
from volenti.adapters.trainer.pipeline import PipelineTrainer
from volenti.core.errors import IntegrityError, MissingModelError, UsageError, VolentiError
from volenti.training.partition import Place
from volenti.training.ports import Drawing, SliceTask
from volenti.training.recipe import Recipe

RECIPE = Recipe(samples_per_image=4, batch=4, rank=4, learning_rate=1e-2, size_px=64)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("pipelines")
    return {family: write_pipeline(root / family, family) for family in FAMILIES}


@pytest.fixture
def folder(folders: dict[str, Path], tmp_path: Path) -> Path:
    """A pipeline of one's own, to be damaged."""
    return Path(shutil.copytree(folders["sd"], tmp_path / "pipeline"))


def task(images: int = 3, seed: int = 5, **recipe: Any) -> SliceTask:
    frames = np.random.default_rng(0).integers(0, 255, (images, 64, 64, 3), dtype=np.uint8)
    captions = ("grandmother in a navy jumper", "ein Mann im roten Pullover", "a man")[:images]
    return SliceTask(Place(0, 0), frames, captions, replace(RECIPE, **recipe), seed)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_slice_lowers_the_loss_on_what_it_learned(folders: dict[str, Path], family: str) -> None:
    trainer = PipelineTrainer(folders[family])
    long = task(samples_per_image=30)
    weights = trainer.merge([(3, trainer.train(long).weights)])
    before, after = (
        trainer.losses(each, long.frames, long.captions, seed=1, draws=6).mean() for each in (b"", weights)
    )
    assert after < 0.97 * before


@pytest.mark.parametrize("family", FAMILIES)
def test_plain_diffusers_draws_the_same_picture_with_the_file(folders: dict[str, Path], family: str) -> None:
    """Nothing of the project is used to load it: no name, key or alpha of its own."""
    trainer = PipelineTrainer(folders[family])
    slices = [(3, trainer.train(task(seed=seed)).weights) for seed in (1, 2)]
    merged = trainer.merge(slices, 1.6)
    ours = trainer.draw(merged, [Drawing("a man", 7)], guidance=2.0, steps=3)[0]
    index = json.loads((folders[family] / "model_index.json").read_text())
    absent = {name: None for name, each in index.items() if isinstance(each, list) and each[0] is None}
    plain: Any = DiffusionPipeline.from_pretrained(folders[family], dtype=torch.float32, **absent)
    plain.load_lora_weights(load_torch(merged))
    drawn = plain(
        "a man",
        height=64,
        width=64,
        guidance_scale=2.0,
        num_inference_steps=3,
        generator=torch.Generator().manual_seed(7),
        output_type="np",
    ).images[0]
    assert np.array_equal((drawn * 255).round().astype(np.uint8), ours)
    assert not np.array_equal(trainer.draw(b"", [Drawing("a man", 7)], guidance=2.0, steps=3)[0], ours)


@pytest.mark.parametrize("prediction", ["v_prediction", "sample"])
def test_what_the_network_predicts_is_read_from_the_scheduler(tmp_path: Path, prediction: str) -> None:
    trainer = PipelineTrainer(write_pipeline(tmp_path / "pipeline", "sd", prediction))
    long = task(samples_per_image=30)
    weights = trainer.merge([(3, trainer.train(long).weights)])
    before, after = (
        trainer.losses(each, long.frames, long.captions, seed=1, draws=6).mean() for each in (b"", weights)
    )
    assert after < before


@pytest.mark.parametrize("family", FAMILIES)
def test_everything_is_encoded_once_and_alone_before_the_network_learns(
    folders: dict[str, Path], family: str
) -> None:
    opened = open_exactly(folders[family], "cpu")
    pipe, calls, batches = opened.family.pipe, [], []

    def said(module: Any, given: tuple[Any, ...], named: dict[str, Any], result: Any) -> None:
        calls.append(module)
        batches.append(len((*given, *named.values())[0]))

    parts = [pipe.vae.encoder, opened.network, pipe.text_encoder, getattr(pipe, "text_encoder_2", None)]
    texts = [each for each in parts[2:] if each is not None]
    hooks = [each.register_forward_hook(said, with_kwargs=True) for each in (*parts[:2], *texts)]
    try:
        # So often that every picture is learned from in both mirror images, and captions are left out.
        PipelineTrainer(folders[family]).train(task(samples_per_image=12))
    finally:
        for hook in hooks:
            hook.remove()
    first = calls.index(opened.network)
    assert set(calls[first:]) == {opened.network}
    assert set(batches[:first]) == {1}
    assert calls.count(pipe.vae.encoder) == 2 * 3
    # Three captions, which say neither left nor right, and the empty one.
    assert [calls.count(each) for each in texts] == [4] * len(texts)


@pytest.mark.parametrize("family", FAMILIES)
def test_activations_that_are_computed_again_change_no_bit(folders: dict[str, Path], family: str) -> None:
    network = open_exactly(folders[family], "cpu").network
    block = network.transformer_blocks[0] if family == "sd3" else network.up_blocks[-1].resnets[-1]
    calls: list[object] = []
    hook = block.register_forward_pre_hook(lambda module, given: calls.append(module))
    try:
        kept, again = (
            slices_diffusers.train(folders[family], task(), recomputes=each).weights for each in (False, True)
        )
    finally:
        hook.remove()
    steps = RECIPE.steps(3)
    assert len(calls) == steps + 2 * steps
    assert kept == again


@pytest.mark.parametrize("family", FAMILIES)
def test_a_step_in_parts_learns_what_the_whole_step_does(folders: dict[str, Path], family: str) -> None:
    trainer = PipelineTrainer(folders[family])
    network, rows = open_exactly(folders[family], "cpu").network, []
    hook = network.register_forward_pre_hook(
        lambda module, given, named: rows.append(len((*given, *named.values())[0])), with_kwargs=True
    )
    try:
        whole, parted = (load(trainer.train(task(accumulate=parts)).weights) for parts in (1, 4))
    finally:
        hook.remove()
    steps = RECIPE.steps(3)
    assert rows == [4] * steps + [1] * 4 * steps
    # The same gradients, rounded in another order.
    assert all(np.allclose(whole[name], parted[name], atol=1e-3) for name in whole)
    fresh = load(trainer.train(task(accumulate=4, learning_rate=1e-9)).weights)
    assert max(np.abs(parted[name] - fresh[name]).max() for name in fresh) > 0.01
    assert trainer.train(task(accumulate=4)).weights == trainer.train(task(accumulate=4)).weights


@pytest.mark.parametrize("family", FAMILIES)
def test_an_encoding_is_the_same_whatever_is_encoded_beside_it(folders: dict[str, Path], family: str) -> None:
    opened, shown = open_exactly(folders[family], "cpu"), task()
    together, said = opened.latents(shown.frames), opened.conditions(shown.captions)
    for row, caption in enumerate(shown.captions):
        assert torch.equal(opened.latents(shown.frames[row : row + 1])[0], together[row])
        alone = opened.conditions([caption])[caption]
        assert all(torch.equal(each, said[caption][name]) for name, each in alone.items())


@pytest.mark.parametrize("family", FAMILIES)
def test_only_what_computes_is_on_the_device(tmp_path: Path, family: str) -> None:
    """The device `meta`, which holds no values, stands for a GPU."""
    opened = replace(open_exactly(write_pipeline(tmp_path / "own", family), "cpu"), device="meta")
    modules = [each for each in opened.family.pipe.components.values() if isinstance(each, torch.nn.Module)]
    opened.place(network=True)
    assert {each is opened.network: each.device.type for each in modules} == {True: "meta", False: "cpu"}
    opened.place(encoders=True, network=True)
    assert {each.device.type for each in modules} == {"meta"}


def test_the_pipeline_is_left_as_it_was(folders: dict[str, Path]) -> None:
    trainer = PipelineTrainer(folders["sd"])
    drawing = [Drawing("a woman", 3)]
    before = trainer.draw(b"", drawing, guidance=2.0, steps=2)
    weights = trainer.train(task()).weights
    trainer.draw(weights, drawing, guidance=2.0, steps=2)
    with pytest.raises(IntegrityError):
        trainer.draw(
            save({"unet.nowhere.lora_A.weight": np.zeros((4, 4), np.float32)}), drawing, guidance=2, steps=2
        )
    assert np.array_equal(trainer.draw(b"", drawing, guidance=2.0, steps=2), before)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4)), min_size=1, max_size=5),
    st.floats(0.1, 4.0, allow_nan=False),
)
def test_one_lora_of_many_is_the_mean_of_their_changes(sizes: list[tuple[int, int]], scale: float) -> None:
    rng = np.random.default_rng(len(sizes))
    parts = []
    for images, rank in sizes:
        a, b = rng.normal(size=(rank, 6)), rng.normal(size=(5, rank))
        named = {"x.lora_A.weight": a.astype(np.float32), "x.lora_B.weight": b.astype(np.float32)}
        parts.append((images, named))
    merged = load(constituent_lora.merge([(images, save(named)) for images, named in parts], scale))
    change = merged["x.lora_B.weight"].astype(np.float64) @ merged["x.lora_A.weight"]
    total = sum(images for images, _ in parts)
    mean = sum(
        scale * images / total * (each["x.lora_B.weight"].astype(np.float64) @ each["x.lora_A.weight"])
        for images, each in parts
    )
    assert np.allclose(change, mean, atol=1e-5)
    assert merged["x.lora_A.weight"].shape[0] == sum(rank for _, rank in sizes)


def test_slices_of_other_layers_and_other_files_are_refused() -> None:
    one = save(
        {"x.lora_A.weight": np.zeros((1, 2), np.float32), "x.lora_B.weight": np.zeros((2, 1), np.float32)}
    )
    other = save({"y.lora_A.weight": np.zeros((1, 2), np.float32)})
    for parts in ([(1, one), (1, other)], [(1, b"damaged")], [(1, save({"whole": np.zeros(3, np.float32)}))]):
        with pytest.raises(IntegrityError):
            constituent_lora.merge(parts)


def _index(folder: Path, **changed: Any) -> None:
    file = folder / "model_index.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changed))


def _pickled(folder: Path) -> None:
    for weights in (folder / "unet").glob("*.safetensors"):
        weights.rename(weights.with_suffix(".bin"))


REFUSED: dict[str, tuple[Callable[[Path], object], type[VolentiError], str]] = {
    "no index": (lambda each: (each / "model_index.json").unlink(), MissingModelError, "model_index.json"),
    "an index that is no JSON": (
        lambda each: (each / "model_index.json").write_text("{"),
        IntegrityError,
        "read",
    ),
    "an index that is a list": (
        lambda each: (each / "model_index.json").write_text("[]"),
        IntegrityError,
        "object",
    ),
    "another family": (lambda each: _index(each, _class_name="DDPMPipeline"), UsageError, "DDPMPipeline"),
    "a class of its own": (lambda each: _index(each, _class_name=["mine", "Mine"]), UsageError, "its own"),
    "code of its own": (lambda each: _index(each, unet=["unet_of_mine", "Mine"]), UsageError, "unet_of_mine"),
    "pickled weights": (_pickled, IntegrityError, "safetensors"),
    "no size": (lambda each: (each / "unet" / "config.json").write_text("{}"), IntegrityError, "large"),
    "no network": (lambda each: shutil.rmtree(each / "unet"), IntegrityError, "unet"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_folder_that_is_no_safe_pipeline_is_refused_with_a_remedy(folder: Path, case: str) -> None:
    damage, error, said = REFUSED[case]
    damage(folder)
    for asked in (lambda: PipelineTrainer(folder).base_sha256, PipelineTrainer(folder).check):
        with pytest.raises(error, match=said) as refusal:
            asked()
        assert refusal.value.remedy


def test_a_part_that_is_damaged_inside_is_refused_when_it_is_opened(folder: Path) -> None:
    for weights in (folder / "unet").glob("*.safetensors"):
        weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(IntegrityError) as refusal:
        PipelineTrainer(folder).check()
    assert "save_pretrained" in refusal.value.remedy


def test_the_digest_is_of_what_decides_and_of_nothing_else(folder: Path) -> None:
    before = PipelineTrainer(folder).base_sha256
    (folder / "card.md").write_text("said about it")
    (folder / "unet" / "old.bin").write_bytes(b"never read")
    assert PipelineTrainer(folder).base_sha256 == before
    config = folder / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text().replace("epsilon", "v_prediction"))
    changed = PipelineTrainer(folder).base_sha256
    assert changed != before
    (folder / "unet" / "extra.safetensors").write_bytes(save({"x": np.zeros(1, np.float32)}))
    assert PipelineTrainer(folder).base_sha256 not in (before, changed)


def test_a_pipeline_that_changes_on_disk_is_opened_anew(folder: Path) -> None:
    trainer, drawing = PipelineTrainer(folder), [Drawing("a woman", 3)]
    before = trainer.draw(b"", drawing, guidance=2.0, steps=2)
    file = next((folder / "unet").glob("*.safetensors"))
    file.write_bytes(save({name: each * 1.5 for name, each in load(file.read_bytes()).items()}))
    assert not np.array_equal(trainer.draw(b"", drawing, guidance=2.0, steps=2), before)


def test_captions_in_any_words_are_read_as_far_as_the_encoders_read(folders: dict[str, Path]) -> None:
    trainer = PipelineTrainer(folders["sdxl"])
    assert trainer.unknown_words("Großmutter mit silbernem Haar") == ()
    # A token a letter here, and 75 of them beside the two that begin and end.
    words = ["silver"] * 15
    assert trainer.unknown_words(" ".join(words)) == ("silver",) * 3
    assert trainer.unknown_words("") == ()


def test_full_copies_of_a_pipeline_are_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(UsageError, match="rank"):
        PipelineTrainer(folders["sd"]).train(task(rank=0))
