"""volenti add, clear, status, rights, review: every file accounted for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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
    assert answer.out == "2 files given: 2 new.\n"
    assert volenti("status", "--json", workspace=studio).json["totals"] == {
        "given": 2, "cleared": 0, "held": 0, "rejected": 0, "unreadable": 0, "duplicate": 0, "waiting": 2,
    }  # fmt: skip


def test_adding_again_takes_in_only_what_is_new(studio: Path) -> None:
    drawn(Path("inbox/one.png"))
    volenti("add", "inbox", workspace=studio)
    shutil.copy("inbox/one.png", "inbox/copy.png")
    facts = volenti("add", "inbox", "--json", workspace=studio).json
    assert facts == {"given": 2, "new": 0, "known": 1, "duplicate": 1, "unreadable": []}


def test_a_dry_run_names_the_files_and_takes_in_none(studio: Path) -> None:
    drawn(Path("inbox/one.png"))
    facts = volenti("add", "inbox", "--dry-run", "--json", workspace=studio).json
    assert facts == {"given": 1, "files": ["one.png"]}
    assert volenti("status", "--json", workspace=studio).json["decisions"] == []


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
        "given": PEOPLE + 2, "cleared": PEOPLE, "held": 1, "rejected": 0, "unreadable": 1, "duplicate": 0,
    }  # fmt: skip


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


# -- rights


def test_works_are_registered_once(studio: Path) -> None:
    drawn(Path("works/one.png"))
    drawn(Path("works/two.png"), shade=20)
    first = volenti("rights", "register", "works", "--json", workspace=studio)
    assert first.json == {"new": 2, "registered": 2}
    again = volenti("rights", "register", "works", workspace=studio)
    assert again.out == "0 works new, 2 registered in all.\n"


def test_what_is_no_picture_among_the_works_is_named_and_the_others_registered(studio: Path) -> None:
    drawn(Path("works/one.png"))
    Path("works/list.csv").write_text("one.png")
    answer = volenti("rights", "register", "works", workspace=studio)
    assert answer.status == 1
    assert "list.csv" in answer.err
    assert volenti("rights", "register", "works", "--json", workspace=studio).out == ""
    Path("works/list.csv").unlink()
    assert volenti("rights", "register", "works", "--json", workspace=studio).json["registered"] == 1


# -- review


def test_the_queue_tells_what_was_found_and_when_it_is_dropped(cleared: Path) -> None:
    row = held(cleared)
    assert (row["file"], row["purposes"]) == ("empty-set.png", ["generative-training"])
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
    assert "Say whom the picture shows" in answer.err


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


def test_what_is_not_held_can_not_be_decided(cleared: Path) -> None:
    rows = volenti("status", "--json", workspace=cleared).json["decisions"]
    image = next(row["image"] for row in rows if row["verdict"] == "cleared")
    answer = volenti("review", "decide", image, "--reject", "--reviewer", "Pat", workspace=cleared)
    assert answer.status == 2
    assert "isn't held" in answer.err


def test_a_decision_needs_a_verdict(call: Call) -> None:
    answer = call("review", "decide", "img_1", "--reviewer", "Pat")
    assert answer.status == 2
