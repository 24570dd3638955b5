"""What lies beside an export's samples (card, terms, checksums) is true, also after a deletion."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from tests.studio import PURPOSE, Studio
from volenti.core.errors import NotFoundError
from volenti.core.files import write_atomically
from volenti.deliveries import checksums
from volenti.deliveries.delivery import BESIDE, Delivery
from volenti.deliveries.exports import _box
from volenti.deliveries.people import NumberedPeople

FORMATS = ("imagefolder", "webdataset", "parquet")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path, on_disk=True)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.photo("ann", "bob", caption="both")
    studio.photo("ann", "_", "cid", caption="a gap")
    studio.clear()
    return studio


def export(studio: Studio, name: str = "out", **asked: Any) -> tuple[Path, Delivery]:
    folder = studio.folder / name
    return folder, studio.ws.datasets.export("humans", folder, recipient="Lab", **asked)


def erase(studio: Studio, who: str) -> None:
    studio.ws.requests.run(studio.ws.requests.open("erasure", who, identity="in-person").id)


def follow(studio: Studio, folder: Path) -> Any:
    return studio.ws.feed.apply(folder, str(studio.ws.path / "feed"))


def is_whole(folder: Path) -> bool:
    """Whether sha256sum says that every file is as it is listed, and every file is listed."""
    checked = subprocess.run(
        ["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
    )
    listed = {line.partition("  ")[2] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return checked.returncode == 0 and there == listed | {"SHA256SUMS"}


def header(folder: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((folder / "README.md").read_text().split("---\n")[1]))


def terms(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / BESIDE / "terms.json").read_text()))


def facts(folder: Path, form: str) -> list[dict[str, Any]]:
    """What is said of every sample, as somebody else's program reads it."""
    if form == "imagefolder":
        lines = [
            line for path in sorted(folder.rglob("metadata.jsonl")) for line in path.read_text().splitlines()
        ]
        return [json.loads(line) for line in lines]
    if form == "webdataset":
        webdataset = pytest.importorskip("webdataset")
        # A file that is left without samples is an empty tar, which the package takes for a damaged one.
        shards = [str(path) for path in sorted(folder.glob("*.tar")) if path.read_bytes().strip(b"\0")]
        return [each["json"] for each in webdataset.WebDataset(shards, shardshuffle=False).decode("rgb8")]
    parquet = pytest.importorskip("pyarrow.parquet")
    return [row for path in sorted(folder.glob("*.parquet")) for row in parquet.read_table(path).to_pylist()]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("split", [None, {"train": 0.5, "test": 0.5}], ids=["whole", "in splits"])
def test_an_export_says_all_that_goes_with_its_pictures(studio: Studio, form: str, split: Any) -> None:
    studio.ws.datasets.cut("humans", PURPOSE, split=split, seed=2)
    shown = studio.ws.datasets.show("humans")
    folder, delivery = export(studio, form=form, contact="mail@example.org", feed="https://example.org/feed")
    assert is_whole(folder)
    read = facts(folder, form)
    assert len(read) == delivery.samples == shown.snapshot.entries
    assert {len(each["people"]) for each in read} >= {1}
    for each in read:
        assert [face["person"] for face in each["faces"]]
        assert set(each["people"]) == {face["person"] for face in each["faces"]}
        assert (each["width"], each["height"]) in {(48, 48), (96, 48), (144, 48)}
        for face in each["faces"]:
            left, top, across, down = face["box"]
            assert (left % 48, top) == (8, 8)
            assert 30 <= across == down <= 32
        assert (each.get("split") or None) in (set(split) if split else {None})
    said = header(folder)
    assert said["license"] == "other"
    assert said["size_categories"] == ["n<1K"]
    splits = {name: sum(each.get("split") == name for each in read) for name in split or ()}
    assert terms(folder)["splits"] == splits
    assert [each["split"] for each in said["configs"][0]["data_files"]] == (
        [name for name, number in splits.items() if number] or ["train"]
    )
    card = (folder / "README.md").read_text()
    for text in (
        "mail@example.org",
        "--feed https://example.org/feed",
        f"{len(read)} pictures of",
        delivery.id,
    ):
        assert text in card


@pytest.mark.parametrize("form", FORMATS)
def test_nobody_is_named_and_two_exports_have_no_number_in_common(studio: Studio, form: str) -> None:
    studio.ws.datasets.cut("humans", PURPOSE, shoot=[], subject=["ann", "bob", "cid"], word=["top", "both"])
    (one, _), (other, _) = export(studio, form=form), export(studio, "other", form=form)
    for folder in (one, other):
        written = b"".join(path.read_bytes() for path in folder.rglob("*.*") if path.is_file())
        assert not any(
            f'"{who}"'.encode() in written or f" {who} ".encode() in written for who in ("ann", "bob")
        )
        assert terms(folder)["selection"] == []
    numbers = [
        {person for each in facts(folder, form) for person in each["people"]} for folder in (one, other)
    ]
    assert [len(each) for each in numbers] == [3, 3]
    assert not numbers[0] & numbers[1]


@pytest.mark.parametrize("form", FORMATS)
def test_pictures_that_are_divided_by_group_have_nobody_in_common(studio: Studio, form: str) -> None:
    studio.ws.datasets.cut("humans", PURPOSE)
    folder, _ = export(studio, form=form)
    groups: dict[str, set[str]] = {}
    for each in facts(folder, form):
        groups.setdefault(each["group"], set()).update(each["people"])
    assert sorted(map(len, groups.values())) == [1, 3]  # ann was photographed with bob and with cid


def test_one_split_is_exported_alone_and_the_others_are_not_called_back(studio: Studio) -> None:
    studio.ws.datasets.cut("humans", PURPOSE, split={"train": 0.5, "test": 0.5}, seed=2)
    by_split = studio.ws.datasets.show("humans").pictures_by_split
    assert all(by_split.values())
    folder, delivery = export(studio, split="test")
    assert (delivery.samples, delivery.not_in_split, delivery.uncovered) == (
        by_split["test"],
        by_split["train"],
        0,
    )
    assert {each["split"] for each in facts(folder, "imagefolder")} == {"test"}
    assert terms(folder)["splits"] == {"test": by_split["test"]}
    assert terms(folder)["left_out"] == 0
    for who in studio.ws.datasets.read("humans", split="train").people():
        erase(studio, who)
    assert studio.ws.feed.list().notices[0].told == 0
    with pytest.raises(NotFoundError):
        export(studio, "none", split="val")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("split", [None, {"train": 0.5, "test": 0.5}], ids=["whole", "in splits"])
def test_after_a_deletion_card_terms_and_checksums_are_true(studio: Studio, form: str, split: Any) -> None:
    studio.ws.datasets.cut("humans", PURPOSE, split=split, seed=2)
    folder, delivery = export(studio, form=form)
    erase(studio, "ann")
    done = follow(studio, folder)
    left = facts(folder, form)
    assert 0 < done.left == len(left) < delivery.samples
    assert is_whole(folder)
    said = terms(folder)
    assert (said["samples"], said["samples_delivered"]) == (done.left, delivery.samples)
    assert said["people"] == len({person for each in left for person in each["people"]}) == 3
    assert sum(said["splits"].values()) == (done.left if split else 0)
    assert f"{done.left} pictures of 3 people" in (folder / "README.md").read_text()
    card = (folder / "README.md").read_text()
    assert f"{done.removed} were called back since" in card
    assert f"Called back since the delivery, and taken out: {done.removed} picture" in card
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    follow(studio, folder)
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("write", range(8))
def test_interrupted_at_any_write_the_same_call_makes_everything_true(
    studio: Studio, form: str, write: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.ws.datasets.cut("humans", PURPOSE)
    folder, delivery = export(studio, form=form)
    erase(studio, "ann")
    writes = iter(range(100))

    def broken(path: Path, data: bytes) -> None:
        if next(writes) == write:
            raise InterruptedError
        write_atomically(path, data)

    with monkeypatch.context() as patch:
        for module in ("checksums", "terms", "delivery"):
            patch.setattr(f"volenti.deliveries.{module}.write_atomically", broken)
        patch.setattr("volenti.adapters.exports.imagefolder.write_atomically", broken)
        try:
            follow(studio, folder)
        except InterruptedError:
            follow(studio, folder)
    assert is_whole(folder)
    assert terms(folder)["samples"] == len(facts(folder, form)) < delivery.samples


CHANGED: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "the card": (lambda folder: (folder / "README.md").write_text("ours"), ["README.md"]),
    "the terms": (lambda folder: (folder / BESIDE / "terms.json").write_text("{}"), ["terms.json"]),
    "a file of their own": (lambda folder: (folder / "notes.txt").write_text("ours"), []),
    "no card any more": (lambda folder: (folder / "README.md").unlink(), []),
    "a card that is a link": (
        lambda folder: ((folder / "README.md").unlink(), (folder / "README.md").symlink_to("/etc/hostname")),
        ["README.md"],
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_the_recipient_changed_stays_theirs_and_is_named(studio: Studio, case: str) -> None:
    change, named = CHANGED[case]
    studio.ws.datasets.cut("humans", PURPOSE)
    folder, _ = export(studio)
    erase(studio, "dee")
    change(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.name in (*named, "notes.txt")}
    done = follow(studio, folder)
    assert (done.removed, list(done.left_as_they_are)) == (2, named)
    assert before == {path: path.read_bytes() for path in before}


def test_a_damaged_picture_stays_damaged_in_the_list(studio: Studio) -> None:
    studio.ws.datasets.cut("humans", PURPOSE)
    folder, _ = export(studio)
    erase(studio, "dee")
    first = min(folder.glob("*.png"))
    first.write_bytes(b"damaged")
    follow(studio, folder)
    checked = subprocess.run(
        ["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
    )
    assert checked.stdout.splitlines() == [f"{first.name}: FAILED"]


def test_an_export_of_an_earlier_version_is_followed_as_before(studio: Studio) -> None:
    studio.ws.datasets.cut("humans", PURPOSE)
    folder, _ = export(studio)
    for name in ("README.md", checksums.SUMS):
        (folder / name).unlink()
    lines = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    short = [{name: each[name] for name in ("file_name", "text", "sample")} for each in lines]
    (folder / "metadata.jsonl").write_text("".join(json.dumps(each) + "\n" for each in short))
    erase(studio, "dee")
    assert follow(studio, folder).removed == 2
    assert not (folder / "README.md").exists()
    assert not (folder / checksums.SUMS).exists()
    assert terms(folder)["samples"] == 8


BOXES: dict[str, tuple[tuple[float, float, float, float], float, tuple[int, int, int, int]]] = {
    "as it is": ((8.0, 9.0, 30.0, 31.0), 1.0, (8, 9, 30, 31)),
    "rounded": ((8.4, 9.6, 30.2, 31.0), 1.0, (8, 10, 31, 31)),
    "in a picture that was judged at half its size": ((8.0, 9.0, 30.0, 31.0), 2.0, (16, 18, 60, 62)),
    "over the left and upper edge": ((-5.0, -6.0, 30.0, 31.0), 1.0, (0, 0, 25, 25)),
    "over the right and lower edge": ((90.0, 70.0, 30.0, 31.0), 1.0, (90, 70, 10, 10)),
}


@pytest.mark.parametrize("case", BOXES)
def test_a_box_is_in_pixels_of_what_is_handed_out_and_inside_of_it(case: str) -> None:
    box, scale, expected = BOXES[case]
    assert _box(box, scale, 100, 80) == expected


def test_groups_of_a_long_chain_are_one() -> None:
    chain = [(f"sub_{n}", f"sub_{n + 1}") for n in np.random.default_rng(1).permutation(3000)]
    people = NumberedPeople(b"k" * 32, [*chain, ("alone",)])
    assert len({people.group([f"sub_{n}"]) for n in range(3001)}) == 1
    assert people.group(["alone"]) != people.group(["sub_0"])


def test_pixels_of_an_export_have_the_size_that_is_said(studio: Studio) -> None:
    studio.ws.datasets.cut("humans", PURPOSE)
    folder, _ = export(studio)
    for each in facts(folder, "imagefolder"):
        assert Image.open(folder / each["file_name"]).size == (each["width"], each["height"])


@pytest.mark.parametrize("form", FORMATS)
def test_a_card_claims_no_captions_where_there_is_none(tmp_path: Path, form: str) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    studio.person("ann")
    studio.photo("ann", caption="")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    folder, _ = export(studio, form=form)
    card = (folder / "README.md").read_text()
    assert "with captions" not in card
    assert "the caption; empty where there is none" in card
