"""A rights officer's day: sixty paper releases from a table in German to a delivered dataset.

    python bench/officers_day.py [--page docs/how-to/paper.md]

Types the commands of the how-to one after another, each as a process of its own, from an empty folder on;
the table, scans and pictures are those of tests/worlds/officers_day.py, of people who do not exist. Prints
how long each command took by the clock, start-up included, which is what the officer waits. With one worker,
and without looking for watermarks. What was cleared and delivered checks tests/cli/test_officers_day.py.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
OUT = HERE / "out" / "officers_day.json"
#: So many commands at most.
COMMANDS_MAX = 12


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--page", type=Path, help="Another page with commands; docs/how-to/paper.md else.")
    args = parser.parse_args()
    sys.path.insert(0, str(HERE.parent))
    from tests.worlds.officers_day import PAGE, PAPERS, day, desk

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        desk(Path(folder), datetime.now(ZoneInfo("Europe/Berlin")).date())
        print(f"{'command':<24}{'seconds':>9}")
        for ran in day(Path(folder), args.page or PAGE):
            command = called(ran.line)
            if ran.status:
                sys.exit(f"{ran.line} ended with {ran.status}:\n{ran.out}{ran.err}")
            rows.append({"command": command, "line": ran.line, "seconds": round(ran.seconds, 2)})
            print(f"{command:<24}{ran.seconds:>9.1f}", flush=True)
    seconds = sum(row["seconds"] for row in rows)
    slowest = max(rows, key=lambda row: row["seconds"])
    OUT.parent.mkdir(parents=True, exist_ok=True)
    figures = {"papers": PAPERS, "commands": len(rows), "seconds": round(seconds, 2), "each": rows}
    OUT.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    print(
        f"\n{PAPERS} paper releases to a delivered dataset: {len(rows)} commands of at most {COMMANDS_MAX}, "
        f"{seconds:.0f} s in all; the slowest, {slowest['command']}, {slowest['seconds']:.0f} s"
    )


def called(line: str) -> str:
    """A command's name, without what is given to it: at most two words."""
    words = shlex.split(line)[1:]
    groups = ("release", "review", "dataset", "key")
    return " ".join(words[: 2 if words[0] in groups else 1])


if __name__ == "__main__":
    main()
