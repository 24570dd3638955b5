"""Finding faces of all sizes with YuNet, and templates that say who it is."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.core.errors import MissingModelError
from volenti.perception.files.pixels import Rgb


@pytest.fixture(scope="module")
def detector(models: Path) -> OpencvFaces:
    return OpencvFaces(models)


def portrait(shared: Path, name: str, side: int = 256) -> Rgb:
    image = Image.open(shared / f"cast/images/{name}.jpg").resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image)


@pytest.mark.parametrize("side", [48, 64, 96, 256, 900, 2048])
def test_a_portrait_of_any_size_shows_one_face(detector: OpencvFaces, shared: Path, side: int) -> None:
    (face,) = detector.faces(portrait(shared, "s003-0", side))
    share = face.box[3] / side
    assert 0.3 < share < 0.9


@pytest.mark.parametrize("side", [56, 80, 120, 640])
def test_a_small_bystander_and_a_large_portrait_are_both_found(
    detector: OpencvFaces, shared: Path, side: int
) -> None:
    canvas = np.full((1200, 1900, 3), 128, np.uint8)
    canvas[:1100, :1100] = portrait(shared, "s003-0", 1100)
    canvas[1200 - side :, 1900 - side :] = portrait(shared, "s010-0", side)
    faces = detector.faces(canvas)
    assert len(faces) == 2
    left, top, width, height = faces[1].box
    assert 1900 - side <= left + width / 2 <= 1900
    assert 1200 - side <= top + height / 2 <= 1200


def test_templates_are_nearer_to_the_same_person_than_to_another(detector: OpencvFaces, shared: Path) -> None:
    one, again, other = (
        detector.faces(portrait(shared, name))[0].template for name in ("s003-0", "s003-4", "s010-0")
    )
    assert one @ again > one @ other + 0.1


def test_a_template_survives_enlarging_the_picture(detector: OpencvFaces, shared: Path) -> None:
    small, large = (detector.faces(portrait(shared, "s003-0", side))[0].template for side in (256, 1024))
    assert small @ large > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 2), (7, 5), (64, 64)])
def test_pictures_of_odd_shapes_and_plain_colour_show_nobody(
    detector: OpencvFaces, shape: tuple[int, int]
) -> None:
    assert detector.faces(np.full((*shape, 3), 90, np.uint8)) == []


def test_a_crowd_is_found_face_by_face(detector: OpencvFaces, shared: Path) -> None:
    rows = [[portrait(shared, f"s{10 * row + column:03d}-0", 160) for column in range(6)] for row in range(3)]
    crowd = np.concatenate([np.concatenate(row, axis=1) for row in rows])
    assert len(detector.faces(crowd)) == 18


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_head_that_lies_sideways_or_upside_down_is_found_where_it_is(
    detector: OpencvFaces, shared: Path, turns: int
) -> None:
    upright = portrait(shared, "s010-0", 200)
    canvas = np.full((300, 420, 3), 90, np.uint8)
    canvas[60:260, 40:240] = np.rot90(upright, turns)
    (face,) = detector.faces(canvas)
    (straight,) = detector.faces(upright)
    assert face.template @ straight.template > 0.8
    left, top, width, height = face.box
    assert 40 <= left + width / 2 <= 240
    assert 60 <= top + height / 2 <= 260
    # Which way up the head is can be read off the landmarks: from the eyes to the mouth.
    down = face.landmarks[3:].mean(axis=0) - face.landmarks[:2].mean(axis=0)
    assert int(np.argmax([down[1], down[0], -down[1], -down[0]])) == turns


def test_a_small_face_in_a_large_picture_is_found(detector: OpencvFaces, shared: Path) -> None:
    canvas = np.full((700, 4096, 3), 128, np.uint8)
    canvas[500:540, 3500:3540] = portrait(shared, "s010-0", 40)
    canvas[100:300, 300:500] = portrait(shared, "s003-0", 200)
    faces = detector.faces(canvas)
    assert len(faces) == 2
    assert 12 <= faces[1].box[2] <= 20
    assert abs(faces[1].box[0] - 3507) < 8


def test_what_a_second_look_does_not_confirm_is_no_face(detector: OpencvFaces) -> None:
    # Two dots over a line in a round, coarse as a mosaic: a face from afar, nothing from near by.
    small = np.full((24, 24, 3), 200, np.uint8)
    small[4:20, 6:18] = 150
    small[9:11, 8:10] = small[9:11, 14:16] = small[15:16, 10:14] = 60
    seen = detector.detect(small.repeat(10, axis=0).repeat(10, axis=1))
    assert all(face.score >= 0.5 for face in seen.faces)
    assert all(0.3 <= figure.score < 0.5 for figure in seen.figures)


def test_without_model_files_the_first_picture_says_what_to_fetch(tmp_path: Path) -> None:
    detector = OpencvFaces(tmp_path)
    with pytest.raises(MissingModelError) as caught:
        detector.faces(np.zeros((64, 64, 3), np.uint8))
    assert "yunet" in caught.value.message
    assert "VOLENTI_MODELS" in caught.value.remedy


def test_a_damaged_model_file_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "face_detection_yunet_2023mar.onnx").write_bytes(b"not a model")
    with pytest.raises(MissingModelError, match="damaged"):
        OpencvFaces(tmp_path).faces(np.zeros((64, 64, 3), np.uint8))


def test_what_travels_to_a_worker_is_a_folder_not_a_network(detector: OpencvFaces, shared: Path) -> None:
    detector.faces(portrait(shared, "s003-0", 64))
    assert len(pickle.dumps(detector)) < 1000


@pytest.mark.slow
def test_faces_of_photographed_people_are_found(detector: OpencvFaces, shared: Path) -> None:
    files = sorted((shared / "portraits/images").iterdir())[::40]
    found = [len(detector.faces(np.asarray(Image.open(file).convert("RGB")))) for file in files]
    assert min(found) >= 1
