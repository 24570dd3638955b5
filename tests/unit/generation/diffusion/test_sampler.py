"""Sampling: right where the answer is known, and a function of prompt and seed alone."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from volenti.generation.diffusion import flow
from volenti.generation.diffusion.sampler import GUIDED_FROM, GUIDED_TO, sample, time_grid
from volenti.generation.diffusion.unet import NetworkConfig, PatchUNet
from volenti.generation.text import tokenize

MEAN, STD = 0.2, 0.15
PROMPT = tokenize(["a woman"])


class Gaussian(nn.Module):
    """The exact answer where every pixel of the data is N(mean, STD), independently.

    With a prompt the mean is MEAN, without one it is `unprompted`. What the network must answer
    is found by solving v = k x_t + s F for F, k and s themselves read off `flow.velocity`.
    """

    def __init__(self, unprompted: float = MEAN) -> None:
        super().__init__()
        self.unprompted = unprompted
        self.calls: list[tuple[float, int]] = []

    def forward(self, x: Tensor, t: Tensor, words: Tensor) -> Tensor:
        self.calls.append((t[0].item(), len(x)))
        asked = (words != 0).any(dim=1)
        mean = torch.where(asked, MEAN, self.unprompted)[:, None, None, None]
        time = t[:, None, None, None]
        gain = _answer(1.0, 0.0, t, shown=True)
        x_t = x / gain
        variance = (1 - time) ** 2 * STD**2 + time**2
        exact = -mean + (time - (1 - time) * STD**2) / variance * (x_t - (1 - time) * mean)
        drift, scale = _answer(1.0, 0.0, t), _answer(0.0, 1.0, t)
        return (exact - drift * x_t) / scale


class _Fixed(nn.Module):
    def __init__(self, answer: float) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, x: Tensor, t: Tensor, words: Tensor) -> Tensor:
        self.shown = x
        return torch.full_like(x, self.answer)


def _answer(x_t: float, answer: float, t: Tensor, shown: bool = False) -> Tensor:
    """k(t), s(t) or c(t), as `flow.velocity` uses them; (batch, 1, 1, 1)."""
    network = _Fixed(answer)
    said = flow.velocity(network, torch.full((len(t), 1, 1, 1), x_t), t, PROMPT)
    return network.shown if shown else said


def noise(count: int, size: int = 16) -> Tensor:
    return torch.stack(
        [torch.randn(3, size, size, generator=torch.Generator().manual_seed(7 + i)) for i in range(count)]
    )


def error(steps: int) -> float:
    """Largest distance from the exact flow, which takes n to MEAN + STD n, before clamping."""
    start = noise(2) * 0.5
    drawn = sample(Gaussian(), PROMPT.expand(2, -1), start, steps=steps, guidance=1.0)
    return (drawn - (MEAN + STD * start)).abs().max().item()


def test_times_fall_from_one_to_zero() -> None:
    grid = time_grid(12)
    assert grid.shape == (13,)
    assert (grid[0], grid[-1]) == (1.0, 0.0)
    assert (grid.diff() < 0).all()


def test_known_data_is_drawn_with_the_right_mean_and_spread() -> None:
    drawn = sample(Gaussian(), PROMPT.expand(32, -1), noise(32), steps=64, guidance=1.0)
    assert drawn.mean().item() == pytest.approx(MEAN, abs=0.01)
    assert drawn.std().item() == pytest.approx(STD, abs=0.01)


def test_times_are_closer_together_near_the_picture_than_near_the_noise() -> None:
    steps = -time_grid(16).diff()
    assert steps[-1] < steps[0]


def test_sixteen_steps_keep_the_spread_of_known_data() -> None:
    drawn = sample(Gaussian(), PROMPT.expand(32, -1), noise(32), steps=16, guidance=1.0)
    assert drawn.std().item() == pytest.approx(STD, rel=0.03)


def test_every_pixel_follows_the_exact_flow() -> None:
    assert error(32) < 0.01


def test_the_method_is_of_second_order() -> None:
    assert math.log2(error(16) / error(32)) > 1.5


def test_guidance_of_one_is_no_guidance() -> None:
    torch.manual_seed(0)
    network, start = Gaussian(unprompted=-0.3), noise(2)
    words = PROMPT.expand(2, -1)
    drawn = sample(network, words, start, steps=6, guidance=1.0)
    assert all(batch == 2 for _, batch in network.calls)
    torch.testing.assert_close(drawn, sample(Gaussian(), words, start, steps=6, guidance=1.0))


def test_guidance_asks_twice_in_the_middle_of_the_way_only() -> None:
    network = Gaussian()
    sample(network, PROMPT, noise(1), steps=20, guidance=3.0)
    doubled = [time for time, batch in network.calls if batch == 2]
    single = [time for time, batch in network.calls if batch == 1]
    assert all(GUIDED_TO < time <= GUIDED_FROM for time in doubled)
    assert not any(GUIDED_TO < time <= GUIDED_FROM for time in single)
    assert doubled
    assert single


def test_guidance_leads_away_from_what_would_be_drawn_without_a_prompt() -> None:
    means = [
        sample(Gaussian(unprompted=0.0), PROMPT, noise(1), steps=16, guidance=g).mean().item()
        for g in (1.0, 2.0, 3.0)
    ]
    assert means[0] < means[1] < means[2]


def test_guidance_changes_nothing_where_the_prompt_says_nothing() -> None:
    start = noise(1)
    torch.testing.assert_close(
        sample(Gaussian(), PROMPT, start, steps=8, guidance=4.0),
        sample(Gaussian(), PROMPT, start, steps=8, guidance=1.0),
    )


def test_pictures_stay_within_their_range() -> None:
    drawn = sample(Gaussian(unprompted=-3.0), PROMPT, 4 * noise(1), steps=4, guidance=9.0)
    assert drawn.abs().max() <= 1


def test_the_noise_given_is_not_changed() -> None:
    start = noise(1)
    before = start.clone()
    sample(Gaussian(), PROMPT, start, steps=3)
    assert torch.equal(start, before)


def test_drawing_keeps_no_gradients() -> None:
    assert not sample(small(), PROMPT, noise(1), steps=2).requires_grad


def small() -> PatchUNet:
    """A small network whose zero weights were filled, so that every part has a say."""
    torch.manual_seed(3)
    network = PatchUNet(NetworkConfig(size=16, widths=(16, 32), depths=(1, 2), condition_width=16))
    for weight in network.parameters():
        if not weight.any():
            nn.init.normal_(weight, std=0.1)
    return network


def test_a_seed_s_picture_does_not_depend_on_the_batch_it_is_drawn_in() -> None:
    network = small()
    words = tokenize(["a man with glasses", "a woman", "an older man in a red top"])
    start = noise(3)
    together = sample(network, words, start, steps=6, guidance=2.5)
    alone = [sample(network, words[i : i + 1], start[i : i + 1], steps=6, guidance=2.5) for i in range(3)]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-3, rtol=0)


def test_the_same_noise_and_prompt_give_the_same_bits() -> None:
    network, start = small(), noise(2)
    words = tokenize(["a man", "a woman"])
    assert torch.equal(sample(network, words, start, steps=5), sample(network, words, start, steps=5))


def test_another_prompt_gives_another_picture() -> None:
    network, start = small(), noise(1)
    one = sample(network, tokenize(["a man"]), start, steps=4)
    assert not torch.equal(one, sample(network, tokenize(["a woman"]), start, steps=4))
