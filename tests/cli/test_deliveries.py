"""volenti dataset export, feed, backup, key, certificate page: what leaves the workspace, and comes back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.calling import PEOPLE, SURE, Answer, asked_for, volenti


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@contextmanager
def published(folder: Path) -> Iterator[str]:
    """A folder served as it is, by a web server that knows nothing."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def erase(workspace: Path, who: str, *more: str) -> None:
    request = asked_for(workspace, "--subject", who)
    assert volenti("request", "run", request, *SURE, *more, workspace=workspace).status == 0


@pytest.mark.parametrize("form", ["imagefolder", "webdataset", "parquet"])
def test_somebody_leaves_an_export_through_a_published_feed(cleared: Path, form: str) -> None:
    given = volenti(
        "dataset",
        "export",
        "humans",
        "lab",
        "--to",
        "Example Lab",
        "--format",
        form,
        "--json",
        workspace=cleared,
    ).json
    assert (given["written"], given["recipient"], given["format"]) == (PEOPLE, "Example Lab", form)
    volenti("request", "open", "--subject", "sub_03", workspace=cleared)
    plan = volenti("request", "plan", workspace=cleared).out
    assert "Told through the deletion feed: Example Lab, 1 sample of humans@1." in plan
    assert volenti("request", "run", "--all", *SURE, workspace=cleared).status == 0
    listed = volenti("feed", "list", "--json", workspace=cleared).json["deliveries"]
    assert [(each["told"], each["open"]) for each in listed] == [(1, 1)]

    with published(cleared / "feed") as address:
        tried = volenti("feed", "apply", "lab", "--feed", address, "--dry-run", "--json").json
        assert (tried["removed"], tried["left"]) == (1, PEOPLE - 1)
        done = volenti("feed", "apply", "lab", "--feed", address, "--out", "said.txt")
    assert (done.status, "1 sample of humans@1 removed" in done.err) == (0, True)
    told = volenti("feed", "acknowledge", "said.txt", "--json", workspace=cleared).json
    assert (told["told"], told["open"], told["due"]) == (1, 0, None)
    assert volenti("feed", "list", "--overdue", workspace=cleared).status == 0
    assert volenti("audit", "--deep", workspace=cleared).status == 0


def test_a_webdataset_reads_on_with_the_person_gone(cleared: Path) -> None:
    volenti("dataset", "export", "humans", "lab", "--format", "webdataset", workspace=cleared)
    with tarfile.open("lab/data-000000.tar") as tar:
        before = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]
    erase(cleared, "sub_03")
    volenti("feed", "apply", "lab", "--feed", cleared / "feed", "--out", "said.txt")
    with tarfile.open("lab/data-000000.tar") as tar:
        after = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]
    assert len(before) == 3 * PEOPLE
    assert len(after) == 3 * (PEOPLE - 1)
    assert after.items() < before.items()


def test_weights_are_handed_out_called_back_and_succeeded(trained: Path) -> None:
    out = ("--recipient", "Example Lab")
    tried = volenti("run", "export", "--to", "lab", *out, "--dry-run", workspace=trained)
    assert "Would be handed out to Example Lab" in tried.out
    assert not Path("lab").exists()
    given = volenti("run", "export", "humans", "--to", "lab", *out, "--json", workspace=trained).json
    [file] = given["constituents"][0]["files"]
    assert subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd="lab", check=False).returncode == 0
    again = volenti("run", "export", "--to", "lab", *out, workspace=trained)
    assert "exactly this already" in again.out
    listed = volenti("feed", "list", workspace=trained).out
    assert f"{given['run']} (humans@1)" in listed

    erase(trained, "sub_03")
    feed = ("--feed", trained / "feed")
    tried = volenti("feed", "apply", "lab", *feed, "--dry-run")
    assert f"{file['name']} would be called back" in tried.err
    done = volenti("feed", "apply", "lab", *feed, "--out", "said.txt")
    assert f"{file['name']} is called back: SHA-256 {file['sha256']}." in done.err
    assert "No successor was handed out yet" in done.err
    assert not Path("lab", file["name"]).exists()
    told = volenti("feed", "acknowledge", "said.txt", "--json", workspace=trained).json
    assert (told["told"], told["open"]) == (1, 0)

    second = volenti("run", "export", "--to", "lab-2", *out, workspace=trained)
    assert f"succeeds what was called back of {given['delivery']}" in second.out
    told = volenti("feed", "apply", "lab", *feed, "--json").json
    assert told["files"] == [{"name": file["name"], "sha256": file["sha256"], "has_successor": True}]
    assert volenti("audit", "--deep", workspace=trained).status == 0


def test_a_recipient_who_is_late_is_a_finding(cleared: Path) -> None:
    volenti("dataset", "export", "humans", "lab", "--to", "Example Lab", workspace=cleared)
    erase(cleared, "sub_03")
    assert volenti("feed", "list", "--overdue", workspace=cleared).status == 0
    time.sleep(1.1)  # moments are kept to the second
    late = volenti("feed", "list", "--overdue", workspace=cleared, VOLENTI_ACKNOWLEDGE_DAYS="0")
    assert (late.status, "Example Lab" in late.out) == (1, True)


def test_a_feed_that_is_nowhere_is_an_error_with_a_remedy(cleared: Path) -> None:
    volenti("dataset", "export", "humans", "lab", workspace=cleared)
    for place, status in (("nowhere", 8), ("http://127.0.0.1:9", 10), ("ftp://x.example", 2)):
        answer = volenti("feed", "apply", "lab", "--feed", place)
        assert (answer.status, answer.err.count("\n")) == (status, 2)


def test_a_workspace_comes_back_without_who_left(cleared: Path) -> None:
    assert volenti("backup", "mirror", "mirror", workspace=cleared).status == 0
    made = volenti("backup", "create", "backup", "--json", workspace=cleared).json
    assert made["keys_in_mirror"] > PEOPLE
    assert volenti("backup", "verify", "backup", "--key", cleared / "public-key").status == 0
    erase(cleared, "sub_03")
    plan = volenti("request", "list", "--json", workspace=cleared).json
    assert plan
    shutil.copytree(cleared / "secret", "usb")
    shutil.rmtree(cleared)
    back = volenti("backup", "restore", "backup", "back", "--keys", "mirror", "--secret", "usb")
    assert (back.status, "1 owner whose key is gone" in back.out) == (0, True)
    people = volenti("subject", "list", "--json", workspace=Path("back")).json["subjects"]
    assert "sub_03" not in [each["id"] for each in people]
    assert len(people) == PEOPLE - 1
    assert volenti("audit", "--deep", workspace=Path("back")).status == 0


def test_a_damaged_backup_is_a_finding(cleared: Path) -> None:
    volenti("backup", "create", "backup", workspace=cleared)
    next(Path("backup").rglob("*.vpk")).write_bytes(b"x")
    answer = volenti("backup", "verify", "backup")
    assert (answer.status, "has other bytes" in answer.out) == (1, True)


def test_keys_are_wrapped_anew(cleared: Path) -> None:
    assert volenti("key", "rotate", "--json", workspace=cleared).json["wrapped_anew"] > PEOPLE
    assert volenti("audit", "--deep", workspace=cleared).status == 0


def test_a_certificate_is_checked_and_read_with_the_package_alone(cleared: Path, tmp_path: Path) -> None:
    erase(cleared, "sub_03", "--certificate", "certificate.json", "--copy", "own.json")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("certificate.json", "own.json"):
        shutil.copy(name, elsewhere)
    shutil.copy(cleared / "public-key", elsewhere)
    command = [sys.executable, "-m", "volenti.cli.main", "certificate"]
    checked = subprocess.run(
        [*command, "verify", "own.json", "--key", "public-key"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "It is about sub_03" in checked.stdout
    assert "sub_03" not in (elsewhere / "certificate.json").read_text()
    subprocess.run(
        [*command, "page", "own.json", "--key", "public-key", "--out", "page.pdf"], cwd=elsewhere, check=True
    )
    assert (elsewhere / "page.pdf").read_bytes().startswith(b"%PDF-1.7")
    stranger = volenti("certificate", "verify", "own.json", "--key", _other_key(elsewhere))
    assert stranger.status == 1


def _other_key(folder: Path) -> Path:
    volenti("init", folder / "other")
    return folder / "other" / "public-key"


def test_the_opening_is_gone_once_it_is_certified(cleared: Path) -> None:
    erase(cleared, "sub_03")
    (request,) = volenti("request", "list", "--json", workspace=cleared).json["requests"]
    answer = volenti("request", "run", request["id"], *SURE, "--copy", "own.json", workspace=cleared)
    assert (answer.status, Path("own.json").exists()) == (6, False)
    assert json.loads(volenti("certificate", "show", workspace=cleared).out)


@dataclass(frozen=True)
class Followed:
    """A command that writes an acknowledgement, for an export or an opened package in the folder `lab`."""

    words: tuple[object, ...]
    #: What it says where it removed a picture.
    removed: str

    def run(self, out: str) -> Answer:
        return volenti(*self.words, "--out", out)


def applied(workspace: Path) -> Followed:
    volenti("dataset", "export", "humans", "lab", "--to", "Example Lab", workspace=workspace)
    return Followed(("feed", "apply", "lab", "--feed", workspace / "feed"), "1 sample of humans@1 removed")


def pulled(workspace: Path) -> Followed:
    volenti("run", "begin", "mine", "--dataset", "humans", "--code", __file__, workspace=workspace)
    machine = volenti("package", "key", "machine.key").out.strip()
    to = ("--to", machine, "--feed", workspace / "feed")
    volenti("run", "pack", "mine", "--out", "mine.package", *to, workspace=workspace)
    volenti("package", "open", "mine.package", "--key", "machine.key", "--out", "lab")
    return Followed(("package", "pull", "lab"), "1 picture taken out")


@pytest.mark.parametrize("handed_out", [applied, pulled])
def test_an_acknowledgement_takes_the_place_of_the_one_before_and_of_nothing_else(
    cleared: Path, handed_out: Callable[[Path], Followed]
) -> None:
    followed = handed_out(cleared)
    assert followed.run("said.txt").status == 0
    before = Path("said.txt").read_bytes()
    erase(cleared, "sub_03")

    Path("mine.txt").write_text("a letter")
    Path("link.txt").symlink_to("said.txt")
    volenti("dataset", "export", "humans", "other", workspace=cleared)
    volenti("feed", "apply", "other", "--feed", cleared / "feed", "--out", "others.txt")
    for taken in ("mine.txt", "link.txt", "others.txt"):
        held = Path(taken).read_bytes()
        refused = followed.run(taken)
        assert (refused.status, "Nothing was removed." in refused.err) == (2, True)
        assert Path(taken).read_bytes() == held

    done = followed.run("said.txt")
    assert (done.status, followed.removed in done.out + done.err) == (0, True)
    assert Path("said.txt").read_bytes() != before
    told = volenti("feed", "acknowledge", "said.txt", "--json", workspace=cleared).json
    assert (told["told"], told["open"]) == (1, 0)


def test_a_package_is_not_dropped_where_its_acknowledgement_cannot_be_written(cleared: Path) -> None:
    followed = pulled(cleared)
    Path("mine.txt").write_text("a letter")
    refused = volenti("package", "drop", "lab", "--yes", "--out", "mine.txt")
    assert (refused.status, Path("lab").is_dir(), Path("mine.txt").read_text()) == (2, True, "a letter")
    followed.run("said.txt")
    assert volenti("package", "drop", "lab", "--yes", "--out", "said.txt").status == 0
    assert volenti("feed", "acknowledge", "said.txt", workspace=cleared).status == 0
