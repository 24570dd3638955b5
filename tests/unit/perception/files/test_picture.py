"""Opening pictures given by anybody."""

import io
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from volenti.perception.files.formats import FORMATS, signature
from volenti.perception.files.picture import Limits, Picture, open_picture, pixels_of
from volenti.perception.finding import Finding

EXIF_ORIENTATION, EXIF_ARTIST = 0x0112, 0x013B


def gradient(width: int = 60, height: int = 40) -> Image.Image:
    """A picture in which every corner has its own colour."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, np.full_like(x, 90)], axis=2).astype(np.uint8))


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def opened(data: bytes, limits: Limits | None = None) -> Picture:
    picture = open_picture(data, limits)
    assert isinstance(picture, Picture), picture
    assert np.array_equal(pixels_of(data, limits), picture.rgb)
    return picture


def code(data: bytes, limits: Limits | None = None) -> str:
    answer = open_picture(data, limits)
    assert isinstance(answer, Finding)
    assert pixels_of(data, limits) == answer
    return answer.code


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_that_is_read_gives_the_picture(name: str) -> None:
    picture = opened(saved(gradient(), name))
    assert picture.format == name
    assert (picture.width, picture.height, picture.frames) == (60, 40, 1)
    assert picture.rgb.shape == (40, 60, 3)
    assert picture.rgb.dtype == np.uint8
    assert np.abs(picture.rgb.astype(int) - np.asarray(gradient())).mean() < 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_every_exif_orientation_comes_out_upright(orientation: int, name: str) -> None:
    upright = gradient()
    # What a camera stores so that a viewer who applies the tag sees the picture upright.
    stored = {
        1: lambda i: i,
        2: lambda i: i.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda i: i.transpose(Image.Transpose.ROTATE_180),
        4: lambda i: i.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda i: i.transpose(Image.Transpose.TRANSPOSE),
        6: lambda i: i.transpose(Image.Transpose.ROTATE_90),
        7: lambda i: i.transpose(Image.Transpose.TRANSVERSE),
        8: lambda i: i.transpose(Image.Transpose.ROTATE_270),
    }[orientation](upright)
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    picture = opened(saved(stored, name, exif=exif))
    assert (picture.width, picture.height) == (60, 40)
    assert np.abs(picture.rgb.astype(int) - np.asarray(upright)).mean() < 8


def test_what_is_learnt_from_is_turned_as_it_was_judged_also_where_other_tags_are_damaged() -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION], exif[EXIF_ARTIST] = 6, "somebody"
    data = saved(gradient(), "JPEG", exif=exif)
    for place in range(data.index(b"Exif"), data.index(b"somebody") + 8):
        damaged = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
        judged = open_picture(damaged)
        assert not isinstance(judged, Finding)
        assert np.array_equal(pixels_of(damaged), judged.rgb)


def test_large_pictures_come_scaled_down_and_keep_their_announced_size() -> None:
    for name in ("JPEG", "PNG"):
        picture = opened(saved(gradient(3000, 1500), name))
        assert (picture.width, picture.height) == (3000, 1500)
        assert picture.rgb.shape == (1024, 2048, 3)
        expected = np.asarray(gradient(2048, 1024))
        assert np.abs(picture.rgb.astype(int) - expected).mean() < 4


def test_small_faces_are_looked_for_in_a_larger_copy_than_the_one_that_is_judged() -> None:
    picture = opened(saved(gradient(6000, 300), "PNG"))
    assert picture.fine.shape == (205, 4096, 3)
    assert picture.rgb.shape == (103, 2048, 3)
    small = opened(saved(gradient(), "PNG"))
    assert small.fine is small.rgb


def test_what_is_transparent_is_laid_over_white() -> None:
    image = gradient().convert("RGBA")
    image.putalpha(0)
    assert (opened(saved(image, "PNG")).rgb == 255).all()


def test_a_transparent_palette_colour_is_laid_over_white() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([9, 9, 9, 200, 0, 0])
    assert (opened(saved(image, "PNG", transparency=1)).rgb == 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "YCbCr", "I;16", "I", "F", "LAB"])
def test_modes_other_than_rgb_become_rgb(mode: str) -> None:
    if mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(gradient(), *profiles, outputMode="LAB")
    elif mode == "I;16":
        image = Image.fromarray(np.asarray(gradient().convert("L")).astype(np.uint16) * 257)
    else:
        image = gradient().convert(mode)
    picture = opened(saved(image, "TIFF"))
    assert picture.rgb.shape == (40, 60, 3)
    assert picture.rgb.std() > 20


def test_sixteen_bit_greys_keep_their_brightness() -> None:
    image = Image.fromarray(np.full((8, 8), 32768, np.uint16))
    assert abs(int(opened(saved(image, "PNG")).rgb[0, 0, 0]) - 127) <= 1


def test_a_colour_profile_is_applied() -> None:
    # sRGB with the primaries of red and blue exchanged, under another name.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    exchanged = exchanged.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    red = Image.new("RGB", (8, 8), (255, 0, 0))
    assert tuple(opened(saved(red, "PNG", icc_profile=exchanged)).rgb[4, 4]) == (0, 0, 255)
    assert tuple(opened(saved(red, "PNG", icc_profile=profile)).rgb[4, 4]) == (255, 0, 0)


def test_a_damaged_colour_profile_costs_no_picture() -> None:
    assert opened(saved(gradient(), "PNG", icc_profile=b"\0" * 200)).rgb.shape == (40, 60, 3)


def test_several_frames_are_counted_and_the_first_is_the_picture() -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "green", "blue")]
    for name in ("GIF", "TIFF", "WEBP", "PNG"):
        picture = opened(saved(frames[0], name, save_all=True, append_images=frames[1:]))
        assert picture.frames == 3, name
        assert picture.rgb[4, 4, 0] > 200
        assert picture.rgb[4, 4, 2] < 60


def test_a_second_picture_in_a_jpeg_is_counted() -> None:
    second = Image.new("RGB", (9, 9), "blue")
    picture = opened(saved(gradient(), "MPO", save_all=True, append_images=[second]))
    assert (picture.format, picture.frames) == ("JPEG", 2)


def test_a_header_announcing_too_many_pixels_is_a_bomb_and_costs_nothing() -> None:
    # A well-formed PNG header of 4 gigapixels, followed by next to nothing.
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 65000, 65000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code(data + chunk(b"IEND", b"")) == "bomb"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_limits_on_pixels_and_bytes_are_kept() -> None:
    data = saved(gradient(), "PNG")
    assert code(data, Limits(pixels_max=2399)) == "bomb"
    assert opened(data, Limits(pixels_max=2400)).width == 60
    assert code(data, Limits(bytes_max=len(data) - 1)) == "bomb"
    assert code(data, Limits(length_max=59)) == "bomb"


def test_formats_whose_decoders_need_more_memory_may_have_fewer_pixels() -> None:
    assert code(saved(gradient(), "WEBP"), Limits(pixels_max=2400)) == "bomb"


def test_a_progressive_jpeg_with_endless_scans_is_a_bomb() -> None:
    data = saved(gradient(400, 400), "JPEG", progressive=True)
    last = data[data.rfind(b"\xff\xda") : -2]
    swollen = data[:-2] + last * 30_000 + data[-2:]
    assert code(swollen) == "bomb"
    assert opened(data).width == 400


def test_a_file_cut_short_is_unreadable() -> None:
    for name in ("JPEG", "PNG", "TIFF", "BMP", "GIF"):
        data = saved(gradient(200, 200), name)
        assert code(data[: len(data) // 2]) == "unreadable", name


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"%PDF-1.7\n", b"\0" * 5000], ids=["empty", "text", "pdf", "zeros"]
)
def test_what_is_no_picture_is_called_that(data: bytes) -> None:
    assert code(data) == "not-an-image"


def test_a_known_signature_with_rubbish_behind_it_is_unreadable_not_unknown() -> None:
    assert code(b"\xff\xd8\xff" + b"rubbish" * 20) == "unreadable"
    assert code(b"\x89PNG" + b"rubbish" * 20) == "unreadable"


def test_formats_that_are_not_read_are_named() -> None:
    heic = b"\0\0\0\x18ftypheic" + b"\0" * 40
    answer = open_picture(heic)
    assert isinstance(answer, Finding)
    assert answer.code == "not-an-image"
    assert "HEIC" in answer.message
    assert signature(heic) == "HEIC"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_whatever_raise(data: bytes) -> None:
    assert isinstance(open_picture(data), Picture | Finding)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"]),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_no_damage_to_a_picture_raises(name: str, damage: list[tuple[int, int]]) -> None:
    data = bytearray(saved(gradient(24, 16), name))
    for place, value in damage:
        data[place % len(data)] = value
    assert isinstance(open_picture(bytes(data)), Picture | Finding)


def test_all_broken_files_become_a_picture_or_a_finding(shared: Path) -> None:
    codes: dict[str, int] = {}
    files = sorted((shared / "broken").iterdir())
    for file in files:
        answer = open_picture(file.read_bytes())
        key = answer.code if isinstance(answer, Finding) else "opened"
        codes[key] = codes.get(key, 0) + 1
        if isinstance(answer, Picture):
            assert answer.rgb.ndim == 3, file.name
            assert max(answer.rgb.shape) <= 2048, file.name
    assert sum(codes.values()) == len(files)
    # Most are odd rather than broken, and the broken ones must not have slipped through.
    assert codes["unreadable"] >= 30
    assert codes["bomb"] >= 3
    assert codes["not-an-image"] >= 150


def test_all_broken_files_together_take_less_than_a_gigabyte(shared: Path) -> None:
    # In a process of its own: this one's peak is that of whichever test was the costliest. And by
    # the kernel's account of its memory: getrusage's begins with the parent's.
    if not Path("/proc/self/status").exists():
        pytest.skip("there is no /proc to read a process's peak from")
    look = (
        "import pathlib, sys\n"
        "from volenti.perception.files.picture import open_picture\n"
        "for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    open_picture(file.read_bytes())\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(next(line.split()[1] for line in status.splitlines() if line.startswith('VmHWM')))\n"
    )
    call = [sys.executable, "-c", look, str(shared / "broken")]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1_000_000
