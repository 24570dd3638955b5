"""A release is for some countries: who signed it is recognised everywhere, and held elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.test_passed_on import TEMPLATES, TRAINING, Desk
from tests.studio import PURPOSE


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Ann's release is for Germany, and pictures are judged for the whole world."""
    desk = Desk(tmp_path)
    desk.studio.person("ann", TRAINING, TEMPLATES)
    desk.sign("ann", TRAINING, TEMPLATES, territory=("DE",), instead_of="rel_ann")
    return desk


def judged(desk: Desk, who: str, **how: str) -> tuple[str, str, str]:
    [file] = desk.ws.clear(PURPOSE, **how).files
    found = file.findings[0] if file.findings else None
    return file.verdict, found.code if found else "", found.message if found else ""


def test_a_picture_of_theirs_is_held_and_says_which_countries_are_covered(desk: Desk) -> None:
    desk.ws.add([desk.studio.photo("ann")])
    verdict, code, message = judged(desk, "ann")
    assert (verdict, code) == ("held", "territory")
    assert "It is for DE." in message


@pytest.mark.parametrize("how", ["where the release applies", "by a wider release"])
def test_it_is_cleared_once_it_is_covered(desk: Desk, how: str) -> None:
    desk.ws.add([desk.studio.photo("ann")])
    assert judged(desk, "ann")[0] == "held"
    if how == "by a wider release":
        desk.sign("ann", TRAINING, TEMPLATES, instead_of="rel_ann_1")
        assert judged(desk, "ann")[0] == "cleared"
    else:
        assert judged(desk, "ann", territory="DE")[0] == "cleared"


@pytest.mark.parametrize("territory", ["WORLD", "DE", "FR"])
def test_a_strangers_picture_is_refused_wherever_it_is_judged_for(desk: Desk, territory: str) -> None:
    desk.ws.add([desk.studio.photo("eve")])
    assert judged(desk, "eve", territory=territory)[:2] == ("rejected", "no-release")


def test_once_the_release_is_withdrawn_nothing_is_held_because_of_it(desk: Desk) -> None:
    desk.ws.releases.withdraw(subject="ann")
    desk.ws.add([desk.studio.photo("ann")])
    assert judged(desk, "ann")[:2] == ("rejected", "no-release")


def test_a_release_without_templates_holds_no_strangers_picture(desk: Desk) -> None:
    desk.sign("ann", TRAINING, territory=("DE",), instead_of="rel_ann_1")
    desk.ws.add([desk.studio.photo("eve")])
    assert judged(desk, "eve")[:2] == ("rejected", "no-release")
