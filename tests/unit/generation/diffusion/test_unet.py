"""The network's shape, and that no picture of a batch sees another."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from volenti.generation.diffusion.unet import Block, NetworkConfig, PatchUNet, time_features
from volenti.generation.text import tokenize

SMALL = NetworkConfig(size=16, widths=(16, 32), depths=(1, 2), condition_width=16)


def awake(config: NetworkConfig = SMALL) -> PatchUNet:
    """A network whose zero weights were filled, so that every part has a say."""
    torch.manual_seed(11)
    network = PatchUNet(config)
    for weight in network.parameters():
        if not weight.any():
            nn.init.normal_(weight, std=0.1)
    return network


def inputs(count: int, size: int = 16) -> tuple[Tensor, Tensor, Tensor]:
    draws = torch.Generator().manual_seed(4)
    x = torch.randn(count, 3, size, size, generator=draws)
    t = torch.rand(count, generator=draws)
    return x, t, tokenize(["a woman", "a man with glasses", "an older man in a red top"][:count])


@pytest.mark.parametrize("size", [16, 32, 64])
def test_what_comes_out_has_the_shape_of_what_went_in(size: int) -> None:
    network = PatchUNet(NetworkConfig(size=size, widths=(16, 32), depths=(1, 2), condition_width=16))
    assert network(*inputs(2, size)).shape == (2, 3, size, size)


def test_a_fresh_network_answers_the_same_to_every_picture() -> None:
    x, t, words = inputs(3)
    answers = PatchUNet(SMALL)(x, t, words)
    assert torch.equal(answers[0], answers[1])
    assert torch.equal(answers[0], answers[2])


def test_no_picture_sees_its_neighbours() -> None:
    network = awake().requires_grad_(False)
    x, t, words = inputs(3)
    together = network(x, t, words)
    alone = [network(x[i : i + 1], t[i : i + 1], words[i : i + 1]) for i in range(3)]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=1e-4)


def test_nothing_in_it_keeps_a_statistic_of_the_batch() -> None:
    network = PatchUNet(SMALL)
    assert list(network.buffers()) == []
    assert not any(isinstance(part, nn.modules.batchnorm._BatchNorm) for part in network.modules())


def test_its_parameters_are_all_of_its_state() -> None:
    # An average over parameters, as the base's training keeps, is then a whole network.
    network = PatchUNet(SMALL)
    assert set(network.state_dict()) == {name for name, _ in network.named_parameters()}


def test_every_weight_learns() -> None:
    network = awake()
    network(*inputs(3)).square().mean().backward()
    asleep = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert asleep == []


@pytest.mark.parametrize("changed", ["picture", "time", "words"])
def test_picture_time_and_words_all_matter(changed: str) -> None:
    network = awake().requires_grad_(False)
    x, t, words = inputs(1)
    before = network(x, t, words)
    after = network(
        x + 0.1 if changed == "picture" else x,
        t + 0.1 if changed == "time" else t,
        tokenize(["a man"]) if changed == "words" else words,
    )
    assert (before - after).abs().max() > 1e-4


def test_the_place_on_the_picture_matters() -> None:
    network = awake().requires_grad_(False)
    x, t, words = inputs(1)
    shifted = network(x.roll(8, dims=3), t, words).roll(-8, dims=3)
    assert (network(x, t, words) - shifted).abs().max() > 1e-4


def test_a_fresh_block_lets_its_input_through() -> None:
    h = torch.randn(2, 32, 4, 4, generator=torch.Generator().manual_seed(0))
    block = Block(32, 32, 8)
    out = block(h, torch.ones(2, 8)) - h
    # Only the last convolution's bias is added, the same at every place.
    torch.testing.assert_close(out, block.conv_out.bias.view(1, -1, 1, 1).expand_as(out), atol=1e-6, rtol=0)


def test_time_s_features_are_bounded_and_tell_times_apart() -> None:
    features = time_features(torch.linspace(0, 1, 201))
    assert features.shape == (201, 64)
    assert features.abs().max() <= 1
    assert torch.cdist(features, features).add(10 * torch.eye(201)).min() > 0.1


def test_the_same_seed_builds_the_same_network() -> None:
    one, two = awake().state_dict(), awake().state_dict()
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_the_shipped_shape_fits_its_file() -> None:
    # 12 MB of float16: what a wheel can carry.
    network = PatchUNet(NetworkConfig())
    assert sum(p.numel() for p in network.parameters()) * 2 < 12_000_000
