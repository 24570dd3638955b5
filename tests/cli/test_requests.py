"""volenti request open --photo, --face: somebody who was never enrolled asks."""

from __future__ import annotations

import io
import json
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.calling import SURE, asked_for, volenti
from volenti.cli.request import confirmation
from volenti.requests.course import KINDS


def photos(number: int) -> list[bytes]:
    """Every photograph of one of the cast."""
    pack = zipfile.ZipFile(str(files("volenti.demo") / "cast.zip"))
    records = json.loads(pack.read("records.json"))
    return [pack.read(f"images/{each['file']}") for each in records if each["subject"] == f"s{number:03d}"]


def test_somebody_never_enrolled_is_looked_for_and_erased(cleared: Path) -> None:
    known, asks = photos(3), photos(60)
    both = Image.new("RGB", (192, 96))
    for place, data in enumerate((known[-2], asks[-1])):
        both.paste(Image.open(io.BytesIO(data)).resize((96, 96)), (96 * place, 0))
    both.resize((768, 384)).save("both.png")
    Path("selfie.jpg").write_bytes(asks[0])
    volenti("add", "both.png", workspace=cleared)
    volenti("clear", "--purpose", "generative-training", workspace=cleared)

    told = volenti("request", "open", "--photo", "selfie.jpg", "--sheet", "compare.png", workspace=cleared)
    assert (told.status, Image.open("compare.png").format) == (0, "PNG")
    found = volenti("request", "open", "--photo", "selfie.jpg", "--json", workspace=cleared).json[
        "candidates"
    ]
    faces = [each["name"] for each in found if each["kind"] == "face"]
    assert len(faces) == 1
    assert f"request open --face {faces[0]}" in told.err
    assert volenti("request", "list", "--json", workspace=cleared).json["requests"] == []

    request = asked_for(cleared, "--face", faces[0])
    done = volenti("request", "run", request, *SURE, "--json", workspace=cleared).json
    assert done["notes"]["erased"]["review queue"]["items"] == 1
    again = volenti("request", "open", "--photo", "selfie.jpg", "--json", workspace=cleared).json
    assert [each["kind"] for each in again["candidates"] if each["kind"] == "face"] == []


def test_somebody_enrolled_is_found_by_their_face(cleared: Path) -> None:
    Path("selfie.jpg").write_bytes(photos(3)[-2])
    found = volenti("request", "open", "--photo", "selfie.jpg", "--json", workspace=cleared).json[
        "candidates"
    ]
    assert (found[0]["kind"], found[0]["name"], found[0]["is_match"]) == ("subject", "sub_03", True)
    told = volenti("request", "open", "--photo", "selfie.jpg", workspace=cleared)
    assert "volenti request open --subject sub_03" in told.err


def test_who_asks_is_said_in_one_way(cleared: Path) -> None:
    for words in ((), ("--subject", "sub_03", "--face", "img_1.0")):
        answer = volenti("request", "open", *words, workspace=cleared)
        assert answer.status == 2
        assert "--photo" in answer.err


def test_somebody_is_given_everything_held_of_them(cleared: Path) -> None:
    asked = volenti("request", "open", "--kind", "access", "--subject", "sub_03", workspace=cleared)
    assert "volenti request answer" in asked.err
    told = volenti("request", "answer", "--folder", "for-them", "--identity", "document", workspace=cleared)
    assert told.status == 0, told.err
    assert Path("for-them/answer.pdf").read_bytes().startswith(b"%PDF")
    record = json.loads(Path("for-them/answer.json").read_text())
    assert record["subject"] == "sub_03"
    for each in record["pictures"]:
        assert Image.open(Path("for-them") / each["file"]).size
    assert volenti("request", "answer", "--folder", "again", workspace=cleared).status == 5
    shown = volenti("request", "show", "--json", workspace=cleared).json
    assert shown["state"] == "done"
    assert len(shown["notes"]["answered"]["pdf_sha256"]) == 64


def test_only_what_asks_for_an_answer_is_answered(cleared: Path) -> None:
    volenti("request", "open", "--subject", "sub_03", workspace=cleared)
    answer = volenti("request", "answer", "--folder", "for-them", "--identity", "document", workspace=cleared)
    assert answer.status == 6
    assert "volenti request run" in answer.err
    assert not Path("for-them").exists()


def test_a_yes_is_taken_back_and_the_model_learns_without_it(trained: Path) -> None:
    taken = ("--grant", "generative-training")
    asked = volenti(
        "request", "open", "--kind", "withdrawal", "--subject", "sub_03", *taken, workspace=trained
    )
    assert "volenti request run" in asked.err
    tried = volenti("request", "run", "--dry-run", workspace=trained)
    assert (tried.status, "would withdraw the yes to generative-training of sub_03" in tried.out) == (0, True)
    done = volenti("request", "run", workspace=trained)
    assert done.status == 0, done.err
    assert "1 constituent left service and was trained again" in done.out
    assert volenti("subject", "show", "sub_03", workspace=trained).status == 0
    assert volenti("audit", workspace=trained).status == 0
    volenti("request", "open", "--kind", "withdrawal", "--subject", "sub_04", *taken, workspace=trained)
    volenti("request", "open", "--subject", "sub_05", workspace=trained)
    both = volenti("request", "run", "--all", *SURE, "--json", workspace=trained).json["requests"]
    assert [(each["kind"], each["state"]) for each in both] == [("withdrawal", "done"), ("erasure", "done")]
    unknown = volenti("request", "open", "--subject", "sub_06", *taken, workspace=trained)
    assert unknown.status == 2


def test_a_restriction_is_put_in_force_and_lifted(cleared: Path) -> None:
    volenti("request", "open", "--kind", "restriction", "--subject", "sub_03", workspace=cleared)
    told = volenti("request", "run", workspace=cleared)
    assert (told.status, "nothing of theirs is used" in told.out) == (0, True)
    answer = volenti("dataset", "export", "humans@1", "out", "--json", workspace=cleared)
    assert answer.json["left_out"] == 1
    assert volenti("request", "lift", workspace=cleared).status == 0
    answer = volenti("dataset", "export", "humans@1", "again", "--json", workspace=cleared)
    assert answer.json["left_out"] == 0


def test_an_objection_is_decided(cleared: Path) -> None:
    for end in (("uphold",), ("refuse", "--ground", "overriding-grounds")):
        opening = ("request", "open", "--kind", "objection", "--subject", "sub_03", "--json")
        # The second is opened within the same second, and is the latest nevertheless.
        asked = volenti(*opening, workspace=cleared).json["id"]
        told = volenti("request", "run", "--json", workspace=cleared).json
        assert (told["id"], told["state"]) == (asked, "in-force")
        assert volenti("request", *end, told["id"], workspace=cleared).status == 0
        assert volenti("request", "lift", told["id"], workspace=cleared).status == 6


def test_with_nothing_but_answers_due_it_is_said_what_waits_for_one(studio: Path) -> None:
    asked = volenti(
        "request", "open", "--kind", "access", "--subject", "sub_00", workspace=studio
    ).out.strip()
    told = volenti("request", "run", "--all", workspace=studio)
    assert (told.status, told.out) == (0, "")
    assert "There is nothing to run." in told.err
    assert f"volenti request answer {asked} --folder DIR --identity WAY" in told.err
    assert f"volenti request answer {asked}" in volenti("doctor", workspace=studio).out


def test_the_copy_for_the_person_is_made_once_beside_the_workspace_unless_a_file_is_named(
    studio: Path,
) -> None:
    asked = volenti("request", "open", "--subject", "sub_01", workspace=studio).out.strip()
    first = volenti("request", "run", asked, *SURE, "--copy", "copy.json", workspace=studio)
    again = volenti("request", "run", asked, *SURE, workspace=studio)
    assert (first.status, again.status) == (0, 0)
    assert "own copy" not in again.out
    other = volenti("request", "open", "--subject", "sub_02", workspace=studio).out.strip()
    assert volenti("request", "run", other, *SURE, workspace=studio).status == 0
    copy = studio.resolve().parent / f"{other}-copy.json"
    assert (json.loads(copy.read_text())["opening"]["subject"], copy.stat().st_mode & 0o777) == (
        "sub_02",
        0o600,
    )


@pytest.mark.parametrize("every", [False, True])
def test_an_erasure_says_beforehand_which_request_nobody_could_answer_afterwards(
    studio: Path, every: bool
) -> None:
    access = asked_for(studio, "--kind", "access", "--subject", "sub_01")
    erasure = asked_for(studio, "--subject", "sub_01")
    which = ("--all",) if every else (erasure,)
    for words in (("plan", erasure), ("run", *which, "--dry-run")):
        told = volenti("request", *words, workspace=studio)
        assert f"{access}, for access, is opened: nobody can carry it out once they are erased." in told.out
        assert f"volenti request answer {access} --folder DIR" in told.err
    refused = volenti("request", "run", *which, *SURE, workspace=studio)
    assert refused.status == 6
    assert f"volenti request answer {access}" in refused.err
    assert "--overtake" in refused.err
    assert volenti("request", "run", *which, *SURE, "--overtake", workspace=studio).status == 0
    listed = volenti("request", "list", "--json", workspace=studio).json["requests"]
    assert {each["id"]: each["state"] for each in listed} == {access: "overtaken", erasure: "done"}
    assert access not in volenti("due", workspace=studio).out
    late = volenti("request", "answer", access, "--folder", "out", workspace=studio)
    assert (late.status, Path("out").exists()) == (6, False)
    assert "overtaken" in late.err


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_of_any_kind_says_what_would_be_done_and_does_nothing(
    studio: Path, kind: str, every: bool, as_json: bool
) -> None:
    asked = asked_for(studio, "--kind", kind, "--subject", "sub_01")
    which = ("--all",) if every else (asked,)
    more = ("--json",) if as_json else ()
    told = volenti("request", "run", *which, "--dry-run", *more, workspace=studio)
    if kind in ("access", "portability") and not every:
        assert (told.status, f"volenti request answer {asked}" in told.err) == (6, True)
    else:
        assert told.status == 0, told.err
        assert "Leave" not in told.err
        if as_json:
            plans = told.json["plans"] if every else [told.json]
            is_run = kind not in ("access", "portability")
            assert [each["request"] for each in plans] == [asked] * is_run
        elif kind not in ("access", "portability"):
            assert f"{asked} would " in told.out
    shown = volenti("request", "show", asked, "--json", workspace=studio).json
    assert (shown["state"], shown["steps"]) == ("opened", [])
    planned = volenti("request", "plan", asked, workspace=studio)
    assert (planned.status == 0) == (kind == "erasure")
    assert f"volenti request run {asked}\n" not in (planned.err if kind != "erasure" else "")


@pytest.mark.parametrize("said", [(), ("--overtake",)])
def test_at_a_terminal_it_is_asked_whether_an_erasure_may_overtake_another_request(
    studio: Path, monkeypatch: pytest.MonkeyPatch, said: tuple[str, ...]
) -> None:
    access = asked_for(studio, "--kind", "access", "--subject", "sub_01")
    erasure = asked_for(studio, "--subject", "sub_01", "--identity", "document")
    asked: list[str] = []
    monkeypatch.setattr(confirmation, "can_ask", lambda *, as_json: True)
    monkeypatch.setattr(confirmation, "ask", lambda question, otherwise: asked.append(question))
    assert volenti("request", "run", erasure, *said, workspace=studio).status == 0
    assert [access in each for each in asked] == ([False] if said else [True, False])
    assert volenti("request", "show", access, "--json", workspace=studio).json["state"] == "overtaken"
