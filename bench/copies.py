"""Copies of third parties' works: what is found after which edit, and how fast: bench/out/copies.json.

    python bench/copies.py [EVERY]

Every picture of ../shared/data/scenes and portraits is registered as a work (with EVERY, only every
so many-th portrait takes part). Then each is edited and looked up: found is a copy that is named as
such ("rejected") or handed to a person ("held"). A false alarm is a work that the picture is taken
for, or held for, and that shows another picture; each picture is compared, by way of the index, with
all works but its own. As further strangers come the pictures of same-person (which are the same
people before the same flags: pairs of one person don't count, many are copies) and the cast.

The second part gives the CPU time that a presented picture costs, with one work registered and with
all of them, on one thread as in the workers. The third queries a million hashes, and compares with
reading them once (no exact search of a list can be faster) and with comparing all pairs, by numpy
and by ImageHash's own objects (hashsearch.py).
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections.abc import Iterator
from copy import copy
from dataclasses import asdict, dataclass
from pathlib import Path

# As in the workers: spinning threads of the linear algebra would count as CPU time.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from common.edits import EDITS, edited
from common.hash_search import searching, timed
from common.templates import OUT, SHARED
from PIL import Image

from volenti.adapters.keypoints.opencv import OpencvKeypoints
from volenti.perception.copies.detail import Detail
from volenti.perception.copies.fingerprint import Fingerprint, fingerprint
from volenti.perception.copies.resemblance import Resemblance, compared
from volenti.perception.copies.workindex import WorkIndex, words
from volenti.perception.files.pixels import Rgb

#: The same picture under several names among the scenes, by what their files' names begin with.
SAME_SCENES = (
    ("mate-backgrounds__Elephants",),
    ("mate-backgrounds__MATE-Stripes-Light", "mate-backgrounds__Silk", "mate-backgrounds__Waves"),
    ("mate-backgrounds__Ubuntu-Mate-",),
    ("plasma-workspace-wallpapers__1080x1920", "plasma-workspace-wallpapers__5120x2880"),
    ("plasma-workspace-wallpapers__1280x",),
    tuple(
        f"plasma-workspace-wallpapers__{size}"
        for size in ("1440", "1600", "1638", "1680", "1920", "2560", "640x", "800x")
    ),
)

_FINDER = OpencvKeypoints()


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A file, the picture or person it shows, and which folder it is from."""

    file: Path
    shows: str
    folder: str


@dataclass(frozen=True, slots=True)
class Row:
    """One edit: shares of the pictures rejected and held; wrong works, and pairs looked at for them."""

    edit: str
    folder: str
    pictures: int
    rejected: float
    held: float
    false_rejections: int
    false_holds: int
    pairs: int
    missed: tuple[str, ...]

    @property
    def found(self) -> float:
        return self.rejected + self.held

    def __str__(self) -> str:
        return (
            f"{self.edit:38s} {self.folder:10s} {self.pictures:8d} {self.found:7.1%} {self.rejected:9.1%} "
            f"{self.held:6.1%} {self.false_rejections:9d} {self.false_holds:6d} {self.pairs:10d}"
        )


HEAD = (
    f"{'edit':38s} {'folder':10s} {'pictures':>8s} {'found':>7s} {'rejected':>9s} {'held':>6s} "
    f"{'false rej':>9s} {'held':>6s} {'pairs':>10s}"
)


def scene(name: str) -> str:
    """What a scene shows: its file's name, or of several names for one picture the first."""
    for names in SAME_SCENES:
        if name.startswith(names):
            return names[0]
    return name


def shown(folder: str) -> list[Shown]:
    """The pictures of a folder of the test data, with what each shows."""
    if folder == "scenes":
        return [Shown(file, scene(file.name), folder) for file in sorted((SHARED / folder).glob("*.jpg"))]
    if folder == "cast":
        files = sorted((SHARED / folder / "images").glob("*-0.jpg"))
        return [Shown(file, file.stem, folder) for file in files]
    with (SHARED / folder / "index.csv").open() as file:
        rows = [(row["file"], row["person_id"]) for row in csv.DictReader(file)]
    return [Shown(SHARED / folder / "images" / Path(name).name, person, folder) for name, person in rows]


class Register:
    """All works in memory, as they are kept: details through JSON and back."""

    def __init__(self, works: list[Shown]) -> None:
        began = time.process_time()
        prints = [print_of(opened(work), closely=True) for work in works]
        self.registering_s = (time.process_time() - began) / len(works)
        details = [None if each.detail is None else each.detail.to_json() for each in prints]
        self.bytes_each = float(np.mean([len(json.dumps(each)) for each in details]))
        self.works = works
        self._prints = [
            Fingerprint(each.hash, each.greys, each.aspect, None if body is None else Detail.from_json(body))
            for each, body in zip(prints, details, strict=True)
        ]
        self._index = WorkIndex(self._prints, [words(each) for each in self._prints])

    def answers(self, seen: Fingerprint) -> Iterator[tuple[Shown, Resemblance]]:
        """Every work proposed, and what the picture is to it."""
        for proposal in self._index.proposals(seen):
            work = self._prints[proposal.place]
            yield self.works[proposal.place], compared(seen, work, mirrored=proposal.mirrored)

    def only(self, place: int) -> Register:
        """A register of one of the works."""
        one = copy(self)
        one.works, one._prints = self.works[place : place + 1], self._prints[place : place + 1]
        one._index = WorkIndex(one._prints, [words(each) for each in one._prints])
        return one


def opened(of: Shown) -> Image.Image:
    return Image.open(of.file).convert("RGB")


def print_of(picture: Image.Image, *, closely: bool = False) -> Fingerprint:
    return fingerprint(np.asarray(picture), _FINDER, closely=closely)


def measured(edit: str, folder: str, register: Register, pictures: list[Shown], *, own: bool = True) -> Row:
    """One line of the table: the pictures after the edit, looked up."""
    rejected = held = wrong = doubted = pairs = 0
    missed = []
    for picture in pictures:
        found: dict[Resemblance, set[str]] = {"same": set(), "near": set(), "other": set()}
        alarms: dict[Resemblance, int] = {"same": 0, "near": 0, "other": 0}
        for work, answer in register.answers(print_of(edited(opened(picture), picture.file.name, edit))):
            found[answer].add(work.shows)
            alarms[answer] += work.shows != picture.shows
        sure, doubtful = picture.shows in found["same"], picture.shows in found["near"]
        rejected += sure
        held += doubtful and not sure
        wrong += alarms["same"]
        doubted += alarms["near"]
        pairs += sum(work.shows != picture.shows for work in register.works)
        if not sure and not doubtful:
            missed.append(picture.file.name)
    count = len(pictures)
    shares = (rejected / count, held / count) if own else (0.0, 0.0)
    return Row(edit, folder, count, *shares, wrong, doubted, pairs, tuple(missed) if own else ())


def both(rows: list[Row], sizes: list[int]) -> Row:
    """Lines of one edit as one, their shares weighted by the folders' sizes, not by the sample's."""
    shares = [
        sum(size * getattr(row, what) for row, size in zip(rows, sizes, strict=True)) / sum(sizes)
        for what in ("rejected", "held")
    ]
    sums = [sum(getattr(row, what) for row in rows) for what in ("false_rejections", "false_holds", "pairs")]
    return Row(rows[0].edit, "both", sum(row.pictures for row in rows), *shares, *sums, ())


def table(every: int) -> tuple[list[Row], Register]:
    scenes, all_portraits = shown("scenes"), shown("portraits")
    portraits = all_portraits[::every]
    register = Register(scenes + portraits)
    print(HEAD)
    rows = []
    for edit in EDITS:
        lines = [
            measured(edit, "scenes", register, scenes),
            measured(edit, "portraits", register, portraits),
        ]
        for row in [*lines, both(lines, [len(scenes), len(all_portraits)])]:
            rows.append(row)
            print(row, flush=True)
    for folder in ("same-person", "cast"):
        strangers = shown(folder)[::every]
        rows.append(measured("exact", folder, register, strangers, own=False))
        print(rows[-1], flush=True)
    return rows, register


def costs(register: Register, sample: int = 12) -> dict[str, dict[str, float]]:
    """Median CPU milliseconds for a presented picture, by folder: to make its fingerprint, and to
    look that up among one work (another), and among all."""
    one = register.only(len(register.works) // 2)
    found = {}
    for folder in ("scenes", "portraits"):
        pictures = [work for work in register.works if work.folder == folder and work != one.works[0]]
        times: list[tuple[float, float, float]] = []
        for picture in pictures[:: max(1, len(pictures) // sample)]:
            times.append(_costs_of(np.asarray(opened(picture)), one, register))
        medians = np.median(times, axis=0) * 1000
        found[folder] = dict(zip(("fingerprint", "one_work", "all_works"), medians.tolist(), strict=True))
    return found


def _costs_of(pixels: Rgb, one: Register, register: Register) -> tuple[float, float, float]:
    seen = fingerprint(pixels, _FINDER)
    return (
        timed(lambda: fingerprint(pixels, _FINDER)),
        timed(lambda: list(one.answers(seen))),
        timed(lambda: list(register.answers(seen))),
    )


def main() -> None:
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    rows, register = table(every)
    speed = searching()
    alarms = sum(row.false_rejections + row.false_holds for row in rows if row.folder != "both")
    pairs = sum(row.pairs for row in rows if row.folder != "both")
    worst = [
        min((row for row in rows if row.folder == folder), key=lambda row: row.found)
        for folder in ("scenes", "portraits")
    ]
    cost = costs(register)
    print(
        f"\na work: {register.registering_s * 1000:.0f} ms of CPU to register, "
        f"{register.bytes_each / 1000:.1f} kB kept"
    )
    for folder, of in cost.items():
        print(
            f"a presented picture of {folder}: nothing where no work is registered; else "
            f"{of['fingerprint']:.1f} ms of CPU for its fingerprint, and to look it up "
            f"{of['one_work']:.1f} ms among one work, {of['all_works']:.1f} ms among {len(register.works)}"
        )
    ours, reading = speed["query_in_batch_s"], speed["reading_all_once_s"]
    print(
        f"a query among {speed['hashes']:,.0f} hashes: {ours * 1e6:.0f} us in a batch, "
        f"{speed['one_query_s'] * 1e6:.0f} us alone; reading all of them once {reading * 1e6:.0f} us"
    )
    print(
        f"all pairs: {speed['all_pairs_s']:.0f} s; comparing each with each: numpy "
        f"{speed['numpy_all_pairs_s'] / speed['all_pairs_s']:.1f} times as long, ImageHash "
        f"{speed['imagehash_all_pairs_s'] / speed['all_pairs_s']:,.0f} times"
    )
    OUT.mkdir(parents=True, exist_ok=True)
    report = {
        "rows": [{**asdict(row), "found": row.found} for row in rows],
        "false_alarms": alarms,
        "pairs": pairs,
        "works": len(register.works),
        "kept_bytes_each": register.bytes_each,
        "registering_s": register.registering_s,
        "cost_ms": cost,
        "searching": speed,
    }
    (OUT / "copies.json").write_text(json.dumps(report, indent=1) + "\n")
    least = "; ".join(f"{row.found:.1%} of the {row.folder} (least: {row.edit})" for row in worst)
    print(
        f"copies: of each edit at least {least} found, "
        f"{alarms / pairs * 10_000:.3f} false alarms in 10,000 pairs ({alarms} in {pairs:,}); "
        f"a million hashes queried in {speed['one_query_s'] * 1000:.2f} ms"
    )


if __name__ == "__main__":
    main()
