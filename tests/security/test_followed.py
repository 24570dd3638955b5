"""Nothing is read or written outside the folder that was given, and nobody else reads what is written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.adapters.exports.imagefolder import ImageFolderFormat
from volenti.adapters.exports.parquet import ParquetFormat
from volenti.adapters.exports.webdataset import WebDatasetFormat
from volenti.clearance import given
from volenti.clearance.report import IntakeReport
from volenti.core.errors import IntegrityError
from volenti.core.files import create_file, make_folder, part_of, write_atomically
from volenti.core.inside import opened_given, opened_inside
from volenti.core.progress import Silent
from volenti.deliveries.ports import Exported, ExportFormat

SECRET = b"the workspace's own key, and nobody's caption"


def _file(path: Path, to: Path) -> None:
    path.symlink_to(to)


def _relative(path: Path, to: Path) -> None:
    path.symlink_to(os.path.relpath(to, path.parent))


def _through_a_folder(path: Path, to: Path) -> None:
    path.with_name("way").symlink_to(to.parent)
    path.symlink_to(Path("way") / to.name)


LINKS: dict[str, Callable[[Path, Path], None]] = {
    "absolute": _file,
    "relative": _relative,
    "by way of a folder": _through_a_folder,
}
#: What lies beside a picture and is read with it.
BESIDE = [".txt", ".png.txt", ".TXT", ".xmp", ".headers", ".json"]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    made = Studio.open(tmp_path / "a")
    made.shoot("ann", photos=1)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "workspace.key").write_bytes(SECRET)
    return made


def _unread(report: IntakeReport) -> set[str]:
    assert all(each.why and each.remedy for each in report.unreadable)
    return {each.file for each in report.unreadable}


def _kept(studio: Studio) -> bytes:
    """All that is on record and sealed of what was taken in."""
    rows = [
        str(studio.parts.records.opened(row).body)
        for kind in studio.parts.records.kinds()
        for row in studio.parts.records.rows(kind)
    ]
    return "\n".join(rows).encode()


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("suffix", BESIDE)
def test_a_sidecar_that_leads_out_is_accounted_for_and_not_read(
    studio: Studio, tmp_path: Path, suffix: str, link: str
) -> None:
    inbox = studio.folder / "inbox"
    picture = next(inbox.glob("*.png"))
    picture.with_suffix(".txt").unlink()
    sidecar = picture.with_name(picture.stem + suffix)
    LINKS[link](sidecar, tmp_path / "secret" / "workspace.key")
    report = studio.ws.add([inbox])
    strays = {sidecar.name, *(["way"] if link == "by way of a folder" else [])}
    assert _unread(report) == strays
    assert (report.given, report.new) == (1 + len(strays), 1)
    totals = studio.ws.clear(PURPOSE).totals
    # What nobody could read may forbid the use; a caption can't.
    state = "cleared" if suffix.lower().endswith(".txt") else "held"
    assert totals["given"] == report.given == totals[state] + totals["unreadable"]
    told = [each.findings[0] for each in studio.ws.status().files if each.file == sidecar.name]
    assert [each.code for each in told] == ["outside"]
    assert told[0].remedy
    assert SECRET.decode() not in _kept(studio).decode()


@pytest.mark.parametrize("name", ["metadata.jsonl", "tdmrep.json", ".well-known/tdmrep.json", ".well-known"])
def test_files_that_speak_for_a_folder_are_its_own(studio: Studio, tmp_path: Path, name: str) -> None:
    inbox = studio.folder / "inbox"
    picture = next(inbox.glob("*.png"))
    picture.with_suffix(".txt").unlink()
    outside = tmp_path / "secret"
    (outside / "metadata.jsonl").write_text(f'{{"file_name": "{picture.name}", "text": "{SECRET.decode()}"}}')
    (outside / "tdmrep.json").write_text('[{"location": "*", "tdm-reservation": 1}]')
    (inbox / name).parent.mkdir(exist_ok=True)
    (inbox / name).symlink_to(outside if name == ".well-known" else outside / Path(name).name)
    report = studio.ws.add([inbox])
    assert _unread(report) == {name}
    assert studio.ws.clear(PURPOSE).totals["cleared" if name == "metadata.jsonl" else "held"] == 1
    assert SECRET.decode() not in _kept(studio).decode()


def test_pictures_that_are_links_are_read_where_they_stay_inside(studio: Studio, tmp_path: Path) -> None:
    inbox = studio.folder / "inbox"
    picture = next(inbox.glob("*.png"))
    (tmp_path / "secret" / "other.png").write_bytes(picture.read_bytes()[:-1] + b"x")
    (inbox / "deep").mkdir()
    (inbox / "deep" / "inside.png").symlink_to(f"../{picture.name}")
    (inbox / "deep" / "inside.txt").symlink_to(f"../{picture.stem}.txt")
    (inbox / "deep" / "outside.png").symlink_to(tmp_path / "secret" / "other.png")
    (inbox / "deep" / "nothing.png").symlink_to("nowhere.png")
    (inbox / "deep" / "itself.png").symlink_to("itself.png")
    (inbox / "folder").symlink_to(tmp_path / "secret")
    report = studio.ws.add([inbox])
    assert _unread(report) == {
        "deep/itself.png",
        "deep/nothing.png",
        "deep/outside.png",
        "folder",
    }
    assert (report.given, report.new, report.duplicate) == (6, 1, 1)
    # As a shell hands them over, one by one.
    again = studio.ws.add([inbox / "deep" / "outside.png", inbox / "deep" / "nothing.png"])
    assert _unread(again) == {"outside.png", "nothing.png"}


@pytest.mark.timeout(60)
def test_what_is_no_file_is_accounted_for_and_waited_for_by_nobody(studio: Studio) -> None:
    inbox = studio.folder / "inbox"
    picture = next(inbox.glob("*.png"))
    picture.with_suffix(".txt").unlink()
    os.mkfifo(inbox / "pipe.png")
    os.mkfifo(picture.with_suffix(".txt"))
    os.mkfifo(inbox / "metadata.jsonl")
    (inbox / "zero.png").symlink_to("/dev/zero")
    report = studio.ws.add([inbox])
    assert _unread(report) == {
        "metadata.jsonl",
        "pipe.png",
        picture.with_suffix(".txt").name,
        "zero.png",
    }
    assert studio.ws.clear(PURPOSE).totals["given"] == 5


def test_no_depth_of_folders_stops_anybody(studio: Studio) -> None:
    before, depth = Path.cwd(), 1_500
    os.chdir(studio.folder / "inbox")
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    try:
        assert studio.ws.add([studio.folder / "inbox"]).new == 1
    finally:
        for _ in range(depth):
            os.chdir("..")
            Path("d").rmdir()
        os.chdir(before)


def test_what_no_picture_can_be_is_not_read_to_its_end(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "BYTES_MAX", 10_000)
    with (studio.folder / "inbox" / "huge.png").open("wb") as file:
        file.truncate(2**40)
    report = studio.ws.add([studio.folder / "inbox"])
    assert _unread(report) == {"huge.png"}


def test_works_of_others_that_lead_out_are_named(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "works").mkdir()
    (tmp_path / "works" / "a.png").symlink_to(next((studio.folder / "inbox").glob("*.png")))
    read = studio.parts.third_party_works.read([tmp_path / "works"])
    assert (read.new, read.unreadable) == (0, ("a.png",))


def test_a_file_below_a_folder_is_opened_through_no_link(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "sub" / "f").write_bytes(b"inside")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "f").write_bytes(b"outside")
    (tmp_path / "in" / "way").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out" / "f")
    os.mkfifo(tmp_path / "in" / "pipe")
    assert opened_inside(tmp_path / "in", "sub/f").read() == b"inside"
    for name in ("way/f", "link", "pipe", "sub", "../out/f", "/etc/passwd", "sub/../sub/f", "", "."):
        with pytest.raises(IntegrityError):
            opened_inside(tmp_path / "in", name)
    with pytest.raises(FileNotFoundError):
        opened_inside(tmp_path / "in", "nowhere")
    for name in ("way/f", "link", "pipe"):
        with pytest.raises(IntegrityError):
            opened_given(tmp_path / "in" / name, tmp_path / "in")


# -- writing


def test_a_temporary_file_has_another_name_each_time_and_follows_no_link(tmp_path: Path) -> None:
    target = tmp_path / "f"
    assert part_of(target) != part_of(target)
    for name in (f".f.{os.getpid()}.part", ".f.part"):
        (tmp_path / name).symlink_to(tmp_path / "victim")
    write_atomically(target, b"x")
    assert not (tmp_path / "victim").exists()
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "link")
    # A link in its own place is replaced, not followed.
    write_atomically(tmp_path / "link", b"y")
    assert not (tmp_path / "victim").exists()


FORMATS: list[ExportFormat] = [ImageFolderFormat(), WebDatasetFormat(2), ParquetFormat(2, 1)]


def _samples() -> Iterable[Exported]:
    return [Exported(number, f"{number:064x}", "a man", b"data", ".jpg") for number in range(5)]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_exports_and_recalls_follow_no_link(tmp_path: Path, form: ExportFormat) -> None:
    if form.name == "parquet":
        pytest.importorskip("pyarrow")
    folder, victim = tmp_path / "export", tmp_path / "victim"
    folder.mkdir()
    assert form.write(folder, _samples()) == 5
    names = sorted(path.name for path in folder.iterdir())
    before = {name: (folder / name).read_bytes() for name in names}
    for name in names:
        (folder / f".{name}.part").symlink_to(victim)
    assert form.remove(folder, {f"{1:064x}"}, Silent()) == 1
    assert not victim.exists()
    assert {path.name for path in folder.iterdir() if not path.name.startswith(".")} <= set(names)
    # What lies elsewhere isn't the delivery's, whatever it is called in here.
    other = tmp_path / "other"
    other.mkdir()
    for name in names:
        (other / name).symlink_to(tmp_path / "elsewhere" / name)
        make_folder(tmp_path / "elsewhere")
        (tmp_path / "elsewhere" / name).write_bytes(before[name])
    try:
        assert form.samples(other) == []
        form.remove(other, {f"{1:064x}"}, Silent())
    except IntegrityError:
        pass
    assert {name: (tmp_path / "elsewhere" / name).read_bytes() for name in names} == before
    lain = tmp_path / "lain"
    lain.mkdir()
    (lain / names[0]).symlink_to(victim)
    with pytest.raises(FileExistsError):
        form.write(lain, _samples())
    assert not victim.exists()


def _open_to_others(folder: Path) -> list[str]:
    return [
        path.as_posix() for path in folder.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077
    ]


def test_nobody_else_reads_what_the_command_writes(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("volenti")
    work = tmp_path / "work"
    work.mkdir(0o700)

    def volenti(*words: object) -> None:
        done = subprocess.run(
            [script, *map(str, words)], cwd=work, capture_output=True, text=True, check=False, umask=0
        )
        assert done.returncode in (0, 1), done.stderr

    volenti("init", "studio")
    volenti("-C", "studio", "subject", "add", "--help")
    volenti("-C", "studio", "status")
    volenti("-C", "studio", "backup", "mirror", "mirror")
    volenti("-C", "studio", "backup", "create", "backup")
    assert _open_to_others(work) == []


def test_nobody_else_reads_what_a_workspace_in_python_writes(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        studio = Studio.open(tmp_path / "a", on_disk=True)
        studio.shoot("ann", "bob", photos=1)
        studio.trained()
        studio.parts.exports.export(
            studio.parts.datasets.snapshot("humans"), tmp_path / "a" / "lab", recipient="lab"
        )
        studio.ws.requests.run(studio.ws.requests.open("erasure", "bob", identity="in-person").id)
    finally:
        os.umask(before)
    # The inbox is the photographer's own.
    assert [each for each in _open_to_others(tmp_path / "a") if "/inbox" not in each] == []
