"""The template that a person is enrolled by: the mean of the face and of its mirror image."""

from pathlib import Path

import numpy as np
import pytest

from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Face, Template, unit
from volenti.perception.sight.reference import reference_template

WIDTH = 100


def picture() -> Rgb:
    return np.random.default_rng(0).integers(0, 256, (80, WIDTH, 3), np.uint8)


def face(left: float, axis: int, width: float = 30) -> Face:
    return Face((left, 20, width, width), 0.9, np.zeros((5, 2), np.float32), along(axis))


def along(axis: int) -> Template:
    return np.eye(128, dtype=np.float32)[axis]


def told(mirrored: list[Face]) -> MemoryFaces:
    detector = MemoryFaces()
    detector.tell(np.ascontiguousarray(picture()[:, ::-1]), mirrored)
    return detector


def test_both_sides_count_the_same() -> None:
    found = reference_template(told([face(WIDTH - 10 - 30, 1)]), picture(), face(10, 0))
    assert found == pytest.approx(unit(along(0) + along(1)))


def test_another_face_of_the_mirrored_picture_is_no_side_of_this_one() -> None:
    # Where it lies without mirroring is somebody else's place.
    found = reference_template(told([face(10, 1)]), picture(), face(10, 0))
    assert found == pytest.approx(along(0))


def test_a_face_much_larger_or_smaller_is_another_one() -> None:
    found = reference_template(told([face(WIDTH - 10 - 30, 1, 18)]), picture(), face(10, 0))
    assert found == pytest.approx(along(0))


def test_without_a_face_in_the_mirrored_picture_one_side_is_enough() -> None:
    assert reference_template(told([]), picture(), face(10, 0)) == pytest.approx(along(0))


def test_the_reference_of_a_picture_and_of_its_mirror_image_are_nearly_the_same(
    shared: Path, models: Path
) -> None:
    detector = OpencvFaces(models)
    opened = open_picture((shared / "cast/images/s000-1.jpg").read_bytes())
    assert isinstance(opened, Picture)
    pictures = [opened.rgb, np.ascontiguousarray(opened.rgb[:, ::-1])]
    faces = [detector.faces(each)[0] for each in pictures]
    one, other = (reference_template(detector, *each) for each in zip(pictures, faces, strict=True))
    assert one @ other > 0.99
    assert one @ faces[0].template > 0.9
