"""Killed in the middle of an upload: a file is there whole or not at all, and given again once."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

import volenti

KILLS, FILES = 6, 8
#: What one request for a file does, file after file.
ADDS = """
import sys, volenti
from pathlib import Path
with volenti.open(sys.argv[1]) as ws:
    print("open", flush=True)
    for file in sorted(Path(sys.argv[2]).iterdir()):
        ws.pictures.add(f"march/{file.name}", file.read_bytes(), shoot="march")
        print(file.name, flush=True)
"""


def picture(seed: int) -> bytes:
    out = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (96, 96, 3), np.uint8)
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_an_upload_that_is_killed_leaves_whole_files_and_is_taken_once(tmp_path: Path) -> None:
    at, chance = volenti.init(tmp_path / "studio", seed=1), random.Random(5)
    killed = 0
    for number in range(KILLS):
        (folder := tmp_path / f"inbox-{number}").mkdir()
        for place in range(FILES):
            (folder / f"{number}-{place}.png").write_bytes(picture(100 * number + place))
        call = [sys.executable, "-c", ADDS, str(at), str(folder)]
        process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        # So many files are in; the next one is under way.
        for _ in range(1 + chance.randrange(FILES - 1)):
            process.stdout.readline()
        time.sleep(chance.uniform(0, 0.01))
        process.kill()
        process.wait()
        with volenti.open(at) as ws:
            there = ws.pictures.counts().get("waiting", 0)
            assert FILES * number <= there <= FILES * (number + 1)
            killed += there < FILES * (number + 1)
            assert ws.audit(deep=True).problems == []
            for _ in range(2):
                for file in sorted(folder.iterdir()):
                    ws.pictures.add(f"march/{file.name}", file.read_bytes(), shoot="march")
            assert ws.pictures.counts() == {"waiting": FILES * (number + 1)}
            assert ws.audit(deep=True).problems == []
    assert killed > 0
