"""The table of model files."""

import re

import pytest

from volenti.perception.sight.weights import WEIGHTS, UrlSource, Weight, WheelSource


@pytest.mark.parametrize("weight", WEIGHTS, ids=lambda weight: weight.file)
def test_every_model_file_is_pinned_sourced_and_disclosed(weight: Weight) -> None:
    assert re.fullmatch("[0-9a-f]{64}", weight.sha256)
    assert weight.bytes > 0
    assert weight.licence in {"MIT", "Apache-2.0", "CC0-1.0"}
    assert len(weight.trained_on) > 40
    wheel, *addresses = weight.sources
    assert isinstance(wheel, WheelSource)
    assert re.fullmatch(r"[a-z-]+==[0-9.]+", wheel.requirement)
    for address in addresses:
        assert isinstance(address, UrlSource)
        assert address.url.startswith("https://github.com/opencv/opencv_zoo/")
        assert address.url.endswith(weight.file)


def test_file_names_are_distinct() -> None:
    assert len({weight.file for weight in WEIGHTS}) == len(WEIGHTS)
