"""Templates of photographs' largest faces, made once and kept in bench/out for the other benches.

The pictures lie in ../shared/data beside the checkout; without it there is nothing to measure.
The cache holds biometric templates of real people: it stays on this machine and out of version
control. A row of it is used again only for a picture of the same bytes, seen by the same
source code, libraries and weights; what isn't asked for any more is dropped from it.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import volenti
from common.photographs import Listing, Photograph, listed
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.adapters.weights.folder import default_folder
from volenti.core.digest import sha256
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.sight.reference import reference_template
from volenti.perception.sight.weights import DETECTOR, RECOGNISER

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / "../shared/data"
OUT = ROOT / "bench/out"

#: Modules that a template depends on, with everything of the package that they import.
_SIGHT = (
    "volenti.adapters.sight.networks_opencv",
    "volenti.perception.files.picture",
    "volenti.perception.sight.reference",
)

_LIBRARIES = ("numpy", "opencv-python-headless", "onnxruntime", "pillow")

#: What became of a picture; the first is the only one with a template.
SEEN, FACELESS, UNREADABLE = "seen", "shows no face that is found", "can't be opened"


@dataclass(frozen=True, slots=True)
class Templates:
    """One row a picture with a face, in the order listed.

    `vectors` (N, 128) are templates as a picture that is cleared gets them, `enrolled` (N, 128)
    as the same picture gets them as a reference. `faces` is how many faces were found; the
    largest is the one described. `unusable` are the other files, each with the reason.
    """

    vectors: NDArray[np.float32]
    enrolled: NDArray[np.float32]
    subjects: NDArray[np.str_]
    files: NDArray[np.str_]
    faces: NDArray[np.int64]
    groups: dict[str, dict[str, str]]
    unusable: tuple[tuple[str, str], ...] = ()

    def account(self) -> str:
        """What became of every picture, in one line."""
        counts = Counter(reason for _, reason in self.unusable)
        people, pictures = np.unique(self.subjects, return_counts=True)
        parts = [
            f"{len(self.files) + len(self.unusable)} listed",
            f"{len(self.files)} with a face",
            *(f"{count} {reason}" for reason, count in sorted(counts.items())),
        ]
        several = int((pictures > 1).sum())
        return f"{', '.join(parts)}; {len(people)} people, {several} of them with two pictures or more"


#: The templates of no pictures at all.
NOBODY = Templates(
    np.empty((0, 128), np.float32),
    np.empty((0, 128), np.float32),
    np.empty(0, np.str_),
    np.empty(0, np.str_),
    np.empty(0, np.int64),
    {},
)


def templates(name: str) -> Templates:
    """Those of data set `name` (cast, crowd, portraits, same-person); kept for the next time."""
    listing = listed(SHARED / name)
    wanted = [each for each in listing.photographs if name != "crowd" or _kept(each.file)]
    return _assembled(Listing(listing.layout, tuple(wanted), listing.unusable), OUT / f"templates-{name}.npz")


def strangers(name: str) -> Templates:
    """Those of the pictures of a data set whose list says nobody's name, each a person of their own."""
    listing = listed(SHARED / name)
    files = [file for file, reason in listing.unusable if reason == "names no person"]
    alone = tuple(Photograph(file, SHARED / name / "images" / file, file, {}) for file in files)
    return _assembled(Listing(listing.layout, alone, ()), OUT / f"templates-{name}-strangers.npz")


def templates_of(folder: Path) -> Templates:
    """Those of any folder that `photographs` can list; nothing is kept of them."""
    return _assembled(listed(folder), None)


def _assembled(listing: Listing, kept: Path | None) -> Templates:
    digests = [sha256(each.path.read_bytes()) for each in listing.photographs]
    known = _recalled(kept) if kept else {}
    rows = {digest: row for digest in digests if (row := known.get(digest)) is not None}
    new = [(d, each) for d, each in zip(digests, listing.photographs, strict=True) if d not in rows]
    for number, (digest, each) in enumerate(new):
        if digest not in rows:
            rows[digest] = _row(each.path)
        if sys.stderr.isatty() and number % 10 == 0:
            print(f"\r{number} of {len(new)} pictures looked at ", end="", file=sys.stderr, flush=True)
    if new and sys.stderr.isatty():
        print("\r" + " " * 50 + "\r", end="", file=sys.stderr)
    if kept and (new or len(rows) < len(known)):
        _keep(kept, rows)
    return _gathered(listing.photographs, [rows[digest] for digest in digests], listing.unusable)


@dataclass(frozen=True, slots=True)
class _Row:
    """What one look at a picture gave: what became of it, and both templates where a face was seen."""

    state: str
    vector: NDArray[np.float32]
    enrolled: NDArray[np.float32]
    faces: int = 0


_NOTHING = np.zeros(128, np.float32)


def _row(path: Path) -> _Row:
    picture = open_picture(path.read_bytes())
    if not isinstance(picture, Picture):
        return _Row(UNREADABLE, _NOTHING, _NOTHING)
    detector = _detector()
    faces = detector.faces(picture.rgb)
    if not faces:
        return _Row(FACELESS, _NOTHING, _NOTHING)
    reference = reference_template(detector, picture.rgb, faces[0])
    return _Row(SEEN, faces[0].template, reference, len(faces))


@cache
def _detector() -> OpencvFaces:
    return OpencvFaces(default_folder())


def _gathered(
    photographs: Sequence[Photograph], rows: Sequence[_Row], unusable: tuple[tuple[str, str], ...]
) -> Templates:
    both = list(zip(photographs, rows, strict=True))
    seen = [(each, row) for each, row in both if row.state == SEEN]
    lost = [(each.file, row.state) for each, row in both if row.state != SEEN]
    groups: dict[str, dict[str, str]] = {}
    for each in photographs:
        # What the lists say of one person's pictures may differ; the first that says it counts.
        mine = groups.setdefault(each.person, {})
        mine.update({key: value for key, value in each.groups.items() if key not in mine})
    return Templates(
        np.array([row.vector for _, row in seen], np.float32).reshape(-1, 128),
        np.array([row.enrolled for _, row in seen], np.float32).reshape(-1, 128),
        np.array([each.person for each, _ in seen], np.str_),
        np.array([each.file for each, _ in seen], np.str_),
        np.array([row.faces for _, row in seen], np.int64),
        groups,
        (*unusable, *lost),
    )


def _recalled(kept: Path) -> dict[str, _Row]:
    """The rows of the cache by the digest of their picture; none where the sight has changed since."""
    try:
        with np.load(kept) as file:
            if str(file["sight"]) != sight():
                return {}
            columns = (file[name] for name in ("digests", "states", "vectors", "enrolled", "faces"))
            return {
                str(digest): _Row(str(state), vector, enrolled, int(faces))
                for digest, state, vector, enrolled, faces in zip(*columns, strict=True)
            }
    except (OSError, KeyError, ValueError):
        return {}


def _keep(kept: Path, rows: dict[str, _Row]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        kept,
        sight=np.array(sight()),
        digests=np.array(list(rows)),
        states=np.array([row.state for row in rows.values()]),
        vectors=np.array([row.vector for row in rows.values()], np.float32).reshape(-1, 128),
        enrolled=np.array([row.enrolled for row in rows.values()], np.float32).reshape(-1, 128),
        faces=np.array([row.faces for row in rows.values()], np.int64),
    )


@cache
def sight() -> str:
    """A digest of everything a template depends on but the picture: source code, libraries, weights."""
    sources = sorted(_needed(_SIGHT))
    parts = [f"{name} {_code(_source(name))}" for name in sources]
    parts += [f"{name} {version(name)}" for name in _LIBRARIES]
    parts += [weight.sha256 for weight in (DETECTOR, RECOGNISER)]
    return sha256("\n".join(parts).encode())


def _needed(modules: Iterable[str]) -> set[str]:
    """The modules, and all of the package that they import, wherever in the file."""
    found: set[str] = set()
    due = list(modules)
    while due:
        name = due.pop()
        # What is in core computes no pixel.
        if name in found or name.startswith("volenti.core") or not _source(name).is_file():
            continue
        found.add(name)
        for node in ast.walk(ast.parse(_source(name).read_bytes())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("volenti"):
                due.append(str(node.module))
    return found


def _code(source: Path) -> str:
    """What a module does: its code without comments and docstrings."""
    tree = ast.parse(source.read_bytes())
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)


def _source(module: str) -> Path:
    return Path(volenti.__path__[0]).joinpath(*module.split(".")[1:]).with_suffix(".py")


def _kept(file: str) -> bool:
    """Whether a crowd picture (s0123-2.jpg) is looked at: all of every fourth person, one of another's.

    All 19,200 pictures would take half an hour of one core. A quarter of the people, with all
    their pictures, fit the cohort as well; another quarter, with one, serve as strangers.
    """
    number, _, picture = Path(file).stem.lstrip("s").partition("-")
    if not number.isdigit():
        return True
    return int(number) % 4 == 0 or (int(number) % 4 == 2 and picture == "0")
