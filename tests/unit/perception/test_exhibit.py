"""The sheet a reviewer looks at."""

import io

import numpy as np
import pytest
from PIL import Image

from volenti.core.errors import UsageError
from volenti.perception.exhibit import HEIGHT, Exhibit, sheet


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def plain(height: int, width: int, shade: int = 90) -> np.ndarray:
    return np.full((height, width, 3), shade, np.uint8)


@pytest.mark.parametrize(("suffix", "kind"), [(".jpg", "JPEG"), (".JPEG", "JPEG"), (".png", "PNG")])
def test_a_sheet_is_written_as_its_name_says(suffix: str, kind: str) -> None:
    assert opened(sheet([Exhibit(plain(40, 30), ("one",))], suffix)).format == kind


def test_another_suffix_is_refused_with_a_remedy() -> None:
    with pytest.raises(UsageError) as error:
        sheet([Exhibit(plain(4, 4), ())], ".gif")
    assert ".jpg" in error.value.remedy


def test_pictures_stand_side_by_side_at_one_height_and_panoramas_are_bounded() -> None:
    small, wide = Exhibit(plain(40, 30), ("a",)), Exhibit(plain(100, 5000), ("b",))
    page = opened(sheet([small, wide, Exhibit(None, ("no photograph",))], ".png"))
    assert page.height > HEIGHT
    assert page.width < 2 * HEIGHT + 2 * HEIGHT


def test_the_enlarged_face_shows_the_face_and_the_whole_picture_shows_its_box() -> None:
    picture = plain(400, 400)
    picture[100:140, 200:240] = 255
    box = (200.0, 100.0, 40.0, 40.0)
    enlarged = np.asarray(opened(sheet([Exhibit(picture, (), box, enlarged=True)], ".png")))
    boxed = np.asarray(opened(sheet([Exhibit(picture, (), box)], ".png")))
    white = [(page[16 : 16 + HEIGHT] == 255).all(axis=2).mean() for page in (enlarged, boxed)]
    assert white[0] > 20 * white[1] > 0
    assert (boxed == (214, 140, 0)).all(axis=2).any()


def test_a_face_at_the_edge_is_cut_at_the_edge() -> None:
    at_the_edge = Exhibit(plain(60, 60), (), (-5.0, 40.0, 30.0, 30.0), enlarged=True)
    assert opened(sheet([at_the_edge], ".png")).width > 0
