"""Who is seen in pictures, and who isn't: bench/out/people.json and four tables.

    python bench/people.py                 # everything; some ten minutes of one core
    python bench/people.py recall          # faces by their width, pasted into scenes up to 24 megapixels
    python bench/people.py signals         # people in profile and from behind, and false alarms
    python bench/people.py age             # how many adults an estimate of age refers
    python bench/people.py no-people       # what a dataset without people lets through, and refuses
    python bench/people.py no-people --every 10    # a tenth of the pictures

People in profile and from behind are rendered ones (bench/turned: nobody who exists) in front
of the scenes. Scenes that show a person after all are named in SHOWING and counted apart.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from common.templates import OUT, ROOT, SHARED
from numpy.typing import NDArray
from PIL import Image

from volenti.adapters.sight.age_onnx import OnnxAges
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.adapters.sight.networks_opencv import FIGURE_MIN
from volenti.adapters.sight.people_onnx import SCORE_MIN, OnnxPeople
from volenti.adapters.weights.folder import default_folder
from volenti.clearance.policyfile import find_policy
from volenti.perception.analyzer import PictureAnalysis, PictureAnalyzer
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Face
from volenti.perception.sight.figure import PEOPLE_FREE
from volenti.perception.sight.figures import faceless, shows_people

#: Scenes that show a person: one painting, of a girl under a tree, in ten sizes.
SHOWING = (
    "plasma-workspace-wallpapers__1440x900",
    "plasma-workspace-wallpapers__1600x1200",
    "plasma-workspace-wallpapers__1638x1024",
    "plasma-workspace-wallpapers__1680x1050",
    "plasma-workspace-wallpapers__1920x1080",
    "plasma-workspace-wallpapers__1920x1200",
    "plasma-workspace-wallpapers__2560x1440",
    "plasma-workspace-wallpapers__2560x1600",
    "plasma-workspace-wallpapers__640x480",
    "plasma-workspace-wallpapers__800x600",
)

#: Widths of pasted faces in pixels, by the size of the scene they are pasted into.
WIDTHS = {(1280, 853): (8, 10, 12, 16, 24, 48, 120, 400), (6000, 4000): (12, 15, 18, 24, 48, 200, 700, 1500)}

_MODELS = default_folder()
FACES, PEOPLE, AGES = OpencvFaces(_MODELS), OnnxPeople(_MODELS), OnnxAges(_MODELS)
Table = dict[str, dict[str, float]]
Scores = NDArray[np.float64]


def opened(path: Path) -> Rgb:
    picture = open_picture(path.read_bytes())
    if not isinstance(picture, Picture):
        raise SystemExit(f"{path}: {picture.message}")
    return picture.rgb


def scenes(showing: bool = False) -> list[Path]:
    every = sorted((SHARED / "scenes").iterdir())
    return [path for path in every if (path.stem in SHOWING) == showing]


def recall(every: int) -> Table:
    """Share of pasted faces that are found, or at least a figure, by width and size of picture."""
    portraits = sorted((SHARED / "portraits/images").iterdir())[:: 40 * every]
    backs = [Image.open(path).convert("RGB") for path in scenes()[:: max(1, len(scenes()) // 8)]]
    table: Table = {}
    for size, widths in WIDTHS.items():
        for width in widths:
            random = np.random.default_rng(width)
            found = []
            for number, path in enumerate(portraits):
                scene = np.array(backs[number % len(backs)].resize(size, Image.Resampling.BICUBIC))
                box = _pasted(scene, opened(path), width, random)
                found.append(_seen_at(scene, box))
            faces, either = (float(np.mean([row[k] for row in found])) for k in (0, 1))
            name = f"{size[0]} x {size[1]}, face {width} px"
            table[name] = {"faces": len(found), "found": faces, "or figure": either}
            print(f"{name:34s} {len(found):5d} {faces:8.1%} {either:10.1%}")
    return table


def _pasted(scene: Rgb, portrait: Rgb, width: int, random: np.random.Generator) -> tuple[float, ...]:
    """Paste a portrait so that its face is `width` pixels wide; the face's box in the scene."""
    face = FACES.faces(portrait)[0]
    factor = width / face.box[2]
    size = (max(1, round(portrait.shape[1] * factor)), max(1, round(portrait.shape[0] * factor)))
    small = np.asarray(Image.fromarray(portrait).resize(size, Image.Resampling.LANCZOS))
    small = small[: scene.shape[0], : scene.shape[1]]
    top, left = (
        int(random.integers(0, max(1, s - p + 1))) for s, p in zip(scene.shape, small.shape[:2], strict=False)
    )
    scene[top : top + small.shape[0], left : left + small.shape[1]] = small
    return (left + face.box[0] * factor, top + face.box[1] * factor, width, face.box[3] * factor)


def _seen_at(scene: Rgb, box: tuple[float, ...]) -> tuple[bool, bool]:
    """Whether a face, and whether a face or figure, is found with its middle in the box."""
    fine = np.asarray(_within(scene, 4096))
    scale = scene.shape[1] / fine.shape[1]
    seen = FACES.detect(fine)

    def here(other: Sequence[float]) -> bool:
        x, y = ((other[k] + other[k + 2] / 2) * scale for k in (0, 1))
        return box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]

    face = any(here(each.box) for each in seen.faces)
    return face, face or any(here(each.box) for each in seen.figures)


def _within(rgb: Rgb, side: int) -> Image.Image:
    image = Image.fromarray(rgb)
    image.thumbnail((side, side))
    return image


def signals(every: int) -> Table:
    """Each signal's share of people in profile and from behind, its false alarms, and its cost."""
    hog = cv2.HOGDescriptor()
    hog.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())

    def hog_score(rgb: Rgb) -> float:
        small = np.array(_within(rgb, 640))
        if min(small.shape[:2]) < 128:
            return 0.0
        return float(max(hog.detectMultiScale(small, winStride=(8, 8), scale=1.1)[1], default=0.0))

    def face_score(rgb: Rgb) -> float:
        seen = FACES.detect(rgb)
        return max((each.score for each in (*seen.faces, *seen.figures)), default=0.0)

    def person_score(rgb: Rgb) -> float:
        return max((each.score for each in PEOPLE.figures(rgb)), default=0.0)

    ways: dict[str, tuple[Callable[[Rgb], float], tuple[float, ...]]] = {
        "face, YuNet": (face_score, (0.3, 0.5)),
        "person, SSDLite": (person_score, (0.15, 0.3, 0.5)),
        "person, HOG": (hog_score, (0.01, 1.0)),
    }
    pictures = {
        kind: list(_turned(kind, every))
        for kind in ("bust-profile", "body-profile", "bust-back", "body-back")
    } | {"scenes": [opened(path) for path in scenes()[::every]]}
    table: Table = {}
    seen: dict[str, dict[str, Scores]] = {}
    spent: dict[str, float] = {}
    for name, (way, thresholds) in ways.items():
        began = time.process_time()
        seen[name] = {kind: np.array([way(rgb) for rgb in rgbs]) for kind, rgbs in pictures.items()}
        spent[name] = (time.process_time() - began) / sum(map(len, pictures.values())) * 1000
        for least in thresholds:
            shares = {kind: float((each >= least).mean()) for kind, each in seen[name].items()}
            _signal(table, f"{name} >= {least:.2f}", shares, spent[name])
    both = spent["face, YuNet"] + spent["person, SSDLite"]
    rules = (
        ("what holds", FIGURE_MIN, SCORE_MIN),
        ("what refuses", PEOPLE_FREE.face_min, PEOPLE_FREE.figure_min),
    )
    for name, face_min, figure_min in rules:
        shares = {
            kind: float(
                (
                    (seen["face, YuNet"][kind] >= face_min) | (seen["person, SSDLite"][kind] >= figure_min)
                ).mean()
            )
            for kind in pictures
        }
        _signal(table, f"both, {name}", shares, both)
    print({kind: len(rgbs) for kind, rgbs in pictures.items()}, "pictures")
    return table


def _signal(table: Table, name: str, shares: dict[str, float], spent: float) -> None:
    table[name] = shares | {"ms": spent}
    told = "  ".join(f"{kind} {value:.0%}" for kind, value in shares.items())
    print(f"{name:>24s}  {told}  {spent:.0f} ms")


def _turned(kind: str, every: int) -> Iterator[Rgb]:
    """Rendered people who are turned away, each in front of a scene of 800 x 600."""
    random, backs = np.random.default_rng(7), scenes()
    for number, path in enumerate(sorted((ROOT / "bench/turned").glob(f"{kind}-*.webp"))[::every]):
        scene = Image.open(backs[number % len(backs)]).convert("RGB").resize((800, 600))
        person = Image.open(path)
        height = int(600 * random.uniform(0.45, 0.95))
        person = person.resize((max(1, person.width * height // person.height), height))
        left = int(random.integers(0, max(1, 800 - person.width)))
        scene.paste(person, (left, 600 - height), person.getchannel("A"))
        yield np.array(scene)


def age(every: int) -> Table:
    """Share of adults whose estimate of 'under 25' reaches each setting."""
    decades: dict[str, list[float]] = {}
    for path in sorted((SHARED / "portraits/images").iterdir())[:: 3 * every]:
        decades.setdefault("photographed adults", []).append(_youth(opened(path)))
    for row in json.loads((SHARED / "cast/records.json").read_text())[:: 4 * every]:
        decades.setdefault(f"rendered, {row['age']}", []).append(
            _youth(opened(SHARED / "cast/images" / row["file"]))
        )
    table: Table = {}
    for who, youths in sorted(decades.items()):
        row = {
            f"{least:.1f}": float((np.array(youths) >= least).mean())
            for least in (0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
        }
        table[who] = row
        print(
            f"{who:24s} {len(youths):5d}  " + "  ".join(f">={at} {share:6.1%}" for at, share in row.items())
        )
    print(f"shipped: refer from {find_policy('generative-training').minors.refer_from}")
    return table


def _youth(rgb: Rgb) -> float:
    faces: list[Face] = FACES.faces(rgb)
    return AGES.under_25_scores(rgb, faces[:1])[0] if faces else 0.0


def no_people(every: int) -> Table:
    """What gets through, and what is refused, where no people are wanted."""
    analyzer = PictureAnalyzer(FACES, None, people=PEOPLE)
    sets = {
        "portraits": sorted((SHARED / "portraits/images").iterdir())[::every],
        "cast": sorted((SHARED / "cast/images").iterdir())[::every],
        "scenes without people": scenes()[::every],
        "scenes that show a person": scenes(showing=True)[::every],
    }
    table: Table = {}
    for name, paths in sets.items():
        began, refused, held = time.process_time(), [], 0
        for path in paths:
            (seen,) = analyzer.analyze([path.read_bytes()])
            held += _held_beside_a_face(seen)
            if shows_people(seen.faces, seen.figures):
                refused.append(path.name)
        share, spent = len(refused) / len(paths), (time.process_time() - began) / len(paths) * 1000
        table[name] = {
            "pictures": len(paths),
            "refused": share,
            "figure beside a face": held / len(paths),
            "ms": spent,
        }
        print(
            f"{name:28s} {len(paths):5d}  refused {share:6.1%}  "
            f"figure beside a face {held / len(paths):6.1%}  {spent:.0f} ms a picture"
        )
        if name.startswith("scenes w"):
            print("\n".join(f"  {each}" for each in refused))
    print(f"rule: face >= {PEOPLE_FREE.face_min}, figure >= {PEOPLE_FREE.figure_min}")
    return table


def _held_beside_a_face(seen: PictureAnalysis) -> bool:
    return bool(seen.faces and faceless(seen.figures, seen.faces))


SECTIONS: dict[str, Callable[[int], Table]] = {
    "recall": recall,
    "signals": signals,
    "age": age,
    "no-people": no_people,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", nargs="*", choices=[*SECTIONS, []], default=[])
    parser.add_argument("--every", type=int, default=1, help="look at every so manieth picture only")
    asked = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    file = OUT / "people.json"
    report = json.loads(file.read_text()) if file.exists() else {}
    for name in asked.section or SECTIONS:
        print(f"-- {name}")
        report[name] = {"every": asked.every, "rows": SECTIONS[name](asked.every)}
        file.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
