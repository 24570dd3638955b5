"""The person detector's contract, run over every adapter."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from volenti.adapters.sight.people_onnx import SCORE_MIN, OnnxPeople, views
from volenti.core.errors import MissingModelError
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.figures import PersonDetector

ADAPTERS: dict[str, Callable[[Path], PersonDetector]] = {"onnx": OnnxPeople}
TURNED = Path(__file__).parents[2] / "bench/turned"


@pytest.fixture(params=ADAPTERS)
def detector(request: pytest.FixtureRequest, models: Path) -> PersonDetector:
    return ADAPTERS[request.param](models)


def turned_away(name: str = "body-back-000", width: int = 420, height: int = 460) -> Rgb:
    """Somebody who doesn't exist, seen from behind, in a grey room."""
    room = Image.new("RGB", (width, height), (150, 152, 149))
    person = Image.open(TURNED / f"{name}.webp")
    room.paste(person, (width // 2 - person.width // 2, height - person.height - 20), person.getchannel("A"))
    return np.array(room)


def test_somebody_seen_from_behind_is_found_where_they_stand(detector: PersonDetector) -> None:
    figure, *_ = detector.figures(turned_away())
    left, top, width, height = figure.box
    assert figure.score > 0.6
    assert 130 < left + width / 2 < 290
    assert height > 200
    assert left >= 0
    assert left + width <= 420
    assert top + height <= 460


def test_an_empty_room_shows_nobody(detector: PersonDetector) -> None:
    shades = np.linspace(90, 160, 420).astype(np.uint8)
    assert detector.figures(np.broadcast_to(shades[None, :, None], (460, 420, 3)).copy()) == []


def test_figures_come_the_surest_first_and_none_is_told_that_hardly_is_one(detector: PersonDetector) -> None:
    figures = detector.figures(turned_away(width=700))
    scores = [figure.score for figure in figures]
    assert scores == sorted(scores, reverse=True)
    assert all(SCORE_MIN <= score <= 1 for score in scores)


def test_one_person_in_several_parts_of_a_picture_is_told_as_one(detector: PersonDetector) -> None:
    picture = turned_away(width=800, height=620)
    assert len(views(620, 800)) > 1
    middles = [figure for figure in detector.figures(picture) if figure.score > 0.6]
    assert len(middles) == 1


@pytest.mark.parametrize("shape", [(1, 1), (2, 700), (700, 3)])
def test_pictures_of_odd_shapes_are_looked_at(detector: PersonDetector, shape: tuple[int, int]) -> None:
    detector.figures(np.full((*shape, 3), 90, np.uint8))


def test_a_detector_sent_to_another_process_finds_the_same(detector: PersonDetector) -> None:
    before = detector.figures(turned_away())
    sent: PersonDetector = pickle.loads(pickle.dumps(detector))
    assert sent.figures(turned_away()) == before
    assert len(pickle.dumps(detector)) < 1000


def test_without_the_model_file_it_is_said_what_to_fetch(tmp_path: Path) -> None:
    for make in ADAPTERS.values():
        with pytest.raises(MissingModelError) as caught:
            make(tmp_path).figures(turned_away())
        assert "pedestrian" in caught.value.message


@pytest.mark.parametrize(("height", "width"), [(100, 100), (480, 640), (640, 480), (1500, 2048), (2048, 300)])
def test_the_parts_looked_at_cover_the_picture(height: int, width: int) -> None:
    seen = np.zeros((height, width), bool)
    for left, top, across, down in views(height, width)[1:] or views(height, width):
        assert 0 <= left <= left + across <= width
        assert 0 <= top <= top + down <= height
        seen[top : top + down, left : left + across] = True
    assert seen.all()
