"""Copies of third parties' works: what is found after which edit, and how fast: bench/out/copies.json.

    python bench/copies.py [EVERY]

Every picture of ../shared/data/scenes and portraits is registered as a work (with EVERY, only every
so many-th portrait takes part). Then each is edited and looked up: found is a copy that is named as
such ("rejected") or handed to a person ("held"). A false alarm is a work that the picture is taken
for, or held for, and that shows another picture; each picture is compared, by way of the index, with
all works but its own. As further strangers come the pictures of same-person (which are the same
people before the same flags: pairs of one person don't count, many are copies) and the cast.

The second part queries a million hashes, and compares with reading them once (no exact search of a
list can be faster) and with comparing all pairs, by numpy and by ImageHash's own objects.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import imagehash
import numpy as np
from edits import EDITS, edited
from PIL import Image
from templates import OUT, SHARED

from volenti.adapters.keypoints_opencv import OpencvKeypoints
from volenti.clearance.copies import BITS_MAX, Resemblance, compared
from volenti.clearance.detail import Detail
from volenti.clearance.fingerprint import Fingerprint, fingerprint
from volenti.clearance.hashindex import Hashes, HashIndex
from volenti.clearance.workindex import WorkIndex, words

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
        prints = [print_of(opened(work)) for work in works]
        details = [None if each.detail is None else each.detail.to_json() for each in prints]
        self.bytes_each = float(np.mean([len(json.dumps(each)) for each in details]))
        self.works = works
        self._prints = [
            Fingerprint(each.hash, each.greys, each.aspect, None if body is None else Detail.from_json(body))
            for each, body in zip(prints, details, strict=True)
        ]
        self._index = WorkIndex(self._prints, [words(each) for each in self._prints])
        self.seconds: list[float] = []

    def answers(self, seen: Fingerprint) -> Iterator[tuple[Shown, Resemblance]]:
        """Every work proposed, and what the picture is to it."""
        began = time.process_time()
        for proposal in self._index.proposals(seen):
            work = self._prints[proposal.place]
            yield self.works[proposal.place], compared(seen, work, mirrored=proposal.mirrored)
        self.seconds.append(time.process_time() - began)


def opened(of: Shown) -> Image.Image:
    return Image.open(of.file).convert("RGB")


def print_of(picture: Image.Image) -> Fingerprint:
    return fingerprint(np.asarray(picture), _FINDER)


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


def timed(work: Callable[[], object], least_s: float = 0.3) -> float:
    """Seconds of CPU a call takes: the mean over as many as fill `least_s`."""
    calls, began = 0, time.process_time()
    while time.process_time() - began < least_s:
        work()
        calls += 1
    return (time.process_time() - began) / calls


def searching(count: int = 1_000_000, asked: int = 4_000) -> dict[str, float]:
    """Seconds and ratios of queries among `count` hashes; a tenth of the queries have a near hash there."""
    random = np.random.default_rng(0)
    hashes: Hashes = random.integers(0, 2**64, count, np.uint64)
    queries: Hashes = random.integers(0, 2**64, asked, np.uint64)
    queries[::10] = hashes[: len(queries[::10])] ^ np.uint64(0b1001000000001000001)
    began = time.process_time()
    index = HashIndex(hashes)
    built = time.process_time() - began
    one = timed(lambda: index.near(queries[:1], BITS_MAX))
    began = time.process_time()
    found = len(index.near(queries, BITS_MAX)[0])
    each = (time.process_time() - began) / asked
    reading = timed(lambda: np.bitwise_xor.reduce(hashes))
    numpy_one = timed(lambda: np.flatnonzero(np.bitwise_count(hashes ^ queries[0]) <= BITS_MAX))
    objects = [imagehash.hex_to_hash(f"{value:016x}") for value in hashes[:2000].tolist()]
    imagehash_pair = timed(lambda: [objects[0] - other for other in objects]) / len(objects)
    return {
        "hashes": count, "bits_max": BITS_MAX, "queries": asked, "pairs_found": found, "index_built_s": built,
        "one_query_s": one, "query_in_batch_s": each, "reading_all_once_s": reading,
        "numpy_all_pairs_query_s": numpy_one, "imagehash_all_pairs_query_s": imagehash_pair * count,
        "all_pairs_s": each * count, "numpy_all_pairs_s": numpy_one * count / 2,
        "imagehash_all_pairs_s": imagehash_pair * count * count / 2,
    }  # fmt: skip


def main() -> None:
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    rows, register = table(every)
    speed = searching()
    alarms = sum(row.false_rejections + row.false_holds for row in rows if row.folder != "both")
    pairs = sum(row.pairs for row in rows if row.folder != "both")
    whole = [row for row in rows if row.folder == "both"]
    worst = min(whole, key=lambda row: row.found)
    lookup = {"median_s": float(np.median(register.seconds)), "most_s": max(register.seconds),
              "works": len(register.works), "kept_bytes_each": register.bytes_each}  # fmt: skip
    print(
        f"\nlook-up among {len(register.works)} works: {lookup['median_s'] * 1000:.1f} ms, at most "
        f"{lookup['most_s'] * 1000:.1f} ms; kept of each {lookup['kept_bytes_each'] / 1000:.1f} kB"
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
    report = {"rows": [{**asdict(row), "found": row.found} for row in rows], "false_alarms": alarms,
              "pairs": pairs, "look_up": lookup, "searching": speed}  # fmt: skip
    (OUT / "copies.json").write_text(json.dumps(report, indent=1) + "\n")
    print(f"copies: at least {worst.found:.1%} of each edit found (least: {worst.edit}), "
          f"{alarms / pairs * 10_000:.3f} false alarms in 10,000 pairs ({alarms} in {pairs:,}); "
          f"a million hashes queried in {speed['one_query_s'] * 1000:.2f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
