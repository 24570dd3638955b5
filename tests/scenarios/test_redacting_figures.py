"""Somebody without a face beside somebody with a release: what a policy that redacts makes of them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.scenarios.test_policy import REDACT, cleared_by, codes
from tests.studio import Studio
from volenti.clearance.image import Image
from volenti.clearance.policyfile import parsed
from volenti.core.codec import decoded, encoded
from volenti.perception.files.kept import pixels_of
from volenti.perception.sight.figure import Figure

PURPOSE = "generative-training"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio.open(tmp_path)


@dataclass(frozen=True)
class Kind:
    """Who is in the picture, the sign of somebody else, what a policy says, and what comes of the picture."""

    figures: tuple[Figure, ...]
    verdict: str
    codes: set[str]
    people: tuple[str, ...] = ("ann", "_", "_")
    says: dict[str, object] | None = None


def body(left: float, score: float = 0.8, part: str = "body", width: float = 30) -> Figure:
    return Figure((left, 0.0, width, 40.0), score, part=part)  # type: ignore[arg-type]


#: ann's face lies in the first 48 of 144 pixels.
KINDS = {
    "a body": Kind((body(100),), "cleared", {"redacted"}),
    "what is hardly a head": Kind((body(100, 0.35, "head"),), "cleared", {"redacted"}),
    "two bodies": Kind((body(60), body(110)), "cleared", {"redacted"}),
    "a body, and a stranger": Kind((body(100),), "cleared", {"redacted"}, ("ann", "a stranger", "_")),
    "a body that the detector isn't sure of": Kind((body(100, 0.2),), "held", {"person"}),
    "one that an earlier version saw": Kind((body(100, part=""),), "held", {"person"}),
    "one of which this isn't known, beside a body": Kind((body(60, part=""), body(110)), "held", {"person"}),
    "bodies over half of the picture": Kind((body(50, width=88),), "held", {"person"}),
    "a head over ann's": Kind((replace(body(0, 0.4, "head"), box=(30, 8, 30, 30)),), "held", {"person"}),
    "a body beside nobody": Kind((body(100),), "held", {"person"}, ("_", "_", "_")),
    "a body beside a stranger": Kind(
        (body(100),), "rejected", {"no-release", "person"}, ("a stranger", "_", "_")
    ),
    "a policy that holds": Kind((body(100),), "held", {"person"}, says={"bystanders": {"do": "hold"}}),
    "a policy that refuses figures": Kind(
        (body(100),), "rejected", {"person"}, says={"findings": {"person": "rejected"}}
    ),
}


def given(studio: Studio, kind: Kind) -> np.ndarray:
    """The picture of a kind in the inbox; its pixels."""
    path = studio.photo(*kind.people)
    rgb = np.asarray(Pillow.open(path).convert("RGB"))
    studio.detector.tell(rgb, studio.detector.faces(rgb), kind.figures)
    return rgb


@pytest.mark.parametrize("name", KINDS)
def test_somebody_without_a_face_beside_somebody_who_stays(studio: Studio, name: str) -> None:
    kind = KINDS[name]
    studio.person("ann")
    before = given(studio, kind)
    totals = cleared_by(studio, **{"bystanders": REDACT, **(kind.says or {})})
    assert totals[kind.verdict] == 1
    assert codes(studio) == kind.codes
    if kind.verdict != "cleared":
        return
    (record,) = studio.parts.records.find("image", state="cleared")
    image = Image.read(record.id, record.body)
    after = pixels_of(studio.parts.vault.open(image.original))
    for figure in kind.figures:
        left, top, width, height = (int(value) for value in figure.box)
        where = slice(top, top + height), slice(left, left + width)
        assert not (after[where] == before[where]).all(axis=2).any()
    assert (after[8:40, 8:40] == before[8:40, 8:40]).all()
    # The copy is what is kept, so nobody in it is left to ask about for another purpose.
    assert image.figures == ()
    assert cleared_by(studio, "non-generative-training")["cleared"] == 1


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.verdict != "rejected"])
def test_what_is_foreseen_of_a_held_picture_is_what_comes_of_it(studio: Studio, name: str) -> None:
    kind = KINDS[name]
    studio.person("ann")
    given(studio, kind)
    assert cleared_by(studio)["held"] == 1
    policy = parsed({"purpose": PURPOSE, "bystanders": REDACT, **(kind.says or {})}, "the test's policy")
    changes, _ = studio.ws.changes(policy=policy)
    assert [each.after for each in changes] == ([kind.verdict] if kind.verdict == "cleared" else [])
    assert studio.ws.clear(policy=policy).totals[kind.verdict] == 1


def test_a_figure_of_an_earlier_version_opens_and_one_without_a_part_is_stored_as_before() -> None:
    old = {"box": [1.0, 2.0, 3.0, 4.0], "score": 0.5, "frame": 0}
    figure = decoded(Figure, old)
    assert figure.part == ""
    assert encoded(figure) == old
    assert decoded(Figure, encoded(replace(figure, part="head"))).part == "head"
