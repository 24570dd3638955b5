"""One person's erasure without a model, as the store grows, beside the same erasure in other stores.

    python bench/erasure.py [--pictures 10000 100000 1000000] [--people-of 20] [--picture-bytes 50000]
        [--only Lance|"Delta Lake"|WebDataset|none] [--folder FOLDER]

Stores are synthesised (common/synthetic_store.py, common/other_stores.py). A few people, one after the
other, are erased from each:
here from opening the request to the certificate, there until the bytes are gone from the files. Bytes erased
are those of their sealed packs and rows; bytes written are all that the process hands to the system
meanwhile: rows, events of the database, log, certificate. 50,000 bytes are a picture of 512 pixels a side.
A million of them need 60 GB free; the other stores, which need room for themselves twice, get smaller
pictures where that doesn't fit, and less to do. Draws docs/images/erasure-curve.png.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from common.charts import Point, curve
from common.other_stores import STORES, Took, erasures, written
from common.synthetic_store import stock

import volenti
from volenti.core.canonical import Json

HERE = Path(__file__).parent
OUT, PICTURE = HERE / "out" / "erasure.json", HERE.parent / "docs" / "images" / "erasure-curve.png"
OURS = "Volenti"


def ours(folder: Path, people: int, each: int, picture_bytes: int, leaving: int) -> list[Took]:
    """Erase some people of one store, from the request to the certificate."""
    took = []
    workspace = stock(folder, people, each, partial(os.urandom, picture_bytes))
    with volenti.open(workspace, watermarks=False) as ws:
        for number in random.Random("bench/erasure").sample(range(people), leaving):
            name = f"sub_{number:06d}"
            erased = ws.parts.vault.size(name) + sum(len(row.body) for row in ws.parts.records.owned(name))
            before, began = written(), time.perf_counter()
            ws.requests.run(ws.requests.open("erasure", name, identity="in-person").id)
            seconds = time.perf_counter() - began
            gone = not ws.parts.vault.has_key(name) and not ws.parts.vault.size(name)
            took.append(Took(seconds, written() - before, erased, gone))
    return took


def point(name: str, count: int, picture_bytes: int, args: argparse.Namespace) -> Json:
    """One store of one size."""
    people = count // args.people_of
    with tempfile.TemporaryDirectory(dir=args.folder) as place:
        store = Path(place) / "store"
        if name != OURS:
            picture_bytes = smaller(count, picture_bytes, shutil.disk_usage(place).free)
        shape = (people, args.people_of, picture_bytes)
        began = time.perf_counter()
        if name == OURS:
            took = ours(store, *shape, args.leaving)
        else:
            took = erasures(name, store, *shape, min(args.leaving, 3))
        spent = time.perf_counter() - began
    return {
        "store": name,
        "pictures": count,
        "people": people,
        "picture_bytes": picture_bytes,
        "erased": len(took),
        "median_seconds": statistics.median(each.seconds for each in took),
        "most_seconds": max(each.seconds for each in took),
        "written_bytes": statistics.median(each.written for each in took),
        "written_to_erased": statistics.median(each.written / each.erased for each in took),
        "gone": all(each.gone for each in took),
        "bench_seconds": round(spent, 1),
    }


def smaller(count: int, picture_bytes: int, free: int) -> int:
    """What others' pictures may have: who rewrites a store needs its room a second time."""
    while picture_bytes > 1000 and 2.2 * count * picture_bytes > free:
        picture_bytes //= 2
    return picture_bytes


def draw(rows: list[Json]) -> None:
    """The picture. Only our own points bear words: others' lie too near to one another."""
    lines: dict[str, list[Point]] = {}
    for row in rows:
        milliseconds = 1e3 * row["median_seconds"]
        words = f"{milliseconds:.0f} ms" if row["store"] == OURS else ""
        lines.setdefault(row["store"], []).append((row["pictures"], milliseconds, words))
    curve(
        lines,
        PICTURE,
        title="What erasing one person takes, until their bytes are gone",
        across="pictures in the store, 20 of each person",
        up="milliseconds",
    )


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--pictures", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--people-of", type=int, default=20, help="pictures of each person")
    parser.add_argument("--picture-bytes", type=int, default=50_000)
    parser.add_argument("--leaving", type=int, default=11)
    parser.add_argument("--folder", type=Path, help="where stores are made; the system's by default")
    parser.add_argument(
        "--only", action="append", choices=[*STORES, "none"], help="other stores; all by default"
    )
    args = parser.parse_args()
    others = [name for name in STORES if args.only is None or name in args.only]
    rows = []
    head = f"{'pictures':>9} {'people':>7} {'of kB':>5} {'store':<11} {'median':>10} {'most':>10}"
    print(f"{head} {'written':>9} {'a byte':>7}  gone")
    for count in args.pictures:
        for name in (OURS, *others):
            rows.append(row := point(name, count, args.picture_bytes, args))
            print(
                f"{row['pictures']:>9,} {row['people']:>7,} {row['picture_bytes'] / 1e3:>5.1f} "
                f"{row['store']:<11} "
                f"{1e3 * row['median_seconds']:>7.0f} ms {1e3 * row['most_seconds']:>7.0f} ms "
                f"{row['written_bytes'] / 1e6:>6.1f} MB {row['written_to_erased']:>6.1f}x  {row['gone']}",
                flush=True,
            )
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"rows": rows}, indent=1) + "\n")
    draw(rows)
    mine = [row for row in rows if row["store"] == OURS]
    best = min(
        (
            row["median_seconds"]
            for row in rows
            if row["gone"] and row not in mine and row["pictures"] == mine[-1]["pictures"]
        ),
        default=0.0,
    )
    last = mine[-1]["median_seconds"]
    against = f"; the best of the others takes {best / last:.1f} times as long" if best else ""
    times = last / mine[0]["median_seconds"]
    print(
        f"one erasure of {mine[-1]['pictures']:,} pictures: {1e3 * last:.0f} ms, "
        f"{times:.2f} times that of {mine[0]['pictures']:,}{against}"
    )


if __name__ == "__main__":
    main()
