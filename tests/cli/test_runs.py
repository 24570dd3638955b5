"""volenti run begin and show: what is recorded and said of a run of somebody's own script."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.calling import PEOPLE, volenti

BEGIN = ("run", "begin", "mine", "--dataset", "humans")


def test_no_other_program_is_recorded_in_the_place_of_a_script(
    cleared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [__file__])
    assert volenti(*BEGIN, "--json", workspace=cleared).json["code"] == {}
    shown = volenti("run", "show", "mine", workspace=cleared).out
    assert "not recorded: the run was begun without --code" in shown


def test_the_script_that_is_named_is_recorded(cleared: Path) -> None:
    begun = volenti(*BEGIN, "--code", __file__, "--json", workspace=cleared).json
    assert list(begun["code"]) == ["test_runs.py"]
    assert "test_runs.py" in volenti("run", "show", "mine", workspace=cleared).out


def test_parts_without_pictures_are_named(cleared: Path) -> None:
    many = 3 * PEOPLE
    begun = volenti(*BEGIN, "--parts", many, workspace=cleared)
    shown = volenti("run", "show", "mine", workspace=cleared)
    facts = volenti("run", "show", "mine", "--json", workspace=cleared).json
    assert len(facts["empty"]) >= many - PEOPLE
    assert sorted([*facts["due"], *facts["empty"]]) == list(range(many))
    said = f"{len(facts['empty'])} parts without pictures ({', '.join(map(str, facts['empty']))})"
    assert (said in begun.err, said in shown.err) == (True, True)


def test_nothing_is_said_of_parts_without_pictures_where_there_are_none(cleared: Path) -> None:
    assert "without pictures" not in volenti(*BEGIN, workspace=cleared).err
