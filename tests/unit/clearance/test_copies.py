"""Copies of third parties' works."""

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from volenti.adapters.keys_memory import MemoryKeyStore
from volenti.adapters.log_memory import MemoryLogStore
from volenti.adapters.register_memory import MemoryRegister
from volenti.clearance.copies import Fingerprint, Works, correlation, fingerprint, is_copy
from volenti.core.clock import system_clock
from volenti.core.signing import SigningKey
from volenti.transparency.log import Log
from volenti.vault.journal import Journal
from volenti.vault.records import Records


def scene(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """A made-up picture: soft blobs, as different from the next seed's as two photographs."""
    noise = np.random.default_rng(seed).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.GaussianBlur(3))


def prints(image: Image.Image) -> Fingerprint:
    return fingerprint(np.asarray(image.convert("RGB")))


def resaved(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


EDITS = {
    "saved at quality 30": lambda image: resaved(image, 30),
    "saved at quality 90": lambda image: resaved(image, 90),
    "a quarter of the size": lambda image: image.resize((image.width // 4, image.height // 4)),
    "twice the size": lambda image: image.resize((image.width * 2, image.height * 2)),
    "smaller and saved again": lambda image: resaved(image.resize((image.width // 2, image.height // 2)), 50),
    "a little brighter": lambda image: image.point(lambda value: min(255, int(value * 1.15))),
    "in greys": lambda image: image.convert("L"),
}


@pytest.fixture
def works() -> Works:
    records = Records(MemoryRegister(), MemoryKeyStore())
    log = Log(MemoryLogStore(), "test.example/log", SigningKey.new())
    return Works(records, Journal(log, records, system_clock))


@pytest.mark.parametrize("edit", EDITS)
def test_a_copy_is_found_after_being(edit: str, works: Works) -> None:
    works.register([prints(scene(seed)) for seed in range(6)])
    found = works.findings(prints(EDITS[edit](scene(3))))
    assert [each.code for each in found] == ["third-party-copy"]


def test_other_pictures_are_no_copies(works: Works) -> None:
    works.register([prints(scene(seed)) for seed in range(40)])
    assert [works.findings(prints(scene(seed))) for seed in range(100, 140)] == [[]] * 40


def test_the_same_composition_with_other_detail_is_no_copy() -> None:
    base = np.asarray(scene(1)).astype(int)
    blotches = np.asarray(scene(2)).astype(int) - 128
    other = Image.fromarray(np.clip(base + blotches // 2, 0, 255).astype(np.uint8))
    assert not is_copy(prints(scene(1)), prints(other))


def test_a_stretched_picture_is_no_copy() -> None:
    assert not is_copy(prints(scene(1)), prints(scene(1).resize((320, 160))))


def test_plain_pictures_are_copies_only_of_their_own_colour() -> None:
    black, white = (prints(Image.new("RGB", (64, 64), colour)) for colour in ("black", "white"))
    assert is_copy(black, black)
    assert not is_copy(black, white)


def test_correlation_has_its_extremes() -> None:
    greys = prints(scene(1)).greys
    negative: NDArray[np.uint8] = (255 - greys.astype(int)).astype(np.uint8)
    assert correlation(greys, greys) == pytest.approx(1)
    assert correlation(greys, negative) == pytest.approx(-1)


def test_nothing_is_found_while_nothing_is_registered(works: Works) -> None:
    assert works.findings(prints(scene(1))) == []
    assert works.count() == 0


def test_registering_a_work_twice_keeps_one(works: Works) -> None:
    assert works.register([prints(scene(1)), prints(scene(1)), prints(scene(2))]) == 2
    assert works.register([prints(scene(2)), prints(scene(3))]) == 1
    assert works.count() == 3
    assert works.findings(prints(scene(3)))


def test_a_fingerprint_survives_json_and_is_small() -> None:
    made = prints(scene(1))
    again = Fingerprint.from_json(made.to_json())
    assert again.digest == made.digest
    assert (again.greys == made.greys).all()
    assert len(str(made.to_json())) < 2000


def test_photographs_of_one_studio_are_not_taken_for_copies_of_each_other(shared: Path) -> None:
    pictures = [Image.open(path) for path in sorted((shared / "cast/images").glob("s00*.jpg"))]
    made = [prints(picture) for picture in pictures]
    alike = [(a, b) for a in range(len(made)) for b in range(a) if is_copy(made[a], made[b])]
    assert alike == []
    assert all(
        is_copy(one, prints(resaved(picture, 60))) for one, picture in zip(made, pictures, strict=True)
    )
