"""Sidecars are found however they are named, hold where unreadable, and count when they come later."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.core.errors import ConflictError
from volenti.perception.rights.sidecar import BYTES_MAX

NOAI = "X-Robots-Tag: noai\n"
HOLDING = "X-Robots-Tag: noindex\n"


def codes(studio: Studio, name: str) -> tuple[str, set[str]]:
    """What became of a file for the purpose, and the findings about opt-outs."""
    [file] = [each for each in studio.ws.clear(PURPOSE).files if each.file == name]
    return file.verdict, {each.code for each in file.findings if each.code.startswith("opt-out")}


def composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


@pytest.mark.parametrize(
    ("picture", "sidecar"),
    [
        ("a.png", "a.headers"),
        ("a.png", "a.png.headers"),
        ("a.png", "a.Headers"),
        ("a.png", "a.HEADERS"),
        ("a.png", "A.headers"),
        ("A.PNG", "a.headers"),
        ("A.PNG", "a.png.headers"),
        ("a.Png", "A.PNG.hEADERS"),
        (composed("Jörg.png"), decomposed("Jörg.headers")),
        (decomposed("Jörg.png"), composed("jörg.png.Headers")),
        ("straße.png", "STRASSE.headers"),
        ("a b.c.png", "A B.C.headers"),
        ("a.png", "a.headers.headers"),
    ],
)
def test_a_sidecar_is_found_however_it_is_written(tmp_path: Path, picture: str, sidecar: str) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    photo.with_suffix(".txt").unlink()
    photo = photo.rename(photo.with_name(picture))
    photo.with_name(sidecar).write_text(NOAI)
    report = studio.ws.add([studio.folder / "inbox"])
    if sidecar == "a.headers.headers":
        # The one name that isn't its own.
        assert (report.given, report.sidecars, report.sidecars_alone) == (2, 0, [sidecar])
        assert codes(studio, picture) == ("cleared", set())
    else:
        assert (report.given, report.new, report.sidecars, report.sidecars_alone) == (1, 1, 1, [])
        assert codes(studio, picture) == ("rejected", {"opt-out"})


@pytest.mark.parametrize("given", ["the folder", "each file", "the picture alone"])
def test_a_sidecar_is_no_picture_however_it_is_given(tmp_path: Path, given: str) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    photo.with_suffix(".HEADERS").write_text(NOAI)
    inbox = studio.folder / "inbox"
    paths = {"the folder": [inbox], "each file": sorted(inbox.iterdir()), "the picture alone": [photo]}[given]
    report = studio.ws.add(paths)
    assert (report.given, report.new, report.sidecars) == (1, 1, 1)
    assert codes(studio, photo.name) == ("rejected", {"opt-out"})


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def _outside(path: Path) -> None:
    outside = path.parents[2] / "outside"
    outside.write_text("X-Robots-Tag: nofollow\n")
    path.symlink_to(outside)


def _large(path: Path) -> None:
    path.write_bytes(b"X-Robots-Tag: nofollow\n" * (BYTES_MAX // 20))


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("suffix", [".headers", ".xmp", ".json", ".c2pa"])
@pytest.mark.parametrize("made", [_folder, _pipe, _nowhere, _outside, _large, _binary, _empty])
def test_a_sidecar_that_cannot_be_read_holds_its_picture(
    tmp_path: Path, suffix: str, made: Callable[[Path], None]
) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    made(photo.with_suffix(suffix))
    report = studio.ws.add([studio.folder / "inbox"])
    assert report.sidecars_unread == [photo.with_suffix(suffix).name]
    assert codes(studio, photo.name) == ("held", {"opt-out-unclear"})


def test_a_sidecar_without_its_picture_is_named_and_counts_once_the_picture_is_there(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    inbox = studio.folder / "inbox"
    photo.with_suffix(".txt").unlink()
    away = photo.rename(studio.folder / photo.name)
    photo.with_suffix(".xmp").write_text("<x")
    report = studio.ws.add([inbox])
    assert (report.given, report.new, report.sidecars_alone) == (1, 0, [photo.with_suffix(".xmp").name])
    [file] = studio.ws.status().files
    assert (file.verdict, [each.code for each in file.findings]) == ("unreadable", ["sidecar-alone"])
    away.rename(photo)
    report = studio.ws.add([inbox])
    assert (report.given, report.new, report.sidecars_alone) == (1, 1, [])
    assert studio.ws.clear(PURPOSE).totals["given"] == 1
    assert codes(studio, photo.name) == ("held", {"opt-out-unclear"})
    assert studio.ws.audit(deep=True).problems == []


# -- what comes later


Where = Callable[[Studio, Path], Path]


def _same(studio: Studio, photo: Path) -> Path:
    return photo


def _copy(studio: Studio, photo: Path) -> Path:
    """A second file with the same bytes."""
    copy = photo.with_name("zz-copy.png")
    copy.write_bytes(photo.read_bytes())
    return copy


def _known_copy(studio: Studio, photo: Path) -> Path:
    """A second file that was given before."""
    copy = _copy(studio, photo)
    studio.ws.add([studio.folder / "inbox"])
    return copy


def _copy_elsewhere(studio: Studio, photo: Path) -> Path:
    (studio.folder / "inbox" / "0").mkdir()
    copy = studio.folder / "inbox" / "0" / "copy.png"
    copy.write_bytes(photo.read_bytes())
    return copy


LATER = [
    (".headers", NOAI, "rejected"),
    (".headers", HOLDING, "held"),
    (".json", '{"headers": {"Content-Usage": "train-ai=n"}}', "rejected"),
    (".xmp", "cut off", "held"),
    (".c2pa", "no store", "held"),
]


@pytest.mark.parametrize("where", [_same, _copy, _known_copy, _copy_elsewhere])
@pytest.mark.parametrize(("suffix", "text", "verdict"), LATER)
def test_what_comes_after_a_picture_was_cleared_is_judged_then(
    tmp_path: Path, where: Where, suffix: str, text: str, verdict: str
) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    assert studio.clear()["cleared"] == 1
    where(studio, photo).with_suffix(suffix).write_text(text)
    report = studio.ws.add([studio.folder / "inbox"])
    assert report.to_judge_again == 1
    [image] = [row.id for row in studio.parts.records.rows("image")]
    assert codes(studio, photo.name)[0] == verdict
    assert studio.parts.access.refusal(image, PURPOSE, "WORLD") is not None
    assert studio.ws.audit(deep=True).problems == []
    # The same again is nothing new; of two files of a rejected picture either may count as the first.
    assert studio.ws.add([studio.folder / "inbox"]).to_judge_again == 0
    assert studio.ws.clear(PURPOSE).totals[verdict] == 1


@pytest.mark.parametrize("where", [_same, _copy, _known_copy, _copy_elsewhere])
def test_what_comes_after_a_picture_was_held_is_judged_then(tmp_path: Path, where: Where) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    photo.with_suffix(".headers").write_text(HOLDING)
    assert studio.clear()["held"] == 1
    where(studio, photo).with_suffix(".json").write_text('{"X-Robots-Tag": "noai"}')
    assert studio.ws.add([studio.folder / "inbox"]).to_judge_again == 1
    assert codes(studio, photo.name)[0] == "rejected"


def test_what_comes_after_a_picture_was_rejected_goes_with_it_when_it_is_taken_in_again(
    tmp_path: Path,
) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    copy = _copy_elsewhere(studio, photo)
    copy.with_suffix(".headers").write_text(NOAI)
    assert studio.clear()["rejected"] == 1
    # Walked in this order the copy, of which nothing was kept, comes first.
    for _ in range(3):
        studio.ws.add([studio.folder / "inbox"])
        assert studio.ws.clear(PURPOSE).totals["rejected"] == 1
    assert studio.ws.status().totals["given"] == 2


def test_for_every_purpose_that_a_picture_was_judged_for_it_is_judged_anew(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    studio.ws.add([studio.folder / "inbox"])
    purposes = (PURPOSE, "non-generative-training", "commercial")
    for purpose in purposes:
        assert studio.ws.clear(purpose).totals["cleared"] == 1
    photo.with_suffix(".headers").write_text("Content-Usage: train-genai=n\n")
    studio.ws.add([studio.folder / "inbox"])
    assert [studio.ws.clear(each).totals["cleared"] for each in purposes] == [0, 1, 1]


def _held_for_review(studio: Studio) -> tuple[Path, str]:
    photo = studio.photo("ada")
    photo.with_suffix(".headers").write_text(HOLDING)
    assert studio.clear()["held"] == 1
    [image] = [row.id for row in studio.parts.records.rows("image")]
    return photo, image


def test_a_reviewer_decides_about_nothing_that_came_after_the_question(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo, image = _held_for_review(studio)
    photo.with_suffix(".json").write_text('{"X-Robots-Tag": "noai"}')
    studio.ws.add([studio.folder / "inbox"])
    with pytest.raises(ConflictError, match="came after it was judged") as refused:
        studio.ws.review.decide(image, clear=True, subjects=["ada"], reviewer="rita", purpose=PURPOSE)
    assert PURPOSE in refused.value.remedy
    assert codes(studio, photo.name)[0] == "rejected"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [('{"X-Robots-Tag": "noai"}', "rejected"), ('{"url": "https://example.com"}', "cleared")],
)
def test_what_a_person_decided_stands_unless_something_new_is_against_it(
    tmp_path: Path, text: str, verdict: str
) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo, image = _held_for_review(studio)
    studio.ws.review.decide(image, clear=True, subjects=["ada"], reviewer="rita", purpose=PURPOSE)
    assert codes(studio, photo.name)[0] == "cleared"
    photo.with_suffix(".json").write_text(text)
    studio.ws.add([studio.folder / "inbox"])
    assert codes(studio, photo.name)[0] == verdict


def test_what_a_person_sees_meanwhile_doesnt_make_up_for_what_came(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    assert studio.clear()["cleared"] == 1
    [image] = [row.id for row in studio.parts.records.rows("image")]
    photo.with_suffix(".headers").write_text(NOAI)
    studio.ws.add([studio.folder / "inbox"])
    studio.parts.review.flag(image, PURPOSE, "property-release", reviewer="rita")
    assert codes(studio, photo.name)[0] == "rejected"


def test_what_came_with_a_folder_goes_with_whose_folder_it_is(tmp_path: Path) -> None:
    """Bob's picture was cleared; what came later beside the copy in ada's folder goes with her."""
    rows = {}
    for which in ("with", "without"):
        studio = Studio.open(tmp_path / which)
        inbox = studio.folder / "inbox"
        for name in ("ada", "bob"):
            studio.person(name)
            (inbox / name).mkdir()
            photo = studio.photo(name)
            photo.with_suffix(".txt").unlink()
            photo.rename(inbox / name / "own.png")
        assert studio.clear()["cleared"] == 2
        if which == "with":
            (inbox / "ada" / "copy.png").write_bytes((inbox / "bob" / "own.png").read_bytes())
            (inbox / "ada" / "copy.headers").write_text(NOAI)
            assert studio.ws.add([inbox]).to_judge_again == 1
        studio.ws.requests.run(studio.ws.requests.open("erasure", "ada", identity="in-person").id)
        [record] = studio.parts.records.find("decision")
        rows[which] = (record.state, record.position, sorted(record.body))
        assert studio.ws.audit(deep=True).problems == []
        assert studio.ws.clear(PURPOSE).totals["cleared"] == 1
    assert rows["with"] == rows["without"]


#: The program that drops root's right to look everywhere, where the tests run as root.
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
SAYS = (
    "import sys; from pathlib import Path; from volenti.perception.rights.sidecar import sidecars_of; "
    "print(*sidecars_of(Path(sys.argv[1]), Path(sys.argv[2])).reservations)"
)


@pytest.mark.parametrize("closed", ["site/a.headers", "site", "site/.well-known", "."])
def test_what_nobody_may_look_into_holds_the_picture(tmp_path: Path, closed: str) -> None:
    root = tmp_path / "root"
    (root / "site" / ".well-known").mkdir(parents=True)
    photo = root / "site" / "a.png"
    for path in (photo, photo.with_suffix(".headers"), root / "site" / ".well-known" / "tdmrep.json"):
        path.write_text("X-Robots-Tag: nofollow\n" if path.suffix == ".headers" else "[]")
    as_root = os.geteuid() == 0
    if as_root and shutil.which(UNPRIVILEGED[0]) is None:
        pytest.skip("the tests run as root, and setpriv isn't there")
    if as_root:
        os.chown(root / closed, 65534, 65534)
    # A folder whose files may be opened by who knows their names, and that can't be listed.
    mode = 0o311 if closed in ("site", ".") else 0o000
    (root / closed).chmod(mode)
    call = [*(UNPRIVILEGED if as_root else ()), sys.executable, "-c", SAYS, str(photo), str(root)]
    try:
        said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
    finally:
        (root / closed).chmod(0o755)
    assert "unread (" in said, said
