"""Taking in and clearing many pictures, killed on the way, beside a run that nothing disturbs.

    python bench/interrupted.py [--pictures 100000] [--kills 3] [--workers 1] [--folder DIR]

The pictures are light edits of those in ../shared/data (`lightedits`), 128 to 256 pixels large, all of
different bytes; some of the people in them have a release.

Two workspaces, side by side, take them in and clear them with the command line (reading text in
pictures is off). One is left alone. The other's processes are killed, all at once and without
warning (SIGKILL), at random moments of taking in and of clearing, and the command is given again each
time. Then every file's verdict and findings must be the same in both, the totals must come to as many
as were given, and neither an audit nor a look at the quarantine may find anything left over.

With --folder the pictures and workspaces are kept there, and the same command goes on where it
stopped, or only compares again. bench/out/interrupted.json has the figures. Ends with status 1 where
the two differ.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from common.light_edits import make_pictures, write_papers
from common.run_progress import Kill, Lane, plan

import volenti
from volenti.clearance.image import QUARANTINE
from volenti.folder import init_workspace

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench/out"
PURPOSE = "generative-training"
STAGES = {"add": ("add", "{inbox}", "--json"), "clear": ("clear", "--purpose", PURPOSE, "--json")}

_STOP = threading.Event()
POLL_SECONDS, WATCH_SECONDS, TELL_SECONDS = 0.1, 1.0, 60.0


def drive(lane: Lane, folder: Path, workers: int, pictures: int) -> None:
    """Take a lane through its stages, killing it where that is planned."""
    for stage in STAGES:
        while stage not in lane.finished and not _STOP.is_set():
            kill = next((each for each in lane.planned if each.stage == stage), None)
            if attempt(lane, folder, workers, pictures, stage, kill):
                if kill is not None:
                    raise SystemExit(f"{stage} ended before it could be killed: give more pictures.")
                lane.finished.append(stage)
            lane.keep(folder)


def attempt(lane: Lane, folder: Path, workers: int, pictures: int, stage: str, kill: Kill | None) -> bool:
    """Run a stage's command; True once it has ended by itself, False where it was killed."""
    words = [word.format(inbox=folder / "inbox") for word in STAGES[stage]]
    workspace = folder / lane.name
    began = told = watched = time.monotonic()
    cpu: dict[str, float] = {}
    with (folder / f"{lane.name}-{stage}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "volenti.cli.main", "-C", str(workspace), *words],
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "VOLENTI_WORKERS": str(workers), "VOLENTI_WATERMARKS": "false"},
        )
        try:
            while process.poll() is None:
                if _STOP.wait(POLL_SECONDS):
                    return False
                now = time.monotonic()
                if now - watched >= WATCH_SECONDS:
                    watched = now
                    lane.peak_mib = max(lane.peak_mib, watch(process.pid, cpu))
                done = done_in(workspace, stage) if kill or now - told >= TELL_SECONDS else 0
                if now - told >= TELL_SECONDS:
                    told = now
                    say(f"{lane.name}: {stage} {done:,} of {pictures:,}")
                if kill and done >= kill.share * pictures:
                    time.sleep(kill.pause_seconds)
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                    kill.done = done_in(workspace, stage)
                    lane.planned.remove(kill)
                    lane.killed.append(kill)
                    say(f"{lane.name}: killed in {stage} at {kill.done:,} of {pictures:,}")
                    return False
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            lane.seconds[stage] = lane.seconds.get(stage, 0) + time.monotonic() - began
            lane.cpu_seconds[stage] = lane.cpu_seconds.get(stage, 0) + sum(cpu.values())
    if process.returncode:
        raise SystemExit(f"{lane.name}: {stage} ended with {process.returncode}; see {log.name}")
    say(f"{lane.name}: {stage} is done, {lane.seconds[stage]:,.0f} s")
    return True


def done_in(workspace: Path, stage: str) -> int:
    """How many files a stage has dealt with, counted from outside; 0 while that can't be said."""
    kind = "file" if stage == "add" else "decision"
    try:
        with closing(sqlite3.connect(f"file:{workspace / 'register.db'}?mode=ro", uri=True)) as register:
            found = register.execute("SELECT count(*) FROM rows WHERE kind = ?", (kind,)).fetchone()
            return int(found[0])
    except sqlite3.OperationalError:
        return 0


def watch(group: int, cpu: dict[str, float]) -> float:
    """Resident memory of a process group in MiB (what its processes share counts for each); notes
    the CPU seconds of each process so far."""
    memory = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(") ")[2].split()
            if int(fields[2]) == group:
                memory += int(fields[21])
                ticks = sum(int(each) for each in fields[11:13])
                cpu[path.parent.name] = ticks / os.sysconf("SC_CLK_TCK")
    return memory * os.sysconf("SC_PAGE_SIZE") / 2**20


def outcome(workspace: Path) -> dict[str, Any]:
    """What became of every file, and what is left over."""
    with volenti.open(workspace, watermarks=False, workers=1) as ws:
        account = ws.status()
        audit = ws.audit()
        held = {row.id for row in ws.parts.records.rows("image") if row.state in ("held", "waiting")}
        left = set(ws.parts.vault.packs(QUARANTINE)) ^ held
    return {
        "files": {
            each.file: (each.verdict, sorted(found.code for found in each.findings)) for each in account.files
        },
        "totals": account.totals,
        "audit": audit.to_json(),
        "quarantine_left_over": len(left),
    }


def differences(calm: dict[str, Any], rough: dict[str, Any], pictures: int) -> Iterator[str]:
    """Everything that isn't as it must be."""
    ones, others = calm["files"], rough["files"]
    for file in sorted(ones.keys() | others.keys()):
        if ones.get(file) != others.get(file):
            yield f"{file}: {ones.get(file)} undisturbed, {others.get(file)} interrupted"
    for name, found in (("undisturbed", calm), ("interrupted", rough)):
        counts = {verdict: count for verdict, count in found["totals"].items() if verdict != "given"}
        if found["totals"]["given"] != pictures or sum(counts.values()) != pictures or "waiting" in counts:
            yield f"{name}: the totals don't come to {pictures}: {found['totals']}"
        if not found["audit"]["ok"]:
            yield f"{name}: the audit found {found['audit']['problems'][:3]}"
        if found["quarantine_left_over"]:
            yield f"{name}: {found['quarantine_left_over']} packs too many or too few"


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def table(lanes: list[Lane], pictures: int) -> None:
    head = f"{'':14s} {'add':>9s} {'/s':>7s} {'clear':>9s} {'/s':>7s} {'CPU ms each':>12s} {'peak MiB':>9s}"
    print(f"\n{head}  killed")
    for lane in lanes:
        add, clear = lane.seconds["add"], lane.seconds["clear"]
        where = ", ".join(f"{kill.stage} at {kill.done:,}" for kill in lane.killed) or "never"
        each = 1000 * lane.cpu_seconds["clear"] / pictures
        print(
            f"{lane.name:14s} {add:7,.0f} s {pictures / add:7.1f} {clear:7,.0f} s {pictures / clear:7.1f} "
            f"{each:12.1f} {lane.peak_mib:9,.0f}  {where}"
        )


def measure(folder: Path, pictures: int, kills: int, workers: int, seed: int) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    given = {"pictures": pictures, "kills": kills, "workers": workers, "seed": seed}
    asked = folder / "asked.json"
    if asked.exists() and json.loads(asked.read_text()) != given:
        raise SystemExit(f"{folder} holds another run: {asked.read_text()}")
    asked.write_text(json.dumps(given))
    size = make_pictures(folder / "inbox", pictures, seed, say)
    papers = write_papers(folder / "papers")
    lanes = [Lane.read(folder, "undisturbed", []), Lane.read(folder, "interrupted", plan(kills, seed))]
    for lane in lanes:
        if not (folder / lane.name / "workspace.json").exists():
            init_workspace(folder / lane.name)
        with volenti.open(folder / lane.name, workers=1) as ws:
            ws.releases.import_(papers)
    # Ended from outside, as by Ctrl-C: no run may be left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    failures: list[BaseException] = []

    def drives(lane: Lane) -> None:
        try:
            drive(lane, folder, workers, pictures)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=drives, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        _STOP.set()
        for thread in threads:
            thread.join()
        raise
    if failures:
        raise failures[0]
    say("comparing")
    calm, rough = (outcome(folder / lane.name) for lane in lanes)
    wrong = list(differences(calm, rough, pictures))
    table(lanes, pictures)
    print(f"totals: {calm['totals']}")
    codes = Counter(code for _, found in calm["files"].values() for code in set(found))
    print(f"findings: {dict(codes.most_common())}")
    print("\n".join(wrong[:20]))
    report = {
        **given,
        "bytes": size,
        "lanes": [asdict(lane) for lane in lanes],
        "totals": calm["totals"],
        "findings": dict(codes),
        "audit": {"undisturbed": calm["audit"], "interrupted": rough["audit"]},
        "differences": wrong,
    }
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "interrupted.json").write_text(json.dumps(report, indent=1) + "\n")
    said = f"{len(wrong)} DIFFERENCES" if wrong else "the same decisions"
    rate = pictures / lanes[0].seconds["clear"]
    print(
        f"\n{pictures:,} pictures, killed {len(lanes[1].killed)} times: {said}, "
        f"{rate:.1f} pictures/s judged with {workers} worker(s)"
    )
    return not wrong


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1, help="worker processes of each workspace")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep everything here, and go on from here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.folder or Path(temporary)).resolve()
        same = measure(folder, args.pictures, args.kills, args.workers, args.seed)
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
