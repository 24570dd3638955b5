"""What verbs are given: one table of what is converted, one of what is refused, and closed workspaces."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import volenti
from tests.studio import Studio
from volenti.consent.signature import Role
from volenti.core.errors import ConflictError, UsageError
from volenti.workspace.arguments import LIMITS, as_declared
from volenti.workspace.workspace import Workspace


@dataclass
class Returned:
    id: str = "req_1"


CONVERTED: list[tuple[str, str, Any, Any]] = [
    ("prompts", "Sequence[str]", "a woman", ["a woman"]),
    ("prompts", "Sequence[str]", ("a", "b"), ["a", "b"]),
    ("paths", "Sequence[Path | str]", Path("inbox"), [Path("inbox")]),
    ("requests", "Iterable[str] | None", Returned(), ["req_1"]),
    ("requests", "Iterable[str] | None", None, None),
    ("request", "str | None", Returned(), "req_1"),
    ("log", "str", Path("folder"), "folder"),
    ("until", "date", "2029-12-31", date(2029, 12, 31)),
    ("price", "float", 3, 3),
    ("policy", "Policy | Path | str | None", Path("mine.toml"), Path("mine.toml")),
]
REFUSED: list[tuple[str, str, Any]] = [
    ("clear", "bool", "no"),
    ("clear", "bool", 1),
    ("entry", "int | None", 3.0),
    ("count", "int", True),
    ("request", "str | None", 7),
    ("prompts", "Sequence[str]", [1]),
    ("until", "date", "tomorrow"),
    ("recipe", "Recipe | None", 3),
    ("key", "SigningKey | None", "ada.key"),
    ("subject", "str", None),
    ("guidance", "float", float("nan")),
    ("size_px", "int | None", 100_000),
    ("size_px", "int | None", 10),
    ("seed", "int", 2**70),
    *((name, "float", least - 1) for name, (least, _) in LIMITS.items()),
]


def parameter(name: str, annotation: str, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


@pytest.mark.parametrize(("name", "annotation", "given", "taken"), CONVERTED)
def test_what_has_one_meaning_is_converted(name: str, annotation: str, given: Any, taken: Any) -> None:
    assert as_declared(name, given, parameter(name, annotation)) == taken


@pytest.mark.parametrize(("name", "annotation", "given"), REFUSED)
def test_what_is_of_another_type_or_out_of_its_limits_is_refused_by_name(
    name: str, annotation: str, given: Any
) -> None:
    with pytest.raises(UsageError) as refused:
        as_declared(name, given, parameter(name, annotation))
    assert name in str(refused.value) or "isn't a day" in str(refused.value)
    assert refused.value.remedy


def test_a_choice_may_be_given_as_its_word() -> None:
    role = parameter("role", "Role", Role.SUBJECT)
    assert as_declared("role", "guardian", role) is Role.GUARDIAN
    with pytest.raises(UsageError, match="'boss' is none of"):
        as_declared("role", "boss", role)


WRONG: dict[str, Callable[[Workspace], object]] = {
    "clear isn't a text": lambda ws: ws.review.decide("img_1.0", clear="no", reviewer="Pat"),  # type: ignore
    "a reviewer has a name": lambda ws: ws.review.decide("img_1.0", clear=False, reviewer=" "),
    "a mapping isn't a text": lambda ws: ws.review.decide("img_1", clear=True, reviewer="Pat", faces="0"),  # type: ignore
    "a face has a number": lambda ws: ws.review.decide("img_1", clear=True, reviewer="Pat", faces={"0": "a"}),  # type: ignore
    "what can be said of a face": lambda ws: ws.review.decide("img_1", clear=True, reviewer="P", others="x"),
    "nobody and somebody": lambda ws: ws.review.decide(
        "img_1.0", clear=True, reviewer="Pat", nobody=True, subjects=["ann"]
    ),
    "an entry is a number": lambda ws: ws.log.show("x"),  # type: ignore[arg-type]
    "shards are at least one": lambda ws: ws.runs.begin("x", dataset="humans", shards=0),
    "a key is there": lambda ws: ws.releases.sign("rel_ann", "nothere.key"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_call_is_refused_before_anything_is_touched(tmp_path: Path, what: str) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    size = studio.parts.log.size
    with pytest.raises(UsageError):
        WRONG[what](studio.ws)
    assert studio.parts.log.size == size


def test_of_a_closed_workspace_nothing_can_be_asked(tmp_path: Path) -> None:
    with volenti.open(volenti.init(tmp_path / "studio", seed=1)) as ws:
        datasets = ws.datasets
        assert datasets.list() == []
    ws.close()
    for verb in (ws.status, datasets.list, ws.subjects.list, ws.keys.rotate, ws.audit):
        with pytest.raises(ConflictError, match="The workspace was closed"):
            verb()
    assert ws._repr_html_().startswith("<p><b>Workspace")


def test_a_workspace_isn_t_made_of_a_seed_that_is_no_number(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="whole number"):
        volenti.init(tmp_path / "studio", seed="x")  # type: ignore[arg-type]
    assert not (tmp_path / "studio" / "workspace.json").exists()


def test_a_damaged_marker_and_lost_keys_are_named(tmp_path: Path) -> None:
    folder = volenti.init(tmp_path / "studio", seed=1)
    marker = (folder / "workspace.json").read_text()
    (folder / "workspace.json").write_text("{")
    assert [each.detail for each in volenti.doctor(folder) if "isn't JSON" in each.detail]
    (folder / "workspace.json").write_text(marker)
    (folder / "secret").rename(tmp_path / "secret")
    assert [each.detail for each in volenti.doctor(folder) if "own keys can't be read" in each.detail]
