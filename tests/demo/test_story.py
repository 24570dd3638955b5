"""The whole story, played on real stores with faces known beforehand; and what breaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from volenti.core.errors import FailedCheckError, UsageError
from volenti.core.signing import PublicKey
from volenti.demo import farewell, humans, story
from volenti.demo.casting import Casting
from volenti.demo.inbox import Given, note
from volenti.demo.stage import Stage
from volenti.demo.summary import Summary
from volenti.erasure.certificate import verify
from volenti.training.recipe import Recipe
from volenti.workspace.workspace import Workspace

from .theatre import theatre

CHAPTERS = (
    "consent",
    "ingest",
    "clearance",
    "dataset",
    "training",
    "generation",
    "request",
    "proof",
    "bill",
)


@pytest.fixture(scope="module", autouse=True)
def _little_training() -> Iterator[None]:
    """A company of sixteen makes one constituent; nothing else of the story is different."""
    whole = Workspace.train
    small = Recipe(shards=1, slices=4, samples_per_image=1, min_people=5)

    def train(self: Workspace, dataset: str, recipe: Recipe | None = None, **given: Any) -> object:
        return whole(self, dataset, small, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "train", train)
        patch.setattr(humans, "SAMPLES", 4)
        yield


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, casting: Casting, given: list[Given]) -> Stage:
    """The story, told once without anything going wrong."""
    stage = theatre(tmp_path_factory.mktemp("story"), casting, given)
    story.play(stage)
    return stage


@pytest.fixture(scope="module")
def summary(told: Stage) -> dict[str, object]:
    found: dict[str, object] = json.loads((told.folder / "report" / "summary.json").read_text())
    return found


def test_every_promise_is_kept(told: Stage) -> None:
    assert [each.text for each in told.summary.promises() if not each.kept] == []


def test_the_summary_has_the_keys_that_others_rely_on(summary: dict[str, object]) -> None:
    assert set(summary) == {
        "totals",
        "traps",
        "forgetting",
        "audit",
        "generation",
        "seconds",
        "peak_memory_mb",
        "chapters",
    }
    assert set(summary["forgetting"]) == {
        "cost_ratio",
        "seconds",
        "full_seconds",
        "sha256_after",
        "sha256_scratch",
        "sha256_control",
    }
    assert set(summary["audit"]) == {"ok", "residue", "lost", "log_consistent", "problems"}
    assert set(summary["generation"]) == {"detected", "adherence"}
    assert tuple(summary["chapters"]) == CHAPTERS


def test_every_trap_is_caught_for_its_reason(summary: dict[str, object]) -> None:
    assert len(summary["traps"]) == 17
    assert all(trap["expected"] == trap["got"] for trap in summary["traps"])


def test_totals_add_up_and_no_covered_picture_is_refused(summary: dict[str, object]) -> None:
    totals = dict(summary["totals"])
    assert totals.pop("given") == sum(totals.values())
    covered = summary["chapters"]["clearance"]["covered"]
    # Eight of the sixteen people's four pictures each went into traps.
    assert covered == {"given": 56, "cleared": 56, "held": 0, "refused": 0}


def test_hashes_are_equal_and_the_control_differs(summary: dict[str, object]) -> None:
    forgetting = summary["forgetting"]
    assert forgetting["sha256_after"] == forgetting["sha256_scratch"] != forgetting["sha256_control"]
    assert re.fullmatch(r"[0-9a-f]{64}", forgetting["sha256_control"])


def test_the_certificate_verifies_with_the_two_files_beside_the_report(told: Stage) -> None:
    key = PublicKey.parse((told.folder / "public-key").read_text())
    verified = verify((told.folder / "certificate.json").read_bytes(), key)
    assert verified.statement["predicate"]["kind"] == "erasure"


def test_nothing_of_the_person_is_in_the_report_or_the_certificate(told: Stage, casting: Casting) -> None:
    leaver = casting.leaver
    for path in [*(told.folder / "report").iterdir(), told.folder / "certificate.json"]:
        text = path.read_text()
        for string in (leaver.legal_name, leaver.handle, leaver.contact, leaver.subject_id, note(leaver)):
            assert string not in text


def test_the_folders_that_were_given_are_as_they_were(told: Stage) -> None:
    for each in told.given:
        assert (told.folder / "inbox" / each.name).read_bytes() == each.data


def test_the_person_is_off_the_contact_sheet_and_everybody_else_is_on_it(
    told: Stage, casting: Casting
) -> None:
    gone = [tile for tile in told.tiles if tile.gone]
    assert len(gone) == 4
    assert not [tile for tile in gone if tile.jpeg or tile.file]
    assert len(told.tiles) == told.summary.totals["given"]


def test_refused_faces_are_boxed_red_and_covered_ones_green(told: Stage) -> None:
    by_trap = {tile.trap: tile for tile in told.tiles}
    assert {box.status for box in by_trap["trap-minor"].boxes} == {"refused"}
    assert {box.status for box in by_trap["trap-group"].boxes} == {"covered"}
    assert [box.status for box in by_trap["trap-bystander"].boxes] == ["covered", "held"]
    assert by_trap["trap-bomb"].jpeg == b""


def test_a_missed_trap_and_a_trace_of_the_person_fail_the_story_and_are_named(
    tmp_path: Path, casting: Casting, given: list[Given], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = farewell.erase_person

    def erase_person(stage: Stage) -> object:
        figures = whole(stage)
        (stage.ws.path / "forgotten.txt").write_text(f"call {casting.leaver.contact}")
        return figures

    monkeypatch.setattr(farewell, "erase_person", erase_person)
    with pytest.raises(FailedCheckError) as failure:
        story.play(theatre(tmp_path, casting, given, marks=False))
    assert "trap-watermark is held: watermark: no, it is cleared" in failure.value.message
    assert "nothing of the person is left: no, residue" in failure.value.message
    assert failure.value.exit_status == 1
    found = json.loads((tmp_path / "report" / "summary.json").read_text())
    assert found["audit"]["residue"] > 0
    page = (tmp_path / "report" / "index.html").read_text()
    assert "Not everything went as promised" in page
    assert "expected held: watermark" in page


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(UsageError, match="isn't empty"):
        story.tell(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_an_empty_summary_keeps_no_promise_about_forgetting() -> None:
    kept = {each.text for each in Summary().promises() if each.kept}
    assert kept <= {"no covered picture is refused", "at most 2% of the covered pictures are held"}
