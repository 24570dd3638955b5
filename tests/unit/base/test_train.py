"""How the base's training picks pictures, words and pixels."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from base.course import TIMES, AutoregressionCourse, Course, DiffusionCourse, face_emphasis, training_times
from base.muon import optimizers, orthogonal
from base.train import State, cumulative_weights, varied
from volenti.core.errors import UsageError
from volenti.generation.autoregression.codebook import Codebook, CodebookConfig
from volenti.generation.autoregression.transformer import TransformerConfig
from volenti.generation.diffusion.unet import NetworkConfig
from volenti.generation.generator import open_generator
from volenti.generation.text import tokenize


def test_glasses_and_smiles_are_drawn_oftener() -> None:
    records = [
        {"glasses": glasses, "expr": expression}
        for glasses in (False, True)
        for expression in ("neutral", "laughing")
    ]
    assert cumulative_weights(records) == [1, 3, 6, 12]


def test_eyes_and_mouth_count_most_and_all_pixels_count_one_on_average() -> None:
    weights = face_emphasis(64, 15.0)
    assert weights.mean().item() == pytest.approx(1)
    for row in (25, 43):
        assert weights[row, 31] > 10 * weights[0, 0]
    assert torch.equal(face_emphasis(64, 0.0), torch.ones(64, 64))


def test_times_come_from_each_part_of_the_mixture_by_its_share() -> None:
    times = training_times(40_000, torch.Generator().manual_seed(4))
    assert torch.equal(times, training_times(40_000, torch.Generator().manual_seed(4)))
    assert 0 < times.min() < times.max() < 1
    # Below 0.06 a mixture's last part has half of its times (its mean is -2.4), the others few.
    shares = [share for share, _, _ in TIMES]
    assert sum(shares) == pytest.approx(1)
    low = (times < 1 / (1 + math.exp(2.4))).float().mean().item()
    few = sum(s * _below(-2.4, mean, std) for s, mean, std in TIMES)
    assert low == pytest.approx(few, abs=0.01)


def _below(value: float, mean: float, std: float) -> float:
    return 0.5 * (1 + math.erf((value - mean) / std / math.sqrt(2)))


def test_a_shortened_caption_says_nothing_that_the_whole_one_does_not() -> None:
    whole = "a young woman with short black hair and glasses in a purple top, facing the camera, green screen"
    rng = random.Random(3)
    shortened = {varied(whole, rng) for _ in range(200)}
    assert "" in shortened
    assert len(shortened) > 5
    said = {word.strip(",") for word in whole.split()} | {"background"}
    assert all({word.strip(",") for word in text.split()} <= said for text in shortened)


@pytest.mark.parametrize("shape", [(12, 40), (40, 12)])
def test_the_momentum_is_made_nearly_orthogonal(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    strengths = torch.linalg.svdvals(orthogonal(matrix))
    assert strengths.min() > 0.5
    assert strengths.max() < 1.4
    assert orthogonal(matrix).dtype == matrix.dtype


def frames(count: int = 8) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (count, 64, 64, 3), dtype=np.uint8)


ARCHITECTURES = ("diffusion", "autoregression")


def made(architecture: str, folder: Path, device: str = "cpu") -> Course:
    torch.manual_seed(1)
    if architecture == "diffusion":
        return DiffusionCourse(NetworkConfig(), frames(), 6.0, device)
    codebook = folder / "codebook.safetensors"
    save_file(Codebook(CodebookConfig()).state_dict(), codebook)
    return AutoregressionCourse(TransformerConfig(32, 2, 4), frames(), codebook, device)


@pytest.fixture(params=ARCHITECTURES)
def course(request: pytest.FixtureRequest, tmp_path: Path) -> Course:
    return made(request.param, tmp_path)


def lesson(course: Course, step: int) -> torch.Tensor:
    words = tokenize(["a man in a red top", "a woman in a blue top"])
    return course.losses([0, 1], [False, True], words, step).mean()


def test_a_course_teaches_and_keeps_a_base_that_opens(course: Course, tmp_path: Path) -> None:
    state = State(course, 3e-3)
    losses = []
    for step in range(6):
        loss = lesson(course, 0)
        losses.append(loss.item())
        state.step(loss, 1.0)
        assert state.seen == 64 * (step + 1)
    assert losses[-1] < losses[0]
    state.save(tmp_path)
    generator = open_generator(tmp_path / "average-00000384.safetensors")
    opened = dict(generator.network.named_parameters())
    assert all(torch.equal(opened[name].detach(), each) for name, each in state.average.items())


def test_a_killed_training_goes_on_where_it_was(course: Course, tmp_path: Path) -> None:
    state = State(course, 3e-3)
    for step in range(3):
        state.step(lesson(course, step), 1.0)
    state.save(tmp_path)
    state.step(lesson(course, 3), 1.0)
    whole = {name: each.clone() for name, each in state.average.items()}
    again = State(course, 3e-3)
    again.load(tmp_path / "state.pt")
    assert again.seen == 192
    again.step(lesson(course, 3), 1.0)
    assert all(torch.equal(again.average[name], each) for name, each in whole.items())


def test_every_weight_has_an_optimiser(course: Course) -> None:
    optims = optimizers(course.network, course.edge, 1e-3)
    cared_for = [id(p) for optim in optims for group in optim.param_groups for p in group["params"]]
    assert sorted(cared_for) == sorted(id(p) for p in course.network.parameters())
    assert all(len(optim.param_groups[0]["params"]) > 0 for optim in optims)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_on_another_device_nothing_stays_behind(architecture: str, tmp_path: Path) -> None:
    # torch's device without memory refuses, as a GPU does, to mix with what lies on the CPU.
    elsewhere = made(architecture, tmp_path, "meta")
    loss = lesson(elsewhere, 0)
    assert loss.device.type == "meta"
    State(elsewhere, 3e-3).step(loss, 1.0)


def test_larger_pictures_get_the_larger_network_and_are_taught_by_the_same_course(tmp_path: Path) -> None:
    config = NetworkConfig.for_size(128)
    large = np.zeros((2, 128, 128, 3), np.uint8)
    course = DiffusionCourse(config, large, 6.0)
    state = State(course, 3e-3)
    state.step(lesson(course, 0), 1.0)
    state.save(tmp_path)
    assert open_generator(tmp_path / "average-00000064.safetensors").size == 128
    with pytest.raises(UsageError, match="96 px"):
        NetworkConfig.for_size(96)
