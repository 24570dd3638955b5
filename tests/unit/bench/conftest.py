"""The benches are scripts beside each other: their folder is where they look for one another."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def beside_the_benches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[3] / "bench")
