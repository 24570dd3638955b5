"""How the codebook learns: it paints better with practice, and no word stays idle."""

from __future__ import annotations

import pytest

pytest.importorskip("cv2", reason="the base's tools look for faces with OpenCV")

import torch

from base.codebook import losses, revive
from volenti.generation.autoregression.codebook import Codebook, CodebookConfig

SMALL = CodebookConfig(size=32, patch=8, words=64, code_width=8, width=16, depth=1)


def pictures(count: int) -> torch.Tensor:
    """Two halves of one colour each."""
    draws = torch.Generator().manual_seed(1)
    colours = torch.rand(count, 3, 1, 2, generator=draws) * 2 - 1
    return colours.repeat_interleave(16, 3).expand(count, 3, 32, 32).contiguous()


def test_practice_makes_it_paint_better() -> None:
    torch.manual_seed(0)
    codebook = Codebook(SMALL)
    optimizer = torch.optim.AdamW(codebook.parameters(), lr=3e-3)
    x, seen = pictures(32), []
    for _ in range(40):
        loss, error, _, _ = losses(codebook, x, torch.ones(32, 32))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(error.mean().item())
    assert seen[-1] < 0.5 * seen[0]
    with torch.no_grad():
        painted = codebook.decode(codebook.encode(x))
    assert ((painted - x) ** 2).mean().item() < 0.6 * x.var().item()


def test_a_word_that_nobody_chose_gets_the_features_of_what_is_painted_badly() -> None:
    torch.manual_seed(0)
    codebook = Codebook(SMALL)
    x = pictures(8)
    features = codebook.features(x).detach()
    error = torch.arange(8.0)
    used = torch.ones(SMALL.words)
    used[[3, 9]] = 0
    before = codebook.codes.detach().clone()
    assert revive(codebook, used, features, error, torch.Generator().manual_seed(2)) == 2
    worst = features[6:].flatten(0, 1)
    for word in range(SMALL.words):
        now = codebook.codes[word].detach()
        if used[word]:
            assert torch.equal(now, before[word])
        else:
            assert bool((worst == now).all(1).any())
