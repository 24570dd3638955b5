"""Reading sealed pictures for training, beside WebDataset on the same pictures from the same disk.

    python bench/reading.py [--people 40] [--each 20] [--side 512] [--rounds 3]

JPEGs of smooth noise are sealed in a store (stocked.py) and written to WebDataset tars. Both are read in one
process by their own readers, in turns, and decoded to pixels with Pillow: ours in the order of an epoch,
from person to person, each read asking whether the picture may still be read; theirs from end to end.
Without decoding, what is left is the sealing's own cost.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import webdataset
from PIL import Image
from stocked import DATASET, stock

from volenti.bootstrap import open_workspace
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
    access = reader.door.access()
    with webdataset.ShardWriter(f"{folder}/%06d.tar", maxcount=SHARD, verbose=0) as shards:
        for entry in reader.entries:
            image, _ = access.image(entry.image, reader.snapshot.purpose, reader.snapshot.territory)
            key = f"{entry.position:08d}"
            shards.write({"__key__": key, "jpg": access.sealed(image), "txt": entry.caption})
    return sorted(map(str, folder.glob("*.tar")))


def ours(reader: Reader, epoch: int, *, decoded: bool) -> int:
    seen = 0
    access, cut = reader.door.access(), reader.snapshot
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


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    rows: list[Json] = []
    with tempfile.TemporaryDirectory() as place:
        store = stock(Path(place) / "store", args.people, args.each, pictures(args.side))
        with open_workspace(store, watermarks=False) as ws:
            reader = ws.datasets.reader(ws.datasets.snapshot(DATASET))
            shards = written(reader, Path(place) / "tars")
            size = sum(Path(each).stat().st_size for each in shards) / len(reader)
            for decoded in (True, False):
                rates: dict[str, list[float]] = {"Volenti": [], "WebDataset": []}
                for epoch in range(args.rounds):
                    rates["Volenti"].append(rate(lambda: ours(reader, epoch, decoded=decoded)))  # noqa: B023
                    rates["WebDataset"].append(rate(lambda: theirs(shards, decoded=decoded)))  # noqa: B023
                found = {name: round(statistics.median(each)) for name, each in rates.items()}
                share = round(found["Volenti"] / found["WebDataset"], 3)
                rows.append({"decoded": decoded, **found, "share": share})
    print(f"{len(reader):,} pictures of {args.side} pixels a side, {size:,.0f} bytes each")
    print(f"{'':<12} {'Volenti':>12} {'WebDataset':>12} {'share':>7}")
    for row in rows:
        what = "decoded" if row["decoded"] else "bytes only"
        print(f"{what:<12} {row['Volenti']:>10,}/s {row['WebDataset']:>10,}/s {100 * row['share']:>5.0f} %")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"bytes": round(size), "rows": rows}, indent=1) + "\n")
    print(f"sealed pictures are read for training at {100 * rows[0]['share']:.0f} % "
          f"of WebDataset's samples a second")  # fmt: skip


if __name__ == "__main__":
    main()
