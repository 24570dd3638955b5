"""Everything below a folder that was given is exactly one thing, and is waited for by nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.studio import PURPOSE, Studio
from volenti.clearance import given as given_module
from volenti.clearance.given import LINKED_FOLDER, contents, given_files
from volenti.perception.finding import Finding

APPLE_DOUBLE = b"\0\5\x16\7\0\2\0\0Mac OS X"


def _socket(path: Path) -> None:
    # The name of a socket may have a hundred bytes; that of its folder has more.
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def _large(path: Path, start: bytes = b"") -> None:
    with path.open("wb") as file:
        file.write(start)
        file.truncate(3 * 2**30)


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "inner.jpg").write_bytes(b"inner")


#: A folder that is never given.
OUTSIDE = Path(tempfile.mkdtemp())
(OUTSIDE / "a.jpg").write_bytes(b"outside")
os.mkfifo(OUTSIDE / "pipe")

#: What may have a name in a folder, and what is said where it can't be read.
THINGS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file": (lambda path: path.write_bytes(os.fsencode(path.name)), ""),
    "a link to a file in it": (lambda path: path.symlink_to("a-picture.jpg"), ""),
    "a pipe": (os.mkfifo, "but a pipe"),
    "a socket": (_socket, "but a socket"),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), "but a link to a device"),
    "a link to a pipe": (lambda path: path.symlink_to(OUTSIDE / "pipe"), "but a link to a pipe"),
    "a link to nothing": (lambda path: path.symlink_to("nothing.jpg"), "but a link to nothing"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "but a link to itself"),
    "a link out of it": (lambda path: path.symlink_to(OUTSIDE / "a.jpg"), "but a link out of it"),
    "a link to a folder outside": (lambda path: path.symlink_to(OUTSIDE), "but a link out of it"),
    "an empty file": (lambda path: path.touch(), "(an empty file)"),
    "gigabytes of nothing": (_large, "over 320 MiB"),
    "a film of gigabytes": (lambda path: _large(path, b"\0\0\0\x14ftypqt  "), "(QuickTime film)"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("by_name", [False, True], ids=["in a folder", "by name"])
@pytest.mark.parametrize("what", THINGS)
def test_what_is_no_file_is_said_to_be_what_it_is(tmp_path: Path, what: str, by_name: bool) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a-picture.jpg").write_bytes(b"picture")
    make, said = THINGS[what]
    make(folder / "b.jpg")
    # Given by name, a link to a folder is that folder: whoever gives it chose where it leads.
    if by_name and what == "a link to a folder outside":
        return
    files = given_files([folder / "b.jpg"] if by_name else [folder]).files
    assert [each.name for each in files] == ["b.jpg"] if by_name else ["a-picture.jpg", "b.jpg"]
    read = contents(files[-1])
    if said:
        assert isinstance(read, Finding)
        assert said in read.message
        assert read.remedy
    else:
        assert not isinstance(read, Finding)


@pytest.mark.parametrize(
    ("name", "content", "counted"),
    [
        ("Thumbs.db", b"x", "Thumbs.db"),
        ("thumbs.DB", b"x", "thumbs.DB"),
        (".DS_Store", b"x", ".DS_Store"),
        ("desktop.ini", b"x", "desktop.ini"),
        ("Icon\r", b"", "Icon"),
        ("._a.jpg", APPLE_DOUBLE, "._*"),
        ("@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg", b"x", "@eaDir"),
        ("__MACOSX/._a.jpg", APPLE_DOUBLE, "__MACOSX"),
        ("deep/.git/objects/ab/cdef", b"x", ".git"),
        ("$RECYCLE.BIN/S-1-5/a.jpg", b"x", "$RECYCLE.BIN"),
        ("System Volume Information/x", b"x", "System Volume Information"),
        (".Trash-1000/files/a.jpg", b"x", ".Trash-1000"),
        # Such a name alone makes nobody's picture the system's.
        ("._a.jpg", b"\xff\xd8\xff a picture", ""),
        ("thumbs.jpg", b"x", ""),
        (".hidden.jpg", b"x", ""),
        ("git/a.jpg", b"x", ""),
    ],
)
def test_files_of_the_system_s_are_counted_and_not_judged(
    tmp_path: Path, name: str, content: bytes, counted: str
) -> None:
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    found = given_files([tmp_path / "in"])
    assert dict(found.ignored) == ({counted: 1} if counted else {})
    assert [each.name for each in found] == ([] if counted else [name])


def test_who_gives_a_folder_by_itself_means_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "@eaDir").mkdir()
    (tmp_path / "@eaDir" / "a.jpg").write_bytes(b"x")
    assert [each.name for each in given_files([tmp_path / "@eaDir"])] == ["a.jpg"]


def test_a_linked_folder_is_taken_where_it_lies(tmp_path: Path) -> None:
    _folder(tmp_path / "real")
    (tmp_path / "again").symlink_to("real")
    (tmp_path / "real" / "round").symlink_to("..")
    found = given_files([tmp_path])
    assert [each.name for each in found] == ["real/inner.jpg"]
    assert dict(found.ignored) == {LINKED_FOLDER: 2}
    # Given by itself, it is the folder, and the link in it leads out.
    assert [each.name for each in given_files([tmp_path / "again"])] == ["inner.jpg", "round"]


@pytest.mark.parametrize("place", ["closed", "."])
def test_a_folder_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    _folder(tmp_path / "closed")
    (tmp_path / "a.jpg").write_bytes(b"x")
    look = os.scandir

    def scandir(path: str) -> object:
        if Path(path) == tmp_path / place:
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = given_files([tmp_path])
    closed = [each for each in found if each.fault is not None]
    assert [each.name for each in closed] == [tmp_path.name if place == "." else "closed"]
    assert closed[0].fault is not None
    assert closed[0].fault.message == "It can't be read: permission denied."
    assert len(found.files) == (1 if place == "." else 2)


def test_a_file_that_goes_away_or_changes_while_it_is_read_is_named(tmp_path: Path) -> None:
    names = ("gone", "grown", "pipe")
    for name in names:
        (tmp_path / f"{name}.jpg").write_bytes(b"x")
    files = {each.name.removesuffix(".jpg"): each for each in given_files([tmp_path])}
    (tmp_path / "gone.jpg").unlink()
    _large(tmp_path / "grown.jpg")
    (tmp_path / "pipe.jpg").unlink()
    os.mkfifo(tmp_path / "pipe.jpg")
    said = {name: contents(files[name]) for name in names}
    messages = {name: each.message for name, each in said.items() if isinstance(each, Finding)}
    assert messages == {
        "gone": "It can't be read: no such file or directory.",
        "grown": "Decoding the file would take more than is allowed (over 320 MiB).",
        "pipe": "It isn't a file in the folder that was given, but something that took its place.",
    }


def test_a_file_that_grows_past_the_limit_while_it_is_read_is_read_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x" * 100)
    (file,) = given_files([tmp_path])
    monkeypatch.setattr(given_module, "BYTES_MAX", 50)
    before = _Small((tmp_path / "a.jpg").stat())
    monkeypatch.setattr(os, "fstat", lambda _: before)
    read = contents(file)
    assert isinstance(read, Finding)
    assert read.code == "bomb"


class _Small:
    """A file's state before it grew."""

    st_size = 10

    def __init__(self, real: os.stat_result) -> None:
        self.st_mode = real.st_mode


MEASURED = """
import resource, sys
from pathlib import Path
from volenti.clearance.given import GivenFile, contents, given_files
from volenti.core.prefetch import prefetch
files = given_files([Path(sys.argv[1])]).files
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _, read in prefetch(contents, files, worth=GivenFile.is_large):
    del read
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.timeout(120)
def test_large_files_are_in_memory_one_at_a_time(tmp_path: Path) -> None:
    for number in range(6):
        with (tmp_path / f"{number}.mov").open("wb") as file:
            file.truncate(200 * 2**20 if number % 2 else 40 * 2**30)
    ran = subprocess.run([sys.executable, "-c", MEASURED, str(tmp_path)], capture_output=True, check=True)
    assert int(ran.stdout) < 450


NAMES = st.sampled_from(
    [
        "a.jpg",
        "b.JPG",
        "a.txt",
        "a.xmp",
        "c.json",
        "metadata.jsonl",
        "metadata.csv",
        "tdmrep.json",
        "Thumbs.db",
        "._a.jpg",
        ".git",
        "@eaDir",
        "sub",
        "M\udcfcller.jpg",
        "x\x1b[2J\n.jpg",
        "n" * 251 + ".jpg",
    ]
)
TREES = st.recursive(
    st.sampled_from(list(THINGS)),
    lambda inner: st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=14,
)


def _grow(folder: Path, tree: dict[str, object]) -> int:
    """Make a folder of such a tree; returns how many things lie in it that aren't folders."""
    folder.mkdir()
    count = 0
    for name, what in tree.items():
        if isinstance(what, dict):
            count += _grow(folder / name, what)
            continue
        make, _ = THINGS[str(what)]
        try:
            make(folder / name)
        except OSError:  # the name of a socket may not be as long
            (folder / name).symlink_to("nothing")
        count += 1
    return count


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=st.dictionaries(NAMES, TREES, max_size=6))
def test_everything_in_a_folder_is_exactly_one_thing(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, object]
) -> None:
    place = tmp_path_factory.mktemp("t") / "in"
    made = _grow(place, tree)
    found = given_files([place])
    assert len(found.files) + found.beside + sum(found.ignored.values()) == made
    assert all(found.ignored.values())
    assert len({each.path for each in found}) == len(found.files)
    for each in found:
        each.name.encode()


ODD = [
    b"M\xfcller.jpg",
    "Müller.jpg".encode(),
    b"a\x1b[31mred\n.jpg",
    b"n" * 251 + b".jpg",
    "\u202egpj.exe".encode(),
]


def test_totals_are_what_was_given_whatever_the_names(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    photos = [studio.photo("ada") for _ in ODD]
    inbox = photos[0].parent
    for photo, name in zip(photos, ODD, strict=True):
        photo.with_suffix(".txt").unlink()
        photo.rename(Path(os.fsdecode(os.fsencode(inbox) + b"/" + name)))
    (inbox / f"{'n' * 251}.xmp").write_text("<x/>")
    os.mkfifo(inbox / "pipe.jpg")
    (inbox / "Thumbs.db").write_bytes(b"x")
    first = studio.ws.add([inbox])
    assert (first.given, first.new, len(first.unreadable)) == (6, 5, 1)
    assert (first.beside, first.ignored) == (1, {"Thumbs.db": 1})
    again = studio.ws.add([inbox])
    assert (again.given, again.known, len(again.unreadable)) == (6, 5, 1)
    totals = studio.ws.clear(PURPOSE).totals
    assert totals["given"] == 6 == sum(totals.values()) - totals["given"]
    assert {each.file for each in studio.ws.status().files} == {
        "M\\xfcller.jpg",
        "Müller.jpg",
        "a\x1b[31mred\n.jpg",
        "n" * 251 + ".jpg",
        "\u202egpj.exe",
        "pipe.jpg",
    }
    assert studio.ws.audit().problems == []


def test_works_of_others_have_whatever_names(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    folder = tmp_path / "works"
    folder.mkdir()
    for number, name in enumerate(ODD):
        photo = studio.photo(f"somebody {number}")
        photo.rename(Path(os.fsdecode(os.fsencode(folder) + b"/" + name)))
    os.mkfifo(folder / "pipe.jpg")
    (folder / ".DS_Store").write_bytes(b"x")
    read = studio.parts.third_party_works.read([folder])
    assert (read.new, read.unreadable) == (len(ODD), ("pipe.jpg",))
    assert "M\\xfcller.jpg" in {each.file for each in studio.ws.rights.list()}
