"""volenti dataset: snapshots cut, compared, verified, handed on."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

import volenti as package
from tests.cli.calling import PEOPLE, volenti

CUT = ("dataset", "cut", "humans", "--purpose", "generative-training")


def test_a_snapshot_counts_pictures_and_people(cleared: Path) -> None:
    answer = volenti(*CUT, workspace=cleared)
    assert answer.out == f"humans@2: {PEOPLE} pictures of {PEOPLE} people for generative-training in WORLD.\n"
    listed = volenti("dataset", "list", "--json", workspace=cleared).json["datasets"]
    assert [each["id"] for each in listed] == ["humans@1", "humans@2"]


def test_nothing_cleared_is_nothing_to_cut(studio: Path) -> None:
    answer = volenti(*CUT, workspace=studio)
    assert answer.status == 2
    assert "volenti clear --purpose generative-training" in answer.err


def test_a_snapshot_shows_its_pictures_when_asked(cleared: Path) -> None:
    short = volenti("dataset", "show", "humans", "--json", workspace=cleared).json
    assert "pictures" not in short
    full = volenti("dataset", "show", "humans@1", "--entries", "--json", workspace=cleared).json
    assert [row["position"] for row in full["pictures"]] == list(range(PEOPLE))
    assert all(row["caption"] and row["subjects"] for row in full["pictures"])


def test_a_dataset_that_is_not_there_is_not_found(cleared: Path) -> None:
    answer = volenti("dataset", "show", "dogs", workspace=cleared)
    assert answer.status == 5
    assert "volenti dataset list" in answer.err


def test_the_next_version_leaves_out_who_withdrew(cleared: Path) -> None:
    volenti("release", "withdraw", "--subject", "sub_03", workspace=cleared)
    assert volenti(*CUT, "--json", workspace=cleared).json["entries"] == PEOPLE - 1
    found = volenti("dataset", "diff", "humans@1", "humans@2", "--json", workspace=cleared).json
    assert (len(found["added"]), len(found["removed"])) == (0, 1)
    assert volenti("dataset", "diff", "humans@1", "humans@2", workspace=cleared).out.startswith(
        "humans@1 -> humans@2: 0 added, 1 gone.\n- img_"
    )


@pytest.mark.parametrize("left", [1, PEOPLE])
def test_cutting_says_how_much_of_what_is_cleared_is_left_out(cleared: Path, left: int) -> None:
    for number in range(left):
        volenti("release", "withdraw", "--subject", f"sub_{number:02d}", workspace=cleared)
    answer, facts = volenti(*CUT, workspace=cleared), volenti(*CUT, "--json", workspace=cleared)
    if left == PEOPLE:
        assert answer.status == 2
        assert f"{PEOPLE} pictures are cleared for generative-training, and no release covers" in answer.err
        assert "--territory PLACE" in answer.err
        return
    assert "  1 cleared picture left out: not everybody in them has a release" in answer.out
    assert (facts.json["uncovered"], facts.json["entries"]) == (1, PEOPLE - 1)
    assert "volenti dataset export humans@2 DIR --to RECIPIENT" in answer.err


def test_a_whole_dataset_verifies_and_names_who_is_covered_no_more(cleared: Path) -> None:
    volenti("release", "withdraw", "--subject", "sub_03", workspace=cleared)
    answer = volenti("dataset", "verify", "--json", workspace=cleared)
    assert answer.status == 0
    assert answer.json["ok"]
    assert len(answer.json["datasets"][0]["refused"]) == 1


def test_a_damaged_picture_is_found_and_ends_with_findings(cleared: Path) -> None:
    pack = next(cleared.glob("packs/**/sub_03/*"))
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.write_bytes(data)
    answer = volenti("dataset", "verify", "humans@1", workspace=cleared)
    assert answer.status == 1
    assert "humans@1 does not hold" in answer.out


def test_an_export_has_captions_and_no_metadata(cleared: Path) -> None:
    facts = volenti("dataset", "export", "humans", "out", "--json", workspace=cleared).json
    assert (facts["written"], facts["left_out"]) == (PEOPLE, 0)
    lines = [json.loads(line) for line in Path("out/metadata.jsonl").read_text().splitlines()]
    assert {line["file_name"] for line in lines} == {path.name for path in Path("out").glob("*.jpg")}
    assert all(line["text"] for line in lines)
    picture = Image.open(io.BytesIO(Path("out", lines[0]["file_name"]).read_bytes()))
    assert not picture.getexif()


def test_an_export_goes_into_an_empty_folder_only(cleared: Path) -> None:
    Path("out").mkdir()
    Path("out/file").touch()
    assert volenti("dataset", "export", "humans", "out", workspace=cleared).status == 2


def test_an_export_leaves_out_who_withdrew_since(cleared: Path) -> None:
    volenti("release", "withdraw", "--subject", "sub_03", workspace=cleared)
    answer = volenti("dataset", "export", "humans@1", "out", workspace=cleared)
    assert "1 picture left out" in answer.out
    assert len(list(Path("out").glob("*.jpg"))) == PEOPLE - 1


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_dataloader_reads_it_in_processes_of_its_own(cleared: Path, start: str) -> None:
    data = pytest.importorskip("torch.utils.data")
    with package.open(cleared, watermarks=False) as ws:
        reader = ws.datasets.read("humans@1")
        loader = data.DataLoader(
            reader.to_torch(32),
            batch_size=4,
            sampler=reader.epoch(0),
            num_workers=2,
            multiprocessing_context=start,
        )
        batches = list(loader)
        told = [reader.sample(index).position for index in reader.epoch(0)]
    assert [tuple(batch["pixels"].shape) for batch in batches] == [(4, 3, 32, 32)] * (PEOPLE // 4)
    assert [int(position) for batch in batches for position in batch["position"]] == told


def test_an_export_says_who_did_not_agree_to_being_passed_on(cleared: Path) -> None:
    volenti("release", "withdraw", "rel_03", "--grant", "redistribution", workspace=cleared)
    answer = volenti("dataset", "export", "humans@1", "out", "--to", "Lab", workspace=cleared)
    assert "1 picture left out: somebody in them didn't agree to being passed on in WORLD." in answer.out
    facts = volenti("dataset", "export", "humans@1", "again", "--json", workspace=cleared).json
    assert (facts["written"], facts["left_out"], facts["not_passed_on"]) == (PEOPLE - 1, 1, 1)
    in_germany = ("dataset", "export", "humans@1", "in-germany", "--territory", "DE", "--json")
    facts = volenti(*in_germany, workspace=cleared).json
    assert (facts["written"], facts["territory"], facts["sublicensable"]) == (PEOPLE - 1, "DE", False)


#: Exports that are refused before anything is on record, and what is said.
NO_EXPORT = {
    "to nobody": (("--to", ""), "The recipient's name is blank."),
    "to spaces": (("--to", "  \t "), "The recipient's name is blank."),
    "that would hold nothing": (
        ("--to", "Lab", "--sublicensable"),
        f"{PEOPLE} pictures with somebody who didn't agree to its being handed on in WORLD",
    ),
}


@pytest.mark.parametrize("case", NO_EXPORT)
def test_no_delivery_to_nobody_and_none_of_nothing(cleared: Path, case: str) -> None:
    options, said = NO_EXPORT[case]
    answer = volenti("dataset", "export", "humans@1", "out", *options, workspace=cleared)
    assert answer.status != 0
    assert said in answer.err
    assert not (cleared.parent / "out").exists()
    assert volenti("feed", "list", "--json", workspace=cleared).json["deliveries"] == []


def test_a_withdrawal_without_a_request_reaches_status_doctor_and_the_feed(cleared: Path) -> None:
    volenti("dataset", "export", "humans@1", "out", "--to", "Lab", workspace=cleared)
    volenti("release", "withdraw", "rel_03", workspace=cleared)
    [told] = volenti("feed", "list", "--json", workspace=cleared).json["deliveries"]
    assert (told["told"], told["open"]) == (1, 1)
    totals = volenti("status", "--json", workspace=cleared).json["totals"]
    assert (totals["cleared"], totals["uncovered"]) == (PEOPLE - 1, 1)
    assert "release-withdrawn: 1 file, uncovered" in volenti("status", workspace=cleared).out
    assert "1 no release covers any more" in volenti("doctor", workspace=cleared).out
    listed = volenti("release", "list", "--json", workspace=cleared).json["releases"]
    assert [each["id"] for each in listed if each["today"] == "withdrawn"] == ["rel_03"]
    asked = ("clear", "--purpose", "generative-training")
    assert "Nothing that was judged" in volenti(*asked, "--dry-run", workspace=cleared).out
    assert volenti(*asked, "--json", workspace=cleared).json["totals"] == totals


# -- selections and splits

SPLIT = ("--split", "train=0.5,test=0.5")


def test_a_selection_is_said_when_it_is_cut_and_shown(cleared: Path) -> None:
    answer = volenti(*CUT, "--subject", "sub_03", "--subject", "sub_04", "--min-side", 8, workspace=cleared)
    assert answer.out.splitlines() == [
        "humans@2: 2 pictures of 2 people for generative-training in WORLD.",
        "  people: sub_03, sub_04",
        "  shorter side: at least 8 pixels",
        f"  {PEOPLE - 2} pictures left out: of other people.",
        "humans@1 was cut from everything that is cleared, humans@2 from people sub_03, sub_04; "
        "shorter side at least 8 pixels:",
        f"  0 added, {PEOPLE - 2} gone.",
    ]
    shown = volenti("dataset", "show", "humans", workspace=cleared).out
    assert "sub_03, sub_04" in shown
    assert "of other people" in shown
    facts = volenti("dataset", "show", "humans", "--json", workspace=cleared).json
    assert (facts["selection"]["subject"], facts["selection"]["min_side"]) == (["sub_03", "sub_04"], 8)
    again = volenti(*CUT, "--json", workspace=cleared).json
    assert (again["selection"], len(again["since"]["added"])) == (None, PEOPLE - 2)


def test_what_chose_nothing_is_named(cleared: Path) -> None:
    chosen = ("--subject", "sub_03", "--word", "a", "--word", "zebra")
    answer = volenti(*CUT, *chosen, workspace=cleared)
    assert "  No picture in it has the word 'zebra'." in answer.out
    nothing = volenti(*CUT, "--word", "zebra", workspace=cleared)
    assert nothing.status == 2
    assert f"chooses none: {PEOPLE} with none of the words in the caption" in nothing.err
    assert volenti(*CUT, "--subject", "nobody", workspace=cleared).status == 5
    assert volenti(*CUT, "--split", "train", workspace=cleared).status == 2


def test_splits_are_shown_read_and_exported_one_by_one(cleared: Path) -> None:
    cut = volenti(*CUT, *SPLIT, "--json", workspace=cleared).json
    assert [each["name"] for each in cut["selection"]["splits"]] == ["train", "test"]
    facts = volenti("dataset", "show", "humans", "--entries", "--json", workspace=cleared).json
    by_split = {name: [e for e in facts["pictures"] if e["split"] == name] for name in ("train", "test")}
    assert {name: len(some) for name, some in by_split.items()} == facts["splits"]
    done = volenti("dataset", "export", "humans", "out", "--split", "test", "--json", workspace=cleared).json
    assert (done["written"], done["split"]) == (facts["splits"]["test"], "test")
    assert done["not_in_split"] == facts["splits"]["train"]
    refused = volenti("train", "humans", workspace=cleared)
    assert refused.status == 2
    assert "no split was named" in refused.err
    assert "--split train" in refused.err
    assert volenti("train", "humans", "--split", "val", workspace=cleared).status == 5


def test_an_export_has_a_box_around_each_face(cleared: Path) -> None:
    volenti("dataset", "export", "humans", "out", workspace=cleared)
    for line in Path("out/metadata.jsonl").read_text().splitlines():
        said = json.loads(line)
        [face] = said["faces"]
        left, top, width, height = face["box"]
        assert [face["person"]] == said["people"]
        assert 0 <= left < left + width <= said["width"]
        assert 0 <= top < top + height <= said["height"]
        assert width * height > said["width"] * said["height"] / 100
