"""Copies of third parties' works: what a picture is to a work."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from volenti.adapters.keypoints.opencv import OpencvKeypoints
from volenti.perception.copies.detail import Detail
from volenti.perception.copies.fingerprint import Fingerprint, fingerprint
from volenti.perception.copies.resemblance import Resemblance, compared, correlation, covered, is_copy

FINDER = OpencvKeypoints()


def scene(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """A made-up picture: soft blobs, as different from the next seed's as two photographs."""
    noise = np.random.default_rng(seed).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.GaussianBlur(3))


def prints(image: Image.Image) -> Fingerprint:
    return fingerprint(np.asarray(image.convert("RGB")))


def detailed(image: Image.Image, *, closely: bool = False) -> Fingerprint:
    return fingerprint(np.asarray(image.convert("RGB")), FINDER, closely=closely)


def kept(image: Image.Image) -> Fingerprint:
    """A work as it is on the register: its detail to the precision kept."""
    made = detailed(image, closely=True)
    assert made.detail is not None
    return Fingerprint(made.hash, made.greys, made.aspect, Detail.from_json(made.detail.to_json()))


def answer(seen: Image.Image, work: Fingerprint) -> Resemblance:
    """The stronger of the answers for the picture and for its mirror image."""
    return stronger(detailed(seen), work)


def stronger(made: Fingerprint, work: Fingerprint) -> Resemblance:
    both = {compared(made, work), compared(made, work, mirrored=True)}
    return "same" if "same" in both else "near" if "near" in both else "other"


def resaved(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def captioned(image: Image.Image) -> Image.Image:
    out = image.copy()
    pen = ImageDraw.Draw(out)
    pen.rectangle((0, image.height * 0.8, image.width, image.height), fill="black")
    pen.text((10, image.height * 0.83), "NOT MINE, BUT FUNNY", "white")
    return out


def hues(image: Image.Image) -> Image.Image:
    _, green, blue = image.split()
    return Image.merge("RGB", (green, green.point(lambda v: min(255, int(v * 1.2))), blue))


RESAVED = {
    "saved at quality 30": lambda image: resaved(image, 30),
    "saved at quality 90": lambda image: resaved(image, 90),
    "a quarter of the size": lambda image: image.resize((image.width // 4, image.height // 4)),
    "twice the size": lambda image: image.resize((image.width * 2, image.height * 2)),
    "smaller and saved again": lambda image: resaved(image.resize((image.width // 2, image.height // 2)), 50),
    "a little brighter": lambda image: image.point(lambda value: min(255, int(value * 1.15))),
    "in greys": lambda image: image.convert("L"),
}
EDITED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "cropped to half its area": lambda image: image.crop((90, 66, 317, 236)),
    "cropped to half of each side": lambda image: image.crop((20, 100, 180, 220)),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned by ten degrees": lambda image: image.rotate(10, Image.Resampling.BICUBIC),
    "turned the other way and grown": lambda image: image.rotate(-10, expand=True, fillcolor="white"),
    "on its side": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "written over": captioned,
    "recoloured": hues,
    "cropped, mirrored and saved badly": lambda image: resaved(
        image.crop((0, 0, 230, 170)).transpose(Image.Transpose.FLIP_LEFT_RIGHT), 30
    ),
    "in the corner of a page": lambda image: page(image),
}


def page(image: Image.Image) -> Image.Image:
    out = Image.new("RGB", (640, 480), "white")
    out.paste(image, (300, 200))
    return out


@pytest.mark.parametrize("edit", RESAVED)
def test_a_copy_is_recognised_without_keypoints_after_being(edit: str) -> None:
    assert is_copy(prints(RESAVED[edit](scene(3))), prints(scene(3)))


@pytest.mark.parametrize("edit", EDITED)
def test_a_copy_is_recognised_after_being(edit: str) -> None:
    assert answer(resaved(EDITED[edit](scene(3)), 85), kept(scene(3))) == "same"


def test_other_pictures_are_no_copies_whatever_is_done_to_them() -> None:
    works = [kept(scene(seed)) for seed in range(4)]
    for edit in EDITED.values():
        made = detailed(edit(scene(100)))
        assert {stronger(made, work) for work in works} == {"other"}


def test_two_pictures_that_share_a_flag_are_no_copies() -> None:
    flag = scene(1).crop((0, 0, 100, 240))
    one, other = scene(2), scene(3)
    one.paste(flag, (0, 0))
    other.paste(flag, (0, 0))
    assert answer(one, kept(other)) == "other"


def test_a_picture_retouched_by_half_is_for_a_person_to_judge() -> None:
    retouched = scene(2)
    retouched.paste(scene(3).crop((0, 0, 152, 240)), (0, 0))
    assert answer(retouched, kept(scene(2))) == "near"


def test_without_detail_edited_copies_arent_looked_for() -> None:
    mirrored = scene(3).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert compared(prints(mirrored), kept(scene(3)), mirrored=True) == "other"
    assert compared(detailed(mirrored), prints(scene(3)), mirrored=True) == "other"
    assert compared(detailed(scene(3)), prints(scene(3))) == "same"


def test_the_same_composition_with_other_detail_is_no_copy() -> None:
    base = np.asarray(scene(1)).astype(int)
    blotches = np.asarray(scene(2)).astype(int) - 128
    other = Image.fromarray(np.clip(base + blotches // 2, 0, 255).astype(np.uint8))
    assert not is_copy(prints(scene(1)), prints(other))


def test_a_stretched_picture_is_no_resaved_copy() -> None:
    assert not is_copy(prints(scene(1)), prints(scene(1).resize((320, 160))))


def test_plain_pictures_are_copies_only_of_their_own_colour() -> None:
    black, white = (prints(Image.new("RGB", (64, 64), colour)) for colour in ("black", "white"))
    wide = prints(Image.new("RGB", (128, 64), "white"))
    assert is_copy(black, black)
    assert is_copy(wide, white)
    assert not is_copy(black, white)
    assert not is_copy(prints(scene(1)), white)


@pytest.mark.parametrize(
    "edit", [captioned, lambda page: page.rotate(10), lambda page: page.rotate(-10, expand=True)]
)
def test_a_plain_page_that_was_written_over_or_turned_is_for_a_person_to_judge(
    edit: Callable[[Image.Image], Image.Image],
) -> None:
    white = Image.new("RGB", (320, 240), "white")
    assert answer(resaved(edit(white), 85), kept(white)) == "near"
    assert answer(resaved(edit(white), 85), kept(Image.new("RGB", (320, 240), (235, 235, 235)))) == "other"


def test_a_picture_with_some_of_a_plain_works_shade_is_another_picture() -> None:
    white = Image.new("RGB", (320, 240), "white")
    half = scene(3)
    half.paste(white.crop((0, 0, 160, 240)), (0, 0))
    assert covered(prints(half), np.array([255.0, np.nan])) == pytest.approx([0.5, 0], abs=0.05)
    assert answer(half, kept(white)) == "other"


def soft(seed: int) -> Image.Image:
    """A faint picture without anything sharp, as large as a photograph: lights in a fog."""
    faint = 109 + np.random.default_rng(seed).integers(0, 38, (24, 32, 3)).astype(np.uint8)
    image = Image.fromarray(faint).resize((1200, 900), Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.GaussianBlur(14))


def test_a_quarter_of_a_picture_without_anything_sharp_is_recognised() -> None:
    part = resaved(soft(3).crop((300, 200, 900, 650)), 85)
    assert answer(part, kept(soft(3))) == "same"
    assert answer(part, kept(soft(4))) == "other"


def test_correlation_has_its_extremes() -> None:
    greys = prints(scene(1)).greys
    negative: NDArray[np.uint8] = (255 - greys.astype(int)).astype(np.uint8)
    assert correlation(greys, greys) == pytest.approx(1)
    assert correlation(greys, negative) == pytest.approx(-1)


def test_photographs_of_one_studio_are_not_taken_for_copies_of_each_other(shared: Path) -> None:
    pictures = [Image.open(path) for path in sorted((shared / "cast/images").glob("s00*.jpg"))]
    made = [prints(picture) for picture in pictures]
    alike = [(a, b) for a in range(len(made)) for b in range(a) if is_copy(made[a], made[b])]
    assert alike == []
    assert all(
        is_copy(one, prints(resaved(picture, 60))) for one, picture in zip(made, pictures, strict=True)
    )
