"""volenti rights: works of third parties, registered, listed and removed."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from tests.cli.calling import Call, drawn, volenti

PURPOSE = ("--purpose", "generative-training")


def test_works_are_registered_once(studio: Path) -> None:
    drawn(Path("works/one.png"))
    drawn(Path("works/two.png"), shade=20)
    first = volenti("rights", "register", "works", "--json", workspace=studio)
    assert first.json == {"new": 2, "registered": 2, "judged_before": 0}
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


def test_an_edited_copy_is_kept_out_and_let_in_again_once_the_work_is_removed(
    models: Path, studio: Path, cast: Path
) -> None:
    Path("works").mkdir()
    photo = Image.open(cast / "inbox" / "picture-00.jpg")
    photo.save("works/theirs.png")
    width, height = photo.size
    copy = ImageOps.mirror(photo.crop((0, 0, int(width * 0.8), int(height * 0.8))))
    copy.save("copy.jpg", quality=80)
    volenti("rights", "register", "works", workspace=studio)
    volenti("add", "copy.jpg", workspace=studio)
    (row,) = volenti("clear", *PURPOSE, "--json", workspace=studio).json["decisions"]
    assert "third-party-copy" in [finding["code"] for finding in row["findings"]]
    assert row["verdict"] == "rejected"

    (work,) = volenti("rights", "list", "--json", workspace=studio).json["works"]
    assert (work["file"], work["edits"]) == ("theirs.png", True)
    removed = volenti("rights", "remove", work["id"][:12], "--json", workspace=studio)
    assert removed.json == {"removed": 1, "registered": 0}
    copy.save("again.jpg", quality=81)
    volenti("add", "again.jpg", workspace=studio)
    rows = volenti("clear", *PURPOSE, "--json", workspace=studio).json["decisions"]
    (row,) = [each for each in rows if each["file"] == "again.jpg"]
    assert "third-party-copy" not in [finding["code"] for finding in row["findings"]]


def test_copies_are_searched_for_among_pictures_judged_before_their_work_was_registered(
    models: Path, studio: Path, cast: Path
) -> None:
    volenti("add", cast / "inbox", workspace=studio)
    volenti("clear", *PURPOSE, workspace=studio)
    Path("works").mkdir()
    photo = Image.open(cast / "inbox" / "picture-00.jpg")
    ImageOps.mirror(photo).save("works/theirs.png")
    answer = volenti("rights", "register", "works", workspace=studio)
    assert "volenti rights search --dry-run" in answer.err
    judged = volenti("rights", "search", "--dry-run", "--json", workspace=studio).json
    (foretold,) = judged["found"]
    assert (foretold["file"], foretold["finding"]["code"]) == ("picture-00.jpg", "third-party-copy")
    table = volenti("rights", "search", workspace=studio).out.splitlines()
    assert table[0] == f"{judged['searched']} pictures searched, 1 picture like a registered work."
    assert table[-1].split() == ["picture-00.jpg", "third-party-copy", PURPOSE[1], "cleared", "rejected"]
    assert volenti("rights", "search", "--json", workspace=studio).json["searched"] == 0


def test_the_list_shows_each_work_with_its_file(studio: Path) -> None:
    drawn(Path("works/one.png"))
    assert "no works" in volenti("rights", "list", workspace=studio).err
    volenti("rights", "register", "works", workspace=studio)
    header, row = volenti("rights", "list", workspace=studio).out.splitlines()
    assert header.split() == ["WORK", "FILE", "REGISTERED", "COPIES", "FOUND"]
    assert row.split()[1] == "one.png"
    assert row.endswith("re-saved and edited")


def test_removing_an_unknown_work_says_where_to_look(studio: Path) -> None:
    answer = volenti("rights", "remove", "twk_nothing", workspace=studio)
    assert answer.status == 5
    assert "volenti rights list" in answer.err


def test_every_command_explains_itself_with_an_example(call: Call) -> None:
    for command in ("register", "search", "list", "remove"):
        assert f"\n    volenti rights {command}" in call("rights", command, "--help").out
