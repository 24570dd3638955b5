"""Non-interference: whoever was erased leaves nothing that depends on them.

One story is told in two worlds that differ in one person alone, and ends with that person's erasure. What
remains must then be the same in both (tests/worlds/remains.py says what may differ, and why).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.worlds.remains import differences, remains
from tests.worlds.story import Story, stories, told


def compared(folder: Path, story: Story) -> list[str]:
    found = []
    for which in (0, 1):
        # In one place, one after the other: where files lie is in what is kept of them.
        found.append(remains(told(folder / "world", story, which)))
        shutil.rmtree(folder / "world")
    one, other = found
    return differences(one, other) + one["names"] + other["names"] + one["audit"] + other["audit"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=stories())
def test_what_remains_is_the_same_whoever_was_erased(
    tmp_path_factory: pytest.TempPathFactory, story: Story
) -> None:
    assert compared(tmp_path_factory.mktemp("worlds"), story) == []
