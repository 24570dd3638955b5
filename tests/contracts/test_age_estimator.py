"""The age estimator's contract, run over every adapter."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from volenti.adapters.sight.age_onnx import OnnxAges
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.core.errors import MissingModelError
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.age import AgeEstimator
from volenti.perception.sight.faces import Face

ADAPTERS: dict[str, Callable[[Path], AgeEstimator]] = {"onnx": OnnxAges}


@pytest.fixture(params=ADAPTERS)
def ages(request: pytest.FixtureRequest, models: Path) -> AgeEstimator:
    return ADAPTERS[request.param](models)


def seen(models: Path, shared: Path, name: str) -> tuple[Rgb, list[Face]]:
    rgb = np.asarray(Image.open(shared / f"cast/images/{name}.jpg"))
    return rgb, OpencvFaces(models).faces(rgb)


def test_every_face_gets_a_share_between_0_and_1(ages: AgeEstimator, models: Path, shared: Path) -> None:
    rgb, faces = seen(models, shared, "s003-0")
    (youth,) = ages.under_25_scores(rgb, faces)
    assert 0 <= youth <= 1
    # The same face twice gets the same answer twice.
    assert ages.under_25_scores(rgb, faces * 2) == pytest.approx([youth, youth], abs=1e-5)


def test_the_estimate_survives_enlarging_the_picture(ages: AgeEstimator, models: Path, shared: Path) -> None:
    rgb, faces = seen(models, shared, "s003-0")
    large = np.asarray(Image.fromarray(rgb).resize((1024, 1024), Image.Resampling.LANCZOS))
    before, after = (
        ages.under_25_scores(rgb, faces)[0],
        ages.under_25_scores(large, [face.scaled(4) for face in faces])[0],
    )
    assert after == pytest.approx(before, abs=0.15)


def test_no_faces_have_no_ages(ages: AgeEstimator) -> None:
    assert ages.under_25_scores(np.zeros((9, 9, 3), np.uint8), []) == []


def test_an_estimator_can_be_sent_to_another_process(ages: AgeEstimator, models: Path, shared: Path) -> None:
    rgb, faces = seen(models, shared, "s010-0")
    sent: AgeEstimator = pickle.loads(pickle.dumps(ages))
    assert sent.under_25_scores(rgb, faces) == ages.under_25_scores(rgb, faces)


def test_without_the_model_file_nobody_is_estimated_and_it_says_so(tmp_path: Path) -> None:
    face = Face((1, 1, 5, 5), 0.9, np.zeros((5, 2), np.float32), np.zeros(128, np.float32))
    for make in ADAPTERS.values():
        absent = make(tmp_path)
        assert not absent.available
        assert absent.under_25_scores(np.zeros((9, 9, 3), np.uint8), [face]) == [0.0]


def test_a_damaged_model_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "age-v1.onnx").write_bytes(b"not a model")
    face = Face((1, 1, 5, 5), 0.9, np.ones((5, 2), np.float32), np.zeros(128, np.float32))
    with pytest.raises(MissingModelError, match="damaged"):
        OnnxAges(tmp_path).under_25_scores(np.zeros((9, 9, 3), np.uint8), [face])
