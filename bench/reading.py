"""Reading sealed pictures for training, beside WebDataset on the same pictures from the same disk.

    python bench/reading.py [--people 20] [--each 20] [--side 256 1024 512] [--rounds 15]

JPEGs of smooth noise are sealed in a store (common/synthetic_store.py) and written to WebDataset tars. Both
are read in one process by their own readers, in turns, and decoded to pixels with Pillow: ours in the order
of an epoch, from person to person, each read asking whether the picture may still be read; theirs from end
to end.
Without decoding, what is left is the sealing's own cost. The share is the median of those of all rounds:
a machine's speed changes from one second to the next, and two turns that follow each other share it.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import webdataset
from common.synthetic_store import DATASET, stock
from PIL import Image

import volenti
from volenti.core.canonical import Json
from volenti.datasets.reader import Reader

OUT = Path(__file__).parent / "out" / "reading.json"
SHARD = 400


def pictures(side: int) -> Callable[[], bytes]:
    """Makes JPEGs that are as large as photographs of that size are."""
    chance = np.random.default_rng(0)

    def made() -> bytes:
        small = chance.integers(0, 256, (side // 8, side // 8, 3), dtype=np.uint8)
        picture = Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=92)
        return out.getvalue()

    return made


def written(reader: Reader, folder: Path) -> list[str]:
    """The same files as WebDataset's own writer writes them."""
    folder.mkdir()
    access = reader.opener.access()
    with webdataset.ShardWriter(f"{folder}/%06d.tar", maxcount=SHARD, verbose=0) as shards:
        for entry in reader.entries:
            image, _ = access.image(entry.image, reader.snapshot.purpose, reader.snapshot.territory)
            key = f"{entry.position:08d}"
            shards.write({"__key__": key, "jpg": access.sealed(image), "txt": entry.caption})
    return sorted(map(str, folder.glob("*.tar")))


def ours(reader: Reader, epoch: int, *, decoded: bool) -> int:
    seen = 0
    access, cut = reader.opener.access(), reader.snapshot
    for index in reader.epoch(epoch):
        if decoded:
            seen += reader.sample(index).pixels.size > 0
        else:
            image, _ = access.image(reader.entries[index].image, cut.purpose, cut.territory)
            seen += len(access.sealed(image)) > 0
    return seen


def theirs(shards: list[str], *, decoded: bool) -> int:
    data = webdataset.WebDataset(shards, shardshuffle=False)
    if decoded:
        data = data.decode("rgb8")
    return sum(1 for sample in data if len(sample["jpg"]))


def rate(read: Callable[[], int]) -> float:
    began = time.perf_counter()
    seen = read()
    return seen / (time.perf_counter() - began)


def measured(side: int, people: int, each: int, rounds: int) -> Json:
    with tempfile.TemporaryDirectory() as place:
        store = stock(Path(place) / "store", people, each, pictures(side))
        with volenti.open(store, watermarks=False) as ws:
            reader = ws.parts.datasets.reader(ws.parts.datasets.snapshot(DATASET))
            shards = written(reader, Path(place) / "tars")
            size = sum(Path(each).stat().st_size for each in shards) / len(reader)
            return {
                "side": side,
                "bytes": round(size),
                "decoded": compared(reader, shards, rounds, decoded=True),
                "bytes_only": compared(reader, shards, rounds, decoded=False),
            }


def compared(reader: Reader, shards: list[str], rounds: int, *, decoded: bool) -> Json:
    """Samples a second of both, and ours as a share of theirs."""
    mine, others = [], []
    for epoch in range(rounds):
        mine.append(rate(partial(ours, reader, epoch, decoded=decoded)))
        others.append(rate(partial(theirs, shards, decoded=decoded)))
    shares = [one / other for one, other in zip(mine, others, strict=True)]
    return {
        "volenti": round(statistics.median(mine)),
        "webdataset": round(statistics.median(others)),
        "share": round(statistics.median(shares), 3),
    }


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument(
        "--side", type=int, nargs="+", default=[256, 1024, 512], help="the last is the headline's"
    )
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    rows = []
    print(f"{'pixels a side':>13} {'bytes':>8} {'':<11} {'Volenti':>9} {'WebDataset':>12} {'share':>6}")
    for side in args.side:
        rows.append(row := measured(side, args.people, args.each, args.rounds))
        for what in ("decoded", "bytes_only"):
            found = row[what]
            print(
                f"{side:>13,} {row['bytes']:>8,} {what.replace('_', ' '):<11} {found['volenti']:>7,}/s "
                f"{found['webdataset']:>10,}/s {100 * found['share']:>4.0f} %",
                flush=True,
            )
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"rows": rows}, indent=1) + "\n")
    last = rows[-1]
    print(
        f"sealed pictures of {last['side']} pixels a side are read for training at "
        f"{100 * last['decoded']['share']:.0f} % of WebDataset's samples a second"
    )


if __name__ == "__main__":
    main()
