"""volenti train, generate, request, certificate, audit, prove-forgetting: the model, and a no."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.calling import SURE, Answer, Call, asked_for, volenti
from volenti import open as open_workspace
from volenti.catalogue.generation_result import TRIES
from volenti.catalogue.likeness import Limit

SMALL = ("--shards", 1, "--slices", 2, "--samples-per-image", 1, "--batch", 4)


# -- train, generate


def test_training_again_does_nothing_again(trained: Path) -> None:
    facts = volenti("train", "humans", *SMALL, "--json", workspace=trained).json
    assert (facts["slices_trained"], facts["slices_kept"], facts["constituents"]) == (0, 2, 1)


def test_too_few_people_for_a_constituent_are_refused(trained: Path) -> None:
    answer = volenti("train", "humans", "--shards", 4, workspace=trained)
    assert answer.status == 2
    assert "fewer shards" in answer.err


def test_what_will_be_trained_is_said_and_nothing_done(trained: Path) -> None:
    before = volenti("run", "list", "--json", workspace=trained).json
    answer = volenti("train", "humans", "--dry-run", "--batch", 4, workspace=trained)
    assert answer.status == 0
    assert "12 pictures of 12 people" in answer.out
    assert "People are divided into 1 shard, not 4" in answer.out
    facts = volenti("train", "humans", "--dry-run", *SMALL, "--json", workspace=trained).json
    assert (facts["people"], facts["pictures"], facts["shards"], facts["refusal"]) == (12, 12, 1, None)
    assert (facts["begun"], facts["slices"]) == (True, facts["slices_trained"])
    assert [(each["people"], each["serves"]) for each in facts["constituents"]] == [(12, True)]
    assert set(facts["left_out"].values()) == {0}
    assert volenti("run", "list", "--json", workspace=trained).json == before


def test_what_would_be_refused_is_said_with_what_helps(trained: Path) -> None:
    answer = volenti("train", "humans", "--dry-run", "--shards", 4, workspace=trained)
    assert answer.status == 0
    assert "fewer than 10 people" in answer.out
    assert "12 people held back" in answer.out
    assert "It would be refused" in answer.out
    assert "--shards 1" in answer.out + answer.err
    facts = volenti("train", "humans", "--dry-run", "--shards", 4, "--json", workspace=trained).json
    assert "likeness" in facts["refusal"]
    assert facts["held_back"] == 12


def test_without_a_number_of_shards_nobody_is_held_back(trained: Path) -> None:
    answer = volenti("train", "humans", "--slices", 2, *SMALL[4:], workspace=trained)
    assert answer.status == 0
    assert "To be trained, of humans@1: 12 pictures of 12 people" in answer.err
    assert "1 constituent is served." in answer.out


def test_a_run_is_removed_once_that_is_sure(trained: Path) -> None:
    (run,) = (each["id"] for each in volenti("run", "list", "--json", workspace=trained).json["runs"])
    unasked = volenti("run", "remove", run, workspace=trained)
    assert unasked.status == 2
    assert "--yes" in unasked.err
    would = volenti("run", "remove", run, "--dry-run", workspace=trained)
    assert would.status == 0
    assert would.out.startswith(f"Would be removed: {run} of humans@1, 1 constituent, 2 slices")
    assert len(volenti("run", "list", "--json", workspace=trained).json["runs"]) == 1
    facts = volenti("run", "remove", run, "--yes", "--json", workspace=trained).json
    assert (facts["id"], facts["constituents"], facts["dry_run"]) == (run, 1, False)
    assert volenti("run", "list", "--json", workspace=trained).json["runs"] == []
    assert "run-removed" in volenti("log", "show", workspace=trained).out
    assert volenti("run", "remove", run, "--yes", workspace=trained).status == 5
    assert volenti("generate", "a man", workspace=trained).status == 5


def test_a_recipe_that_can_not_be_is_wrong_usage(trained: Path) -> None:
    assert volenti("train", "humans", "--slices", 0, workspace=trained).status == 2


def test_what_ways_to_divide_it_would_cost_is_printed_and_nothing_trained(trained: Path) -> None:
    answer = volenti("train", "humans", "--plan", "--withdrawals-per-year", 4, workspace=trained)
    assert answer.status == 0
    assert "loss" in answer.out.splitlines()[2]
    needs = r"Training a slice, 16 pictures at a time, needs \d+\.\d .B of memory a worker\."
    assert re.fullmatch(needs, answer.out.splitlines()[3])
    header, *rows = answer.out.splitlines()[4:]
    assert "SHARDS" in header
    assert rows
    facts = volenti("train", "humans", "--plan", "--core-hour-price", 0.1, "--json", workspace=trained).json
    assert facts["people"] == 12
    assert len(facts["divisions"]) == len(rows)
    assert all(each["people_least"] >= 10 for each in facts["divisions"])
    assert volenti("train", "humans", *SMALL, "--json", workspace=trained).json["slices_trained"] == 0


def test_without_a_training_there_is_nothing_to_draw_from(studio: Path) -> None:
    answer = volenti("generate", "a man", workspace=studio)
    assert answer.status == 5
    assert "volenti train" in answer.err


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory, taught: Path) -> tuple[Path, Answer]:
    """Two pictures in works, a grid of both, and what was printed."""
    folder = tmp_path_factory.mktemp("drawing")
    answer = volenti(
        "generate",
        "a smiling woman in a purple hat",
        "-n",
        2,
        "--seed",
        3,
        "--steps",
        2,
        "--out",
        folder / "works",
        "--grid",
        folder / "grid.png",
        "--json",
        workspace=taught,
    )
    return folder, answer


def test_pictures_are_drawn_labelled_and_compared(drawing: tuple[Path, Answer]) -> None:
    folder, answer = drawing
    facts = answer.json
    assert facts["unknown_words"] == ["hat"]
    assert [work["seed"] for work in facts["works"]] == [3, 4]
    assert (facts["refused"], facts["missing"]) == ([], 0)
    work = facts["works"][0]
    assert work["likeness"]["copy"]["score"] < work["likeness"]["copy"]["limit"]
    assert work["nearest"]["copy"][0].startswith("sub_")
    assert work["refused"] == []
    for path in [facts["grid"], *(work["file"] for work in facts["works"])]:
        assert b"trainedAlgorithmicMedia" in Path(path).read_bytes()
    assert Image.open(folder / "grid.png").size == (2 * 64 + 2, 64)


def test_the_same_seed_draws_the_same_picture_and_tells_it_in_words(
    drawing: tuple[Path, Answer], trained: Path
) -> None:
    said = ("a smiling woman in a purple hat", "-n", 2, "--seed", 3, "--steps", 2)
    answer = volenti("generate", *said, workspace=trained)
    assert "ignores them: hat" in answer.err
    header, *rows = answer.out.splitlines()
    assert header.split() == ["WORK", "SEED", "NEAREST", "PERSON", "FACE", "COPY", "FILE"]
    assert len(rows) == 2
    for row, before in zip(rows, drawing[1].json["works"], strict=True):
        assert Path(row.split()[-1]).read_bytes() == Path(before["file"]).read_bytes()


def test_people_are_cut_out_and_set_before_another_background(trained: Path) -> None:
    drawn = ("generate", "a man in a red top", "--steps", 4, "--json")
    (cut,) = volenti(*drawn, "--background", "transparent", workspace=trained).json["works"]
    picture = Image.open(cut["file"])
    assert picture.mode == "RGBA"
    assert picture.getpixel((0, 0))[3] < 128  # type: ignore[index]
    assert cut["prompt"] == "a man in a red top, green screen"
    Image.new("RGB", (90, 60), (10, 20, 200)).save("office.png")
    (set_,) = volenti(*drawn, "--background", "office.png", workspace=trained).json["works"]
    assert Image.open(set_["file"]).mode == "RGB"
    assert b"trainedAlgorithmicMedia" in Path(set_["file"]).read_bytes()
    Path("notes.txt").write_text("no picture")
    assert volenti(*drawn, "--background", "notes.txt", workspace=trained).status == 2
    assert volenti(*drawn, "--background", "mauvish", workspace=trained).status == 2


def test_a_picture_is_of_the_size_asked_for_and_the_same_when_drawn_again(trained: Path) -> None:
    drawn = ("generate", "a man in a red top", "--steps", 2, "--size", 100, "--json")
    (plain,) = volenti(*drawn, workspace=trained).json["works"]
    assert Image.open(plain["file"]).size == (100, 100)
    shown = volenti("work", "show", plain["id"], "--picture", "again.png", "--json", workspace=trained)
    assert shown.json["picture"]["same"]
    Image.new("RGB", (200, 200), (10, 20, 200)).save("sky.png")
    (cut,) = volenti(*drawn, "--background", "sky.png", workspace=trained).json["works"]
    assert Image.open(cut["file"]).size == (100, 100)
    assert volenti(*drawn, "--size", 3, workspace=trained).status == 2


def test_watched_pictures_are_the_same_pictures(trained: Path) -> None:
    seen: list[tuple[tuple[int, ...], float]] = []
    prompts = ["a man", "a woman", "a man"]
    with open_workspace(trained) as ws:
        unseen = ws.generate(prompts, steps=3)
        watched = ws.generate(
            prompts, steps=3, watch=lambda pictures, share: seen.append((pictures.shape, share))
        )
    assert [each.png for each in watched.drawn] == [each.png for each in unseen.drawn]
    assert len(seen) == 3 * 3
    assert {shape for shape, _ in seen} == {(1, 64, 64, 3)}
    assert [share for _, share in seen[:3]] == pytest.approx([1 / 3, 2 / 3, 1])


def test_without_a_terminal_nothing_is_shown_but_drawn(trained: Path) -> None:
    answer = volenti("generate", "a man", "--steps", 2, "--watch", workspace=trained)
    assert answer.status == 0
    assert "no terminal" in answer.err
    assert len(list(Path("works").iterdir())) == 1


# -- works


def test_a_work_is_listed_and_shown(drawing: tuple[Path, Answer], trained: Path) -> None:
    (work,) = volenti("generate", "a man", "--steps", 2, "--json", workspace=trained).json["works"]
    listed = volenti("work", "list", "--json", workspace=trained).json["works"]
    # What is near to whom isn't kept: it is looked up when it is asked for.
    assert [each for each in listed if each["id"] == work["id"]] == [
        {
            **{name: value for name, value in work.items() if name not in ("file", "likeness", "nearest")},
            "too_near_to": [],
        }
    ]
    looked_up = volenti("work", "show", work["id"], "--json", workspace=trained).json
    assert (looked_up["likeness"], looked_up["nearest"]) == (work["likeness"], work["nearest"])
    assert work["id"] in volenti("work", "list", workspace=trained).out
    shown = volenti("work", "show", work["id"], workspace=trained).out
    assert "refused          no" in shown
    assert work["nearest"]["copy"][0] in shown


def test_what_is_too_near_is_written_nowhere_and_can_be_looked_at(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Everything is a copy where the limit is as low as can be.
    monkeypatch.setattr("volenti.catalogue.likeness.COPY_LIMIT", Limit(-1.0, 0.0, 1))
    said = ("generate", "a man", "-n", 2, "--steps", 2, "--grid", "grid.png", "--out", "out")
    answer = volenti(*said, "--tries", 2, workspace=trained)
    assert answer.status == 1
    assert "4 pictures refused, too near to somebody the model learned from:" in answer.err
    assert "2 pictures missing after every try." in answer.err
    assert answer.err.count("is like a picture of sub_") == 4
    assert not list(tmp_path.rglob("*.png"))
    listed = volenti("work", "list", "--refused", "--json", workspace=trained).json["works"]
    assert {0, 1_000_000, 1, 1_000_001} <= {each["seed"] for each in listed}
    shown = volenti("work", "show", listed[-1]["id"], "--picture", "look.png", "--json", workspace=trained)
    assert shown.json["picture"] == {"file": "look.png", "same": True}
    assert Image.open("look.png").size == (64, 64)
    assert volenti("work", "show", listed[-1]["id"], "--picture", "look.png", workspace=trained).status == 2


def test_a_work_nobody_drew_is_not_found(trained: Path) -> None:
    answer = volenti("work", "show", "wrk_none", workspace=trained)
    assert answer.status == 5
    assert "volenti work list" in answer.err


def test_nothing_is_drawn_while_somebody_cannot_be_compared_with(trained: Path) -> None:
    with open_workspace(trained) as ws:
        ws.parts.records.delete("template", [ws.parts.records.alias("sub_03")])
    answer = volenti("generate", "a man", "--steps", 2, "--out", "out", workspace=trained)
    assert answer.status == 6
    assert "Nothing of this run is served, because of 1 person (sub_03)" in answer.err
    assert "volenti clear" in answer.err
    assert not Path("out").exists()
    assert volenti("clear", "--purpose", "generative-training", workspace=trained).status == 0
    assert volenti("generate", "a man", "--steps", 2, "--out", "out", workspace=trained).status == 0


def test_works_are_called_back_and_listed_when_somebody_leaves(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOLENTI_WITHDRAW_WORKS", "all")
    assert volenti("generate", "a man", "-n", 6, "--steps", 2, workspace=trained).status == 0
    works = volenti("work", "list", "--json", workspace=trained).json["works"]
    assert "Nothing was called back yet" in volenti("work", "list", "--withdrawn", workspace=trained).err
    volenti("request", "open", "--subject", "sub_03", workspace=trained)
    plan = volenti("request", "plan", "--json", workspace=trained).json
    with open_workspace(trained) as ws:
        homes = ws.parts.training.model_store.affected("sub_03")
    knew = {each["id"] for each in works if f"{each['run']}/{each['constituent']:02d}" in homes}
    assert knew
    counts = {"drawn": len(knew), "compared": len(works), "withdrawn": len(knew), "rule": "all"}
    assert plan["works"] == counts
    assert "Drawn by what had learned from them" in volenti("request", "plan", workspace=trained).out
    ran = volenti("request", "run", plan["request"], *SURE, "--certificate", "c.json", workspace=trained)
    assert "volenti work list --knew req_" in ran.out
    checked = volenti("certificate", "verify", "c.json", "--key", trained / "public-key", "--json").json
    assert checked["statement"]["predicate"]["works"] == counts
    assert "called back: " in volenti("certificate", "verify", "c.json", "--key", trained / "public-key").out
    request = checked["request"]
    for which in (("--withdrawn",), ("--knew", request)):
        listed = volenti("work", "list", *which, "--json", workspace=trained).json["works"]
        assert {each["id"] for each in listed} == knew
        assert {each["state"] for each in listed} == {"withdrawn"}
        assert listed[0]["sha256"] in volenti("work", "list", *which, workspace=trained).out
    one = sorted(knew)[0]
    assert request in volenti("work", "show", one, workspace=trained).out
    assert volenti("work", "show", one, "--json", workspace=trained).json["ground"] == "rule"
    assert volenti("work", "show", one, "--picture", "p.png", workspace=trained).status == 6
    assert volenti("work", "list", "--refused", "--withdrawn", workspace=trained).status == 2
    assert volenti("work", "list", "--knew", "req_none", workspace=trained).status == 5


def test_the_help_says_how_often_is_tried() -> None:
    assert f"default: {TRIES}" in " ".join(volenti("generate", "--help").out.split())


# -- request


def test_a_request_is_opened_once(studio: Path) -> None:
    opened = volenti("request", "open", "--kind", "erasure", "--subject", "sub_03", workspace=studio)
    assert volenti("request", "open", "--subject", "sub_03", workspace=studio).out == opened.out
    assert len(volenti("request", "list", "--json", workspace=studio).json["requests"]) == 1


def test_there_is_no_request_of_another_kind(studio: Path) -> None:
    answer = volenti("request", "open", "--kind", "wish", "--subject", "sub_03", workspace=studio)
    assert answer.status == 2
    assert "erasure" in answer.err


def test_nobody_can_be_erased_who_is_not_there(studio: Path) -> None:
    assert volenti("request", "open", "--subject", "sub_99", workspace=studio).status == 5


def test_without_a_request_the_remedy_says_how_to_open_one(studio: Path) -> None:
    answer = volenti("request", "plan", workspace=studio)
    assert answer.status == 5
    assert "volenti request open" in answer.err


def test_a_request_is_identified_put_off_and_refused(studio: Path) -> None:
    volenti("request", "open", "--subject", "sub_03", workspace=studio)
    assert (
        "identified by document" in volenti("request", "identify", "--by", "document", workspace=studio).out
    )
    assert "is due by" in volenti("request", "extend", "--reason", "complexity", workspace=studio).out
    assert volenti("request", "extend", "--reason", "complexity", workspace=studio).status == 6
    assert "Nothing is overdue" in volenti("request", "list", "--overdue", workspace=studio).err
    unknown = volenti("request", "refuse", "--ground", "no-wish-to", workspace=studio)
    assert unknown.status == 2
    assert "legal-claims" in unknown.err
    refused = volenti("request", "refuse", "--ground", "legal-claims", "--json", workspace=studio).json
    assert (refused["state"], refused["notes"]["refused"]["article"]) == ("refused", "Art. 17(3)(e)")
    shown = volenti("request", "show", workspace=studio).out
    assert "Art. 17(3)(e), legal-claims" in shown
    answer = volenti("request", "run", refused["id"], *SURE, workspace=studio)
    assert answer.status == 6
    assert "was refused" in answer.err


def test_all_open_requests_are_run_together(studio: Path) -> None:
    assert "Every request is finished" in volenti("request", "run", "--all", workspace=studio).err
    for who in ("sub_03", "sub_05"):
        volenti("request", "open", "--subject", who, workspace=studio)
    plans = volenti("request", "run", "--all", "--dry-run", "--json", workspace=studio).json["plans"]
    assert len(plans) == 2
    refused = volenti("request", "run", "--all", "--certificate", "c.json", workspace=studio)
    assert refused.status == 2
    done = volenti("request", "run", "--all", *SURE, "--json", workspace=studio).json["requests"]
    assert [each["state"] for each in done] == ["done", "done"]
    assert volenti("certificate", "show", done[1]["id"], workspace=studio).status == 0
    assert volenti("audit", workspace=studio).status == 0


def test_a_plan_names_what_goes_and_what_it_costs_and_changes_nothing(trained: Path) -> None:
    volenti("request", "open", "--subject", "sub_03", workspace=trained)
    plan = volenti("request", "plan", "--json", workspace=trained).json
    assert {"holders", "constituents", "seconds", "full_seconds", "cost_ratio"} <= set(plan)
    assert len(plan["constituents"]) == 1
    # The ratio itself is a matter of seconds: on twelve people, fixed costs may outweigh the slice.
    assert plan["cost_ratio"] == pytest.approx(plan["seconds"] / plan["full_seconds"], abs=0.01)
    text = volenti("request", "plan", workspace=trained).out
    assert "sealed photographs and previews" in text
    assert "unlink one prefix" in text
    assert volenti("request", "run", "--dry-run", workspace=trained).out == text
    assert volenti("subject", "show", "sub_03", workspace=trained).status == 0


def test_the_key_of_the_commitment_is_not_shown(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    volenti("request", "open", "--subject", "sub_03", workspace=studio)

    def stopped(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("volenti.vault.holders.KeyHolder.erase", stopped)
    assert volenti("request", "run", "--all", *SURE, workspace=studio).status == 130
    monkeypatch.undo()
    shown = volenti("request", "show", "--json", workspace=studio).json
    assert shown["state"] == "erasing"
    assert "commitment_key" not in shown["notes"]
    assert volenti("request", "run", "--all", *SURE, workspace=studio).status == 0


@pytest.fixture(scope="session")
def erased(tmp_path_factory: pytest.TempPathFactory, taught: Path) -> tuple[Path, Path, Answer]:
    """A workspace after somebody's no, the certificate, and what running the request printed."""
    import shutil

    folder = tmp_path_factory.mktemp("erased")
    workspace = Path(shutil.copytree(taught, folder / "studio"))
    request = asked_for(workspace, "--subject", "sub_03")
    certificate = folder / "certificate.json"
    ran = volenti("request", "run", request, *SURE, "--certificate", certificate, workspace=workspace)
    return workspace, certificate, ran


Erased = tuple[Path, Path, Answer]


def test_a_request_runs_to_its_certificate(erased: Erased) -> None:
    workspace, certificate, ran = erased
    assert ran.status == 0
    assert "1 slice trained again without their pictures" in ran.out
    assert certificate.is_file()
    assert volenti("subject", "show", "sub_03", workspace=workspace).status in (5, 7)


def test_a_finished_request_names_nobody_any_more(erased: Erased) -> None:
    shown = volenti("request", "show", workspace=erased[0]).out
    assert "sub_03" not in shown
    assert "erased:" in shown
    assert "erase photographs" in shown


def test_running_a_finished_request_gives_its_certificate_again(erased: Erased) -> None:
    workspace, certificate, _ = erased
    request = volenti("request", "list", "--json", workspace=workspace).json["requests"][-1]["id"]
    facts = volenti("request", "run", request, *SURE, "--json", workspace=workspace).json
    assert facts["state"] == "done"
    assert facts["certificate"] == json.loads(certificate.read_text())
    assert volenti("certificate", "show", workspace=workspace).json == facts["certificate"]


def test_an_existing_file_is_never_overwritten_by_a_certificate(erased: Erased) -> None:
    workspace, certificate, _ = erased
    before = certificate.read_bytes()
    request = volenti("request", "list", "--json", workspace=workspace).json["requests"][-1]["id"]
    again = volenti("request", "run", request, *SURE, "--certificate", certificate, workspace=workspace)
    assert again.status == 2
    assert certificate.read_bytes() == before


# -- certificate


def test_a_certificate_is_verified_without_a_workspace(erased: Erased, call: Call) -> None:
    workspace, certificate, _ = erased
    answer = call("certificate", "verify", certificate, "--key", workspace / "public-key")
    assert answer.status == 0
    assert answer.out.startswith("The certificate holds: erasure req_")
    assert "Items left when it was attested: 0." in answer.out
    assert call("certificate", "verify", certificate, "--key", workspace / "public-key", "--json").json["ok"]


def test_an_edited_certificate_does_not_verify(erased: Erased, call: Call) -> None:
    workspace, certificate, _ = erased
    body = json.loads(certificate.read_text())
    payload = json.loads(base64.b64decode(body["payload"]))
    payload["predicate"]["completed"] = "1999-01-01T00:00:00Z"
    body["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    Path("edited.json").write_text(json.dumps(body))
    answer = call("certificate", "verify", "edited.json", "--key", workspace / "public-key", "--json")
    assert answer.status == 1
    assert not answer.json["ok"]


def test_another_key_does_not_verify_it(erased: Erased, call: Call) -> None:
    call("init", "other")
    answer = call("certificate", "verify", erased[1], "--key", "other/public-key")
    assert answer.status == 1
    assert "another key" in answer.out


def test_what_is_no_key_at_all_is_an_error(erased: Erased, call: Call) -> None:
    Path("key").write_text("hello")
    assert call("certificate", "verify", erased[1], "--key", "key").status == 8


# -- audit, prove-forgetting


def test_an_audit_finds_nothing_of_the_erased_and_everything_of_the_others(
    erased: Erased, tmp_path: Path
) -> None:
    canaries = tmp_path / "canaries.json"
    canaries.write_text(
        json.dumps([base64.b64encode(b"Person Number 3").decode(), base64.b64encode(b"sub_03").decode()])
    )
    answer = volenti("audit", "--canaries", canaries, "--json", workspace=erased[0])
    report = answer.json
    assert answer.status == 0
    assert {"ok", "residue", "lost", "log_consistent", "problems"} <= set(report)
    assert (report["ok"], report["residue"], report["lost"], report["problems"]) == (True, 0, 0, [])


def test_a_planted_string_is_found(studio: Path) -> None:
    Path("canaries.json").write_text(json.dumps([base64.b64encode(b"not to be found").decode()]))
    assert volenti("audit", "--canaries", "canaries.json", workspace=studio).status == 0
    (studio / "stray").write_bytes(b"... not to be found ...")
    answer = volenti("audit", "--canaries", "canaries.json", workspace=studio)
    assert answer.status == 1
    assert "canary 0 in stray" in answer.out


@pytest.mark.parametrize("content", ["{}", "[1]", '["not base64!"]', "no json"])
def test_canaries_that_can_not_be_read_are_wrong_usage(studio: Path, content: str) -> None:
    Path("canaries.json").write_text(content)
    assert volenti("audit", "--canaries", "canaries.json", workspace=studio).status == 2


def test_a_lost_picture_is_found(cleared: Path) -> None:
    next(cleared.glob("packs/**/sub_03/*")).unlink()
    answer = volenti("audit", workspace=cleared)
    assert answer.status == 1
    assert "lost: picture img_" in answer.out


def test_forgetting_is_proved_bit_for_bit(erased: Erased) -> None:
    answer = volenti("prove-forgetting", "--json", workspace=erased[0])
    assert answer.status == 0
    (proof,) = answer.json["constituents"]
    assert answer.json["ok"]
    assert proof["sha256_after"] == proof["sha256_scratch"]
    assert proof["sha256_after"] not in (proof["sha256_control"], proof["sha256_one_less"])


def test_where_no_model_knew_them_there_is_nothing_to_prove(studio: Path) -> None:
    volenti("request", "open", "--subject", "sub_03", workspace=studio)
    volenti("request", "run", "--all", *SURE, workspace=studio)
    answer = volenti("prove-forgetting", workspace=studio)
    assert (answer.status, answer.out) == (11, "")
    assert "Nothing was proved: no model was ever trained." in answer.err
