"""Adapters: nothing until trained, and small."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from volenti.generation import lora as adapters
from volenti.generation.diffusion.unet import NetworkConfig, PatchUNet
from volenti.generation.text import tokenize

RANK = 3


@pytest.fixture
def network() -> PatchUNet:
    torch.manual_seed(2)
    return PatchUNet(
        NetworkConfig(size=16, widths=(16, 32), depths=(1, 2), condition_width=16)
    ).requires_grad_(False)


@pytest.fixture(params=[RANK, adapters.FULL], ids=["low rank", "full"])
def rank(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def trained(network: PatchUNet, seed: int, rank: int = RANK) -> dict[str, Tensor]:
    """An adapter with something in it: what begins at zero is filled, as training would."""
    draws = torch.Generator().manual_seed(seed)
    adapter = adapters.fresh(network, rank, draws)
    return {
        name: torch.randn(t.shape, generator=draws) * 0.1 if name.endswith((".b", ".d")) else t
        for name, t in adapter.items()
    }


def same(one: dict[str, Tensor], two: dict[str, Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def test_a_fresh_adapter_changes_no_weight(network: PatchUNet, rank: int) -> None:
    weights = adapters.adapted_weights(network, rank)
    adapter = adapters.fresh(network, rank, torch.Generator().manual_seed(0))
    assert same(adapters.applied(weights, adapter), weights)


def test_a_fresh_adapter_changes_no_answer(network: PatchUNet, rank: int) -> None:
    for weight in network.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.1)
    x, t, words = torch.ones(1, 3, 16, 16), torch.tensor([0.4]), tokenize(["a man"])
    adapter = adapters.fresh(network, rank, torch.Generator().manual_seed(0))
    changed = adapters.applied(adapters.adapted_weights(network, rank), adapter)
    assert torch.equal(functional_call(network, changed, (x, t, words)), network(x, t, words))
    other = adapters.applied(adapters.adapted_weights(network, rank), trained(network, 1, rank))
    assert not torch.equal(functional_call(network, other, (x, t, words)), network(x, t, words))


def test_an_adapter_has_two_thin_matrices_for_each_adapted_weight(network: PatchUNet) -> None:
    weights = adapters.adapted_weights(network, RANK)
    adapter = adapters.fresh(network, RANK, torch.Generator().manual_seed(0))
    assert set(adapter) == {f"{name}.{part}" for name in weights for part in "ab"}
    for name, weight in weights.items():
        assert adapter[f"{name}.a"].shape == (RANK, weight[0].numel())
        assert adapter[f"{name}.b"].shape == (weight.shape[0], RANK)


def test_a_full_adapter_has_a_change_for_every_weight(network: PatchUNet) -> None:
    adapter = adapters.fresh(network, adapters.FULL, torch.Generator().manual_seed(0))
    shapes = {f"{name}.d": weight.shape for name, weight in network.named_parameters()}
    assert {name: part.shape for name, part in adapter.items()} == shapes


def test_an_adapter_knows_its_rank(network: PatchUNet, rank: int) -> None:
    assert adapters.rank_of(trained(network, 1, rank)) == rank


def test_the_entrance_the_exit_the_words_and_the_places_are_never_adapted(network: PatchUNet) -> None:
    names = adapters.adapted_weights(network, RANK).keys()
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
    one = adapters.fresh(network, RANK, torch.Generator().manual_seed(8))
    torch.manual_seed(99)
    assert same(one, adapters.fresh(network, RANK, torch.Generator().manual_seed(8)))
    assert not same(one, adapters.fresh(network, RANK, torch.Generator().manual_seed(9)))


def test_both_matrices_learn_through_what_is_applied(network: PatchUNet, rank: int) -> None:
    adapter = {name: tensor.requires_grad_(True) for name, tensor in trained(network, 6, rank).items()}
    applied = adapters.applied(adapters.adapted_weights(network, rank), adapter)
    torch.stack([weight.square().sum() for weight in applied.values()]).sum().backward()
    assert [name for name, tensor in adapter.items() if tensor.grad is None or not tensor.grad.any()] == []
    assert all(weight.grad is None for weight in network.parameters())


def test_a_change_has_at_most_the_adapter_s_rank(network: PatchUNet) -> None:
    weights = adapters.adapted_weights(network, RANK)
    applied = adapters.applied(weights, trained(network, 5))
    for name, weight in weights.items():
        change = (applied[name] - weight).flatten(1)
        assert int(torch.linalg.matrix_rank(change, rtol=1e-3)) <= RANK
