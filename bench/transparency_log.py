"""The transparency log at size: entries added a second, and what a proof takes, beside pymerkle.

    python bench/transparency_log.py [--leaves 10000000] [--batch 10000] [--theirs 200000] [--proofs 500]

Entries are canonical JSON of the size of an erasure's. Ours is the log as it is used: tiles in files, every
batch synced and signed, every proof read from the files and checked before it is given away. pymerkle keeps
a tree of the same hashes in SQLite, and gets fewer entries: `--theirs`.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pymerkle import SqliteTree

from volenti.adapters.log.files import FileLogStore
from volenti.core.canonical import Json, canonical
from volenti.core.digest import sha256
from volenti.core.signing import SigningKey
from volenti.transparency.log import Log

OUT = Path(__file__).parent / "out" / "transparency_log.json"


def entries(start: int, count: int) -> list[bytes]:
    """What differs is a commitment, as it is in the journal's."""
    return [
        canonical({"commitment": sha256(f"entry {number}".encode()), "v": 1})
        for number in range(start, start + count)
    ]


def batches(leaves: int, size: int) -> Iterator[list[bytes]]:
    for start in range(0, leaves, size):
        yield entries(start, min(size, leaves - start))


def added(leaves: int, size: int, add: Callable[[list[bytes]], object]) -> tuple[float, float]:
    """Seconds of adding all, and the most that one batch took; making entries isn't counted."""
    took = []
    for batch in batches(leaves, size):
        began = time.perf_counter()
        add(batch)
        took.append(time.perf_counter() - began)
    return sum(took), max(took)


def proved(leaves: int, count: int, prove: Callable[[int], object]) -> list[float]:
    """Seconds of each proof, of entries from everywhere."""
    took = []
    for index in random.Random("bench/transparency_log").sample(range(leaves), count):
        began = time.perf_counter()
        prove(index)
        took.append(time.perf_counter() - began)
    return took


def row(name: str, leaves: int, seconds: tuple[float, float], proofs: list[float]) -> Json:
    return {
        "log": name,
        "leaves": leaves,
        "seconds": round(seconds[0], 2),
        "a_second": round(leaves / seconds[0]),
        "slowest_batch_seconds": round(seconds[1], 4),
        "proof_median_ms": round(1e3 * statistics.median(proofs), 3),
        "proof_most_ms": round(1e3 * max(proofs), 3),
    }


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--leaves", type=int, default=10_000_000)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--theirs", type=int, default=200_000, help="entries that pymerkle gets")
    parser.add_argument("--proofs", type=int, default=500)
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        log = Log(FileLogStore(Path(place) / "log"), "bench.example/log", SigningKey(bytes(32)))
        seconds = added(args.leaves, args.batch, log.append)
        rows.append(row("Volenti", args.leaves, seconds, proved(args.leaves, args.proofs, log.prove)))
        with SqliteTree(str(Path(place) / "tree.db")) as tree:
            seconds = added(args.theirs, args.batch, tree.append_entries)
            proofs = proved(args.theirs, min(args.proofs, 50), lambda index: tree.prove_inclusion(index + 1))
        rows.append(row("pymerkle", args.theirs, seconds, proofs))
    print(f"{'log':<9} {'entries':>11} {'added a second':>15} {'a proof':>10} {'at most':>10}")
    for each in rows:
        print(
            f"{each['log']:<9} {each['leaves']:>11,} {each['a_second']:>15,} "
            f"{each['proof_median_ms']:>7.2f} ms {each['proof_most_ms']:>7.2f} ms"
        )
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"batch": args.batch, "rows": rows}, indent=1) + "\n")
    ours, theirs = rows
    print(
        f"{ours['leaves']:,} entries: {ours['a_second']:,} added a second, "
        f"{ours['a_second'] / theirs['a_second']:.1f} times pymerkle; "
        f"a proof in {ours['proof_median_ms']:.2f} ms"
    )


if __name__ == "__main__":
    main()
