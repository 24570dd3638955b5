"""The further pictures of a file."""

import io

import numpy as np
import pytest
from PIL import Image

from volenti.perception.files.frames import Frame, further_frames
from volenti.perception.files.picture import Limits, Picture, open_picture

COLOURS = ("red", "lime", "blue", "white")


def opened(data: bytes) -> Picture:
    picture = open_picture(data)
    assert isinstance(picture, Picture)
    return picture


def pages(name: str, colours: tuple[str, ...] = COLOURS, size: tuple[int, int] = (40, 30)) -> bytes:
    images = [Image.new("RGB", size, colour) for colour in colours]
    out = io.BytesIO()
    images[0].save(out, name, save_all=True, append_images=images[1:])
    return out.getvalue()


def walked(data: bytes, limits: Limits | None = None) -> list[Frame]:
    return list(further_frames(data, opened(data), limits))


@pytest.mark.parametrize("name", ["GIF", "TIFF", "WEBP", "PNG"])
def test_every_picture_after_the_first_comes_in_order(name: str) -> None:
    frames = walked(pages(name))
    assert [frame.number for frame in frames] == [1, 2, 3]
    for frame, colour in zip(frames, ((0, 255, 0), (0, 0, 255), (255, 255, 255)), strict=True):
        assert frame.rgb is not None
        assert frame.rgb.shape == (30, 40, 3)
        assert np.abs(frame.rgb.astype(int) - colour).max() < 12


def test_the_second_picture_of_a_camera_that_takes_two_comes_too() -> None:
    first, *_ = walked(pages("MPO"))
    assert first.rgb is not None
    assert np.abs(first.rgb.astype(int) - (0, 255, 0)).max() < 12


def test_a_file_of_one_picture_has_no_further_ones() -> None:
    assert walked(pages("PNG", ("red",))) == []


def test_a_picture_that_repeats_an_earlier_one_is_counted_and_passed_over() -> None:
    frames = walked(pages("TIFF", ("red", "blue", "red", "blue")))
    assert [frame.rgb is None for frame in frames] == [False, True, True]


def test_further_pictures_are_turned_upright_like_the_first() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    images = [Image.new("RGB", (40, 30), colour) for colour in COLOURS]
    out = io.BytesIO()
    images[0].save(out, "WEBP", save_all=True, append_images=images[1:], exif=exif, lossless=True)
    assert [frame.rgb.shape for frame in walked(out.getvalue()) if frame.rgb is not None] == [(40, 30, 3)] * 3


def test_the_walk_ends_where_the_limits_do() -> None:
    data = pages("GIF")
    assert len(walked(data, Limits(frames_max=3))) == 2
    assert len(walked(data, Limits(frame_pixels_max=40 * 30 * 2))) == 2
    assert len(walked(data, Limits(frame_pixels_max=10))) == 0


def test_a_later_page_that_is_a_bomb_ends_the_walk_before_it_is_decoded() -> None:
    images = [Image.new("L", size) for size in ((20, 20), (20, 20), (3000, 3000))]
    images[1].putpixel((3, 3), 255)
    out = io.BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:], compression="tiff_deflate")
    assert len(walked(out.getvalue(), Limits(pixels_max=1_000_000))) == 1


def test_a_damaged_later_page_ends_the_walk() -> None:
    noise = [
        Image.fromarray(np.random.default_rng(n).integers(0, 256, (60, 60, 3), np.uint8)) for n in range(3)
    ]
    out = io.BytesIO()
    noise[0].save(out, "GIF", save_all=True, append_images=noise[1:])
    data = out.getvalue()
    picture = opened(data)
    assert len(list(further_frames(data[: len(data) * 2 // 3], picture))) < 2
