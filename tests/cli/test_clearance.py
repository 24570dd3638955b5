"""volenti add, clear, status, rights, review: every file accounted for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.calling import PEOPLE, Call, drawn, volenti

PURPOSE = ("--purpose", "generative-training")


def held(workspace: Path) -> dict[str, object]:
    """The one picture that is held in `cleared`: it shows nobody."""
    (row,) = volenti("review", "list", "--json", workspace=workspace).json["held"]
    return dict(row)


# -- add


def test_what_is_added_waits(studio: Path) -> None:
    drawn(Path("inbox/one.png"))
    drawn(Path("inbox/deeper/two.png"), shade=20)
    answer = volenti("add", "inbox", workspace=studio)
    assert answer.out == "2 files given: 2 new.\n0 captions found.\n"
    assert volenti("status", "--json", workspace=studio).json["totals"] == {
        "given": 2,
        "cleared": 0,
        "held": 0,
        "rejected": 0,
        "unreadable": 0,
        "duplicate": 0,
        "waiting": 2,
    }


def test_adding_again_takes_in_only_what_is_new(studio: Path) -> None:
    drawn(Path("inbox/one.png"))
    volenti("add", "inbox", workspace=studio)
    shutil.copy("inbox/one.png", "inbox/copy.png")
    facts = volenti("add", "inbox", "--json", workspace=studio).json
    assert facts == {
        "given": 2,
        "new": 0,
        "known": 1,
        "duplicate": 1,
        "captions_differ": [],
        "unreadable": [],
        "sidecars": 0,
        "sidecars_unread": [],
        "sidecars_alone": [],
        "to_judge_again": 0,
        "ignored": {},
        "beside": 0,
        "captions": 0,
        "caption_faults": [],
        "caption_faults_count": 0,
    }


def test_what_lies_beside_pictures_is_told_and_what_comes_later_too(studio: Path) -> None:
    drawn(Path("inbox/one.png"))
    Path("inbox/one.XMP").write_text("<x")
    Path("inbox/two.c2pa").write_bytes(b"")
    said = volenti("add", "inbox", workspace=studio).out
    assert "2 files given: 1 new, 1 without their picture." in said
    assert "1 file about rights beside them." in said
    assert "so no policy clears its picture: one.XMP" in said
    assert "its picture isn't there: two.c2pa" in said
    volenti("clear", "--purpose", "generative-training", workspace=studio)
    Path("inbox/one.headers").write_text("X-Robots-Tag: noindex\n")
    again = volenti("add", "inbox", workspace=studio).err
    assert "Something new lies beside 1 picture judged before." in again
    assert "volenti clear" in again


def test_of_what_cannot_be_read_it_is_only_said_that_no_policy_clears_its_picture(studio: Path) -> None:
    """It may be rejected as well: damage doesn't hide a reservation."""
    drawn(Path("inbox/one.png"))
    volenti("add", "inbox", workspace=studio)
    volenti("clear", "--purpose", "generative-training", workspace=studio)
    Path("inbox/one.headers").write_text("noai")
    said = volenti("add", "inbox", workspace=studio).out
    assert "  can't be read as a whole, so no policy clears its picture: one.headers" in said
    assert "is held" not in said


def test_a_copy_with_another_caption_is_named(studio: Path) -> None:
    picture = drawn(Path("inbox/one.png"))
    Path("inbox/one.txt").write_text("a man")
    for name, caption in (("same", "a man"), ("other", "a woman")):
        shutil.copy(picture, f"inbox/two-{name}.png")
        Path(f"inbox/two-{name}.txt").write_text(caption)
    answer = volenti("add", "inbox", workspace=studio)
    assert "1 new, 2 with the bytes of another" in answer.out
    assert [line for line in answer.out.splitlines() if "caption" in line] == [
        "3 other files with captions, or about rights in the pictures beside.",
        "3 captions found.",
        "  a copy with another caption: two-other.png",
    ]


def test_a_dry_run_names_the_files_and_takes_in_none(studio: Path) -> None:
    drawn(Path("inbox/one.png"))
    facts = volenti("add", "inbox", "--dry-run", "--json", workspace=studio).json
    assert (facts["given"], facts["files"]) == (1, ["one.png"])
    assert volenti("status", "--json", workspace=studio).json["decisions"] == []
    Path("inbox/empty.png").write_bytes(b"")
    dry, run = (volenti("add", "inbox", *how, workspace=studio) for how in (["--dry-run"], []))
    assert dry.out == run.out
    assert "1 new, 1 that can't be read" in dry.out
    assert "nothing was taken in" in dry.err


def test_the_source_folder_is_left_as_it_was(studio: Path) -> None:
    before = drawn(Path("inbox/one.png")).read_bytes()
    volenti("add", "inbox", workspace=studio)
    assert [path.name for path in Path("inbox").iterdir()] == ["one.png"]
    assert Path("inbox/one.png").read_bytes() == before


def test_an_empty_workspace_says_how_to_begin(studio: Path) -> None:
    answer = volenti("status", workspace=studio)
    assert (answer.status, answer.out) == (0, "")
    assert "volenti add FOLDER" in answer.err


# -- clear, status


def test_who_signed_is_cleared_and_the_totals_add_up(cleared: Path) -> None:
    totals = volenti("status", "--json", workspace=cleared).json["totals"]
    assert totals == {
        "given": PEOPLE + 2,
        "cleared": PEOPLE,
        "held": 1,
        "rejected": 0,
        "unreadable": 1,
        "duplicate": 0,
    }


def test_a_decision_names_file_image_and_findings_with_their_remedy(cleared: Path) -> None:
    rows = {row["file"]: row for row in volenti("status", "--json", workspace=cleared).json["decisions"]}
    broken = rows["broken.jpg"]
    assert broken["verdict"] == "unreadable"
    assert {"code", "message", "remedy"} == set(broken["findings"][0])
    assert rows["picture-00.jpg"]["image"].startswith("img_")
    assert [each["code"] for each in rows["empty-set.png"]["findings"]] == ["no-face"]


def test_the_account_in_words_says_why_and_what_helps(cleared: Path) -> None:
    answer = volenti("status", workspace=cleared)
    assert answer.out.startswith(f"{PEOPLE + 2} files given\n")
    assert "no-face: 1 file, held" in answer.out
    assert "  -> Decide in review who, if anybody, is in the picture." in answer.out
    assert "  empty-set.png" in answer.out


def test_held_pictures_are_not_an_error(cleared: Path) -> None:
    answer = volenti("clear", *PURPOSE, "--json", workspace=cleared)
    assert answer.status == 0
    assert answer.json["totals"]["held"] == 1
    assert answer.err == ""


def test_who_withdrew_and_what_is_somebody_elses_work_is_not_let_in(
    models: Path, studio: Path, cast: Path
) -> None:
    volenti("release", "withdraw", "rel_03", workspace=studio)
    Path("works").mkdir()
    shutil.copy(cast / "inbox" / "picture-00.jpg", "works/theirs.jpg")
    volenti("rights", "register", "works", workspace=studio)
    volenti("add", cast / "inbox" / "picture-00.jpg", cast / "inbox" / "picture-03.jpg", workspace=studio)
    rows = volenti("clear", *PURPOSE, "--json", workspace=studio).json["decisions"]
    assert {row["file"]: (row["verdict"], row["findings"][0]["code"]) for row in rows} == {
        "picture-00.jpg": ("rejected", "third-party-copy"),
        "picture-03.jpg": ("rejected", "no-release"),
    }


def test_without_the_models_clearing_says_how_to_get_them(studio: Path) -> None:
    drawn(Path("one.png"))
    volenti("add", "one.png", workspace=studio)
    answer = volenti("clear", *PURPOSE, workspace=studio, VOLENTI_MODELS="nowhere")
    assert answer.status == 9
    assert "missing" in answer.err


# -- review


def test_the_queue_tells_what_was_found_and_when_it_is_dropped(cleared: Path) -> None:
    row = held(cleared)
    assert (row["file"], row["purposes"]) == ("empty-set.png", ["generative-training"])
    assert row["question"] == row["image"]
    answer = volenti("review", "list", workspace=cleared)
    assert "no-face: No face was found" in answer.out
    assert f"dropped after  {row['dropped_after']}" in answer.out


def test_an_empty_queue_says_so(studio: Path) -> None:
    assert volenti("review", "list", workspace=studio).err == "Nothing is held.\n"


def test_a_picture_of_nobody_is_cleared_by_a_person_who_is_named(cleared: Path) -> None:
    image = held(cleared)["image"]
    decided = volenti(
        "review", "decide", image, "--clear", "--nobody", "--reviewer", "Pat", "--json", workspace=cleared
    ).json
    assert (decided["verdict"], decided["by"]) == ("cleared", "review:Pat")
    assert volenti("status", "--json", workspace=cleared).json["totals"]["held"] == 0


@pytest.mark.parametrize("whom", [(), ("--nobody", "--subject", "sub_00")], ids=["nobody said", "both said"])
def test_clearing_asks_whom_the_picture_shows(cleared: Path, whom: tuple[str, ...]) -> None:
    image = held(cleared)["image"]
    answer = volenti("review", "decide", image, "--clear", *whom, "--reviewer", "Pat", workspace=cleared)
    assert answer.status == 2
    said = "It shows nobody, and somebody" if whom else "Say whom the picture shows"
    assert said in answer.err


def test_clearing_for_somebody_who_withdrew_is_refused(cleared: Path) -> None:
    volenti("release", "withdraw", "--subject", "sub_03", workspace=cleared)
    image = held(cleared)["image"]
    answer = volenti(
        "review", "decide", image, "--clear", "--subject", "sub_03", "--reviewer", "Pat", workspace=cleared
    )
    assert answer.status == 7


def test_a_rejected_picture_leaves_nothing_but_the_reason(cleared: Path) -> None:
    image = held(cleared)["image"]
    answer = volenti("review", "decide", image, "--reject", workspace=cleared, VOLENTI_REVIEWER="Pat")
    assert answer.out == f"{image} is rejected for generative-training, by Pat.\n"
    assert not list(cleared.glob(f"packs/**/*{image}*"))


def test_a_table_that_is_filled_in_is_not_written_over(cleared: Path, tmp_path: Path) -> None:
    table = tmp_path / "answers.csv"
    assert volenti("review", "list", "--csv", str(table), workspace=cleared).status == 0
    table.write_text(filled := table.read_text() + "img_1,reject\n")
    answer = volenti("review", "list", "--csv", str(table), workspace=cleared)
    assert (answer.status, table.read_text()) == (2, filled)
    assert "is there already" in answer.err


def test_what_is_not_held_can_not_be_decided(cleared: Path) -> None:
    rows = volenti("status", "--json", workspace=cleared).json["decisions"]
    image = next(row["image"] for row in rows if row["verdict"] == "cleared")
    answer = volenti("review", "decide", image, "--reject", "--reviewer", "Pat", workspace=cleared)
    assert answer.status == 2
    assert "isn't held" in answer.err


@pytest.mark.parametrize("verb", [("decide", "--reject"), ("undo",), ("flag", "person")])
def test_of_a_picture_that_is_none_it_is_said_so(cleared: Path, verb: tuple[str, ...]) -> None:
    for purpose in ((), ("--purpose", "redistribution")):
        words = (verb[0], "img_nosuch", *verb[1:], *purpose, "--reviewer", "Pat")
        answer = volenti("review", *words, workspace=cleared)
        assert answer.status == 5, answer.err
        assert "There is no picture 'img_nosuch'" in answer.err
        assert "volenti picture list" in answer.err


def test_a_decision_needs_a_verdict(call: Call) -> None:
    answer = call("review", "decide", "img_1", "--reviewer", "Pat")
    assert answer.status == 2


def test_a_clearing_is_taken_back(cleared: Path) -> None:
    image = held(cleared)["image"]
    by = ("--reviewer", "Pat")
    volenti("review", "decide", image, "--clear", "--nobody", *by, workspace=cleared)
    answer = volenti("review", "undo", image, *by, workspace=cleared)
    assert answer.out == f"{image} is held again for generative-training.\n"
    assert held(cleared)["image"] == image
    again = volenti("review", "undo", image, *by, workspace=cleared)
    assert again.status == 2
    assert "isn't decided by a reviewer" in again.err


def test_the_evidence_is_written_as_a_picture_with_a_warning(cleared: Path) -> None:
    answer = volenti("review", "show", held(cleared)["question"], "--out", "look.png", workspace=cleared)
    assert answer.err == "look.png shows people. Delete it once you have decided.\n"
    with Image.open("look.png") as sheet:
        assert sheet.format == "PNG"


def test_a_question_that_was_settled_is_not_found(cleared: Path) -> None:
    answer = volenti("review", "show", "img_none.0", "--out", "look.png", workspace=cleared)
    assert answer.status == 5
    assert "review list" in answer.err


# -- policy


def test_the_shipped_policies_are_listed_and_one_of_them_is_a_beginning(call: Call) -> None:
    names = [row["name"] for row in call("policy", "list", "--json").json["policies"]]
    assert "strict" in names
    Path("mine.toml").write_text(call("policy", "show", "strict").out)
    facts = call("policy", "check", "mine.toml", "--json").json
    assert facts["purpose"] == "generative-training"
    assert facts["verdicts"]["watermark"] == "rejected"


def test_every_fault_of_a_policy_is_named(call: Call) -> None:
    Path("mine.toml").write_text('purpose = "fun"\ncolour = "red"\n')
    answer = call("policy", "check", "mine.toml")
    assert answer.status == 2
    assert "purpose: " in answer.err
    assert "colour: isn't a setting of a policy" in answer.err


def test_a_dry_run_of_a_policy_says_what_would_change(cleared: Path) -> None:
    facts = volenti("clear", "--policy", "strict", "--dry-run", "--json", workspace=cleared).json
    assert [(each["file"], each["before"], each["after"]) for each in facts["changes"]] == [
        ("empty-set.png", "held", "rejected")
    ]
    assert held(cleared)["file"] == "empty-set.png"
    volenti("clear", "--policy", "strict", workspace=cleared)
    assert volenti("review", "list", "--json", workspace=cleared).json["held"] == []
    answer = volenti("clear", "--policy", "strict", "--dry-run", workspace=cleared)
    assert answer.out == "Nothing that was judged would be decided otherwise.\n"


@pytest.mark.parametrize("given", [(), (*PURPOSE, "--policy", "strict")], ids=["neither", "both"])
def test_clearing_asks_by_what_to_judge(studio: Path, given: tuple[str, ...]) -> None:
    answer = volenti("clear", *given, workspace=studio)
    assert answer.status == 2
    assert "Say by what to judge" in answer.err


# -- what comes next


def test_one_question_at_a_time(cleared: Path) -> None:
    question = held(cleared)["question"]
    place = volenti("review", "next", "--json", workspace=cleared).json
    assert ([each["id"] for each in place["after"]], place["count"]) == ([question], 1)
    assert "No question comes after it." in volenti("review", "next", question, workspace=cleared).err
    offered = volenti("review", "choices", question, "--reviewer", "Pat", "--json", workspace=cleared).json
    assert {each["answer"] for each in offered["choices"]} == {"clear", "reject"}
    written = volenti("review", "picture", question, "--out", "look.jpg", "--side", "90", workspace=cleared)
    assert (written.status, Path("look.jpg").read_bytes()[:2]) == (0, b"\xff\xd8")
    wrong = volenti("review", "picture", question, "--out", "no.jpg", "--part", "scan", workspace=cleared)
    assert "Choose: picture, face, reference." in wrong.err
    decided = ("review", "decide", question, "--reject", "--reviewer", "Pat", "--only")
    assert "isn't asked about" in volenti(*decided, "img_none", workspace=cleared).err
    assert volenti(*decided, question.partition(".")[0], workspace=cleared).status == 0


def test_judging_leads_to_review_and_to_a_dataset_for_the_same_use(studio: Path, cast: Path) -> None:
    empty = drawn(Path("empty-set.png"))
    volenti("add", cast / "inbox", empty, workspace=studio)
    use = ("--purpose", "generative-training", "--territory", "DE")
    judged = volenti("clear", *use, workspace=studio)
    assert "volenti review list --csv FILE" in judged.err
    assert f"volenti dataset cut NAME {' '.join(use)}" in judged.err
    for sheet in ("answers.csv", "answers.xlsx"):
        listed = volenti("review", "list", "--csv", sheet, "--fill", "reject", workspace=studio)
        assert f"volenti review answer {sheet} --reviewer NAME" in listed.err
    asked = ("review", "answer", "answers.xlsx", "--reviewer", "rita")
    assert "without --dry-run" in volenti(*asked, "--dry-run", workspace=studio).err
    done = volenti(*asked, workspace=studio)
    assert (done.status, done.out.splitlines()[0]) == (0, "1 answer: 1 taken.")
    assert "volenti dataset cut NAME" in done.err
    nothing = volenti("review", "list", "--csv", "more.csv", workspace=studio)
    assert (nothing.status, "volenti review answer" in nothing.err) == (0, False)
    assert Path("more.csv").read_text().count("\n") == 1  # its headings


@pytest.mark.parametrize(
    ("said", "fault"), [(("--clear", "--reject"), "contradict each other"), ((), "Nothing is decided")]
)
def test_a_question_is_cleared_or_rejected_and_not_both(
    cleared: Path, said: tuple[str, ...], fault: str
) -> None:
    image = volenti("picture", "list", "--json", workspace=cleared).json["pictures"][0]["id"]
    answer = volenti("review", "decide", image, *said, "--reviewer", "Pat", workspace=cleared)
    assert (answer.status, fault in answer.err) == (2, True)


def test_a_release_may_be_passed_on_or_not_and_not_both(cleared: Path) -> None:
    release = volenti("release", "list", "--json", workspace=cleared).json["releases"][0]["id"]
    both = ("--sublicensing", "--no-sublicensing")
    answer = volenti("release", "amend", release, *both, workspace=cleared)
    assert (answer.status, "contradict each other" in answer.err) == (2, True)
