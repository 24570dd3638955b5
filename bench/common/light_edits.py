"""Many pictures for `interrupted`, made by light edits of those in ../shared/data, and releases for some.

Some edge is cut off, it is made lighter or darker, 128 to 256 pixels large and saved as JPEG; a few
show two people side by side. The same seed makes the same pictures, and each says its number in a
comment, so that no two have the same bytes. Every second person of the cast has a release.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from functools import lru_cache
from multiprocessing import Pool
from pathlib import Path

from PIL import Image, ImageEnhance

from volenti.demo.cast import read_cast
from volenti.demo.releases import entry

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"

#: Kinds of pictures and how many of a hundred; a pair is somebody of the cast beside somebody else.
KINDS = {"cast": 40, "portrait": 35, "scene": 15, "pair": 10}
SIDES = (128, 256)
#: Pictures in one folder of the inbox.
FOLDER_PICTURES = 1000


@lru_cache(1)
def sources() -> dict[str, list[bytes]]:
    """The files that are edited, by kind; scenes made small once."""
    scenes = []
    for path in sorted((SHARED / "scenes").glob("*.jpg")):
        small, out = Image.open(path).convert("RGB"), io.BytesIO()
        small.thumbnail((2 * SIDES[1], 2 * SIDES[1]))
        small.save(out, "JPEG", quality=95)
        scenes.append(out.getvalue())
    people = {kind: sorted((SHARED / folder).rglob("*.jpg")) for kind, folder in _FOLDERS.items()}
    return {kind: [path.read_bytes() for path in paths] for kind, paths in people.items()} | {"scene": scenes}


_FOLDERS = {"cast": "cast", "portrait": "portraits"}


def picture(number: int, seed: int) -> bytes:
    """The JPEG with this number: the same for the same seed."""
    rng = random.Random(f"{seed}/{number}")
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    if kind == "pair":
        left, right = edited("cast", rng), edited(rng.choice(("cast", "portrait")), rng)
        height = min(left.height, right.height)
        halves = [half.resize((half.width * height // half.height, height)) for half in (left, right)]
        made = Image.new("RGB", (halves[0].width + halves[1].width, height))
        made.paste(halves[0])
        made.paste(halves[1], (halves[0].width, 0))
    else:
        made = edited(kind, rng)
    out = io.BytesIO()
    made.save(out, "JPEG", quality=rng.randint(75, 95), comment=f"{seed}/{number}")
    return out.getvalue()


def edited(kind: str, rng: random.Random) -> Image.Image:
    """A light edit of a picture of that kind."""
    given = Image.open(io.BytesIO(rng.choice(sources()[kind]))).convert("RGB")
    wide, high = given.size
    cuts = [rng.uniform(0, 0.04) for _ in range(4)]
    box = (wide * cuts[0], high * cuts[1], wide * (1 - cuts[2]), high * (1 - cuts[3]))
    scale = min(1.0, rng.randint(*SIDES) / max(wide, high))
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    small = given.resize(size, Image.Resampling.BICUBIC, box)
    return ImageEnhance.Brightness(small).enhance(rng.uniform(0.92, 1.08))


def path_of(inbox: Path, number: int) -> Path:
    return inbox / f"{number // FOLDER_PICTURES:04d}" / f"{number:07d}.jpg"


def write_pictures(task: tuple[Path, range, int]) -> int:
    """Write the pictures with these numbers that aren't there yet; returns their bytes."""
    inbox, numbers, seed = task
    size = 0
    for number in numbers:
        path = path_of(inbox, number)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = inbox.parent / f"{path.name}.part"
            part.write_bytes(picture(number, seed))
            part.rename(path)
        size += path.stat().st_size
    return size


def make_pictures(inbox: Path, count: int, seed: int, say: Callable[[str], None]) -> int:
    """Fill the inbox, or what it lacks; returns its bytes."""
    firsts = range(0, count, FOLDER_PICTURES)
    tasks = [(inbox, range(first, min(first + FOLDER_PICTURES, count)), seed) for first in firsts]
    size = 0
    with Pool(2) as pool:
        for done, written in enumerate(pool.imap(write_pictures, tasks), start=1):
            size += written
            if done % 10 == 0 or done == len(tasks):
                say(f"{min(done * FOLDER_PICTURES, count):,} pictures, {size / 2**20:,.0f} MiB")
    return size


def write_papers(folder: Path) -> Path:
    """Releases of every second person of the cast, as `volenti release import` takes them."""
    people = read_cast(3)[::2]
    (folder / "references").mkdir(parents=True, exist_ok=True)
    entries = [entry(person) for person in people]
    for person, each in zip(people, entries, strict=True):
        (folder / str(each["reference"])).write_bytes(person.reference.data)
    listing = folder / "releases.json"
    listing.write_text(json.dumps(entries))
    return listing
