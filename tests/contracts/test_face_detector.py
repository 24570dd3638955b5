"""The face detector's contract, run over every adapter."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Face, FaceDetector, unit


@dataclass(frozen=True)
class Stage:
    """A detector and pictures of which it is known how many faces they show."""

    detector: FaceDetector
    empty: Rgb
    one: Rgb
    two: Rgb


def memory_stage(_: pytest.FixtureRequest) -> Stage:
    random = np.random.default_rng(0)
    empty, one, two = (random.integers(0, 256, (64, 64 * n, 3), np.uint8) for n in (1, 1, 2))

    def face(left: float, side: float) -> Face:
        landmarks = np.float32(
            [
                [left + side * x, 10 + side * y]
                for x, y in ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
            ]
        )
        return Face((left, 10.0, side, side), 0.9, landmarks, unit(random.normal(size=128)))

    detector = MemoryFaces()
    detector.tell(one, [face(10, 30)])
    detector.tell(two, [face(10, 20), face(70, 40)])
    return Stage(detector, empty, one, two)


def opencv_stage(request: pytest.FixtureRequest) -> Stage:
    models: Path = request.getfixturevalue("models")
    shared: Path = request.getfixturevalue("shared")
    first, second = (
        np.asarray(Image.open(shared / f"cast/images/{name}.jpg")) for name in ("s000-0", "s010-0")
    )
    small = np.asarray(Image.fromarray(first).resize((128, 128)))
    two = np.full((256, 400, 3), 90, np.uint8)
    two[:, :256], two[128:, 270:398] = second, small
    x, y = np.meshgrid(np.arange(200), np.arange(150))
    empty = np.stack([x, y, x // 2 + y // 2], axis=2).astype(np.uint8)
    return Stage(OpencvFaces(models), empty, first, two)


STAGES: dict[str, Callable[[pytest.FixtureRequest], Stage]] = {"memory": memory_stage, "opencv": opencv_stage}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    return STAGES[request.param](request)


def same(one: list[Face], other: list[Face]) -> bool:
    return [(f.box, f.score, f.template.tobytes()) for f in one] == [
        (f.box, f.score, f.template.tobytes()) for f in other
    ]


def test_every_face_of_a_picture_is_found_and_none_in_an_empty_one(stage: Stage) -> None:
    assert [len(stage.detector.faces(picture)) for picture in (stage.empty, stage.one, stage.two)] == [
        0,
        1,
        2,
    ]


def test_the_largest_face_comes_first(stage: Stage) -> None:
    first, second = stage.detector.faces(stage.two)
    assert first.box[2] * first.box[3] > second.box[2] * second.box[3]


def test_a_sight_of_a_picture_has_the_same_faces_and_no_figure_where_there_is_nothing(stage: Stage) -> None:
    for picture in (stage.empty, stage.one, stage.two):
        seen = stage.detector.detect(picture)
        assert same(list(seen.faces), stage.detector.faces(picture))
        assert all(0 < figure.score < 1 for figure in seen.figures)
    assert stage.detector.detect(stage.empty).figures == ()


def test_boxes_and_landmarks_are_pixels_of_the_picture_given(stage: Stage) -> None:
    for picture in (stage.one, stage.two):
        height, width = picture.shape[:2]
        for face in stage.detector.faces(picture):
            left, top, across, down = face.box
            middle = np.array([left + across / 2, top + down / 2])
            assert 0 <= middle[0] <= width
            assert 0 <= middle[1] <= height
            assert face.landmarks.shape == (5, 2)
            assert np.abs(face.landmarks - middle).max() <= max(across, down)
            assert 0 < face.score <= 1


def test_templates_are_128_numbers_of_unit_length(stage: Stage) -> None:
    for face in stage.detector.faces(stage.two):
        assert face.template.shape == (128,)
        assert face.template.dtype == np.float32
        assert np.linalg.norm(face.template) == pytest.approx(1, abs=1e-5)


def test_the_same_picture_gives_the_same_faces_and_is_left_as_it_was(stage: Stage) -> None:
    picture = stage.one.copy()
    assert same(stage.detector.faces(picture), stage.detector.faces(stage.one))
    assert (picture == stage.one).all()


def test_a_detector_sent_to_another_process_finds_the_same_faces(stage: Stage) -> None:
    before = stage.detector.faces(stage.one)
    sent: FaceDetector = pickle.loads(pickle.dumps(stage.detector))
    assert same(sent.faces(stage.one), before)
