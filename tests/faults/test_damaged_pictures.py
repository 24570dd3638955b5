"""Damaged pictures: no crash, no hang, bounded memory, and every file is accounted for.

A hundred of the two thousand that `tests/faults/fuzz_pictures.py` looks at.
"""

from pathlib import Path

from tests.faults.fuzz_pictures import BYTES_MAX, SECONDS_MAX, fuzzed
from tests.faults.mutation import mutated, sources


def test_a_hundred_damaged_pictures_do_no_harm_and_are_all_accounted_for(shared: Path) -> None:
    report = fuzzed(shared, range(100), networks=False)
    assert report.harm == {}
    assert report.codes.total() == 100
    assert report.codes["opened"] >= 10
    assert report.codes["unreadable"] >= 10
    assert report.slowest[0] < SECONDS_MAX
    assert report.most_bytes < BYTES_MAX


def test_a_seed_gives_the_same_damage_again(shared: Path) -> None:
    files = sources(shared)
    assert [mutated(seed, files) for seed in range(20)] == [mutated(seed, files) for seed in range(20)]
    assert len({mutated(seed, files) for seed in range(20)}) == 20
