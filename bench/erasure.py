"""One person's erasure without a model, as the store grows: seconds, and bytes written for bytes erased.

    python bench/erasure.py [--pictures 10000 100000] [--people-of 20] [--picture-bytes 8000]

Stores are synthesised (stocked.py). A few people, one after the other, are erased from each, from opening
the request to the certificate. Bytes erased are those of their sealed packs and rows; bytes written are
all that the process hands to the system meanwhile: rows, journal of the database, log, certificate.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from stocked import stock

from volenti.bootstrap import open_workspace
from volenti.core.canonical import Json

OUT = Path(__file__).parent / "out" / "erasure.json"


def written() -> int:
    """Bytes this process has handed to write() so far (proc(5), /proc/pid/io: wchar)."""
    facts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(facts["wchar"])


def point(folder: Path, people: int, each: int, picture_bytes: int, leaving: int) -> Json:
    """What erasing some of the people of one store took, in the middle."""
    began = time.perf_counter()
    workspace = stock(folder, people, each, picture_bytes)
    stocked = time.perf_counter() - began
    seconds: list[float] = []
    ratios: list[float] = []
    with open_workspace(workspace, watermarks=False) as ws:
        for number in random.Random("bench/erasure").sample(range(people), leaving):
            name = f"sub_{number:06d}"
            erased = ws.vault.size(name) + sum(len(row.body) for row in ws.records.owned(name))
            before, began = written(), time.perf_counter()
            ws.run(ws.request("erasure", name).id)
            seconds.append(time.perf_counter() - began)
            ratios.append((written() - before) / erased)
    return {"pictures": people * each, "people": people, "stocked_seconds": stocked,
            "register_bytes": (workspace / "register.db").stat().st_size,
            "median_seconds": statistics.median(seconds), "most_seconds": max(seconds),
            "written_to_erased": statistics.median(ratios)}  # fmt: skip


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--pictures", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--people-of", type=int, default=20, help="pictures of each person")
    parser.add_argument("--picture-bytes", type=int, default=8000)
    parser.add_argument("--leaving", type=int, default=11)
    args = parser.parse_args()
    rows = []
    print(f"{'pictures':>9} {'people':>7} {'register':>9} {'median':>8} {'most':>8} {'written/erased':>14}")
    for count in args.pictures:
        with tempfile.TemporaryDirectory() as name:
            people = count // args.people_of
            rows.append(point(Path(name) / "store", people, args.people_of, args.picture_bytes, args.leaving))
        row = rows[-1]
        print(f"{row['pictures']:>9,} {row['people']:>7,} {row['register_bytes'] / 1e6:>6,.0f} MB "
              f"{1e3 * row['median_seconds']:>5.0f} ms {1e3 * row['most_seconds']:>5.0f} ms "
              f"{row['written_to_erased']:>14.1f}", flush=True)  # fmt: skip
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"picture_bytes": args.picture_bytes, "rows": rows}, indent=1) + "\n")
    first, last = rows[0], rows[-1]
    print(f"from {first['pictures']:,} to {last['pictures']:,} pictures one erasure takes "
          f"{last['median_seconds'] / first['median_seconds']:.2f} times as long: "
          f"{1e3 * last['median_seconds']:.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
