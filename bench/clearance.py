"""What clearing costs beside the sum of its own parts, and beside DeepFace; bench/out/clearance.json.

    python bench/clearance.py [--pictures 300] [--deepface PYTHON]

One process, one thread, CPU seconds, everything in one run over the same files:

- *parts*: decode, detector and face network alone, one picture after the other;
- *clearing*: `volenti clear` on them in quarantine: decrypting, the parts, rights, near-duplicates,
  previews, matching with a gallery, judging, sealing, the register and the log. Reading text in
  pictures (watermarks) is left out: it is a network of its own, several times the cost of all others,
  and a setting.
- *DeepFace*: `represent` with the same YuNet and SFace weights, in the Python given (a virtual
  environment with deepface in it and the two weights in its weights folder).

The pictures are the portraits and scenes of ../shared/data. Nobody in them has a release: the
gallery is empty, and everything is rejected or held.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from volenti.adapters.faces_opencv import OpencvFaces
from volenti.adapters.jobs_inline import InlineJobRunner
from volenti.adapters.weights_fetch import default_folder
from volenti.bootstrap import init_workspace, open_workspace
from volenti.clearance.picture import Picture, open_picture

ROOT = Path(__file__).resolve().parents[1]
SHARED, OUT = ROOT / "../shared/data", ROOT / "bench/out"
PURPOSE = "generative-training"

DEEPFACE = """
import sys, time
from pathlib import Path
import numpy, cv2
from deepface import DeepFace
cv2.setNumThreads(1)
files = sys.argv[1:]
def look(file):
    return DeepFace.represent(img_path=file, model_name="SFace", detector_backend="yunet",
                              enforce_detection=False, align=True)
look(files[0])
began = time.process_time()
faces = sum(len(look(file)) for file in files)
print(time.process_time() - began, faces)
"""


def cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def parts(files: list[Path]) -> tuple[float, int]:
    """CPU seconds of decode, detector and face network, and the faces found."""
    detector = OpencvFaces(default_folder())
    detector.sight(np.zeros((64, 64, 3), np.uint8))
    found = 0

    def work() -> None:
        nonlocal found
        for file in files:
            picture = open_picture(file.read_bytes())
            if isinstance(picture, Picture):
                found += len(detector.sight(picture.fine).faces)

    return cpu_seconds(work), found


def clearing(files: list[Path]) -> tuple[float, float, dict[str, int]]:
    """CPU seconds of taking in and of clearing, and the totals."""
    with tempfile.TemporaryDirectory() as folder:
        place = init_workspace(Path(folder) / "workspace")
        with open_workspace(place, watermarks=False, workers=1) as ws:
            ws.clearance._jobs = InlineJobRunner()
            ws.detector.sight(np.zeros((64, 64, 3), np.uint8))
            adding = cpu_seconds(lambda: ws.add(files))
            clear = cpu_seconds(lambda: ws.clear(PURPOSE))
            return adding, clear, ws.status().totals


def deepface(python: str, files: list[Path]) -> float:
    environment = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
                   "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}  # fmt: skip
    answer = subprocess.run(
        [python, "-c", DEEPFACE, *map(str, files)], capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), **environment},
    )  # fmt: skip
    return float(answer.stdout.split()[-2])


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--deepface", metavar="PYTHON", help="a Python with deepface installed")
    args = parser.parse_args()
    portraits = sorted((SHARED / "portraits").rglob("*.jpg"))
    scenes = sorted((SHARED / "scenes").glob("*.jpg"))
    few = max(1, args.pictures // 10)
    files = portraits[: args.pictures - few] + scenes[:few]
    # Turn about, so that a machine that slows down slows down both.
    first, faces = parts(files)
    adding, clear, totals = clearing(files)
    second, _ = parts(files)
    alone = (first + second) / 2
    rows = [
        ("pictures", len(files), ""),
        ("faces", faces, ""),
        ("parts alone, CPU ms a picture", 1000 * alone / len(files), ""),
        ("clearing, CPU ms a picture", 1000 * clear / len(files), f"{clear / alone:.2f} x parts"),
        ("taking in, CPU ms a picture", 1000 * adding / len(files), f"{adding / alone:.2f} x parts"),
    ]
    if args.deepface:
        other = deepface(args.deepface, files)
        each = 1000 * other / len(files)
        rows.append(("DeepFace, CPU ms a picture", each, f"{other / clear:.2f} x clearing"))
    for name, value, note in rows:
        print(f"{name:36s} {value:>10.1f}  {note}")
    print(f"totals: {totals}")
    versions = {name: version(name) for name in ("volenti", "opencv-python-headless", "numpy", "pillow")}
    print(f"versions: {versions}, Python {platform.python_version()}")
    report = {
        "rows": [{"what": name, "value": value, "ratio": note} for name, value, note in rows],
        "overhead": clear / alone - 1,
        "totals": totals,
        "versions": versions,
    }
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "clearance.json").write_text(json.dumps(report, indent=1) + "\n")
    print(f"\nclearing costs {clear / alone - 1:+.0%} beside the sum of its parts")


if __name__ == "__main__":
    main()
