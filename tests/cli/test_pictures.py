"""volenti picture, shoot, due, subject find: the daily work at a desk."""

from __future__ import annotations

import json
import shutil
from importlib import import_module
from pathlib import Path

import pytest

from tests.cli.calling import drawn, volenti
from tests.studio import PURPOSE, Studio
from volenti.clearance.decision import Decision
from volenti.clearance.evaluation import once_rejected
from volenti.cli.terminal import asking
from volenti.perception.finding import TABLE, Finding, finding

#: One picture is given twice; one has a word of its own.
GIVEN = ("beach", "dune", "sea")


@pytest.fixture
def given(studio: Path) -> Path:
    """A workspace with three pictures of a shoot, and a copy of the first."""
    for number, name in enumerate(GIVEN):
        drawn(Path(f"inbox/{name}.png"), shade=20 * number)
        Path(f"inbox/{name}.txt").write_text(f"the {name}, early")
    shutil.copy("inbox/beach.png", "inbox/copy.png")
    assert volenti("add", "inbox", "--shoot", "spring", workspace=studio).status == 0
    return studio


def picture(workspace: Path, word: str) -> str:
    [found] = volenti("picture", "find", word, "--json", workspace=workspace).json["pictures"]
    return str(found["id"])


def test_files_are_listed_in_pages_with_totals(given: Path) -> None:
    first = volenti("picture", "list", "--count", 3, workspace=given)
    assert first.out.splitlines()[-1] == "4 files found: 3 waiting, 1 duplicate. Page 1 of 2."
    assert "--page 2" in first.err
    pages = [
        volenti("picture", "list", "--count", 3, "--page", page, "--json", workspace=given).json
        for page in (1, 2)
    ]
    assert [each["totals"] for each in pages] == [{"found": 4, "waiting": 3, "duplicate": 1}] * 2
    assert sorted(one["file"] for each in pages for one in each["pictures"]) == [
        "beach.png",
        "copy.png",
        "dune.png",
        "sea.png",
    ]
    assert (
        "The last page: --page 2"
        in volenti("picture", "list", "--count", 3, "--page", 9, workspace=given).err
    )


@pytest.mark.parametrize(
    ("asked", "files"),
    [
        (("list", "--state", "waiting"), {"beach.png", "dune.png", "sea.png"}),
        (("list", "--state", "duplicate"), {"copy.png"}),
        (("list", "--shoot", "SPRING", "--finding", "duplicate"), {"copy.png"}),
        (("list", "--shoot", "autumn"), set()),
        (("list", "--person", "sub_00"), set()),
        (("list", "--given-until", "2000-01-01"), set()),
        (("find", "EARLY", "sea"), {"sea.png"}),
        (("find", "early", "--state", "held"), set()),
    ],
)
def test_what_fits_is_found(given: Path, asked: tuple[str, ...], files: set[str]) -> None:
    found = volenti("picture", *asked, "--json", workspace=given).json
    assert {each["file"] for each in found["pictures"]} == files
    if not files:
        assert "No file was found." in volenti("picture", *asked, workspace=given).err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("list", "--state", "lost"), "no state 'lost'"),
        (("list", "--finding", "ugly"), "no finding 'ugly'"),
        (("list", "--person", "nobody"), "nobody"),
        (("show", "img_none"), "no picture 'img_none'"),
        (("amend", "img_none", "--caption", "x"), "img_none"),
        (("remove", "img_none", "--yes"), "volenti picture list"),
        (("remove", "img_none", "--yes"), "There is no picture 'img_none'"),
        (("amend", "img_none"), "Nothing is to be amended"),
        (("amend", "--caption", "x"), "which pictures"),
    ],
)
def test_what_isn_t_there_is_said_with_a_remedy(given: Path, asked: tuple[str, ...], said: str) -> None:
    answer = volenti("picture", *asked, workspace=given)
    assert answer.status != 0
    assert said in answer.err
    assert "  -> " in answer.err


def test_a_picture_is_shown_and_its_preview_written(given: Path) -> None:
    image = picture(given, "sea")
    answer = volenti("picture", "show", image, "--to", "look.jpg", workspace=given)
    assert "the sea, early" in answer.out
    assert "sea.png (waiting, given 20" in answer.out
    assert "look.jpg shows people. Delete it once you have looked." in answer.err
    assert Path("look.jpg").read_bytes().startswith(b"\xff\xd8")
    again = volenti("picture", "show", image, "--to", "look.jpg", workspace=given)
    assert again.status == 2
    facts = volenti("picture", "show", image, "--json", workspace=given).json
    assert (facts["state"], facts["shoot"], facts["datasets"]) == ("waiting", "spring", [])


def test_captions_and_shoots_are_corrected_one_or_several_or_from_a_table(given: Path) -> None:
    sea, dune = picture(given, "sea"), picture(given, "dune")
    dry = volenti("picture", "amend", sea, dune, "--shoot", "summer", "--dry-run", workspace=given)
    assert dry.out.splitlines()[-1] == "2 pictures would be amended."
    done = volenti("picture", "amend", sea, dune, "--shoot", "summer", "--json", workspace=given).json
    assert [each["after"]["shoot"] for each in done["pictures"]] == ["summer", "summer"]
    Path("t.csv").write_text("file;caption\nsea.png;the corrected one\n")
    assert "the corrected one" in volenti("picture", "amend", "--table", "t.csv", workspace=given).out
    assert (
        volenti("picture", "amend", "--table", "t.csv", workspace=given).err == "Nothing was to be changed.\n"
    )
    assert picture(given, "corrected") == sea
    rows = {
        row.split()[0]: row.split()[1:] for row in volenti("shoot", "list", workspace=given).out.splitlines()
    }
    assert rows == {"SHOOT": ["PEOPLE", "WAITING"], "spring": ["0", "1"], "summer": ["0", "2"]}


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_what_is_removed_is_asked_about_first(given: Path, how: tuple[str, ...]) -> None:
    image = picture(given, "sea")
    refused = volenti("picture", "remove", image, *how, workspace=given)
    assert (refused.status, refused.out) == (2, "")
    assert f"volenti picture remove {image} --yes" in (
        json.loads(refused.err)["error"]["remedy"] if how else refused.err
    )
    dry = volenti("picture", "remove", image, "--dry-run", workspace=given)
    assert dry.out.splitlines()[-1] == "1 picture would be removed."
    assert picture(given, "sea") == image
    done = volenti("picture", "remove", image, "--yes", *how, workspace=given)
    assert done.json["removed"][0]["image"] == image if how else done.out == "1 picture removed.\n"
    assert volenti("picture", "list", "--json", workspace=given).json["totals"] == {
        "found": 4,
        "waiting": 2,
        "duplicate": 1,
        "removed": 1,
    }
    assert "1  removed" in " ".join(volenti("status", workspace=given).out.split("\n"))


@pytest.mark.parametrize("sure", [False, True])
def test_in_a_terminal_it_asks(given: Path, monkeypatch: pytest.MonkeyPatch, sure: bool) -> None:
    image, asked = picture(given, "sea"), list[str]()
    unasked = volenti("picture", "remove", image, workspace=given)
    assert (unasked.status, "nobody can be asked" in unasked.err) == (2, True)

    def answer(question: str, err: bool) -> bool:
        asked.append(question)
        return sure

    monkeypatch.setattr(asking, "can_ask", lambda *, as_json: not as_json)
    monkeypatch.setattr(asking.typer, "confirm", answer)
    assert volenti("picture", "remove", image, "--json", workspace=given).status == 2
    assert asked == []
    done = volenti("picture", "remove", image, workspace=given)
    assert asked == ["Remove them for good?"]
    assert (done.status == 0) is sure
    assert sure or "Nothing was removed." in done.err
    assert ("1 removed" in volenti("picture", "list", workspace=given).out) is sure


@pytest.mark.parametrize("sure", [False, True])
def test_before_delivered_samples_are_called_back_it_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    studio = Studio.open(tmp_path / "studio", on_disk=True)
    studio.person("ann", at="spring")
    studio.photo("ann")
    studio.ws.add([studio.folder / "inbox"], shoot="spring")
    studio.ws.clear(PURPOSE)
    studio.ws.datasets.cut("humans", PURPOSE)
    studio.ws.datasets.export("humans", tmp_path / "out", recipient="Acme")
    [image] = [each.id for each in studio.ws.pictures.list().pictures]
    studio.ws.close()
    amend = ("picture", "amend", image, "--shoot", "autumn")

    def told() -> int:
        notices = volenti("feed", "list", "--json", workspace=studio.ws.path).json
        return sum(each["told"] for each in notices["deliveries"])

    dry = volenti(*amend, "--dry-run", workspace=studio.ws.path)
    assert "1 delivered sample would be called back." in dry.err
    unasked = volenti(*amend, workspace=studio.ws.path)
    assert (unasked.status, unasked.err.count("--yes")) == (2, 1)
    assert "1 delivered sample would be called back for good, and nobody can be asked" in unasked.err
    monkeypatch.setattr(asking, "can_ask", lambda *, as_json: not as_json)
    monkeypatch.setattr(asking.typer, "confirm", lambda question, err: sure)
    assert told() == 0
    done = volenti(*amend, workspace=studio.ws.path)
    assert (done.status == 0, told()) == (sure, int(sure))
    [again] = volenti(*amend, "--yes", "--json", workspace=studio.ws.path).json["pictures"]
    assert again["called_back"] == (0 if sure else 1)
    assert told() == 1


def test_a_picture_in_a_dataset_is_not_removed_and_what_has_it_is_named(cleared: Path) -> None:
    found = volenti("picture", "list", "--state", "cleared", "--count", 1, "--json", workspace=cleared).json
    image = found["pictures"][0]["id"]
    refused = volenti("picture", "remove", image, "--yes", workspace=cleared)
    assert "humans@1" in refused.err
    assert f"volenti review flag {image}" in refused.err
    shown = volenti("picture", "show", image, workspace=cleared).out
    assert "humans@1, entry" in shown


def test_what_is_due_is_listed_and_written_as_a_calendar(given: Path) -> None:
    volenti("request", "open", "--kind", "access", "--subject", "sub_00", workspace=given)
    answer = volenti("due", "--ics", "due.ics", workspace=given)
    assert "Request for access, opened: req_" in answer.out
    assert "Last day to decide 3 pictures" in answer.out
    assert "due.ics has 2 entries" in answer.err
    text = Path("due.ics").read_bytes()
    assert text.count(b"BEGIN:VEVENT\r\n") == 2
    assert b"Person Number" not in text
    facts = volenti("due", "--days", 29, "--json", workspace=given).json
    assert facts == {"days": 29, "due": []}
    assert "Nothing is due within 29 days." in volenti("due", "--days", 29, workspace=given).err
    assert volenti("due", "--ics", "due.ics", workspace=given).status == 2


@pytest.mark.parametrize(
    ("words", "count"), [(("number", "7"), 1), (("PERSON",), 12), (("sub_03",), 1), (("zoe",), 0)]
)
def test_people_are_found_by_words(studio: Path, words: tuple[str, ...], count: int) -> None:
    found = volenti("subject", "find", *words, "--json", workspace=studio).json["subjects"]
    assert len(found) == count
    plain = volenti("subject", "find", *words, workspace=studio)
    assert len(plain.out.splitlines()) == (count + 1 if count else 0)
    assert ("Nobody was found." in plain.err) == (count == 0)


def test_a_finding_is_said_once_with_the_faces_that_it_is_about() -> None:
    shown = import_module("volenti.cli.picture.show")
    twice = [finding("matched-twice", {"face": 0}), finding("matched-twice", {"face": 2})]
    found = (*twice, finding("person", {"figures": 1}), finding("uncertain-match", {"face": 1}))
    decision = Decision("img_1", "generative-training", "held", found, "", "policy", "2026-01-01")
    lines = dict(shown._decided(decision))["findings"].splitlines()
    assert [each.partition(":")[0] for each in lines if not each.startswith("  ->")] == [
        "matched-twice (faces 0, 2)",
        "person",
        "uncertain-match (face 1)",
    ]


@pytest.mark.parametrize("code", sorted(TABLE))
def test_beside_a_rejection_no_remedy_sends_anybody_to_review(code: str) -> None:
    seen = Finding(code, "", TABLE[code].remedy)
    assert "decide in review" not in once_rejected(seen).remedy
    assert (once_rejected(seen) == seen) == ("in review" not in seen.remedy)
