"""No code of the folder somebody stands in is run, however a process is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.studio import likeness
from volenti.adapters.jobs.local import LocalJobRunner
from volenti.core import interpreter
from volenti.core.identifiers import check

#: Modules that the standard library, the project and its dependencies import, and some that may be absent.
NAMES = (
    "queue",
    "json",
    "struct",
    "pickle",
    "numpy",
    "PIL",
    "typing_extensions",
    "pip",
    "rich",
    "c2pa",
    "sitecustomize",
    "usercustomize",
    "volenti",
    "_bootlocale",
    "tomllib",
    "encodings",
    "site",
)


@pytest.fixture
def poisoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which every module tells that it was run; the process stands in it."""
    folder = tmp_path / "delivered"
    folder.mkdir()
    said = f"open({str(tmp_path / 'ran')!r}, 'a').write(__name__ + ' ')\nraise SystemExit(99)\n"
    for name in NAMES:
        (folder / f"{name}.py").write_text(said)
    monkeypatch.chdir(folder)
    return tmp_path / "ran"


@pytest.fixture(params=["", ".", ":", f"relative{os.pathsep}."])
def search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user's PYTHONPATH may add: an empty part of it is the current folder."""
    mine = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(each for each in (mine, request.param) if each))


@pytest.mark.usefixtures("search")
def test_workers_run_nothing_of_it(poisoned: Path) -> None:
    jobs = LocalJobRunner(1)
    try:
        assert dict(jobs.run(check, ["a", "b"])) == {0: "a", 1: "b"}
    finally:
        jobs.close()
    assert not poisoned.exists()


def test_workers_find_what_isn_t_the_projects_and_still_run_nothing_of_it(poisoned: Path) -> None:
    jobs = LocalJobRunner(1)
    try:
        [(_, found)] = jobs.run(likeness, ["ann"])
    finally:
        jobs.close()
    assert found.shape == (128,)
    assert not poisoned.exists()


def test_fetching_runs_nothing_of_it(poisoned: Path) -> None:
    # What `models fetch` starts, with a command that needs no index.
    done = subprocess.run(
        interpreter.command("pip", "--version"),
        env=interpreter.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("pip ")
    assert not poisoned.exists()


def test_the_command_runs_nothing_of_it(poisoned: Path, tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("volenti")
    for words in (["init", tmp_path / "w"], ["-C", tmp_path / "w", "status"], ["models", "list"]):
        done = subprocess.run([script, *words], capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
    assert not poisoned.exists()


def test_the_package_as_a_command_runs_nothing_of_it(poisoned: Path) -> None:
    # A package of the project's own name would be run in its place: only -P keeps Python from that.
    Path("volenti.py").unlink()
    for way in ([], ["-P"]):
        words = [sys.executable, *way, "-m", "volenti", "--version"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.stdout.startswith("volenti "), done.stderr
    assert not poisoned.exists()


def test_what_a_child_starts_is_as_safe(poisoned: Path) -> None:
    code = (
        "import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', 'import queue']).returncode)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], env=interpreter.environment(), check=False)
    assert done.returncode == 0
    assert not poisoned.exists()


def test_the_folder_is_poisonous(poisoned: Path) -> None:
    # Else the tests above show nothing.
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    subprocess.run(
        [sys.executable, "-m", "volenti.adapters.jobs.local"],
        env=bare,
        input=b"",
        capture_output=True,
        check=False,
    )
    assert poisoned.exists()


def test_no_process_is_started_in_another_way() -> None:
    source = Path(interpreter.__file__).parents[1]
    ways = ("sys.executable", "multiprocessing", "os.exec", "os.spawn", "os.system", "shell=True")
    # These two only share a number with processes that PyTorch starts.
    harmless = (
        "multiprocessing.context import get_spawning_popen",
        "multiprocessing.sharedctypes import RawArray",
    )
    found = set()
    for path in source.rglob("*.py"):
        text = path.read_text()
        for each in harmless:
            text = text.replace(each, "")
        if any(way in text for way in ways):
            found.add(path.relative_to(source).as_posix())
    assert found == {"core/interpreter.py"}
