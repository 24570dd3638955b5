"""The attack that put an erased person's face template together again from other people's rows.

A face that was recognised as Y's led X, who came second, by some margin; score less margin is X's similarity
to that face, and the face can be described again from Y's picture. From as many such pictures as a template
has numbers, X's template is the solution of linear equations.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.studio import Studio
from volenti.clearance.image import Image, SeenFace
from volenti.perception.files.kept import pixels_of
from volenti.perception.sight.faces import unit

PICTURES = 300
#: Cosine of X to Y: who knows Y's face knows X's that well without any attack.
LIKE = 0.4
#: Cosine of two random directions in 128 dimensions that hardly one pair in ten thousand reaches.
STRANGERS = 0.34


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Three hundred pictures of Y, and X, who comes second in all of them and has left since."""
    studio = Studio.open(tmp_path)
    studio.person("yara")
    studio.person("zoe")
    y = studio.people["yara"]
    own = np.random.default_rng(3).normal(size=128)
    studio.people["xenia"] = unit(LIKE * y + np.sqrt(1 - LIKE**2) * unit(own - float(own @ y) * y))
    studio.person("xenia")
    studio.photo("xenia")
    for _ in range(PICTURES):
        studio.photo("yara")
    return studio


def template_left(studio: Studio) -> float:
    """How near to X's template, as cosine, the best attack on the rows that are left comes."""
    x = studio.people["xenia"]
    studio.clear()
    studio.ws.requests.run(studio.ws.requests.open("erasure", "xenia", identity="in-person").id)
    faces: list[NDArray[np.float64]] = []
    numbers: list[dict[str, float]] = []
    for record in studio.parts.records.find("image", state="cleared"):
        image = Image.read(record.id, record.body)
        assert image.original is not None
        # Whoever attacks has the workspace with its keys: they look at Y's picture again.
        (seen,) = studio.detector.faces(pixels_of(studio.parts.vault.open(image.original)))
        faces.append(np.asarray(seen.template, np.float64))
        numbers.append(_numbers(record.body["faces"][0]))
    assert len(faces) == PICTURES
    rows = np.stack(faces)
    best = 0.0
    for combined in _combinations(numbers):
        if np.ptp(combined) > 0:
            solved = np.linalg.lstsq(rows, combined, rcond=None)[0]
            best = max(best, abs(float(unit(solved) @ x)))
    return best


def _numbers(face: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in face.items() if isinstance(value, int | float)}


def _combinations(numbers: list[dict[str, float]]) -> list[NDArray[np.float64]]:
    """Every number of a face, every sum and every difference of two."""
    names = sorted(numbers[0])
    columns = {name: np.array([each.get(name, 0.0) for each in numbers]) for name in names}
    pairs = [(one, other) for one in names for other in names if one < other]
    return [
        *columns.values(),
        *(columns[one] - columns[other] for one, other in pairs),
        *(columns[one] + columns[other] for one, other in pairs),
    ]


def test_nothing_like_a_template_comes_back_from_three_hundred_pictures(studio: Studio) -> None:
    assert template_left(studio) < max(STRANGERS, LIKE) + 0.02


def test_it_came_back_while_rows_kept_by_how_much_a_face_led(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = SeenFace.settled
    monkeypatch.setattr(
        SeenFace, "settled", lambda self, owners: replace(settled(self, owners), margin=self.margin)
    )
    assert template_left(studio) > 0.95
