"""The keypoint finder's contract, run over every adapter."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from volenti.adapters.keypoints.opencv import OpencvKeypoints
from volenti.perception.copies.keypoints import DESCRIPTOR_LENGTH, KeypointFinder, codes, mirrored
from volenti.perception.files.pixels import Rgb

ADAPTERS: dict[str, Callable[[], KeypointFinder]] = {"opencv": OpencvKeypoints}


@pytest.fixture(params=ADAPTERS)
def finder(request: pytest.FixtureRequest) -> KeypointFinder:
    return ADAPTERS[request.param]()


def blobs(height: int = 300, width: int = 400) -> Rgb:
    noise = np.random.default_rng(0).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(2)))


def test_places_lie_in_the_picture_and_come_with_descriptors(finder: KeypointFinder) -> None:
    found = finder.keypoints(blobs())
    assert 50 < len(found.places) < 1000
    assert found.places.shape == (len(found.places), 4)
    assert found.places.dtype == np.float32
    assert found.descriptors.shape == (len(found.places), DESCRIPTOR_LENGTH)
    assert found.descriptors.dtype == np.uint8
    assert (found.places[:, :2] >= 0).all()
    assert (found.places[:, 0] <= 1).all()
    assert (found.places[:, 1] <= 0.75).all()
    assert (found.places[:, 2] > 0).all()
    assert ((found.places[:, 3] >= 0) & (found.places[:, 3] <= 360)).all()


def test_the_same_picture_gives_the_same_keypoints(finder: KeypointFinder) -> None:
    first, again = finder.keypoints(blobs()), finder.keypoints(blobs())
    assert (first.places == again.places).all()
    assert (first.descriptors == again.descriptors).all()


@pytest.mark.parametrize("closely", [False, True])
def test_in_the_mirrored_picture_places_and_descriptors_are_mirrored(
    finder: KeypointFinder, *, closely: bool
) -> None:
    plain = finder.keypoints(blobs(), closely=closely)
    turned = finder.keypoints(np.ascontiguousarray(blobs()[:, ::-1]), closely=closely)
    far = np.bitwise_count(codes(mirrored(plain.descriptors))[:, None] ^ codes(turned.descriptors)).sum(2)
    rows = np.flatnonzero(far.min(axis=1) <= 20)
    partners = far.argmin(axis=1)[rows]
    assert len(rows) > 0.75 * len(plain.places)
    miss = plain.places[rows, 0] + turned.places[partners, 0] - 1
    assert abs(np.median(miss)) * 400 < 0.1
    directions = (plain.places[rows, 3] + turned.places[partners, 3] - 180) % 360
    assert np.median(np.minimum(directions, 360 - directions)) < 1


def test_in_an_enlarged_picture_the_same_places_are_found(finder: KeypointFinder) -> None:
    small, large = finder.keypoints(blobs()), finder.keypoints(blobs(450, 600))
    far = np.bitwise_count(codes(small.descriptors)[:, None] ^ codes(large.descriptors)).sum(2)
    rows = np.flatnonzero(far.min(axis=1) <= 40)
    assert len(rows) > 0.4 * len(small.places)
    miss = small.places[rows, :2] - large.places[far.argmin(axis=1)[rows], :2]
    assert np.median(np.abs(miss)) < 0.003


def test_every_part_of_a_picture_keeps_some(finder: KeypointFinder) -> None:
    faint = blobs().astype(int)
    faint[:, 200:] = 128 + (faint[:, 200:] - 128) // 3
    found = finder.keypoints(faint.astype(np.uint8))
    assert (found.places[:, 0] > 0.5).sum() > 0.2 * len(found.places)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 3), (40, 40)])
def test_plain_thin_and_tiny_pictures_have_no_keypoints(
    finder: KeypointFinder, shape: tuple[int, int]
) -> None:
    found = finder.keypoints(np.full((*shape, 3), 120, np.uint8))
    assert found.places.shape == (0, 4)
    assert found.descriptors.shape == (0, DESCRIPTOR_LENGTH)


def test_a_large_picture_costs_no_more_keypoints_than_a_small_one(finder: KeypointFinder) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), np.uint8)
    assert len(finder.keypoints(noise).places) <= 384
    assert len(finder.keypoints(noise, closely=True).places) <= 768


def test_looking_closely_finds_the_parts_of_a_picture_that_has_nothing_sharp(finder: KeypointFinder) -> None:
    faint = 109 + np.random.default_rng(3).integers(0, 38, (24, 32, 3)).astype(np.uint8)
    soft = Image.fromarray(faint).resize((1200, 900), Image.Resampling.BICUBIC)
    soft = soft.filter(ImageFilter.GaussianBlur(16))
    part = finder.keypoints(np.asarray(soft.crop((300, 200, 900, 650)))).descriptors

    def met(work: NDArray[np.uint8]) -> int:
        far = np.bitwise_count(codes(part)[:, None] ^ codes(work)).sum(2)
        return int((far.min(axis=1) <= 40).sum())

    closely = met(finder.keypoints(np.asarray(soft), closely=True).descriptors)
    in_passing = met(finder.keypoints(np.asarray(soft)).descriptors)
    assert closely > 20
    assert closely > 4 * in_passing


def test_it_travels_to_other_processes_also_after_use(finder: KeypointFinder) -> None:
    before = finder.keypoints(blobs())
    again = pickle.loads(pickle.dumps(finder)).keypoints(blobs())
    assert (before.places == again.places).all()
