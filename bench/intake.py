"""Taking pictures in, beside copying and hashing the same files.

    python bench/intake.py [--bytes 50000 2000000 8000000] [--total 300000000] [--rounds 3]

Both end with everything on the disk: the copy with sync(2), the intake with every pack and every row synced.
The intake reads, hashes, looks for sidecars and captions, encrypts, and writes three sealed rows a picture.
8 MB is a studio's original, 2 MB a good JPEG, 50,000 bytes what is scraped. Files are read once before.
They take turns in new folders; medians. Nothing is removed before the end: ext4 doesn't give the place of a
file to another for a minute, and looks longer for a free one meanwhile, whoever comes next.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import volenti
from volenti.core.canonical import Json
from volenti.folder import init_workspace

OUT = Path(__file__).parent / "out" / "intake.json"
COUNT_MAX = 3000
#: A folder that changed just now is looked over for every picture; nobody's is that new.
SETTLING_SECONDS = 2.5


def copied(files: list[Path], to: Path) -> float:
    """Seconds to copy and hash them."""
    to.mkdir()
    began = time.perf_counter()
    for path in files:
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()
        shutil.copyfile(path, to / path.name)
    os.sync()
    return time.perf_counter() - began


def taken_in(files: list[Path], workspace: Path) -> float:
    """Seconds to take them in."""
    init_workspace(workspace, seed=0)
    with volenti.open(workspace, watermarks=False) as ws:
        began = time.perf_counter()
        report = ws.parts.intake.add([files[0].parent])
        seconds = time.perf_counter() - began
    assert report.new == len(files), report
    return seconds


def measured(place: Path, size: int, total: int, rounds: int) -> Json:
    count = min(COUNT_MAX, max(20, total // size))
    given = place / "given"
    given.mkdir(parents=True)
    for number in range(count):
        (given / f"{number:06d}.jpg").write_bytes(os.urandom(size))
    os.sync()
    time.sleep(SETTLING_SECONDS)
    files = sorted(given.iterdir())
    copies, intakes = [], []
    for turn in range(1 + rounds):
        copies.append(copied(files, place / f"copy{turn}"))
        intakes.append(taken_in(files, place / f"workspace{turn}"))
    copy, ours = (statistics.median(each[1:]) for each in (copies, intakes))
    return {
        "bytes": size,
        "files": count,
        "copy_seconds": round(copy, 3),
        "intake_seconds": round(ours, 3),
        "share_of_copy": round(copy / ours, 3),
    }


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--bytes", type=int, nargs="+", default=[50_000, 500_000, 2_000_000, 8_000_000])
    parser.add_argument("--total", type=int, default=300_000_000, help="bytes of all files of one size")
    parser.add_argument("--rounds", type=int, default=3, help="counted ones; one goes before")
    args = parser.parse_args()
    rows = []
    print(f"{'of bytes':>10} {'files':>6} {'copy, hash':>14} {'intake':>14} {'speed':>6}")
    with tempfile.TemporaryDirectory() as place:
        for size in args.bytes:
            rows.append(row := measured(Path(place) / str(size), size, args.total, args.rounds))
            copy, ours = (1e3 * row[name] / row["files"] for name in ("copy_seconds", "intake_seconds"))
            print(
                f"{size:>10,} {row['files']:>6,} {copy:>8.2f} ms/file {ours:>6.2f} ms/file "
                f"{100 * row['share_of_copy']:>4.0f} %",
                flush=True,
            )
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"rows": rows}, indent=1) + "\n")
    last = rows[-1]
    print(
        f"taking in files of {last['bytes']:,} bytes: {100 * last['share_of_copy']:.0f} % "
        f"of the speed of copying and hashing them"
    )


if __name__ == "__main__":
    main()
