"""Reading marks that were laid over pictures."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from volenti.adapters.marks.rapidocr import RapidocrMarks
from volenti.perception.files.pixels import Rgb

pytest.importorskip("rapidocr", reason="the optional rapidocr package isn't installed")


@pytest.fixture(scope="module")
def reader() -> RapidocrMarks:
    return RapidocrMarks()


def marked(image: Image.Image, text: str, size: float, opacity: float, angle: float = 0) -> Rgb:
    """The picture with white text of that height in pixels laid over its middle."""
    layer = Image.new("L", image.size, 0)
    pen, font = ImageDraw.Draw(layer), ImageFont.load_default(size)
    place = ((image.width - pen.textlength(text, font=font)) / 2, image.height * 0.55)
    pen.text(place, text, font=font, fill=round(255 * opacity))
    image = image.convert("RGB")
    image.paste((255, 255, 255), mask=layer.rotate(angle))
    return np.asarray(image)


def read(reader: RapidocrMarks, picture: Rgb) -> list[str]:
    findings = reader.findings(picture)
    return [mark for found in findings for mark in found.data["marks"]]


@pytest.mark.parametrize("opacity", [0.35, 0.6, 0.9])
@pytest.mark.parametrize("size", [13, 18, 30])
@pytest.mark.parametrize(
    ("text", "mark"),
    [("shutterstock", "shutterstock"), ("gettyimages", "gettyimages"), ("© 2024 Jane Doe", "copyright line")],
)
def test_a_mark_laid_over_a_portrait_is_read(
    reader: RapidocrMarks, shared: Path, text: str, mark: str, size: int, opacity: float
) -> None:
    picture = Image.open(shared / "cast/images/s003-0.jpg")
    assert mark in read(reader, marked(picture, text, size, opacity))


@pytest.mark.parametrize("angle", [20, 45])
def test_a_mark_laid_across_is_read(reader: RapidocrMarks, shared: Path, angle: float) -> None:
    picture = Image.open(shared / "cast/images/s003-0.jpg").resize((800, 800))
    assert "shutterstock" in read(reader, marked(picture, "shutterstock", 60, 0.5, angle))


def test_a_mark_in_the_corner_of_a_large_picture_is_read(reader: RapidocrMarks, shared: Path) -> None:
    picture = Image.open(sorted((shared / "scenes").iterdir())[0]).convert("RGB").resize((2048, 1365))
    assert "alamy" in read(reader, marked(picture, "alamy", 48, 0.8))


def test_pictures_without_text_have_no_mark(reader: RapidocrMarks, shared: Path) -> None:
    for file in sorted((shared / "cast/images").glob("s0?0-0.jpg")):
        assert read(reader, np.asarray(Image.open(file))) == [], file.name


def test_text_that_is_nobodys_mark_is_no_finding(reader: RapidocrMarks) -> None:
    plain = Image.new("RGB", (300, 200), (20, 60, 120))
    picture = marked(plain, "NO SMOKING", 32, 1.0)
    assert "SMOKING" in "".join(reader.texts(picture))
    assert reader.findings(picture) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 600), (600, 1), (30, 40)])
def test_pictures_of_odd_shapes_have_no_mark(reader: RapidocrMarks, shape: tuple[int, int]) -> None:
    assert reader.findings(np.full((*shape, 3), 128, np.uint8)) == []


def test_what_travels_to_a_worker_is_no_network(reader: RapidocrMarks) -> None:
    reader.texts(np.zeros((64, 64, 3), np.uint8))
    sent = pickle.dumps(reader)
    assert len(sent) < 1000
    assert pickle.loads(sent).texts(np.zeros((64, 64, 3), np.uint8)) == []
