"""What DeepFace costs, for `clearance`: run by a Python that has deepface, which the project's own hasn't.

Reads {kinds: {kind: files}, galleries: [people], find: files} from its standard input, as JSON, and
writes CPU milliseconds a picture, of one thread. A gallery is what DeepFace keeps of one: a pickle
of representations, here of random vectors.
"""

import json
import pickle
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

NETWORKS = {"model_name": "SFace", "detector_backend": "yunet", "enforce_detection": False, "align": True}
STORE = "ds_model_sface_detector_yunet_aligned_normalization_base_expand_0.pkl"


def cost(look: Callable[[str], object], files: list[str]) -> float:
    look(files[0])
    began = time.process_time()
    for file in files:
        look(file)
    return 1000 * (time.process_time() - began) / len(files)


def main() -> None:
    import cv2
    import numpy as np
    from deepface import DeepFace

    cv2.setNumThreads(1)
    asked = json.loads(sys.stdin.read())
    represent = {
        kind: cost(lambda file: DeepFace.represent(img_path=file, **NETWORKS), files)
        for kind, files in asked["kinds"].items()
    }
    find = {}
    for people in asked["galleries"]:
        vectors = np.random.default_rng(1).normal(size=(people, 128)).tolist()
        box = dict.fromkeys(("target_x", "target_y", "target_w", "target_h"), 1)
        rows = [{"identity": str(n), "hash": "", "embedding": v, **box} for n, v in enumerate(vectors)]
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, STORE).write_bytes(pickle.dumps(rows, pickle.HIGHEST_PROTOCOL))
            options = {"db_path": folder, "silent": True, "refresh_database": False, "batched": True}
            find[people] = cost(
                lambda file, given=options: DeepFace.find(img_path=file, **given, **NETWORKS), asked["find"]
            )
    versions = {name: version(name) for name in ("deepface", "opencv-python", "numpy")}
    print(json.dumps({"represent": represent, "find": find, "versions": versions}))


if __name__ == "__main__":
    main()
