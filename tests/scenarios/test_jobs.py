"""Jobs: long work that survives whoever does it, and says nothing of anybody once they are erased."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import volenti
from tests.faults.processes import elsewhere
from tests.studio import PURPOSE, RECIPE, Studio, reopened
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.core.progress import Progress
from volenti.jobs.service import ATTEMPTS, KEPT
from volenti.vault.records import Records
from volenti.workspace import job_verbs
from volenti.workspace.workspace import Workspace


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    made = Studio.open(tmp_path, on_disk=True)
    made.shoot("ann", "ben")
    made.photo("ann", "stranger")
    return made


def test_a_job_is_done_with_its_figures_and_remembers_who_asked(studio: Studio) -> None:
    ws = studio.ws
    first = ws.jobs.start("add", {"paths": [str(studio.folder / "inbox")], "shoot": "spring"}, by="usr_1")
    second = ws.jobs.start("clear", {"purpose": PURPOSE})
    assert [each.state for each in ws.jobs.list()] == ["queued", "queued"]
    seen: list[tuple[str, str]] = []
    assert ws.jobs.work(once=True, watch=lambda job: seen.append((job.id, job.state))) == 2
    assert seen == [(first.id, "running"), (first.id, "done"), (second.id, "running"), (second.id, "done")]
    done = ws.jobs.show(first.id)
    assert (done.figures["new"], done.by, done.percent) == (5, "usr_1", 100)
    # Paths and shoots may be called after somebody.
    assert done.arguments == {}
    assert ws.jobs.show(second.id).arguments == {"purpose": PURPOSE}
    assert ws.jobs.show(second.id).figures == ws.status().totals


@pytest.mark.parametrize(
    ("verb", "arguments", "said"),
    [
        ("user remove", {"login": "a"}, "No job does"),
        ("clear", {"purpos": PURPOSE}, "takes no 'purpos'"),
        ("clear", {"progress": None}, "takes no 'progress'"),
        ("clear", {"purpose": date(2026, 1, 1)}, "takes no 'purpose'"),
        ("clear", {"purpose": [b"x"]}, "takes no 'purpose'"),
        ("dataset cut", {"name": "humans"}, "purpose"),
    ],
)
def test_what_no_job_can_do_is_refused_at_once(
    studio: Studio, verb: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        studio.ws.jobs.start(verb, arguments)
    assert studio.ws.jobs.list() == []


def test_an_error_is_kept_with_its_remedy(studio: Studio) -> None:
    job = studio.ws.jobs.start("clear", {"purpose": "no-such-purpose"})
    studio.ws.jobs.work(once=True)
    failed = studio.ws.jobs.show(job.id)
    assert failed.state == "failed"
    assert failed.failure is not None
    assert failed.failure.code == "usage"
    assert failed.failure.remedy


def test_a_fault_in_the_program_says_its_class_and_nothing_else(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object) -> None:
        raise ZeroDivisionError("Ann Miller")

    monkeypatch.setattr(job_verbs, "do", fault)
    job = studio.ws.jobs.start("audit")
    studio.ws.jobs.work(once=True)
    failure = studio.ws.jobs.show(job.id).failure
    assert failure is not None
    assert "ZeroDivisionError" in failure.message
    assert "Ann" not in str(failure)


def test_a_job_is_taken_out_of_the_queue_and_one_that_runs_is_stopped(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = studio.ws
    waits = ws.jobs.start("audit")
    assert ws.jobs.stop(waits.id).state == "stopped"
    with pytest.raises(ConflictError):
        ws.jobs.stop(waits.id)
    with pytest.raises(NotFoundError):
        ws.jobs.stop("job_none")
    runs = ws.jobs.start("clear", {"purpose": PURPOSE})

    def endless(ws: Workspace, verb: str, arguments: object, progress: Progress) -> None:
        progress.begin("Waiting", None)
        with reopened(ws.path) as other:
            assert other.jobs.stop(runs.id).is_stopping
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            progress.advance()
            time.sleep(0.05)

    monkeypatch.setattr(job_verbs, "do", endless)
    assert ws.jobs.work(once=True) == 1
    assert ws.jobs.show(runs.id).state == "stopped"


def test_how_far_a_job_is_can_be_seen_from_elsewhere(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    job = studio.ws.jobs.start("audit")

    def looked_at(ws: Workspace, verb: str, arguments: object, progress: Progress) -> object:
        progress.begin("Outer", 2)
        time.sleep(1.1)
        progress.begin("Inner", 4)
        time.sleep(1.1)
        progress.advance(3)
        with reopened(ws.path) as other:
            seen = other.jobs.show(job.id)
        assert (seen.what, seen.done, seen.total, seen.percent) == ("Inner", 3, 4, 75)
        return ws.audit()

    monkeypatch.setattr(job_verbs, "do", looked_at)
    studio.ws.jobs.work(once=True)
    assert studio.ws.jobs.show(job.id).state == "done"


def test_only_the_last_that_are_over_are_kept(studio: Studio) -> None:
    jobs = studio.ws.jobs
    waits = [jobs.start("audit").id for _ in range(KEPT + 3)]
    for each in waits[:-1]:
        jobs.stop(each)
    left = [each.id for each in jobs.list()]
    assert left == waits[::-1][: KEPT + 1]


#: In the child: after so many writings of rows, the process is killed.
def _killed_after(writes: int) -> None:
    left, put_all = iter(range(writes)), Records.put_all

    def counted(records: Records, rows: Any) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        put_all(records, rows)

    Records.put_all = counted  # type: ignore[method-assign]


def _kill_a_worker(studio: Studio, writes: int) -> bool:
    """Have a worker do what waits, and be killed after so many writings; whether it was."""

    def work() -> int:
        _killed_after(writes)
        with reopened(studio.ws.path, detector=studio.detector) as ws:
            return ws.jobs.work(once=True)

    try:
        elsewhere(work)
    except RuntimeError:
        return True
    return False


def _ended(studio: Studio, job: str) -> Any:
    """What the job came to, once workers that were killed again and again have been followed by one more."""
    with reopened(studio.ws.path, detector=studio.detector) as ws:
        ws.jobs.work(once=True)
        found = ws.jobs.show(job)
        assert found.state == "done", found.failure
        report = ws.audit(deep=True)
        assert report.ok, report.problems
        return found, ws.status().totals, len(ws.log.show().entries)


@pytest.mark.parametrize("writes", [2, 4, 7, 11])
def test_clearing_goes_on_where_a_worker_was_killed(studio: Studio, tmp_path: Path, writes: int) -> None:
    studio.ws.add([studio.folder / "inbox"])
    job = studio.ws.jobs.start("clear", {"purpose": PURPOSE}).id
    studio.ws.close()
    calm = studio.copied(tmp_path / "calm")
    calm.ws.close()
    assert _kill_a_worker(studio, writes)
    with reopened(studio.ws.path) as ws:
        assert ws.jobs.show(job).state in ("queued", "running")
    found, totals, entries = _ended(studio, job)
    _, calm_totals, calm_entries = _ended(calm, job)
    assert (totals, entries) == (calm_totals, calm_entries)
    assert found.figures == totals


@pytest.mark.parametrize("writes", [3, 8, 15, 21, 26])
def test_an_erasure_goes_on_where_a_worker_was_killed(studio: Studio, tmp_path: Path, writes: int) -> None:
    ws = studio.ws
    ws.add([studio.folder / "inbox"])
    ws.clear(PURPOSE)
    ws.datasets.cut("humans", PURPOSE)
    ws.train("humans", RECIPE)
    request = ws.requests.open("erasure", "ann", identity="in-person").id
    job = ws.jobs.start("request run", {"request": request}).id
    ws.close()
    calm = studio.copied(tmp_path / "calm")
    calm.ws.close()
    assert _kill_a_worker(studio, writes)
    found, totals, entries = _ended(studio, job)
    assert found.figures == {"state": "done", "certified": True}
    _, calm_totals, calm_entries = _ended(calm, job)
    assert (totals, entries) == (calm_totals, calm_entries)
    with reopened(studio.ws.path) as ws:
        assert "ann" not in {each.subject.id for each in ws.subjects.list()}
        assert len(ws.certificates.show(request)) > 0


def test_a_job_at_which_every_worker_ends_fails_and_the_next_one_is_done(studio: Studio) -> None:
    studio.ws.add([studio.folder / "inbox"])
    first = studio.ws.jobs.start("clear", {"purpose": PURPOSE}).id
    second = studio.ws.jobs.start("audit").id
    studio.ws.close()
    for _ in range(ATTEMPTS):
        assert _kill_a_worker(studio, 3)
    with reopened(studio.ws.path, detector=studio.detector) as ws:
        ws.jobs.work(once=True)
        assert [ws.jobs.show(each).state for each in (first, second)] == ["failed", "done"]


def test_what_would_be_there_twice_isn_t_begun_once_more(studio: Studio) -> None:
    studio.clear()
    job = studio.ws.jobs.start("dataset cut", {"name": "humans", "purpose": PURPOSE}).id
    studio.ws.close()
    assert _kill_a_worker(studio, 4)
    with reopened(studio.ws.path) as ws:
        ws.jobs.work(once=True)
        assert ws.jobs.show(job).state == "failed"
        assert len(ws.datasets.list()) <= 1


def test_an_erasure_takes_out_what_jobs_say_about_somebody(studio: Studio) -> None:
    ws = studio.ws
    studio.clear()
    failed = ws.jobs.start("add", {"paths": ["/none/Ann Miller"], "subjects": ["ann"]}).id
    ws.jobs.work(once=True)
    waits = ws.jobs.start("add", {"paths": [str(studio.folder)], "subjects": ["ann"]}).id
    other = ws.jobs.start("clear", {"purpose": PURPOSE}).id
    request = ws.requests.open("erasure", "ann", identity="in-person").id
    assert any(each.holder == "jobs" for each in ws.requests.plan(request).holdings)
    ws.requests.run(request)
    said = ws.jobs.show(failed)
    assert said.failure is not None
    assert (said.arguments, said.failure.message, said.failure.code) == ({}, "", "usage")
    assert (ws.jobs.show(waits).state, ws.jobs.show(waits).arguments) == ("stopped", {})
    assert ws.jobs.show(other).state == "queued"
    assert ws.audit(deep=True).ok


def test_one_worker_at_a_time(studio: Studio) -> None:
    studio.ws.jobs.start("audit")
    with reopened(studio.ws.path) as other, other.parts.jobs.turn():
        thread = threading.Thread(target=lambda: _work_once(studio.ws.path))
        thread.start()
        time.sleep(0.5)
        assert studio.ws.jobs.list()[0].state == "queued"
    thread.join(20)
    assert studio.ws.jobs.list()[0].state == "done"


def _work_once(path: Path) -> None:
    with reopened(path) as ws:
        ws.jobs.work(once=True)


def test_the_command_line_starts_shows_and_does_jobs(tmp_path: Path) -> None:
    at = volenti.init(tmp_path / "studio", seed=1)

    def run(*words: str, status: int = 0) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "volenti", "-C", str(at), "job", *words], capture_output=True, text=True
        )
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if "--json" in words else done.stdout

    job = run("start", "audit", "deep=true", "--json")
    assert job["arguments"] == {"deep": True}
    run("work", "--once")
    assert run("show", job["id"], "--json")["figures"]["ok"] is True
    assert job["id"] in run("list")
    run("stop", job["id"], status=6)
    failing = run("start", "clear", "purpose=none").strip()
    run("work", "--once")
    run("show", failing, status=1)


@pytest.mark.parametrize("interrupts", [signal.SIG_DFL, signal.SIG_IGN], ids=["heard", "ignored"])
def test_a_worker_ends_with_whoever_started_it(tmp_path: Path, interrupts: signal.Handlers) -> None:
    at = volenti.init(tmp_path / "studio", seed=1)
    words = [sys.executable, "-m", "volenti", "-C", str(at), "job", "work", "--until-closed"]
    worker = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # A shell starts what it puts into the background with interruptions ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, interrupts),
    )
    with volenti.open(at) as ws:
        job = ws.jobs.start("audit")
        _wait(lambda: ws.jobs.show(job.id).is_over)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(20) == 0


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
