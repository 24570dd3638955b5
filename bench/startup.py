"""What a command that only reads costs, beside `python -c pass` and `git status`; bench/out/startup.json.

    python bench/startup.py [--workspace DIR]

Processor time, user and system, of each command as a process of its own: the least of several runs, because
whatever else the machine does only adds to it. Without a workspace one is made, of 24 people whose pictures
were cleared, cut, exported and learned from.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "bench/out"

#: Runs of each.
RUNS = 5
#: At most so much for help, and for a command that only reads the register, in seconds.
HELP, READING = 0.25, 0.5
COMMANDS = (
    "--help",
    "--version",
    "subject list",
    "release list",
    "request list",
    "dataset list",
    "run list",
    "work list",
    "feed list",
    "review list",
    "policy list",
    "rights list",
    "status",
    "log show",
    "register",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workspace", type=Path, help="An existing workspace; it is only read.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at = args.workspace or made(Path(folder))
        python, git = processor_seconds([sys.executable, "-c", "pass"]), git_status(Path(folder))
        rows = [("python -c pass", python, 0.0, 0.0), ("git status", git, 0.0, git / python)]
        over = []
        for command in COMMANDS:
            seconds = processor_seconds(
                [sys.executable, "-m", "volenti.cli.main", "-C", str(at), *command.split()]
            )
            limit = HELP if command.startswith("--") else READING
            if seconds > limit:
                over.append(command)
            rows.append((f"volenti {command}", seconds, limit, seconds / python))
    print(f"{'command':<24}{'processor':>12}{'limit':>10}{'times python':>14}")
    for what, seconds, limit, times in rows:
        said = (f"{1000 * limit:.0f} ms" if limit else "", f"{times:.0f}" if times else "")
        print(f"{what:<24}{1000 * seconds:>9.0f} ms{said[0]:>10}{said[1]:>14}")
    OUT.mkdir(parents=True, exist_ok=True)
    figures = {what: round(seconds, 4) for what, seconds, _, _ in rows}
    (OUT / "startup.json").write_text(json.dumps({"seconds": figures, "over": over}, indent=1) + "\n")
    slowest = max(rows[2:], key=lambda row: row[1])
    print(
        f"\n{len(COMMANDS) - len(over)} of {len(COMMANDS)} commands within their limit; the slowest, "
        f"{slowest[0]}, takes {slowest[1]:.2f} s of a processor"
    )


def processor_seconds(command: list[str], runs: int = RUNS) -> float:
    """The least that a command took of a processor in several runs."""
    taken = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def git_status(folder: Path) -> float:
    """Of a repository of one file; nothing where there is no git."""
    if shutil.which("git") is None:
        return 0.0
    repository = folder / "repository"
    subprocess.run(["git", "init", "--quiet", str(repository)], check=True)
    (repository / "file").write_text("text")
    return processor_seconds(["git", "-C", str(repository), "status"])


def made(folder: Path) -> Path:
    """A workspace with something of everything, on disk."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.workspaces.make import made as studio_of

    studio = studio_of(folder / "studio")
    studio.ws.close()
    return studio.ws.path


if __name__ == "__main__":
    main()
