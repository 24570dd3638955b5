"""Redaction: nothing of the head is left, and nothing else is touched."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.perception.files.kept import pixels_of
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Face, unit
from volenti.perception.sight.redaction import BLOCK, RedactionError, redact, redacted
from volenti.perception.sight.stranger import Stranger

Box = tuple[float, float, float, float]


def noise(width: int = 200, height: int = 160, seed: int = 0) -> Rgb:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def encoded(rgb: Rgb, name: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, name, **options)
    return out.getvalue()


def boxes(count: int) -> st.SearchStrategy[list[Box]]:
    place, size = st.floats(-30, 190), st.floats(2, 90)
    return st.lists(st.tuples(place, place, size, size), min_size=1, max_size=count)


@settings(max_examples=60, deadline=None)
@given(boxes(3), st.integers(0, 1000))
def test_what_is_redacted_says_nothing_of_what_was_there(where: list[Box], seed: int) -> None:
    before = noise()
    after = redact(before, where)
    # Whatever other picture stands in the regions: the result is the same to the last bit.
    inside = _inside(before.shape, where)
    other = before.copy()
    other[inside] = noise(seed=seed)[inside]
    assert (redact(other, where) == after).all()


@settings(max_examples=40, deadline=None)
@given(boxes(3))
def test_everything_outside_the_head_regions_stays_as_it_was(where: list[Box]) -> None:
    before = noise()
    after = redact(before, where)
    inside = _inside(before.shape, where)
    assert (after[~inside] == before[~inside]).all()
    assert before.tobytes() == noise().tobytes()


def test_the_region_reaches_beyond_the_face_to_hair_ears_and_chin() -> None:
    inside = _inside((400, 400, 3), [(150, 150, 80, 100)])
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    assert rows[0] <= 90
    assert rows[-1] >= 285
    assert columns[0] <= 110
    assert columns[-1] >= 269
    assert rows[0] % BLOCK == columns[0] % BLOCK == 0


def _inside(shape: tuple[int, ...], where: list[Box]) -> np.ndarray:
    """Where redaction writes: a picture in which every pixel differs from any single colour."""
    marked = np.zeros(shape, bool)
    for fill in (0, 255):
        # Two flat pictures with noise under them: only filled pixels lose it.
        rgb = noise(shape[1], shape[0], seed=fill)
        marked |= redact(rgb, where) != rgb
        marked |= redact(255 - rgb, where) != 255 - rgb
    return marked.any(axis=2)


def test_a_picture_that_is_all_head_becomes_grey() -> None:
    assert (redact(noise(40, 40), [(0, 0, 40, 40)]) == 128).all()


def told() -> MemoryFaces:
    """A detector that finds nothing in any picture it wasn't told of."""
    return MemoryFaces()


def test_the_copy_is_of_the_same_size_and_carries_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Somebody"
    data = encoded(noise(), "JPEG", exif=exif)
    copy = redacted(data, [Stranger((40, 60, 30, 30))], told())
    picture = Image.open(io.BytesIO(copy))
    assert picture.format == "JPEG"
    # Turned upright, as it was looked at.
    assert picture.size == (160, 200)
    assert not dict(picture.getexif())
    assert b"Somebody" not in copy
    left = np.asarray(picture)[40:80, 30:60]
    assert left.reshape(-1, 3).std(axis=0).max() < 3


def test_a_picture_without_loss_stays_without_loss() -> None:
    copy = redacted(encoded(noise()), [Stranger((20, 50, 20, 20))], told())
    assert (pixels_of(copy) == redact(noise(), [(20, 50, 20, 20)])).all()


def test_boxes_are_those_of_the_picture_that_is_judged_however_large_the_file_is() -> None:
    large = np.full((1000, 4096, 3), 90, np.uint8)
    large[400:600, 2000:2200] = noise(200, 200)
    copy = redacted(encoded(large), [Stranger((1000, 200, 100, 100))], told())
    assert Image.open(io.BytesIO(copy)).size == (4096, 1000)
    assert (np.asarray(Image.open(io.BytesIO(copy))) == 90).all()


@pytest.mark.parametrize("place", [(60, 60), (84, 60), (100, 30), (50, 100), (120, 60)])
def test_the_face_of_somebody_who_stays_is_not_touched(place: tuple[int, int]) -> None:
    kept = (*place, 48, 48)
    copy = pixels_of(redacted(encoded(noise()), [Stranger((16, 48, 32, 32))], told(), keep=[kept]))
    left, top, width, height = kept
    rows, columns = slice(top, top + height), slice(left, left + width)
    assert (copy[rows, columns] == noise()[rows, columns]).all()
    # The stranger's own face is gone, whoever stands beside it.
    assert len(np.unique(copy[48:80, 16:48].reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize("kept", [(30, 60, 40, 40), (20, 50, 60, 60), (0, 40, 64, 64)])
def test_a_face_that_lies_over_somebody_who_stays_is_not_redacted(kept: Box) -> None:
    with pytest.raises(RedactionError, match="too near"):
        redacted(encoded(noise()), [Stranger((20, 60, 30, 30))], told(), keep=[kept])


#: Beside a face that stays, at (100, 48) and 48 pixels a side: who else there is, the part of the picture
#: (left, top, width, height) of which nothing may be left, and whether the picture can be redacted at all.
BESIDE: dict[str, tuple[Stranger, Box, bool]] = {
    "a body beside them": (Stranger((10, 20, 60, 120), "body"), (10, 20, 60, 120), True),
    "a body up to their face": (Stranger((10, 20, 100, 120), "body"), (10, 20, 80, 120), True),
    "a body that is theirs": (Stranger((60, 40, 120, 120), "body"), (0, 0, 0, 0), False),
    "a head that touches theirs": (Stranger((60, 48, 46, 46)), (60, 48, 40, 46), True),
    "a head behind theirs": (Stranger((70, 48, 46, 46)), (0, 0, 0, 0), False),
    "a head that the detector isn't sure of": (Stranger((30, 60, 20, 20), score=0.5), (10, 40, 60, 60), True),
    "a sure head": (Stranger((30, 60, 20, 20), score=0.9), (20, 48, 40, 39), True),
    "a weak head at the edge": (Stranger((-20, 50, 40, 50), score=0.5), (0, 30, 40, 90), True),
}


@pytest.mark.parametrize("name", BESIDE)
def test_somebody_beside_a_face_that_stays(name: str) -> None:
    stranger, gone, can = BESIDE[name]
    face = (100, 48, 48, 48)
    if not can:
        with pytest.raises(RedactionError, match="too near"):
            redacted(encoded(noise()), [stranger], told(), keep=[face])
        return
    same = (pixels_of(redacted(encoded(noise()), [stranger], told(), keep=[face])) == noise()).all(axis=2)
    left, top, width, height = (round(value) for value in gone)
    assert not same[top : top + height, left : left + width].any()
    assert same[56:88, 108:140].all()


class Elsewhere(MemoryFaces):
    """Finds the face that stays, and another as long as a pixel of it differs from those around."""

    def __init__(self, stays: Box, other: Box) -> None:
        super().__init__()
        self.stays, self.other = stays, other

    def detect(self, rgb: Rgb):  # type: ignore[no-untyped-def]
        left, top, width, height = (int(value) for value in self.other)
        there = rgb[top : top + height, left : left + width].reshape(-1, 3).std(axis=0).max() > 2
        boxes = [self.stays, *([self.other] if there else [])]
        self.tell(rgb, [Face(box, 0.9, np.zeros((5, 2), np.float32), unit(np.ones(128))) for box in boxes])
        return super().detect(rgb)


def test_a_face_that_stands_out_of_a_body_is_filled_with_it() -> None:
    # The face that stays touches the region as well, and is no reason to let that grow.
    stays, head = (130, 60, 40, 40), (30, 28, 24, 24)
    body = Stranger((20, 60, 80, 90), "body")
    copy = pixels_of(redacted(encoded(noise()), [body], Elsewhere(stays, head), keep=[stays]))
    assert not (copy[28:52, 30:54] == noise()[28:52, 30:54]).all(axis=2).any()
    assert (copy[60:100, 130:170] == noise()[60:100, 130:170]).all()


class Stubborn(MemoryFaces):
    """Sees a face at a place as long as anything there isn't of one colour."""

    def __init__(self, box: Box, near: int) -> None:
        super().__init__()
        self.box, self.near = box, near

    def detect(self, rgb: Rgb):  # type: ignore[no-untyped-def]
        left, top, width, height = (int(value) for value in self.box)
        around = rgb[
            max(0, top - self.near) : top + height + self.near,
            max(0, left - self.near) : left + width + self.near,
        ]
        if around.reshape(-1, 3).std(axis=0).max() > 2:
            self.tell(rgb, [Face(self.box, 0.9, np.zeros((5, 2), np.float32), unit(np.ones(128)))])
        return super().detect(rgb)


def test_a_region_grows_until_no_face_is_found_in_it() -> None:
    box = (150.0, 150.0, 60.0, 60.0)
    rgb = noise(400, 400)
    filled = {}
    for near in (20, 45):
        copy = pixels_of(redacted(encoded(rgb), [Stranger(box)], Stubborn(box, near)))
        filled[near] = int((copy != rgb).any(axis=2).sum())
    assert filled[45] > filled[20]


def test_a_face_that_is_found_however_far_the_region_grows_is_a_failure() -> None:
    box = (150.0, 150.0, 20.0, 20.0)
    with pytest.raises(RedactionError, match="still found"):
        redacted(encoded(noise(400, 400)), [Stranger(box)], Stubborn(box, 140))


def test_several_frames_and_files_that_do_not_open_are_failures() -> None:
    frames = [Image.fromarray(noise(seed=n)) for n in range(2)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:])
    with pytest.raises(RedactionError, match="several"):
        redacted(out.getvalue(), [Stranger((20, 60, 30, 30))], told())
    with pytest.raises(RedactionError) as caught:
        redacted(b"no picture", [Stranger((20, 60, 30, 30))], told())
    assert caught.value.remedy


def test_strangers_are_not_found_again_and_the_released_face_is_as_good_as_before(
    models: Path, shared: Path
) -> None:
    detector = OpencvFaces(models)
    sides = [np.asarray(Image.open(shared / f"cast/images/{name}.jpg")) for name in ("s003-0", "s010-0")]
    pair = np.concatenate(sides, axis=1)
    stranger, released = sorted(detector.faces(pair), key=lambda face: face.box[0])
    copy = redacted(
        encoded(pair, "JPEG", quality=95), [Stranger(stranger.box)], detector, keep=[released.box]
    )
    (left,) = detector.faces(pixels_of(copy))
    assert left.box == pytest.approx(released.box, abs=2)
    assert left.template @ released.template > 0.99
