"""What every architecture promises, and what a base's file says of itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.unit.generation.autoregression.small import write_base
from volenti.core.errors import IntegrityError, MissingModelError
from volenti.generation.autoregression.generator import Autoregression
from volenti.generation.bases import shipped_base, size_px
from volenti.generation.diffusion.generator import Diffusion
from volenti.generation.generator import Generator, open_generator
from volenti.generation.text import tokenize

WORDS = tokenize(["a woman in a red top", "an older man with glasses", ""])


@pytest.fixture(scope="module", params=["diffusion", "autoregression"])
def generator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator:
    if request.param == "diffusion":
        return open_generator(shipped_base())
    return open_generator(write_base(tmp_path_factory.mktemp("base") / "small.safetensors"))


def frames(count: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (count, 64, 64, 3), dtype=np.uint8)


def test_there_is_a_row_and_a_loss_for_each_picture(generator: Generator) -> None:
    rows = generator.training_inputs(frames())
    assert len(rows) == 3
    found = generator.losses(generator.network, rows, WORDS, torch.Generator().manual_seed(1))
    assert found.shape == (3,)
    assert bool((found > 0).all())


def test_losses_are_the_generator_s_alone(generator: Generator) -> None:
    rows = generator.training_inputs(frames())
    first, again = (
        generator.losses(generator.network, rows, WORDS, torch.Generator().manual_seed(1)) for _ in range(2)
    )
    assert torch.equal(first, again)


@torch.no_grad()
def test_a_picture_is_its_seed_s_and_its_words_alone(generator: Generator) -> None:
    together = generator.draw(generator.network, WORDS, [1, 2, 3], guidance=2.0, steps=2)
    assert together.shape == (3, generator.size, generator.size, 3)
    alone = generator.draw(generator.network, WORDS[1:2], [2], guidance=2.0, steps=2)
    assert np.abs(alone[0].astype(int) - together[1].astype(int)).max() <= 1
    other = generator.draw(generator.network, WORDS[1:2], [7], guidance=2.0, steps=2)
    assert not np.array_equal(other, alone)


@torch.no_grad()
def test_who_watches_sees_the_picture_come_and_does_not_change_it(generator: Generator) -> None:
    seen: list[tuple[tuple[int, ...], float]] = []
    watched = generator.draw(
        generator.network,
        WORDS[:1],
        [1],
        guidance=2.0,
        steps=4,
        watch=lambda pictures, share: seen.append((pictures.shape, share)),
    )
    assert np.array_equal(watched, generator.draw(generator.network, WORDS[:1], [1], guidance=2.0, steps=4))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {shape for shape, _ in seen} == {(1, generator.size, generator.size, 3)}


def test_a_base_says_what_it_is(tmp_path: Path) -> None:
    path = write_base(tmp_path / "small.safetensors")
    assert isinstance(open_generator(path), Autoregression)
    assert isinstance(open_generator(shipped_base()), Diffusion)
    assert size_px(path) == size_px(shipped_base()) == 64


def test_what_is_no_base_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingModelError):
        open_generator(tmp_path / "none.safetensors")
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(shipped_base().read_bytes()[:1000])
    with pytest.raises(IntegrityError):
        open_generator(torn)
    with pytest.raises(IntegrityError):
        size_px(torn)
    strange = tmp_path / "strange.safetensors"
    save_file(load_file(shipped_base()), strange, {"architecture": "clockwork"})
    with pytest.raises(IntegrityError, match="clockwork"):
        open_generator(strange)
    lacking = tmp_path / "lacking.safetensors"
    save_file(dict(list(load_file(shipped_base()).items())[1:]), lacking)
    with pytest.raises(IntegrityError):
        open_generator(lacking)
