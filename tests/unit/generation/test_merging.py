"""Merging: exact, the same bits for the same parts, and the same as torch would give."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from volenti.generation.bases import network_weights, shipped_base
from volenti.generation.generator import open_generator
from volenti.generation.lora import FULL, adapted_weights, applied, fresh
from volenti.generation.merging import Weights, adapted_names, merged

RANK = 3
WEIGHTS = network_weights(shipped_base())


@pytest.fixture(params=[RANK, FULL], ids=["low rank", "full"])
def rank(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def trained(seed: int, rank: int) -> dict[str, np.ndarray]:
    """An adapter of the shipped base with something in it."""
    draws = torch.Generator().manual_seed(seed)
    adapter = fresh(open_generator(shipped_base()).network, rank, draws)
    return {
        name: (torch.randn(t.shape, generator=draws) * 0.1 if name.endswith((".b", ".d")) else t).numpy()
        for name, t in adapter.items()
    }


def adapted(adapter: Weights) -> dict[str, np.ndarray]:
    return {name: WEIGHTS[name] for name in adapted_names(adapter)}


def same(one: Weights, two: Weights) -> bool:
    return one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)


def test_the_base_without_torch_is_the_base_that_torch_opens() -> None:
    opened = {name: each.numpy() for name, each in open_generator(shipped_base()).network.named_parameters()}
    assert same(WEIGHTS, opened)


def test_an_adapter_changes_what_it_was_made_for(rank: int) -> None:
    network = open_generator(shipped_base()).network
    assert set(adapted_names(trained(0, rank))) == set(adapted_weights(network, rank))


def test_an_untrained_adapter_changes_nothing(rank: int) -> None:
    network = open_generator(shipped_base()).network
    adapter = {name: t.numpy() for name, t in fresh(network, rank, torch.Generator().manual_seed(0)).items()}
    assert same(merged(adapted(adapter), [(1.0, adapter)]), adapted(adapter))


def test_merging_one_adapter_in_full_is_applying_it(rank: int) -> None:
    adapter = trained(1, rank)
    weights = adapted(adapter)
    tensors = [
        {name: torch.from_numpy(each.copy()) for name, each in some.items()} for some in (weights, adapter)
    ]
    used, whole = applied(*tensors), merged(weights, [(1.0, adapter)])
    for name in weights:
        torch.testing.assert_close(torch.from_numpy(whole[name]), used[name], atol=1e-6, rtol=1e-5)


def test_the_sum_is_as_near_to_the_exact_one_as_float32_can_say(rank: int) -> None:
    parts = [(share, trained(seed, rank)) for seed, share in enumerate((0.2, 0.5, 0.3))]
    weights = adapted(parts[0][1])
    found = merged(weights, parts)
    for name in weights:
        exact = weights[name].astype(np.longdouble)
        for share, adapter in parts:
            if rank == FULL:
                change = adapter[f"{name}.d"].astype(np.longdouble)
            else:
                outputs, inputs = (adapter[f"{name}.{end}"].astype(np.longdouble) for end in "ba")
                change = (outputs[:, :, None] * inputs).sum(1)
            exact += share * change.reshape(exact.shape)
        # Half a unit in the last place is the rounding to float32 itself.
        assert (abs(found[name] - exact) <= 0.501 * np.spacing(abs(found[name]))).all()


def test_merging_nothing_gives_the_bases_own_bits(rank: int) -> None:
    assert same(merged(WEIGHTS, []), WEIGHTS)


def test_merging_gives_the_same_bits_every_time(rank: int) -> None:
    parts = [(share, trained(seed, rank)) for seed, share in enumerate((0.2, 0.5, 0.3))]
    assert same(merged(adapted(parts[0][1]), parts), merged(adapted(parts[0][1]), iter(parts)))


def test_shares_add_up(rank: int) -> None:
    adapter = trained(4, rank)
    halves = merged(adapted(adapter), [(0.25, adapter), (0.75, adapter)])
    whole = merged(adapted(adapter), [(1.0, adapter)])
    for name in whole:
        np.testing.assert_allclose(halves[name], whole[name], atol=1e-6, rtol=1e-5)


def test_leaving_a_part_out_is_as_if_it_never_was(rank: int) -> None:
    one, two = trained(1, rank), trained(2, rank)
    left = merged(adapted(one), [(1.0, one)])
    assert not same(merged(adapted(one), [(0.5, one), (0.5, two)]), left)
    assert same(merged(adapted(one), [(1.0, one), (0.0, two)]), left)


def test_merging_does_not_touch_the_weights_it_was_given(rank: int) -> None:
    adapter = trained(3, rank)
    weights = {name: each.copy() for name, each in adapted(adapter).items()}
    merged(weights, [(1.0, adapter)])
    assert same(weights, adapted(adapter))


def test_an_adapter_of_another_network_is_refused(rank: int) -> None:
    with pytest.raises(KeyError):
        merged({}, [(1.0, trained(1, rank))])


def test_merging_loads_no_torch() -> None:
    code = """
import sys
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.generation.bases import shipped_base
TorchTrainer(shipped_base()).merge([])
print("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
