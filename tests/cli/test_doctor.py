"""volenti doctor, models, demo, and the reference that is made from the code."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from tests.cli.calling import Call, drawn, volenti
from tests.unit.adapters.pipelines import write_pipeline
from volenti.adapters.trainer.pipeline import PipelineTrainer
from volenti.cli import reference
from volenti.core.codec import fields_of
from volenti.core.errors import all_errors
from volenti.generation.bases import shipped_base
from volenti.perception.finding import TABLE
from volenti.perception.sight.weights import WEIGHTS
from volenti.settings import Settings
from volenti.workspace import doctor


def checks(workspace: Path | None, **environment: str) -> dict[str, dict[str, Any]]:
    answer = volenti("doctor", "--json", workspace=workspace, **environment)
    return {each["what"]: each for each in answer.json["checks"]}


def test_a_whole_workspace_has_no_problem(models: Path, studio: Path) -> None:
    answer = volenti("doctor", workspace=studio)
    assert answer.status == 0, answer.out
    assert "12 releases of 12 people" in answer.out


def test_nobody_is_said_to_be_enrolled_before_anybody_was_compared(studio: Path) -> None:
    assert checks(studio)["references"]["detail"] == "nobody was compared with pictures yet"


def test_who_was_compared_is_counted_and_nobody_of_the_cast_looks_like_another(cleared: Path) -> None:
    assert checks(cleared)["references"]["detail"] == "12 people enrolled by sound photographs"
    assert checks(cleared)["look-alikes"]["detail"] == "no two people who were compared look like one"


def test_without_a_workspace_the_rest_is_checked(call: Call) -> None:
    found = checks(None)
    assert found["workspace"]["state"] == "notice"
    assert found["volenti"]["state"] == "ok"


def test_missing_models_are_a_problem_with_a_remedy(call: Call) -> None:
    answer = call("doctor", VOLENTI_MODELS="nowhere")
    assert answer.status == 1
    assert "-> volenti models fetch" in answer.out


def _other_weights(path: Path) -> None:
    save_file({"a": np.zeros(3, np.float32)}, path)


def _notes(text: str) -> Callable[[Path], None]:
    return lambda path: save_file(load_file(shipped_base()), path, {"config": text})


#: What may stand where a base is looked for, and what is said of it.
BASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda path: None, "There is no base"),
    "a folder": (Path.mkdir, "There is no pipeline"),
    "a pipe": (os.mkfifo, "There is no base"),
    "an empty file": (Path.touch, "isn't a base"),
    "a text": (lambda path: path.write_text("nonsense"), "isn't a base"),
    "the beginning of a base": (
        lambda path: path.write_bytes(shipped_base().read_bytes()[:200_000]),
        "isn't a base",
    ),
    "other weights": (_other_weights, "isn't a base"),
    "notes that are no object": (_notes("[]"), "isn't a base"),
    "notes that are no JSON": (_notes("{"), "isn't a base"),
    "a size that is none": (_notes('{"size": null}'), "isn't a base"),
    "another size": (_notes('{"width": 7}'), "isn't a base"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("what", BASES)
def test_a_base_that_is_none_is_a_problem_with_a_remedy(call: Call, what: str) -> None:
    make, said = BASES[what]
    make(Path("base.safetensors"))
    found = checks(None, VOLENTI_BASE="base.safetensors")["trainer"]
    assert (found["state"], said in found["detail"]) == ("problem", True)
    assert "VOLENTI_BASE" in found["remedy"]


def test_another_base_that_is_one_is_named(call: Call) -> None:
    shutil.copy(shipped_base(), "mine.safetensors")
    assert checks(None, VOLENTI_BASE="mine.safetensors")["mine.safetensors"]["state"] == "ok"


def test_a_pipeline_is_named_and_opened(call: Call) -> None:
    folder = write_pipeline(Path("small-sd"), "sd")
    found = checks(None, VOLENTI_BASE="small-sd")["small-sd"]
    assert found["state"] == "ok"
    assert PipelineTrainer(folder).base_sha256[:16] in found["detail"]
    shutil.rmtree(folder / "vae")
    broken = checks(None, VOLENTI_BASE="small-sd")["trainer"]
    assert (broken["state"], "VOLENTI_BASE" in broken["remedy"]) == ("problem", True)


def test_a_gpu_that_is_not_there_is_a_problem(call: Call) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    found = checks(None, VOLENTI_DEVICE="cuda")["trainer"]
    assert (found["state"], "no GPU" in found["detail"]) == ("problem", True)
    assert "VOLENTI_DEVICE" in found["remedy"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEVICE", "tpu"),
        ("WORKERS", "x"),
        ("WORKERS", "-1"),
        ("WATERMARKS", "perhaps"),
        ("PRICE_GPU_HOUR", ""),
    ],
)
def test_settings_that_cannot_be_are_a_problem_and_the_rest_is_checked(
    studio: Path, name: str, value: str
) -> None:
    answer = volenti("doctor", "--json", workspace=studio, **{f"VOLENTI_{name}": value})
    found = {each["what"]: each for each in answer.json["checks"]}
    assert (answer.status, found["settings"]["state"]) == (1, "problem")
    assert found["settings"]["remedy"]
    assert found["volenti"]["state"] == "ok"
    # Every other command says so too.
    refused = volenti("status", workspace=studio, **{f"VOLENTI_{name}": value})
    assert (refused.status, "fault in Volenti" in refused.err) == (2, False)


@pytest.mark.parametrize(
    "what", ["nothing", "a folder", "a text", "the beginning of a base", "other weights"]
)
def test_no_training_begins_on_a_base_that_is_none(cleared: Path, what: str) -> None:
    volenti("dataset", "cut", "d", "--purpose", "generative-training", workspace=cleared)
    make, said = BASES[what]
    make(Path("base.safetensors"))
    for words in (("train", "d", "--shards", 1), ("train", "d", "--plan")):
        answer = volenti(*words, workspace=cleared, VOLENTI_BASE="base.safetensors")
        assert answer.status in (8, 9), answer.err
        assert said in answer.err
        assert "VOLENTI_BASE" in answer.err


def test_no_training_begins_on_a_gpu_that_is_not_there(cleared: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    volenti("dataset", "cut", "d", "--purpose", "generative-training", workspace=cleared)
    for words in (("train", "d", "--shards", 1), ("train", "d", "--plan")):
        answer = volenti(*words, workspace=cleared, VOLENTI_DEVICE="cuda")
        assert (answer.status, "no GPU" in answer.err) == (2, True), answer.err


def test_keys_from_a_number_are_pointed_out(call: Call) -> None:
    call("init", "studio", "--seed", 1)
    found = checks(Path("studio"))
    assert found["keys"]["state"] == "notice"
    assert "protect nothing" in found["keys"]["detail"]


def test_a_mirror_is_asked_for_and_missed_where_it_can_t_be_reached(studio: Path) -> None:
    assert checks(studio)["mirror"]["state"] == "notice"
    assert volenti("backup", "mirror", "copies", workspace=studio).status == 0
    assert checks(studio)["mirror"] == {
        "what": "mirror",
        "state": "ok",
        "detail": str(Path("copies").resolve()),
        "remedy": "",
    }
    Path("copies").rename("elsewhere")
    found = checks(studio)["mirror"]
    assert found["state"] == "problem"
    assert found["remedy"].startswith("Mount it, and it catches up with the next command")
    assert "No erasure is certified" in found["detail"]


@pytest.mark.parametrize("kind", ["release", "snapshot", "withdrawal"])
def test_a_row_that_does_not_open_is_named_and_the_rest_is_looked_at(cleared: Path, kind: str) -> None:
    volenti("release", "withdraw", "rel_00", workspace=cleared)
    with sqlite3.connect(cleared / "register.db") as register:
        changed = register.execute("update rows set body = x'00ff' where kind = ?", (kind,))
        assert changed.rowcount > 0
    answer = volenti("audit", "--deep", "--json", workspace=cleared)
    assert answer.status == 1
    assert any(f"{kind} " in each for each in answer.json["problems"])
    assert answer.json["pictures"] > 0
    assert {"log", "requests"} <= set(checks(cleared))


def test_a_restriction_in_force_is_not_something_to_run(studio: Path) -> None:
    opened = volenti("request", "open", "--kind", "restriction", "--subject", "sub_03", workspace=studio)
    volenti("request", "run", opened.out.split()[0], workspace=studio)
    assert "volenti request lift req_" in checks(studio)["requests"]["remedy"]


def test_secrets_that_others_can_read_are_a_problem(studio: Path) -> None:
    (studio / "secret" / "workspace.key").chmod(0o644)
    assert checks(studio)["secrets"]["state"] == "problem"


def test_a_damaged_workspace_is_a_problem_not_a_crash(studio: Path) -> None:
    (studio / "log" / "checkpoint").write_text("nonsense")
    found = checks(studio)
    assert any(each["state"] == "problem" and "note" in each["detail"] for each in found.values())


def test_what_waits_for_somebody_is_pointed_out(studio: Path) -> None:
    drawn(Path("one.png"))
    volenti("add", "one.png", workspace=studio)
    volenti("request", "open", "--subject", "sub_03", workspace=studio)
    found = checks(studio)
    assert found["pictures"]["remedy"] == "volenti clear --purpose PURPOSE"
    assert found["requests"]["remedy"].startswith("volenti request run req_")


def test_pictures_about_to_be_dropped_are_pointed_out(cleared: Path) -> None:
    assert checks(cleared)["review"]["state"] == "ok"
    soon = checks(cleared, VOLENTI_QUARANTINE_DAYS="3")["review"]
    assert (soon["state"], soon["remedy"]) == ("notice", "volenti review list")


def test_a_missing_extra_is_named_with_its_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_requirements", lambda extra: [("no-such-package-here", "")])
    found = [each for each in doctor._software() if each.state == "problem"]
    assert [each.remedy for each in found] == ["pip install 'volenti[faces]'", "pip install 'volenti[train]'"]


def test_a_missing_reader_of_credentials_is_a_notice_because_nothing_breaks() -> None:
    found = doctor._installed_or_held("no-such-package-here")
    assert found.state == "notice"
    assert "held" in found.detail
    assert found.remedy == "pip install 'volenti[credentials]'"


def test_the_pinned_version_of_torch_is_read_from_the_package() -> None:
    pinned = dict(doctor._requirements("train"))
    assert pinned["torch"][0].isdigit()
    assert pinned["safetensors"] == ""


def test_another_torch_than_the_pinned_one_is_a_problem() -> None:
    found = doctor._installed("pytest", "0.0.1", "train", "nothing")
    assert (found.state, found.remedy) == ("problem", "pip install 'pytest==0.0.1'")


# -- models


def test_every_model_is_listed_with_what_it_was_trained_on(models: Path, call: Call) -> None:
    answer = call("models", "list", "--json")
    assert answer.status == 0
    assert [each["file"] for each in answer.json["models"]] == [each.file for each in WEIGHTS]
    assert "No consent of the people shown is documented." in call("models", "list").out


def test_missing_models_end_with_findings(call: Call) -> None:
    answer = call("models", "list", "--folder", "nowhere", "--json")
    assert answer.status == 1
    assert {each["state"] for each in answer.json["models"]} == {"missing"}


def test_a_damaged_model_is_told_from_a_missing_one(call: Call) -> None:
    Path("models").mkdir()
    Path("models", WEIGHTS[0].file).write_bytes(b"not a model")
    states = [each["state"] for each in call("models", "list", "--folder", "models", "--json").json["models"]]
    assert states == ["damaged", *["missing"] * (len(WEIGHTS) - 1)]


def test_fetching_what_is_there_changes_nothing(models: Path, call: Call) -> None:
    before = {path: path.stat().st_mtime_ns for path in models.glob("*.onnx")}
    assert call("models", "fetch", "--json", VOLENTI_MODELS=str(models)).json["ok"]
    assert {path: path.stat().st_mtime_ns for path in models.glob("*.onnx")} == before


# -- demo


def test_the_demo_is_told_in_the_folder_and_with_the_seed_given(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Path, int]] = []
    monkeypatch.setattr("volenti.demo.story.tell", lambda folder, seed: told.append((folder, seed)))
    assert call("demo", "--dir", "story", "--seed", 7).status == 0
    assert told == [(Path("story"), 7)]


# -- reference


def test_the_reference_is_what_the_code_says() -> None:
    folder = Path(__file__).parents[2] / reference.FOLDER
    stale = reference.write(folder, check=True)
    assert stale == [], "run: python -m volenti.cli.reference"


def test_a_page_that_differs_is_named_and_written_anew(tmp_path: Path) -> None:
    assert sorted(reference.write(tmp_path, check=True)) == [
        "cli.md",
        "exit-codes.md",
        "findings.md",
        "python.md",
        "settings.md",
    ]
    assert list(tmp_path.iterdir()) == []
    reference.write(tmp_path, check=False)
    (tmp_path / "cli.md").write_text("edited by hand")
    assert reference.write(tmp_path, check=False) == ["cli.md"]
    assert reference.write(tmp_path, check=True) == []


def test_every_error_finding_and_setting_is_in_the_reference() -> None:
    pages = reference.pages()
    for error in all_errors():
        if "code" in vars(error):
            assert f"| {error.exit_status} | {error.code} |" in pages["exit-codes.md"]
    for code in TABLE:
        assert f"| {code} |" in pages["findings.md"]
    for name in fields_of(Settings):
        assert f"| VOLENTI_{name.upper()} |" in pages["settings.md"]


def test_json_is_never_mixed_with_anything_else(studio: Path) -> None:
    for line in (
        "status",
        "subject list",
        "release list",
        "dataset list",
        "request list",
        "log show",
        "audit",
    ):
        answer = volenti(*line.split(), "--json", workspace=studio)
        json.loads(answer.out)
        assert answer.err == ""
