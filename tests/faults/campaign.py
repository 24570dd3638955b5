"""Everything that can happen to an erasure, one at a time, and what is left of it afterwards.

    python -m tests.faults.campaign [--every N] [--only PART] [--workers N]

A workspace with eleven people, a group picture, a held picture, a dataset, an export, a model and a model
of the user's own is copied for each trial; somebody's erasure is disturbed there, gone on with, and looked
over. Prints a table of counts, writes them to bench/out/faults.json, ends with status 1 if anything of
theirs is left, anything of others is lost, or a change went unseen.

    kills      killed with SIGKILL before each call that writes, and at random moments
    errors     each write, fsync, rename and unlink fails once, with EIO and with ENOSPC
    full       the disk is full, with room left for nothing, a page, some pages: then somebody makes room
    power      the power goes before each call that writes: what was never synced is gone, or half there
    meetings   before each call that writes elsewhere than in the register, somebody else does something
               else, from its beginning to its end where nothing locks them out: runs the same request, or
               another one, takes pictures in, clears and cuts them, trains, reads, or makes a backup
    races      two processes run the same request, and two requests, at once
    company    two requests, an intake, a training, a reader and a backup at once
    flips      one bit of one file is turned; the audit has to say so, or nothing that is read has changed
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

from tests.faults import fulldisk
from tests.faults.company import Company, erased
from tests.faults.powercut import Disk
from tests.faults.processes import elsewhere, last_line
from tests.faults.syscalls import Call, supervised, unavailable
from tests.studio import RECIPE, Studio, reopened
from volenti.core.errors import VolentiError

ROOT = Path(__file__).parents[2]
PEOPLE = ["ann", "bob", "cid", "dee", "eve", "fay", "gil", "hal", "ida", "jon", "kim"]
LEAVER, OTHER = "bob", "eve"
CANARIES = [f"Legal {LEAVER}".encode(), f"{LEAVER}@example.org".encode()]
PARTS = ("kills", "errors", "full", "power", "meetings", "races", "company", "flips")
#: Whom an erasure meets, in turn.
MET = ("the same request", "another request", "intake", "training", "reader", "backup")
#: Kills at random moments, besides those before every call.
MOMENTS = 200
RACES = 40
#: Disks that are full, each with so much more room than the last.
DISKS, ROOM = 60, 3 * 4096
COMPANY = 20
FLIPS = 500
#: How long an erasure stands still at most for somebody else to get done.
PATIENCE = 1.0


@dataclass
class Found:
    """What one trial came to, once its erasure was gone on with and everything looked over."""

    what: str = ""
    disturbed: bool = False
    residues: int = 0
    losses: int = 0
    undetected: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Tally:
    """What came of the trials of one part."""

    trials: int = 0
    disturbed: int = 0
    residues: int = 0
    losses: int = 0
    undetected: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, found: Found) -> None:
        self.trials += 1
        self.disturbed += found.disturbed
        self.residues += found.residues
        self.losses += found.losses
        self.undetected += found.undetected
        if found.problems:
            self.failures.append(f"{found.what}: {'; '.join(found.problems[:3])}")


def template(folder: Path) -> Path:
    """The workspace that every trial begins with; returns its folder. Two requests are open in it."""
    studio = Studio.open(folder, on_disk=True)
    studio.shoot(*PEOPLE, photos=1)
    studio.photo("ann", "_", LEAVER, caption="a man and a woman")
    studio.photo(LEAVER, "_", "zoe")
    studio.trained(RECIPE)
    weights = folder / "weights.bin"
    weights.write_bytes(b"what it learned")
    with studio.ws.runs.begin("own", dataset="humans") as run:
        run.keep(weights)
    studio.parts.exports.export(
        studio.parts.datasets.snapshot("humans"), folder / "export", recipient="a lab"
    )
    studio.ws.requests.open("erasure", LEAVER, identity="in-person")
    studio.ws.close()
    return studio.ws.path


def request_of(at: Path, who: str = LEAVER) -> str:
    ws = reopened(at)
    try:
        return ws.requests.open("erasure", who, identity="in-person").id
    finally:
        ws.close()


def erase(at: Path, request: str) -> None:
    """Run a request to its end, as a process does that begins now."""
    ws = reopened(at)
    try:
        ws.requests.run(request)
    finally:
        ws.close()


def summary(at: Path) -> dict[str, Any]:
    """What must be the same however the erasure went."""
    ws = reopened(at)
    try:
        report = ws.audit(CANARIES, deep=True)
        runs = ws.parts.training.runs()
        snapshot = ws.parts.datasets.snapshot("humans")
        return {
            "problems": report.problems,
            "residue": report.residue,
            "pictures": report.pictures,
            "requests": sorted(each.state for each in ws.parts.requests.all() if each.kind == "erasure"),
            "people": sorted(each.id for each in ws.parts.consent.subjects()),
            "served": {
                c.shard: c.sha256 for run in runs for c in ws.parts.training.model_store.constituents(run.id)
            },
            "entries": [(each.position, each.sha256) for each in ws.parts.datasets.entries(snapshot)],
            "certificates": ws.parts.records.count("certificate"),
            "left": bool(list((at / "keys").rglob(f"{LEAVER}*"))),
        }
    finally:
        ws.close()


class Campaign:
    """Trials on copies of one template."""

    def __init__(self, scratch: Path, every: int) -> None:
        """every: only each so many-th of the calls there are is disturbed."""
        self.scratch = scratch
        self.every = every
        self.start = elsewhere(lambda: template(scratch / "template"))
        self.request = elsewhere(lambda: request_of(self.start))
        at = self.copy("undisturbed")
        calls: list[str] = []
        paths: list[str] = []

        def note(call: Call) -> int:
            paths.append(call.path)
            return 0

        began = time.perf_counter()
        elsewhere(lambda: erase(at, self.request))
        self.seconds = time.perf_counter() - began
        self.expected = elsewhere(lambda: summary(at))
        if self.expected["problems"]:
            raise AssertionError(f"Undisturbed, the audit finds {self.expected['problems']}")
        shutil.rmtree(at)
        at = self.copy("read")
        self.known = elsewhere(lambda: everything(at))
        shutil.rmtree(at)
        if not unavailable():
            at = self.copy("counted")
            calls = supervised(lambda: erase(at, self.request), at, note).calls
            shutil.rmtree(at)
        self.calls = calls
        #: Those that aren't about the register: whoever writes there locks others out, who wait.
        self.apart = [number for number, path in enumerate(paths) if "register.db" not in path]

    def copy(self, name: str) -> Path:
        return Path(shutil.copytree(self.start, self.scratch / name))

    def look(self, at: Path) -> Found:
        """Go on with the erasure and look everything over."""
        found = Found()
        try:
            elsewhere(lambda: erase(at, self.request))
            now = elsewhere(lambda: summary(at))
        except RuntimeError as error:
            found.losses += 1
            found.problems.append(last_line(error))
            return found
        found.residues = now["residue"] + int(now["left"])
        found.problems += now["problems"]
        for what, wanted in self.expected.items():
            if what not in ("problems", "residue") and now[what] != wanted:
                found.losses += 1
                found.problems.append(f"{what} is {now[what]}, not {wanted}"[:200])
        return found

    def run(self, part: str, workers: int) -> Tally:
        """Every trial of a part, several at once."""
        tally = Tally()
        tasks = getattr(self, f"{part}_tasks")()
        with ProcessPoolExecutor(workers, get_context("fork")) as pool:
            for found in pool.map(getattr(self, part), tasks):
                tally.add(found)
        return tally

    def _calls(self) -> range:
        return range(0, len(self.calls), self.every)

    # -- the parts: what there is to try, and one trial

    def kills_tasks(self) -> list[tuple[str, float]]:
        rng = random.Random(1)
        moments = [rng.uniform(0, self.seconds) for _ in range(MOMENTS)][:: self.every]
        return [("call", number) for number in self._calls()] + [("moment", each) for each in moments]

    def kills(self, task: tuple[str, float]) -> Found:
        kind, when = task
        at = self.copy(f"kill-{kind}-{when}")
        if kind == "call":
            number = int(when)
            killed = supervised(lambda: erase(at, self.request), at, _at(number, None)).killed
            what = f"killed before call {number}, {self.calls[number]}"
        else:
            # Once it was quicker than when it was measured, it is tried again, and earlier.
            while not (killed := _killed_after(when, partial(erase, at, self.request))):
                shutil.rmtree(at)
                at, when = self.copy(f"kill-{kind}-{when}"), when * 0.8
            what = f"killed after {when:.4f} s"
        return self._over(at, what, killed)

    def errors_tasks(self) -> list[tuple[int, int]]:
        return [(number, error) for number in self._calls() for error in (errno.EIO, errno.ENOSPC)]

    def errors(self, task: tuple[int, int]) -> Found:
        number, error = task
        at = self.copy(f"error-{number}-{error}")
        ended = supervised(lambda: erase(at, self.request), at, _at(number, error))
        what = f"{errno.errorcode[error]} at call {number}, {self.calls[number]}"
        found = self._over(at, what, bool(ended.error))
        said = ended.error.strip().splitlines()
        if said and not said[-1].startswith("volenti."):
            found.problems.append(f"ended with {said[-1]}")
        return found

    def full_tasks(self) -> range:
        return range(0, DISKS, self.every)

    def full(self, number: int) -> Found:
        disk = self.scratch / f"disk-{number}"
        disk.mkdir()
        return cast(Found, elsewhere(lambda: self._on_a_full_disk(disk, number * ROOM), 240))

    def _on_a_full_disk(self, disk: Path, room: int) -> Found:
        fulldisk.mount(disk, 2 * fulldisk.taken(self.start))
        at = Path(shutil.copytree(self.start, disk / "at"))
        fulldisk.fill(disk, room)
        said = _attempt(at, self.request)
        fulldisk.make_room(disk)
        found = self._over(at, f"a full disk with {room} bytes left ({said})", bool(said))
        if said and not said.startswith("volenti."):
            found.problems.append(f"ended with {said}")
        return found

    def power_tasks(self) -> list[tuple[int, float]]:
        # In turn: nothing that wasn't synced is there, some of it, most of it.
        return [(number, (0.0, 0.5, 0.9)[turn % 3]) for turn, number in enumerate(self._calls())]

    def power(self, task: tuple[int, float]) -> Found:
        number, luck = task
        at, after = self.copy(f"power-{number}"), self.scratch / f"after-{number}"
        disk, cut = Disk(at), _at(number, None)

        def decide(call: Call) -> int | None:
            answer = cut(call)
            if answer == 0:
                disk.note(call)
            return answer

        killed = supervised(lambda: erase(at, self.request), at, decide).killed
        disk.left(after, luck, number)
        disk.close()
        shutil.rmtree(at)
        after.rename(at)
        return self._over(at, f"power cut before call {number}, {self.calls[number]}", killed)

    def races_tasks(self) -> range:
        return range(0, RACES, self.every)

    def races(self, number: int) -> Found:
        at = self.copy(f"race-{number}")
        second = elsewhere(lambda: request_of(at, OTHER)) if number % 2 else self.request
        with ThreadPoolExecutor(2) as threads:
            both = [threads.submit(_attempt, at, each) for each in (self.request, second)]
            said = [each.result() for each in both]
        what = f"race {number} ({' / '.join(each[-80:] for each in said)})"
        if number % 2 == 0:
            return self._over(at, what, any(said))
        return self._gone(at, {LEAVER: self.request, OTHER: second}, what, any(said))

    def _gone(self, at: Path, leaving: dict[str, str], what: str, disturbed: bool) -> Found:
        """Go on with the erasures of these people, and look everything over."""
        found = Found(what, disturbed)
        try:
            for request in leaving.values():
                elsewhere(partial(erase, at, request))
            now = elsewhere(lambda: summary(at))
        except RuntimeError as error:
            return Found(what, True, losses=1, problems=[last_line(error)])
        found.residues, found.problems = now["residue"] + int(now["left"]), now["problems"]
        staying = sorted(set(PEOPLE) - set(leaving))
        if now["people"] != staying or now["requests"] != ["done"] * len(leaving):
            found.losses += 1
            found.problems.append(f"{now['people']}, {now['requests']}")
        shutil.rmtree(at)
        return found

    def company_tasks(self) -> range:
        return range(0, COMPANY, self.every)

    def company(self, number: int) -> Found:
        at = self.copy(f"company-{number}")
        second = elsewhere(lambda: request_of(at, OTHER))
        aside = self.scratch / f"aside-{number}"
        wrong = Company(at, aside, sorted(set(PEOPLE) - {LEAVER, OTHER})).disturb([self.request, second])
        found = self._gone(at, {LEAVER: self.request, OTHER: second}, f"company {number}", bool(wrong))
        found.losses += len(wrong)
        found.problems += wrong
        shutil.rmtree(aside)
        return found

    def meetings_tasks(self) -> list[tuple[int, str]]:
        return [(number, MET[turn % len(MET)]) for turn, number in enumerate(self.apart[:: self.every])]

    def meetings(self, task: tuple[int, str]) -> Found:
        number, met = task
        at, aside = self.copy(f"meeting-{number}"), self.scratch / f"beside-{number}"
        leaving = {LEAVER: self.request}
        if met == "another request":
            leaving[OTHER] = elsewhere(lambda: request_of(at, OTHER))
        company = Company(at, aside, sorted(set(PEOPLE) - set(leaving)))
        requests = {"the same request": self.request, "another request": leaving.get(OTHER, "")}
        work = company.works.get(met) or partial(erased, requests[met])
        ended: list[Future[str]] = []
        done = False
        seen = iter(range(1 << 30))
        with ThreadPoolExecutor(1) as threads:

            def decide(call: Call) -> int:
                nonlocal done
                if next(seen) == number:
                    ended.append(threads.submit(company.do, work))
                    done = bool(wait(ended, PATIENCE).done)
                return 0

            said = supervised(lambda: erase(at, self.request), at, decide).error.strip()
            company.left()
        wrong = [f"{met}: {each.result()}" for each in ended if each.result()]
        what = f"{met} before call {number}, {self.calls[number]}"
        # Disturbed where somebody else was done before it went on.
        found = self._gone(at, leaving, what, done)
        if said and not said.splitlines()[-1].startswith("volenti."):
            wrong.append(f"ended with {said.splitlines()[-1]}")
        found.losses += len(wrong)
        found.problems += wrong
        shutil.rmtree(aside)
        return found

    def flips_tasks(self) -> list[tuple[Path, int]]:
        rng = random.Random(2)
        kinds: dict[str, list[Path]] = {}
        for path in sorted(self.start.rglob("*")):
            if path.is_file() and path.stat().st_size:
                kinds.setdefault(path.suffix or path.relative_to(self.start).parts[0], []).append(path)
        names = sorted(kinds)
        chosen = [rng.choice(kinds[names[number % len(names)]]) for number in range(FLIPS)][:: self.every]
        return [(path, rng.randrange(8 * path.stat().st_size)) for path in chosen]

    def flips(self, task: tuple[Path, int]) -> Found:
        path, bit = task
        name = path.relative_to(self.start)
        at = self.copy(f"flip-{bit}-{name.name}")
        data = bytearray((at / name).read_bytes())
        data[bit // 8] ^= 1 << bit % 8
        (at / name).write_bytes(data)
        found = Found(f"bit {bit} of {name}", disturbed=self._is_seen(at))
        if not found.disturbed and _read_all(at) != self.known:
            found.undetected = 1
            found.problems.append("went unseen, and something reads otherwise")
        shutil.rmtree(at)
        return found

    def _over(self, at: Path, what: str, disturbed: bool) -> Found:
        found = self.look(at)
        found.what, found.disturbed = what, disturbed
        shutil.rmtree(at)
        return found

    def _is_seen(self, at: Path) -> bool:
        """Whether the audit says so, or nothing opens any more."""
        try:
            return bool(elsewhere(lambda: summary(at)["problems"]))
        except RuntimeError:
            return True


def everything(at: Path) -> list[Any]:
    """Every row, entry of the log and picture that can be read."""
    ws = reopened(at)
    try:
        rows = []
        for kind in ws.parts.records.kinds():
            for row in ws.parts.records.rows(kind):
                rows.append(
                    (
                        row.kind,
                        row.id,
                        row.owners,
                        row.state,
                        row.parent,
                        row.position,
                        json.dumps(ws.parts.records.opened(row).body, sort_keys=True),
                    )
                )
        log = [ws.parts.log.entry(number) for number in range(ws.parts.log.size)]
        return [rows, log, str(ws.public_key)]
    finally:
        ws.close()


def _read_all(at: Path) -> Any:
    try:
        return elsewhere(lambda: everything(at))
    except RuntimeError:
        return None


def _at(number: int, answer: int | None) -> Callable[[Call], int | None]:
    """Answers one call so, and lets the others through."""
    seen = iter(range(1 << 30))
    return lambda call: answer if next(seen) == number else 0


def _attempt(at: Path, request: str) -> str:
    """Run a request; what it ended with, if not well."""
    try:
        elsewhere(lambda: erase(at, request))
    except RuntimeError as error:
        return last_line(error)
    return ""


def _killed_after(seconds: float, work: Callable[[], object]) -> bool:
    """Whether a process doing this was killed before it was done."""
    child = os.fork()
    if child == 0:
        with suppress(VolentiError):
            work()
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _parts(chosen: list[str]) -> Iterator[str]:
    needs = {
        "full": fulldisk.unavailable(),
        **dict.fromkeys(("kills", "errors", "power", "meetings"), unavailable()),
    }
    for part in chosen or PARTS:
        if needs.get(part):
            print(f"{part}: skipped, because it {needs[part]}")
        else:
            yield part


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="disturb only each so many-th call")
    parser.add_argument(
        "--only", action="append", choices=PARTS, default=[], help="only this part; repeat it"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="trials at once")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        campaign = Campaign(Path(scratch), options.every)
        print(f"an erasure makes {len(campaign.calls)} calls that write, in {campaign.seconds:.2f} s")
        print(
            f"{'part':8}{'trials':>8}{'disturbed':>11}{'residues':>10}{'losses':>8}{'undetected':>12}"
            f"{'failures':>10}"
        )
        for part in _parts(options.only):
            tally = campaign.run(part, options.workers)
            results[part] = {**vars(tally), "failures": tally.failures[:50]}
            print(
                f"{part:8}{tally.trials:8}{tally.disturbed:11}{tally.residues:10}{tally.losses:8}"
                f"{tally.undetected:12}{len(tally.failures):10}",
                flush=True,
            )
            for failure in tally.failures[:10]:
                print(f"  {failure}")
        results["calls"] = len(campaign.calls)
    out = ROOT / "bench" / "out" / "faults.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(results, indent=1) + "\n")
    tallies = [each for each in results.values() if isinstance(each, dict)]
    total = {
        name: sum(each[name] for each in tallies) for name in ("trials", "residues", "losses", "undetected")
    }
    failed = any(each["failures"] for each in tallies)
    print(
        f"{total['trials']} trials: {total['residues']} residues, {total['losses']} losses, "
        f"{total['undetected']} undetected edits"
    )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
