"""The gradient of a step that is computed in parts."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.adapters.trainer.exact import mean_gradient, parts, within_memory
from volenti.core.errors import UsageError
from volenti.training.recipe import Recipe


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(1, 8))
def test_the_gradient_of_equal_parts_is_that_of_the_whole(size: int, count: int) -> None:
    draws = torch.Generator().manual_seed(size)
    rows = torch.randn(size * count, 3, generator=draws)
    weights = torch.randn(3, generator=draws).requires_grad_(True)
    unused = torch.zeros(2).requires_grad_(True)
    recipe = Recipe(batch=size * count, accumulate=count)
    found, loss = mean_gradient(
        (((rows[part] @ weights) ** 2).mean() for part in parts(recipe)), [weights, unused]
    )
    mean = ((rows @ weights) ** 2).mean()
    (whole,) = torch.autograd.grad(mean, [weights])
    assert torch.allclose(found[0], whole, rtol=1e-4, atol=1e-5)
    assert torch.equal(found[1], torch.zeros(2))
    assert loss == pytest.approx(mean.item(), rel=1e-4)


def test_a_step_in_one_part_is_differentiated_as_it_was() -> None:
    # Bits of earlier trainings hang on it: nothing is added, and nothing divided.
    weights = torch.tensor([0.1, 0.3]).requires_grad_(True)
    found, loss = mean_gradient([(weights**3).mean()], [weights])
    (whole,) = torch.autograd.grad((weights**3).mean(), [weights])
    assert torch.equal(found[0], whole)
    assert loss == (weights**3).mean().item()


@given(st.integers(1, 64), st.integers(1, 64))
def test_the_parts_are_equal_and_cover_the_step(size: int, count: int) -> None:
    found = parts(Recipe(batch=size * count, accumulate=count))
    assert [row for part in found for row in range(size * count)[part]] == list(range(size * count))
    assert len(found) == count


def test_a_gpu_without_enough_memory_is_told_with_what_helps() -> None:
    with (
        pytest.raises(UsageError, match="at a time: 4") as refusal,
        within_memory(Recipe(batch=8, accumulate=2)),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory")
    assert "--accumulate" in refusal.value.remedy
