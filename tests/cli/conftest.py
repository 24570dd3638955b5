"""A studio at the command line: a workspace with people who signed, made once and copied for each test.

The photographs are those of the demo's cast, people who do not exist; every other picture is
drawn in `calling`. Judging pictures and looking at reference photographs needs the face models: tests of
these are skipped where they are absent.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from tests.cli.calling import PEOPLE, Call, drawn, signed_entry, volenti


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command, called in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return volenti


@pytest.fixture(scope="session")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with PEOPLE's import file, their reference photographs, and an inbox of other ones."""
    folder = tmp_path_factory.mktemp("cast")
    pack = zipfile.ZipFile(str(files("volenti.demo") / "cast.zip"))
    records = json.loads(pack.read("records.json"))
    (folder / "inbox").mkdir()
    entries, captions = [], []
    for number in range(PEOPLE):
        mine = [each for each in records if each["subject"] == f"s{number:03d}"]
        reference, other = (pack.read(f"images/{each['file']}") for each in (mine[0], mine[-1]))
        (folder / f"{number:02d}.jpg").write_bytes(reference)
        (folder / "inbox" / f"picture-{number:02d}.jpg").write_bytes(other)
        captions.append(json.dumps({"file_name": f"picture-{number:02d}.jpg", "text": mine[-1]["caption"]}))
        entries.append({**signed_entry(number, reference), "reference": f"{number:02d}.jpg"})
    (folder / "inbox" / "metadata.jsonl").write_text("\n".join(captions))
    (folder / "people.json").write_text(json.dumps(entries))
    return folder


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory, cast: Path, models: Path) -> Path:
    """A workspace with PEOPLE on record; copy it before changing it."""
    folder = tmp_path_factory.mktemp("peopled") / "studio"
    assert volenti("init", folder).status == 0
    assert volenti("subject", "import", cast / "people.json", workspace=folder).status == 0
    return folder


@pytest.fixture
def studio(tmp_path: Path, peopled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that workspace, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(peopled, tmp_path / "studio"))


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory, peopled: Path, cast: Path, models: Path) -> Path:
    """A workspace with PEOPLE's pictures cleared, one of nobody held, and a dataset cut."""
    folder = Path(shutil.copytree(peopled, tmp_path_factory.mktemp("judged") / "studio"))
    empty = drawn(cast.parent / "empty-set.png")
    broken = cast.parent / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff" + bytes(40))
    assert volenti("add", cast / "inbox", empty, broken, workspace=folder).status == 0
    assert volenti("clear", "--purpose", "generative-training", workspace=folder).status == 0
    assert (
        volenti("dataset", "cut", "humans", "--purpose", "generative-training", workspace=folder).status == 0
    )
    return folder


@pytest.fixture
def cleared(tmp_path: Path, judged: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that workspace, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(judged, tmp_path / "studio"))


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory, judged: Path) -> Path:
    """A workspace with a generator, barely trained: what is tested is the way, not the likeness."""
    folder = Path(shutil.copytree(judged, tmp_path_factory.mktemp("taught") / "studio"))
    small = ("--shards", 1, "--slices", 2, "--samples-per-image", 1, "--batch", 4)
    assert volenti("train", "humans", *small, workspace=folder).status == 0
    return folder


@pytest.fixture
def trained(tmp_path: Path, taught: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that workspace, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(taught, tmp_path / "studio"))
