"""What the benches reckon with: distances, and means over everybody."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def test_the_distance_of_two_normal_clouds_is_the_formulas() -> None:
    from common.mixtures import frechet

    rng = np.random.default_rng(0)
    one = rng.normal(size=(20_000, 16))
    assert frechet(one, one) == pytest.approx(0, abs=1e-9)
    other = rng.normal(size=(20_000, 16)) * 2 + 1
    # Moved by one and twice as wide along each of 16 axes: 16 (1 + 1).
    assert frechet(one, other) == pytest.approx(32, rel=0.03)


def test_a_mean_over_sizes_is_the_mean_over_everybody() -> None:
    from common.complaints import sample

    people = {f"00-{n:03d}": tuple(f"s{n}-{k}" for k in range(1 + n % 3)) for n in range(12)}
    everybody = [len(owners) for owners in people.values() for _ in owners]
    for each in (0, 1, 2):
        chosen = sample(people, each)
        assert sum(weight for _, weight in chosen) == pytest.approx(1)
        mean = sum(weight * len(people[place]) for place, weight in chosen)
        assert mean == pytest.approx(np.mean(everybody))


def test_a_curve_and_a_sheet_are_drawn(tmp_path: Path) -> None:
    from common.charts import EACH, curve, sheet

    lines = {
        "all": [(48, 100.0, "100 s"), (2400, 9000.0, "9,000 s")],
        "one": [(48, 4.0, "4 s"), (2400, 5.0, "")],
    }
    curve(lines, tmp_path / "curve.png", title="t", across="people", up="seconds")
    assert len(np.unique(np.asarray(Image.open(tmp_path / "curve.png")))) > 50
    pictures = np.zeros((2 * EACH, 64, 64, 3), np.uint8)
    sheet({"one": pictures, "two": pictures + 200}, ["a man", "a woman"], tmp_path / "sheet.jpg")
    assert Image.open(tmp_path / "sheet.jpg").width > 2 * EACH * 100
