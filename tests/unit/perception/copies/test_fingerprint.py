"""Fingerprints: small, stable, and the same whether detail was looked for or not."""

import json

import numpy as np
import pytest
from PIL import Image

from volenti.adapters.keypoints.opencv import OpencvKeypoints
from volenti.perception.copies.fingerprint import Fingerprint, fingerprint


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (60, 80, 3), np.uint8)


def test_a_fingerprint_without_detail_survives_json_and_is_small() -> None:
    made = fingerprint(noise(1))
    again = Fingerprint.from_json(json.loads(json.dumps(made.to_json())))
    assert again.digest == made.digest
    assert (again.greys == made.greys).all()
    assert again.detail is None
    assert len(json.dumps(made.to_json())) < 2000


def test_the_name_is_the_same_with_detail_and_differs_from_picture_to_picture() -> None:
    finder = OpencvKeypoints()
    assert fingerprint(noise(1), finder).digest == fingerprint(noise(1)).digest
    assert fingerprint(noise(1)).digest != fingerprint(noise(2)).digest


def test_detail_is_there_only_where_keypoints_were_looked_for() -> None:
    assert fingerprint(noise(1)).detail is None
    found = fingerprint(noise(1), OpencvKeypoints()).detail
    assert found is not None
    assert len(found.places) > 20


@pytest.mark.parametrize(("colour", "shade"), [("black", 0), ("white", 255), ((90, 90, 90), 90)])
def test_a_picture_of_one_colour_has_a_shade(colour: str | tuple[int, int, int], shade: int) -> None:
    assert fingerprint(np.asarray(Image.new("RGB", (50, 40), colour))).shade == shade


def test_a_picture_of_anything_has_no_shade() -> None:
    assert fingerprint(noise(1)).shade is None
