"""Finding faces of all sizes with YuNet, and templates that say who it is."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from volenti.adapters.faces_opencv import OpencvFaces
from volenti.clearance.faces import Rgb
from volenti.core.errors import MissingModelError


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
