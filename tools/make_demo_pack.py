"""Makes the demo's pack of pictures: `python -m tools.make_demo_pack --cast ../shared/data/cast`.

Takes all people of the virtual studio's cast with five photographs each into
src/volenti/demo/cast.zip: the frontal one (number 0), which is the reference photograph of
a release, and the four that differ most in expression, background and pose. Files are taken
as they are, never encoded again; the archive is stored, not deflated, and its bytes depend on
the pictures alone.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

#: One photograph as the cast's records.json describes it.
Record = dict[str, Any]

PHOTOS_EACH = 5
BYTES_MAX = 6_000_000
#: Degrees beyond which a turned head is left to the tests: a demo should show faces.
YAW_MAX = 28.0
#: What the demo needs to know of a photograph.
FIELDS = ("file", "subject", "caption", "age")


def chosen(photos: Sequence[Record], count: int = PHOTOS_EACH) -> list[Record]:
    """`count` of one person's photographs: the reference, then the most varied others in order."""
    reference, *others = sorted(photos, key=lambda photo: photo["file"])
    taken = [reference]
    frontal = [photo for photo in others if abs(photo["yaw"]) <= YAW_MAX]
    # Somebody who turns away in nearly every picture keeps the least turned ones.
    left = frontal if len(frontal) >= count - 1 else sorted(others, key=lambda photo: abs(photo["yaw"]))
    while len(taken) < count:
        best = max(left, key=lambda photo: (_novelty(photo, taken), photo["file"]))
        left = [photo for photo in left if photo is not best]
        taken.append(best)
    return [reference, *sorted(taken[1:], key=lambda photo: photo["file"])]


def _novelty(photo: Record, taken: Sequence[Record]) -> float:
    """How much a photograph adds: an expression counts most, then a background, a top, a pose."""
    new = {name: photo[name] not in {other[name] for other in taken} for name in ("expr", "bg", "cloth")}
    turn: float = min(abs(photo["yaw"] - other["yaw"]) for other in taken)
    return 4 * new["expr"] + 2 * new["bg"] + new["cloth"] + min(turn, 20) / 20


def pack(records: Iterable[Record], images: Path, out: Path) -> int:
    """Write the archive; returns its bytes. Raises ValueError where it would be too large."""
    by_subject: dict[str, list[Record]] = {}
    for record in records:
        by_subject.setdefault(record["subject"], []).append(record)
    photos = [photo for subject in sorted(by_subject) for photo in chosen(by_subject[subject])]
    listing = [{name: photo[name] for name in FIELDS} for photo in photos]
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        text = "[\n" + ",\n".join(json.dumps(entry) for entry in listing) + "\n]\n"
        archive.writestr(_member("records.json"), text)
        for photo in photos:
            name = photo["file"]
            archive.writestr(_member(f"images/{name}"), (images / name).read_bytes())
    size = out.stat().st_size
    if size > BYTES_MAX:
        out.unlink()
        raise ValueError(f"The pack would have {size:,} bytes, more than {BYTES_MAX:,}.")
    return size


def _member(name: str) -> zipfile.ZipInfo:
    """An entry without clock or platform in it."""
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.create_system = 3
    member.external_attr = 0o644 << 16
    return member


def main() -> None:
    root = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cast", type=Path, default=root / "../shared/data/cast")
    parser.add_argument("--out", type=Path, default=root / "src/volenti/demo/cast.zip")
    args = parser.parse_args()
    records = json.loads((args.cast / "records.json").read_text())
    print(f"{args.out.name}: {pack(records, args.cast / 'images', args.out):,} bytes")


if __name__ == "__main__":
    main()
