"""What clearing costs beside the sum of its own parts, and beside DeepFace; bench/out/clearance.json.

    python bench/clearance.py [--pictures 200] [--deepface PYTHON]

One process, one thread, CPU seconds, everything in one run over the same files, for portraits of 225
pixels, pictures of about a megapixel and photographs of twelve. The larger ones are made here, from
scenes and portraits of ../shared/data enlarged to fill them, and saved as JPEG.

- *parts*, each by itself, in a single pass: Pillow's bare decoding; the face detector and the person
  detector on the pixels that clearing gives them; the face network on every face.
- *clearing*: `volenti clear` on them in quarantine: decrypting, decoding at the scales needed, the
  parts, the age estimate, rights and content credentials, previews, matching with a gallery of 1,000
  people, judging, sealing, the register and the log. No work of others is registered, and reading text
  in pictures (watermarks) is off: it is a network of its own, several times the cost of all others.
- *DeepFace*: with the same YuNet and SFace weights, in the Python given (a virtual environment with
  deepface in it and the two weights in its weights folder). `represent` detects and describes faces,
  and does nothing else of the above; `find`, in its batched form, also looks them up in a gallery.

The people of the galleries are random unit vectors: nobody in the pictures is among them, so
everything is rejected or held.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image

import volenti
from volenti.adapters.jobs.inline import InlineJobRunner
from volenti.adapters.jobs.local import ONE_THREAD
from volenti.adapters.matcher.exact import ExactMatcher
from volenti.adapters.sight.age_onnx import OnnxAges
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.adapters.sight.people_onnx import OnnxPeople
from volenti.adapters.weights.folder import default_folder
from volenti.folder import init_workspace
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.sight.faces import Face

ROOT = Path(__file__).resolve().parents[1]
SHARED, OUT = ROOT / "../shared/data", ROOT / "bench/out"
PURPOSE = "generative-training"

#: Kinds of pictures made here: size, how many for one portrait, and how wide each of two people is.
MADE = {"1 MP": ((1200, 900), 0.15, 250), "12 MP": ((4000, 3000), 0.05, 700)}
GALLERIES = (1_000, 10_000, 50_000)
#: Pictures that are looked up in each gallery by DeepFace.
FOUND = 10


@dataclass(frozen=True, slots=True)
class Parts:
    """CPU milliseconds a picture of each part alone."""

    decode: float
    faces: float
    people: float
    templates: float
    ages: float
    found: int

    @property
    def together(self) -> float:
        return self.decode + self.faces + self.people + self.templates


def cpu_ms(work: Callable[[], object], pictures: int) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began) / pictures


def pictures_of(folder: Path, count: int) -> dict[str, list[Path]]:
    """Files by kind; what isn't in ../shared/data is made in the folder."""
    rng = random.Random(1)
    portraits = sorted((SHARED / "portraits").rglob("*.jpg"))
    scenes = sorted((SHARED / "scenes").glob("*.jpg"))
    found = {"225 px": rng.sample(portraits, min(count, len(portraits)))}
    for kind, (size, share, width) in MADE.items():
        found[kind] = []
        for number in range(max(4, round(count * share))):
            with Image.open(rng.choice(scenes)) as scene:
                made = scene.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            for place in range(2):
                with Image.open(rng.choice(portraits)) as person:
                    height = width * person.height // person.width
                    enlarged = person.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
                left = rng.randrange(place * size[0] // 2, (place + 1) * size[0] // 2 - width)
                made.paste(enlarged, (left, rng.randrange(size[1] - height)))
            path = folder / f"{kind.replace(' ', '')}-{number:03d}.jpg"
            made.save(path, "JPEG", quality=92)
            found[kind].append(path)
    return found


def parts_of(files: list[Path]) -> Parts:
    """What the parts cost alone, one picture after the other."""
    data = [file.read_bytes() for file in files]
    models = default_folder()
    detector, people, ages = OpencvFaces(models), OnnxPeople(models), OnnxAges(models)
    faces: list[Sequence[Face]] = []

    def decode() -> None:
        for each in data:
            np.array(Image.open(io.BytesIO(each)).convert("RGB"))

    pictures = [picture for each in data if isinstance(picture := open_picture(each), Picture)]
    first = detector.detect(pictures[0].fine).faces
    people.figures(pictures[0].rgb)
    ages.under_25_scores(pictures[0].fine, first)
    networks, describing = detector._networks, 0.0
    assert networks is not None
    describe = networks._face

    def watched(*given: object) -> object:
        nonlocal describing
        began = time.process_time()
        face = describe(*given)  # type: ignore[arg-type]
        describing += time.process_time() - began
        return face

    networks._face = watched  # type: ignore[assignment,method-assign]
    count = len(files)
    seeing = cpu_ms(lambda: faces.extend(detector.detect(each.fine).faces for each in pictures), count)
    templates = 1000 * describing / count
    return Parts(
        decode=cpu_ms(decode, count),
        faces=seeing - templates,
        people=cpu_ms(lambda: [people.figures(each.rgb) for each in pictures], count),
        templates=templates,
        ages=cpu_ms(
            lambda: [
                ages.under_25_scores(each.fine, found) for each, found in zip(pictures, faces, strict=True)
            ],
            count,
        ),
        found=sum(map(len, faces)),
    )


def crowd(people: int) -> np.ndarray:
    """Templates of people who are random unit vectors, (people, 128) float32."""
    vectors = np.random.default_rng(1).normal(size=(people, 128)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def clearing(files: list[Path], people: int) -> tuple[float, float, dict[str, int]]:
    """CPU milliseconds a picture of taking in and of clearing, and the totals."""

    def filled() -> ExactMatcher:
        matcher = ExactMatcher()
        for number, template in enumerate(crowd(people)):
            matcher.enrol(f"sub_{number}", template[None])
        return matcher

    with tempfile.TemporaryDirectory() as folder:
        place = init_workspace(Path(folder) / "workspace")
        with volenti.open(place, watermarks=False, workers=1) as ws:
            ws.parts.clearance._jobs = InlineJobRunner()
            ws.parts.clearance._analyzer.analyze([files[0].read_bytes()])
            matcher = filled()
            matcher.rank(crowd(1))
            ready = replace(ws, new_matcher=lambda: matcher)
            adding = cpu_ms(lambda: ws.add(files), len(files))
            clear = cpu_ms(lambda: ready.clear(PURPOSE), len(files))
            return adding, clear, ws.status().totals


def deepface(python: str, kinds: dict[str, list[Path]]) -> dict[str, dict[str, float]]:
    """CPU milliseconds a picture, by kind and by size of the gallery."""
    portraits = kinds["225 px"]
    asked = {
        "kinds": {kind: list(map(str, files[:100])) for kind, files in kinds.items()},
        "galleries": GALLERIES,
        "find": list(map(str, portraits[:FOUND])),
    }
    alone = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "CUDA_VISIBLE_DEVICES": ""}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
    done = subprocess.run(
        [python, str(ROOT / "bench/deepface_costs.py")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        env={**alone, **threads, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    answer: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--pictures", type=int, default=200, help="portraits; of larger ones a share")
    parser.add_argument("--deepface", metavar="PYTHON", help="a Python with deepface installed")
    args = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        # Libraries read these when they are loaded, and most are by now.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    with tempfile.TemporaryDirectory() as folder:
        kinds = pictures_of(Path(folder), args.pictures)
        measured = {kind: measure(files) for kind, files in kinds.items()}
        large = {people: clearing(kinds["225 px"], people)[1] for people in GALLERIES[1:]}
        other = deepface(args.deepface, kinds) if args.deepface else None
    names = ("volenti", "onnxruntime", "opencv-python-headless", "numpy", "pillow")
    report = {
        "kinds": measured,
        "overhead": {kind: row["overhead"] for kind, row in measured.items()},
        "clear_large": large,
        "deepface": other,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in names},
    }
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "clearance.json").write_text(json.dumps(report, indent=1) + "\n")
    table(measured, large, other)
    print(f"versions: {report['versions']}, Python {report['python']}")
    over = ", ".join(f"{row['overhead']:+.1%} ({kind})" for kind, row in measured.items())
    aged = ", ".join(f"{row['overhead_with_ages']:+.1%}" for row in measured.values())
    print(
        f"\nclearing costs {over} beside decoding, detectors and face network; "
        f"{aged} with the age estimate counted as a part"
    )


def measure(files: list[Path]) -> dict[str, float]:
    """One kind of picture; the parts before and after, so that a machine that slows down slows both."""
    before = parts_of(files)
    add, clear, totals = clearing(files, GALLERIES[0])
    after = parts_of(files)
    each = {name: (value + getattr(after, name)) / 2 for name, value in asdict(before).items()}
    parts = (before.together + after.together) / 2
    with_ages = clear / (parts + each["ages"]) - 1
    return {
        "pictures": len(files),
        **each,
        "parts": parts,
        "clear": clear,
        "add": add,
        **totals,
        "overhead": clear / parts - 1,
        "overhead_with_ages": with_ages,
    }


Table = dict[str, dict[str, float]]


def table(measured: Table, large: dict[int, float], other: dict[str, dict[str, float]] | None) -> None:
    """CPU milliseconds a picture, one kind a column."""

    def row(name: str, values: Sequence[str], note: str = "") -> None:
        print(f"{name:42s}" + "".join(f"{value:>10s}" for value in values) + note)

    row("CPU ms a picture", list(measured))
    lines = {
        "pictures": "pictures",
        "faces found": "found",
        "decode": "decode",
        "face detector": "faces",
        "person detector": "people",
        "face network": "templates",
        "these parts together": "parts",
        "age estimate": "ages",
        "clearing, 1,000 in the gallery": "clear",
        "taking in": "add",
    }
    for name, key in lines.items():
        digits = 0 if key in ("pictures", "found") else 1
        row(name, [f"{each[key]:,.{digits}f}" for each in measured.values()])
    row("clearing beside these parts", [f"{each['overhead']:+.1%}" for each in measured.values()])
    with_ages = [f"{each['overhead_with_ages']:+.1%}" for each in measured.values()]
    row("clearing beside them and the age estimate", with_ages)
    for people, cost in large.items():
        row(f"clearing, {people:,} in the gallery", [f"{cost:.1f}"])
    if other is None:
        return
    row("DeepFace.represent", [f"{other['represent'][kind]:,.1f}" for kind in measured])
    for people, cost in other["find"].items():
        ours = large.get(int(people), measured["225 px"]["clear"])
        row(
            f"DeepFace.find, {int(people):,} in the gallery",
            [f"{cost:,.1f}"],
            f"  {cost / ours:.2f} x clearing",
        )
    print(f"DeepFace: {other['versions']}")


if __name__ == "__main__":
    main()
