"""Everything that can happen to an erasure, one at a time, and what is left of it afterwards.

    python -m tests.faults.campaign [--every N] [--only PART] ...

A workspace with eleven people, a group picture, a held picture, a dataset, an export, a model and a model
of the user's own is copied for each trial; somebody's erasure is disturbed there, gone on with, and looked
over. Prints a table of counts, writes them to bench/out/faults.json, ends with status 1 if anything of
theirs is left, anything of others is lost, or a change went unseen.

    kills      killed with SIGKILL before each call that writes, and at random moments
    errors     each write, fsync, rename and unlink fails once, with EIO and with ENOSPC
    power      the power goes before each call that writes: what was never synced is gone, or half there
    races      two processes run the same request, and two requests, at once
    flips      one bit of one file is turned; the audit has to say so, or nothing that is read has changed
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import pickle
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.powercut import Disk
from tests.faults.syscalls import Call, supervised, unavailable
from tests.studio import RECIPE, Studio, reopened
from volenti.core.errors import VolentiError

ROOT = Path(__file__).parents[2]
PEOPLE = ["ann", "bob", "cid", "dee", "eve", "fay", "gil", "hal", "ida", "jon", "kim"]
LEAVER, OTHER = "bob", "eve"
CANARIES = [f"Legal {LEAVER}".encode(), f"{LEAVER}@example.org".encode()]
PARTS = ("kills", "errors", "power", "races", "flips")
#: Kills at random moments, besides those before every call.
MOMENTS = 200
FLIPS = 500


@dataclass
class Tally:
    """What came of the trials of one part."""

    trials: int = 0
    disturbed: int = 0
    residues: int = 0
    losses: int = 0
    undetected: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, found: Found, what: str) -> None:
        self.trials += 1
        self.residues += found.residues
        self.losses += found.losses
        if found.problems:
            self.failures.append(f"{what}: {'; '.join(found.problems[:3])}")


@dataclass
class Found:
    """What a look over a workspace found, after its erasure was gone on with."""

    residues: int = 0
    losses: int = 0
    problems: list[str] = field(default_factory=list)


def template(folder: Path) -> Path:
    """The workspace that every trial begins with; returns its folder. Two requests are open in it."""
    studio = Studio.open(folder, on_disk=True)
    studio.shoot(*PEOPLE, photos=1)
    studio.photo("ann", "_", LEAVER, caption="a man and a woman")
    studio.photo(LEAVER, "_", "zoe")
    studio.trained(RECIPE)
    weights = folder / "weights.bin"
    weights.write_bytes(b"what it learned")
    with studio.ws.training_run("own", dataset="humans") as run:
        run.keep(weights)
    studio.ws.exports.export(studio.ws.datasets.snapshot("humans"), folder / "export", recipient="a lab")
    studio.ws.request("erasure", LEAVER)
    studio.ws.close()
    return studio.ws.path


def request_of(at: Path, who: str = LEAVER) -> str:
    ws = reopened(at)
    try:
        return ws.request("erasure", who).id
    finally:
        ws.close()


def erase(at: Path, request: str) -> None:
    """Run a request to its end, as a process does that begins now."""
    ws = reopened(at)
    try:
        ws.run(request)
    finally:
        ws.close()


def summary(at: Path) -> dict[str, Any]:
    """What must be the same however the erasure went."""
    ws = reopened(at)
    try:
        report = ws.audit(CANARIES, deep=True)
        runs = ws.training.runs()
        snapshot = ws.datasets.snapshot("humans")
        return {
            "problems": report.problems,
            "residue": report.residue,
            "pictures": report.pictures,
            "requests": sorted(each.state for each in ws.requests.all() if each.kind == "erasure"),
            "people": sorted(each.id for each in ws.consent.subjects()),
            "served": {c.shard: c.sha256 for run in runs for c in ws.training.shelf.constituents(run.id)},
            "entries": [(each.position, each.sha256) for each in ws.datasets.entries(snapshot)],
            "certificates": ws.records.count("certificate"),
            "left": bool(list((at / "keys").rglob(f"{LEAVER}*"))),
        }
    finally:
        ws.close()


def elsewhere(work: Callable[[], Any], seconds: float = 120.0) -> Any:
    """What `work` returns, in a process of its own; RuntimeError where it doesn't end well."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        os.close(reading)
        try:
            signal.alarm(int(seconds))
            answer = pickle.dumps((True, work()))
            status = 0
        except BaseException:
            answer = pickle.dumps((False, traceback.format_exc()))
        with suppress(OSError), os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    if not said:
        raise RuntimeError("the process ended without a word")
    well, value = pickle.loads(said)
    if not well:
        raise RuntimeError(value)
    return value


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
        began = time.perf_counter()
        elsewhere(lambda: erase(at, self.request))
        self.seconds = time.perf_counter() - began
        self.expected = elsewhere(lambda: summary(at))
        if self.expected["problems"]:
            raise AssertionError(f"Undisturbed, the audit finds {self.expected['problems']}")
        shutil.rmtree(at)
        if not unavailable():
            at = self.copy("counted")
            calls = supervised(lambda: erase(at, self.request), at, lambda call: 0).calls
            shutil.rmtree(at)
        self.calls = calls

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
            found.problems.append(str(error).strip().splitlines()[-1])
            return found
        found.residues = now["residue"] + int(now["left"])
        found.problems += now["problems"]
        for what, wanted in self.expected.items():
            if what not in ("problems", "residue") and now[what] != wanted:
                found.losses += 1
                found.problems.append(f"{what} is {now[what]}, not {wanted}"[:200])
        return found

    def numbers(self) -> range:
        return range(0, len(self.calls), self.every)

    # -- the parts

    def kills(self) -> Tally:
        tally = Tally()
        for number in self.numbers():
            at = self.copy(f"kill-{number}")
            ended = supervised(lambda: erase(at, self.request), at, _at(number, None))  # noqa: B023
            tally.disturbed += ended.killed
            tally.add(self.look(at), f"killed before call {number}, {self.calls[number]}")
            shutil.rmtree(at)
        rng = random.Random(1)
        for number in range(0, MOMENTS, self.every):
            at = self.copy(f"moment-{number}")
            tally.disturbed += _killed_after(rng.uniform(0, self.seconds), lambda: erase(at, self.request))  # noqa: B023
            tally.add(self.look(at), f"killed at moment {number}")
            shutil.rmtree(at)
        return tally

    def errors(self) -> Tally:
        tally = Tally()
        for number in self.numbers():
            for error in (errno.EIO, errno.ENOSPC):
                at = self.copy(f"error-{number}-{error}")
                ended = supervised(lambda: erase(at, self.request), at, _at(number, error))  # noqa: B023
                tally.disturbed += bool(ended.error)
                what = f"{errno.errorcode[error]} at call {number}, {self.calls[number]}"
                found = self.look(at)
                said = ended.error.strip().splitlines()
                if said and not said[-1].startswith("volenti."):
                    found.problems.append(f"ended with {said[-1]}")
                tally.add(found, what)
                shutil.rmtree(at)
        return tally

    def power(self) -> Tally:
        tally = Tally()
        for turn, number in enumerate(self.numbers()):
            at, after = self.copy(f"power-{number}"), self.scratch / f"after-{number}"
            disk = Disk(at)
            cut = _at(number, None)

            def decide(call: Call) -> int | None:
                answer = cut(call)  # noqa: B023
                if answer == 0:
                    disk.note(call)  # noqa: B023
                return answer

            tally.disturbed += supervised(lambda: erase(at, self.request), at, decide).killed  # noqa: B023
            # In turn: nothing unsynced survived, some of it, most of it.
            disk.left(after, (0.0, 0.5, 0.9)[turn % 3], number)
            disk.close()
            shutil.rmtree(at)
            after.rename(at)
            tally.add(self.look(at), f"power cut before call {number}, {self.calls[number]}")
            shutil.rmtree(at)
        return tally

    def races(self) -> Tally:
        tally = Tally()
        for number in range(0, 40, self.every):
            at = self.copy(f"race-{number}")
            other = number % 2 == 1
            second = elsewhere(lambda: request_of(at, OTHER)) if other else self.request  # noqa: B023
            with ThreadPoolExecutor(2) as threads:
                both = [threads.submit(_attempt, at, each) for each in (self.request, second)]
                said = [each.result() for each in both]
            tally.disturbed += any(said)
            found = Found() if other else self.look(at)
            if other:
                found = self._look_both(at, second)
            tally.add(found, f"race {number} ({' / '.join(each[-80:] for each in said)})")
            shutil.rmtree(at)
        return tally

    def _look_both(self, at: Path, second: str) -> Found:
        found = Found()
        try:
            elsewhere(lambda: erase(at, self.request))
            elsewhere(lambda: erase(at, second))
            now = elsewhere(lambda: summary(at))
        except RuntimeError as error:
            return Found(losses=1, problems=[str(error).strip().splitlines()[-1]])
        found.residues, found.problems = now["residue"] + int(now["left"]), now["problems"]
        if now["people"] != sorted(set(PEOPLE) - {LEAVER, OTHER}) or now["requests"] != ["done", "done"]:
            found.losses += 1
            found.problems.append(f"{now['people']}, {now['requests']}")
        return found

    def flips(self) -> Tally:
        tally = Tally()
        rng = random.Random(2)
        files = [path for path in sorted(self.start.rglob("*")) if path.is_file() and path.stat().st_size]
        kinds: dict[str, list[Path]] = {}
        for path in files:
            kinds.setdefault(path.suffix or path.relative_to(self.start).parts[0], []).append(path)
        known = elsewhere(lambda: everything(self.start))
        names = sorted(kinds)
        for number in range(0, FLIPS, self.every):
            kind = names[number % len(names)]
            path = rng.choice(kinds[kind])
            at = self.copy(f"flip-{number}")
            victim = at / path.relative_to(self.start)
            data = bytearray(victim.read_bytes())
            place = rng.randrange(len(data))
            data[place] ^= 1 << rng.randrange(8)
            victim.write_bytes(data)
            tally.trials += 1
            if self._is_seen(at):
                tally.disturbed += 1
            elif _read_all(at) != known:
                tally.undetected += 1
                tally.failures.append(f"flip at {place} of {path.relative_to(self.start)} went unseen")
            shutil.rmtree(at)
        return tally

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
        for kind in ws.records.kinds():
            for row in ws.records.rows(kind):
                rows.append((row.kind, row.id, row.owners, row.state, row.parent, row.position,
                             json.dumps(ws.records.opened(row).body, sort_keys=True)))  # fmt: skip
        log = [ws.log.entry(number) for number in range(ws.log.size)]
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
        return str(error).strip().splitlines()[-1]
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
    why = unavailable()
    for part in chosen or PARTS:
        if why and part in ("kills", "errors", "power"):
            print(f"{part}: skipped, because it {why}")
        else:
            yield part


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="disturb only each so many-th call")
    parser.add_argument(
        "--only", action="append", choices=PARTS, default=[], help="only this part; repeat it"
    )
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        campaign = Campaign(Path(scratch), options.every)
        print(f"an erasure makes {len(campaign.calls)} calls that write, in {campaign.seconds:.2f} s")
        print(f"{'part':8}{'trials':>8}{'disturbed':>11}{'residues':>10}{'losses':>8}{'undetected':>12}"
              f"{'failures':>10}")  # fmt: skip
        for part in _parts(options.only):
            tally: Tally = getattr(campaign, part)()
            results[part] = {**vars(tally), "failures": tally.failures[:50]}
            print(f"{part:8}{tally.trials:8}{tally.disturbed:11}{tally.residues:10}{tally.losses:8}"
                  f"{tally.undetected:12}{len(tally.failures):10}", flush=True)  # fmt: skip
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
    print(f"{total['trials']} trials: {total['residues']} residues, {total['losses']} losses, "
          f"{total['undetected']} undetected edits")  # fmt: skip
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
