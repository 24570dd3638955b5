"""Flow matching: the preconditioning's algebra, checked against numbers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from volenti.generation.diffusion import flow
from volenti.generation.diffusion.flow import DATA_STD

TIMES = [0.0, 0.01, 0.2, 0.5, 0.8, 0.99, 1.0]
WORDS = torch.zeros(1, 4, dtype=torch.long)


class Constant(nn.Module):
    """A network that always answers with the same tensor, and remembers what it was shown."""

    def __init__(self, answer: Tensor) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, x: Tensor, t: Tensor, words: Tensor) -> Tensor:
        self.shown = x
        return self.answer.expand_as(x)


def pair(count: int = 400_000) -> tuple[Tensor, Tensor]:
    """Data of the standard deviation the preconditioning expects, and noise; (1, 1, 1, count)."""
    draws = torch.Generator().manual_seed(5)
    shape = (1, 1, 1, count)
    return torch.randn(shape, generator=draws) * DATA_STD, torch.randn(shape, generator=draws)


def remainder(x: Tensor, noise: Tensor, t: float) -> Tensor:
    """What the network is asked for: found by asking a network that answers 0 for the velocity."""
    times = torch.tensor([t])
    x_t = (1 - t) * x + t * noise
    known = flow.velocity(Constant(torch.zeros(1)), x_t, times, WORDS)
    unit = flow.velocity(Constant(torch.ones(1)), x_t, times, WORDS) - known
    return (noise - x - known) / unit


@pytest.mark.parametrize("t", TIMES)
def test_what_the_network_is_asked_for_has_unit_variance_at_every_time(t: float) -> None:
    asked = remainder(*pair(), t)
    assert asked.mean().item() == pytest.approx(0, abs=0.01)
    assert asked.var().item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("t", TIMES)
def test_what_the_network_is_shown_has_unit_variance_at_every_time(t: float) -> None:
    x, noise = pair()
    network = Constant(torch.zeros(1))
    flow.velocity(network, (1 - t) * x + t * noise, torch.tensor([t]), WORDS)
    assert network.shown.var().item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("t", TIMES)
def test_nothing_that_could_be_guessed_linearly_is_left_to_the_network(t: float) -> None:
    x, noise = pair()
    asked, x_t = remainder(x, noise, t), (1 - t) * x + t * noise
    assert (asked * x_t).mean().item() == pytest.approx(0, abs=0.01)


def test_a_network_that_says_nothing_loses_one() -> None:
    x, noise = pair(90_000)
    x, noise = x.view(30, 3, 25, 40), noise.view(30, 3, 25, 40)
    times = flow.sample_times(30, torch.Generator().manual_seed(0))
    lost = flow.loss(Constant(torch.zeros(1)), x, WORDS, noise, times)
    assert lost.item() == pytest.approx(1, abs=0.03)


def test_a_network_that_is_right_loses_nothing_and_its_velocity_is_the_line_s() -> None:
    x, noise = pair(3 * 8 * 8)
    x, noise = x.view(1, 3, 8, 8), noise.view(1, 3, 8, 8)
    t = torch.tensor([0.37])
    right = Constant(remainder(x, noise, 0.37))
    assert flow.loss(right, x, WORDS, noise, t).item() == pytest.approx(0, abs=1e-10)
    said = flow.velocity(right, 0.63 * x + 0.37 * noise, t, WORDS)
    torch.testing.assert_close(said, noise - x, atol=1e-5, rtol=0)


def test_each_picture_of_a_batch_has_its_own_time() -> None:
    x, noise = (part.view(2, 3, 8, 8) for part in pair(2 * 3 * 8 * 8))
    times = torch.tensor([0.2, 0.7])
    network = Constant(torch.tensor(0.3))
    both = flow.velocity(network, noise, times, WORDS)
    alone = [flow.velocity(network, noise[i : i + 1], times[i : i + 1], WORDS) for i in range(2)]
    torch.testing.assert_close(both, torch.cat(alone))
    assert flow.loss(network, x, WORDS, noise, times).ndim == 0


def test_training_times_lie_inside_and_come_from_the_generator_alone() -> None:
    times = flow.sample_times(20_000, torch.Generator().manual_seed(9))
    assert times.shape == (20_000,)
    assert times.min() > 0
    assert times.max() < 1
    torch.manual_seed(1234)
    assert torch.equal(times, flow.sample_times(20_000, torch.Generator().manual_seed(9)))


def test_training_times_are_logit_normal() -> None:
    logits = torch.logit(flow.sample_times(50_000, torch.Generator().manual_seed(2)).double())
    assert logits.mean().item() == pytest.approx(flow.TIME_MEAN, abs=0.02)
    assert logits.std().item() == pytest.approx(flow.TIME_STD, abs=0.02)


def test_emphasis_moves_the_loss_to_the_pixels_that_count_more() -> None:
    x, noise = (part.view(2, 3, 8, 8) for part in pair(2 * 3 * 8 * 8))
    times, network = torch.tensor([0.2, 0.7]), Constant(torch.tensor(0.0))
    even = flow.loss(network, x, WORDS, noise, times)
    torch.testing.assert_close(flow.loss(network, x, WORDS, noise, times, torch.ones(8, 8)), even)
    top = torch.cat([torch.full((4, 8), 2.0), torch.zeros(4, 8)])
    bottom = 2 - top
    halves = [flow.loss(network, x, WORDS, noise, times, half) for half in (top, bottom)]
    assert halves[0] != halves[1]
    torch.testing.assert_close(sum(halves) / 2, even)
