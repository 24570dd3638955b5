"""Adapters: nothing until trained, exact when merged, the same bits for the same parts."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from volenti.diffusion import lowrank
from volenti.diffusion.text import tokenize
from volenti.diffusion.unet import NetworkConfig, PatchUNet

RANK = 3


@pytest.fixture
def network() -> PatchUNet:
    torch.manual_seed(2)
    return PatchUNet(NetworkConfig(size=16, width=16, inner_width=32, condition_width=16)).requires_grad_(
        False
    )


def trained(network: PatchUNet, seed: int) -> dict[str, Tensor]:
    """An adapter with something in it: B is filled, as training would."""
    draws = torch.Generator().manual_seed(seed)
    adapter = lowrank.fresh(network, RANK, draws)
    return {
        name: torch.randn(t.shape, generator=draws) * 0.1 if name.endswith(".b") else t
        for name, t in adapter.items()
    }


def same(one: dict[str, Tensor], two: dict[str, Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def test_a_fresh_adapter_changes_no_weight(network: PatchUNet) -> None:
    weights = lowrank.adapted_weights(network)
    adapter = lowrank.fresh(network, RANK, torch.Generator().manual_seed(0))
    assert same(lowrank.applied(weights, adapter), weights)
    assert same(lowrank.merged(weights, [(1.0, adapter)]), weights)


def test_a_fresh_adapter_changes_no_answer(network: PatchUNet) -> None:
    for weight in network.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.1)
    x, t, words = torch.ones(1, 3, 16, 16), torch.tensor([0.4]), tokenize(["a man"])
    adapter = lowrank.fresh(network, RANK, torch.Generator().manual_seed(0))
    changed = lowrank.applied(lowrank.adapted_weights(network), adapter)
    assert torch.equal(functional_call(network, changed, (x, t, words)), network(x, t, words))
    other = lowrank.applied(lowrank.adapted_weights(network), trained(network, 1))
    assert not torch.equal(functional_call(network, other, (x, t, words)), network(x, t, words))


def test_an_adapter_has_two_thin_matrices_for_each_adapted_weight(network: PatchUNet) -> None:
    weights = lowrank.adapted_weights(network)
    adapter = lowrank.fresh(network, RANK, torch.Generator().manual_seed(0))
    assert set(adapter) == {f"{name}.{part}" for name in weights for part in "ab"}
    for name, weight in weights.items():
        assert adapter[f"{name}.a"].shape == (RANK, weight[0].numel())
        assert adapter[f"{name}.b"].shape == (weight.shape[0], RANK)


def test_the_entrance_the_exit_the_words_and_the_places_are_never_adapted(network: PatchUNet) -> None:
    names = lowrank.adapted_weights(network).keys()
    parts = {name.split(".")[0] for name in names}
    assert parts == {
        "text",
        "time",
        "down_blocks",
        "down",
        "inner_blocks",
        "inner_attention",
        "up",
        "up_blocks",
    }
    assert "text.embedding.weight" not in names


def test_the_generator_alone_decides_a_fresh_adapter(network: PatchUNet) -> None:
    one = lowrank.fresh(network, RANK, torch.Generator().manual_seed(8))
    torch.manual_seed(99)
    assert same(one, lowrank.fresh(network, RANK, torch.Generator().manual_seed(8)))
    assert not same(one, lowrank.fresh(network, RANK, torch.Generator().manual_seed(9)))


def test_merging_one_adapter_in_full_is_applying_it(network: PatchUNet) -> None:
    weights, adapter = lowrank.adapted_weights(network), trained(network, 1)
    applied, merged = lowrank.applied(weights, adapter), lowrank.merged(weights, [(1.0, adapter)])
    for name in weights:
        torch.testing.assert_close(merged[name], applied[name], atol=1e-6, rtol=1e-5)


def test_merging_nothing_gives_the_base_s_own_bits(network: PatchUNet) -> None:
    weights = lowrank.adapted_weights(network)
    assert same(lowrank.merged(weights, []), weights)


def test_merging_gives_the_same_bits_every_time(network: PatchUNet) -> None:
    weights = lowrank.adapted_weights(network)
    parts = [(share, trained(network, seed)) for seed, share in enumerate((0.2, 0.5, 0.3))]
    assert same(lowrank.merged(weights, parts), lowrank.merged(weights, iter(parts)))


def test_shares_add_up(network: PatchUNet) -> None:
    weights, adapter = lowrank.adapted_weights(network), trained(network, 4)
    halves = lowrank.merged(weights, [(0.25, adapter), (0.75, adapter)])
    whole = lowrank.merged(weights, [(1.0, adapter)])
    for name in weights:
        torch.testing.assert_close(halves[name], whole[name], atol=1e-6, rtol=1e-5)


def test_leaving_a_part_out_is_as_if_it_never_was(network: PatchUNet) -> None:
    weights = lowrank.adapted_weights(network)
    one, two = trained(network, 1), trained(network, 2)
    left = lowrank.merged(weights, [(1.0, one)])
    assert not same(lowrank.merged(weights, [(0.5, one), (0.5, two)]), left)
    assert same(lowrank.merged(weights, [(1.0, one), (0.0, two)]), left)


def test_merging_does_not_touch_the_weights_it_was_given(network: PatchUNet) -> None:
    weights = lowrank.adapted_weights(network)
    before = {name: weight.clone() for name, weight in weights.items()}
    lowrank.merged(weights, [(1.0, trained(network, 3))])
    assert same(weights, before)


def test_both_matrices_learn_through_what_is_applied(network: PatchUNet) -> None:
    adapter = {name: tensor.requires_grad_(True) for name, tensor in trained(network, 6).items()}
    applied = lowrank.applied(lowrank.adapted_weights(network), adapter)
    torch.stack([weight.square().sum() for weight in applied.values()]).sum().backward()
    assert [name for name, tensor in adapter.items() if tensor.grad is None or not tensor.grad.any()] == []
    assert all(weight.grad is None for weight in network.parameters())


def test_a_change_has_at_most_the_adapter_s_rank(network: PatchUNet) -> None:
    weights = lowrank.adapted_weights(network)
    applied = lowrank.applied(weights, trained(network, 5))
    for name, weight in weights.items():
        change = (applied[name] - weight).flatten(1)
        assert int(torch.linalg.matrix_rank(change, rtol=1e-3)) <= RANK
