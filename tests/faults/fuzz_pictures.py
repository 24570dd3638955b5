"""Looks at thousands of damaged pictures and says which of them did harm.

    python tests/faults/fuzz_pictures.py --files 2000
    python tests/faults/fuzz_pictures.py --first 1234 --files 1     # one of them again

Every file goes through the same perception as in clearing, in a process of its own that is
watched from outside: a crash ends it, a file that takes more than SECONDS_MAX is a hang,
and the most memory it ever held is measured. Every NETWORKS_EVERYth file is also looked at
by the networks, where their weights are there. Ends with status 1 if anything did harm.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from tests.faults.mutation import mutated, sources  # noqa: E402
from volenti.adapters.sight.faces_memory import MemoryFaces  # noqa: E402
from volenti.adapters.sight.faces_opencv import OpencvFaces  # noqa: E402
from volenti.adapters.sight.people_onnx import OnnxPeople  # noqa: E402
from volenti.adapters.weights.folder import check, default_folder  # noqa: E402
from volenti.perception.analyzer import PictureAnalysis, PictureAnalyzer  # noqa: E402

#: CPU seconds that one file may take, and how long it may be waited for on a busy machine.
SECONDS_MAX, PATIENCE = 10.0, 12

#: Most memory a process may have held at once, in bytes.
BYTES_MAX = 1_500_000_000

NETWORKS_EVERY = 20


@dataclass
class Report:
    """What became of the files, and the seeds of those that did harm."""

    codes: Counter[str] = field(default_factory=Counter)
    harm: dict[int, str] = field(default_factory=dict)
    slowest: tuple[float, int] = (0.0, -1)
    most_bytes: int = 0

    def __str__(self) -> str:
        counted = ", ".join(f"{code} {count}" for code, count in self.codes.most_common())
        lines = [
            f"{self.codes.total()} files: {counted}",
            f"slowest {self.slowest[0]:.1f} s of CPU time (seed {self.slowest[1]}); "
            f"most memory {self.most_bytes / 1e6:.0f} MB; harm {len(self.harm)}",
        ]
        return "\n".join(lines + [f"  seed {seed}: {what}" for seed, what in self.harm.items()])


def fuzzed(shared: Path, seeds: range, networks: bool = True) -> Report:
    """Look at the files of these seeds, one process after another where one dies."""
    report = Report()
    left = list(seeds)
    while left:
        here, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        worker = context.Process(target=_work, args=(there, shared, left, networks), daemon=True)
        worker.start()
        there.close()
        left = _watched(here, worker, left, report)
        worker.kill()
        worker.join()
    return report


def _watched(
    here: Connection, worker: multiprocessing.process.BaseProcess, left: list[int], report: Report
) -> list[int]:
    """Take answers until the worker has done everything or did harm; what is still to do."""
    here.poll(120)
    for index, seed in enumerate(left):
        try:
            if not here.poll(SECONDS_MAX * PATIENCE):
                report.harm[seed] = f"no answer in {SECONDS_MAX * PATIENCE:.0f} s"
                report.codes["harm"] += 1
                return left[index + 1 :]
            code, seconds, held = here.recv()
        except EOFError:
            worker.join()
            report.harm[seed] = f"the process died ({worker.exitcode})"
            report.codes["harm"] += 1
            return left[index + 1 :]
        report.codes[code] += 1
        report.slowest = max(report.slowest, (seconds, seed))
        report.most_bytes = max(report.most_bytes, held)
        if seconds > SECONDS_MAX:
            report.harm[seed] = f"{seconds:.1f} s of CPU time"
        if held > BYTES_MAX:
            report.harm[seed] = f"{held / 1e6:.0f} MB"
            return left[index + 1 :]
        if code.startswith("raised"):
            report.harm[seed] = code
    return []


def _work(there: Connection, shared: Path, seeds: list[int], networks: bool) -> None:
    # Decoders written in C say on the error stream what they think of each file.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    files = sources(shared)
    folder = default_folder()
    whole = networks and set(check(folder).values()) == {"present"}
    blind = PictureAnalyzer(MemoryFaces(), None)
    seeing = PictureAnalyzer(OpencvFaces(folder), None, people=OnnxPeople(folder)) if whole else blind
    for seed in seeds:
        data = mutated(seed, files)
        began = time.process_time()
        try:
            seen = (seeing if seed % NETWORKS_EVERY == 0 else blind).analyze([data])
            code = _code(seen)
        except Exception as error:
            code = f"raised {type(error).__name__}"
        there.send((code, time.process_time() - began, _most_held()))


def _most_held() -> int:
    """The most memory that this process held at once, in bytes.

    What getrusage says begins, on Linux, with what the process held that started this one.
    """
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _code(seen: list[PictureAnalysis]) -> str:
    """In one word what a file turned out to be."""
    if len(seen) != 1:
        return f"raised {len(seen)} answers"
    blocking = [each.code for each in seen[0].findings if each.verdict == "unreadable"]
    return blocking[0] if blocking else "opened"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    asked = parser.parse_args()
    report = fuzzed(ROOT / "../shared/data", range(asked.first, asked.first + asked.files))
    print(report)
    sys.exit(1 if report.harm else 0)


if __name__ == "__main__":
    main()
