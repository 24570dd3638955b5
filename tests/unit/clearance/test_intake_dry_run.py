"""A dry run of `add` says what `add` says, of whatever lies in a folder, and takes in nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.studio import Studio

XMP = "<html>"
NOAI = "X-Robots-Tag: noai\n"
Odd = Callable[[Studio, Path], None]


def copied(studio: Studio, inbox: Path) -> None:
    shutil.copy(studio.photo("ann"), inbox / "copy.png")


def copied_with_another_caption(studio: Studio, inbox: Path) -> None:
    copied(studio, inbox)
    (inbox / "copy.txt").write_text("another")


def given_before(studio: Studio, inbox: Path) -> None:
    studio.photo("ann")
    studio.ws.add([inbox])
    studio.photo("ann")


def judged_before(studio: Studio, inbox: Path) -> None:
    """Something new lies beside a picture that was cleared, and beside a copy that a person cleared."""
    first, second = studio.photo("ann"), studio.photo("ann")
    studio.clear()
    for each in studio.ws.pictures.list().pictures:
        if each.file == second.name:
            studio.ws.review.flag(each.id, "third-party-copy", reviewer="rita")
            studio.ws.review.decide(each.id, clear=True, subjects=["ann"], reviewer="rita")
    first.with_suffix(".headers").write_text(NOAI)
    shutil.copy(second, inbox / "copy.png")
    (inbox / "copy.headers").write_text(NOAI)


def rejected_before(studio: Studio, inbox: Path) -> None:
    shutil.copy(studio.photo("a stranger"), inbox / "copy.png")
    studio.clear()


def beside_what_came_first(studio: Studio, inbox: Path) -> None:
    """A file about rights was listed by itself, and now its picture is there."""
    (inbox / "000.headers").write_text(NOAI)
    studio.ws.add([inbox])
    studio.photos = 0
    studio.photo("ann")


def wrote(name: str, content: str) -> Odd:
    def write(studio: Studio, inbox: Path) -> None:
        studio.photo("ann")
        (inbox / name).write_text(content)

    return write


def photographed(studio: Studio, inbox: Path) -> None:
    studio.photo("ann")


FOLDERS: dict[str, Odd] = {
    "a picture": photographed,
    "an empty file": wrote("empty.jpg", ""),
    "what is no picture": wrote("words.jpg", "words"),
    "an unreadable file beside": wrote("001.xmp", XMP),
    "a file about rights without its picture": wrote("lone.headers", NOAI),
    "a caption that isn't used": wrote("metadata.jsonl", '{"file_name": "none.png", "text": "x"}\n'),
    "a file of the system's": wrote("Thumbs.db", "x"),
    "a link to nothing": lambda studio, inbox: (inbox / "link.png").symlink_to("nowhere"),
    "a copy": copied,
    "a copy with another caption": copied_with_another_caption,
    "given before": given_before,
    "judged before": judged_before,
    "rejected before": rejected_before,
    "beside what came first": beside_what_came_first,
}


@pytest.mark.parametrize("on_disk", [False, True], ids=["memory", "disk"])
@pytest.mark.parametrize("name", FOLDERS)
def test_a_dry_run_says_what_the_run_says(tmp_path: Path, name: str, on_disk: bool) -> None:
    studio = Studio.open(tmp_path, on_disk=on_disk)
    studio.person("ann")
    inbox = tmp_path / "inbox"
    FOLDERS[name](studio, inbox)
    records, vault = studio.parts.records, studio.parts.vault

    def kept() -> list[object]:
        rows = [row for kind in sorted(records.kinds()) for row in records.rows(kind)]
        return [rows, vault.owners(), [(each, vault.packs(each)) for each in vault.prefixes()]]

    before = kept()
    foreseen = asdict(studio.ws.given([inbox]))
    assert kept() == before
    files = foreseen.pop("files")
    said = asdict(studio.ws.add([inbox]))
    assert foreseen == said
    assert len(files) == said["given"]
    assert (said["to_judge_again"] > 0) == (name == "judged before")
