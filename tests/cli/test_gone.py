"""What is gone or damaged of a workspace is named by every command, with a way back; nothing is made anew."""

from __future__ import annotations

import base64
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import volenti as package
from tests.cli.calling import Answer, volenti

KEY = base64.b64encode(bytes(range(32))) + b"\n"


def _emptied(database: Path) -> None:
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute("DELETE FROM rows")
        opened.execute("DELETE FROM owners")


def _another(database: Path) -> None:
    database.unlink()
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute("CREATE TABLE photos (id INTEGER)")


def _later(database: Path) -> None:
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _written(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


#: What is done to which part of the workspace, and what the commands then name.
GONE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "register missing": ("register.db", Path.unlink, "register.db, is gone"),
    "register empty": ("register.db", _written(b""), "register.db, is empty"),
    "register a folder": ("register.db", _folder, "register.db, isn't a file"),
    "register a dangling link": ("register.db", _link, "register.db, isn't a file"),
    "register a text": ("register.db", _written(b"not a database" * 100), "The register is damaged"),
    "register of another program": ("register.db", _another, "another program's database"),
    "register of a later version": ("register.db", _later, "a later version's"),
    "register without rows": ("register.db", _emptied, "register.db, is empty, and its log has"),
    "packs missing": ("packs", shutil.rmtree, "packs"),
    "keys missing": ("keys", shutil.rmtree, "The keys of people are gone"),
    "log missing": ("log", shutil.rmtree, "log is gone"),
    "log without checkpoint": ("log/checkpoint", Path.unlink, "log is gone"),
    "secret missing": ("secret", shutil.rmtree, "own keys can't be read"),
    "secret key missing": ("secret/workspace.key", Path.unlink, "own keys can't be read"),
    "secret key empty": ("secret/workspace.key", _written(b""), "workspace.key doesn't hold a key"),
    "secret key of another workspace": ("secret/workspace.key", _written(KEY), "isn't the one that"),
    "signing key missing": ("secret/signing.key", Path.unlink, "own keys can't be read"),
    "signing key empty": ("secret/signing.key", _written(b""), "doesn't hold a signing key"),
    "signing key of another workspace": ("secret/signing.key", _written(KEY), "keys of another workspace"),
    "wrapping key missing": ("secret/wrapping.key", Path.unlink, "wrapping.key is missing"),
    "wrapping key damaged": ("secret/wrapping.key", _written(b"?"), "wrapping.key doesn't hold a key"),
    "marker missing": ("workspace.json", Path.unlink, "workspace.json is gone"),
    "marker empty": ("workspace.json", _written(b""), "workspace.json can't be read"),
    "marker a list": ("workspace.json", _written(b"[]"), "workspace.json doesn't say"),
}
COMMANDS = {
    "read": ("subject", "list"),
    "status": ("status",),
    "audit": ("audit",),
    "log verify": ("log", "verify"),
    "backup create": ("backup", "create", "backup"),
    "backup mirror": ("backup", "mirror", "mirror"),
    "key rotate": ("key", "rotate"),
    "request open": ("request", "open", "--subject", "sub_00"),
    "add": ("add", "picture.png"),
}


def damaged(studio: Path, what: str) -> str:
    """Damage a part of the workspace; returns what has to be named."""
    part, damage, named = GONE[what]
    for beside in studio.glob("register.db-*"):
        beside.unlink()
    damage(studio / part)
    return named


def state_of(studio: Path) -> dict[str, bytes]:
    kept = ("register.db", "log", "keys", "secret", "workspace.json")
    return {
        str(path.relative_to(studio)): path.read_bytes()
        for path in sorted(studio.rglob("*"))
        if path.is_file() and path.relative_to(studio).parts[0] in kept
    }


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("what", GONE)
def test_every_command_names_what_is_gone_and_makes_nothing_anew(
    studio: Path, what: str, command: str
) -> None:
    Path("picture.png").write_bytes(b"")
    named = damaged(studio, what)
    before = state_of(studio)
    told = volenti(*COMMANDS[command], workspace=studio)
    assert told.status in (4, 8), told.err
    assert named in told.err
    assert "  -> " in told.err
    assert state_of(studio) == before
    assert not Path("backup").exists()


@pytest.mark.parametrize("what", GONE)
def test_doctor_names_what_is_gone(studio: Path, what: str) -> None:
    named = damaged(studio, what)
    found = [each for each in package.doctor(studio) if each.what == "workspace"]
    assert [each.state for each in found] == ["problem"]
    assert named in found[0].detail
    assert found[0].remedy
    assert volenti("doctor", workspace=studio).status == 1


def test_the_way_back_that_is_named_leads_back(studio: Path) -> None:
    assert volenti("backup", "create", "backup", workspace=studio).status == 0
    damaged(studio, "register missing")
    told = volenti("subject", "list", workspace=studio)
    words = told.err.partition("volenti backup restore ")[2].split()
    assert words[2:] == ["--keys", str(studio), "--secret", str(studio / "secret")]
    restored: Answer = volenti("backup", "restore", "backup", "back", *words[2:], "--restrict-everybody")
    assert restored.status == 0, restored.err
    assert volenti("subject", "list", workspace=Path("back")).out.count("sub_") == 12


def test_a_new_workspace_in_which_nothing_happened_lacks_nothing(tmp_path: Path) -> None:
    made = package.init(tmp_path / "new")
    assert not (made / "register.db").exists()
    assert volenti("audit", workspace=made).status == 0
    assert volenti("log", "verify", workspace=made).status == 0
    (made / "register.db").write_bytes(b"")  # as a process leaves it that was stopped while it began
    shutil.rmtree(made / "log")
    assert volenti("subject", "list", workspace=made).status == 0


@pytest.mark.parametrize("data", [None, b"", b"AAAA"], ids=["missing", "empty", "another"])
@pytest.mark.parametrize("command", [("subject", "list"), ("log", "verify"), ("backup", "create", "backup")])
def test_a_wrong_public_key_is_named_by_every_command_and_fails_an_audit(
    studio: Path, data: bytes | None, command: tuple[str, ...]
) -> None:
    (studio / "public-key").unlink()
    if data is not None:
        (studio / "public-key").write_bytes(data)
    told = volenti(*command, workspace=studio)
    assert (told.status, "public-key isn't the workspace's key" in told.err) == (0, True)
    assert volenti("audit", workspace=studio).status == 1
