"""Killed at any moment: `add`, `clear`, `train` and `request run` go on where they stopped.

Each scenario first runs undisturbed, to know how long it takes and what should come out.
Then, on a fresh copy of the same starting point, it is killed with SIGKILL at random moments,
one at a time, and run once more to the end. What comes out must be the same, and an audit must find
nothing left over and nothing lost.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import volenti
from volenti.demo.cast import read_cast
from volenti.demo.releases import entry
from volenti.folder import init_workspace
from volenti.generation.bases import shipped_base

KILLS = 10
PEOPLE, PHOTOS = 6, 2
TRAIN = ["train", "humans", "--shards", "1", "--slices", "4", "--samples-per-image", "2", "--min-people", "2"]
LEAVER = 0


def command(workspace: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "volenti.cli.main", "-C", str(workspace), *words]


def run(workspace: Path, *words: str) -> str:
    done = subprocess.run(command(workspace, *words), capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout


def killed(start: Path, workspace: Path, took: float, *words: str, seed: int) -> None:
    """Kill the command KILLS times at random moments.

    Work adds up from one attempt to the next; whenever it gets done, it begins anew from a
    fresh copy of `start`, so that every kill really interrupts something.
    """
    rng = random.Random(seed)
    shutil.copytree(start, workspace)
    kills = 0
    while kills < KILLS:
        process = subprocess.Popen(
            command(workspace, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(rng.uniform(0.1, 0.9) * took)
            shutil.rmtree(workspace)
            shutil.copytree(start, workspace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, models: Path) -> dict[str, Path]:
    """A workspace before each of the four commands, and the inbox they all use."""
    if not shipped_base().exists():
        pytest.skip("the people-free base isn't there")
    folder = tmp_path_factory.mktemp("killed")
    people = read_cast(3)[:PEOPLE]
    inbox, papers = folder / "inbox", folder / "papers"
    (papers / "references").mkdir(parents=True)
    inbox.mkdir()
    entries = [entry(person) for person in people]
    for person, each in zip(people, entries, strict=True):
        (papers / str(each["reference"])).write_bytes(person.reference.data)
        for number, photo in enumerate(person.photos[1 : PHOTOS + 1]):
            path = inbox / f"{person.handle}-{number}.jpg"
            path.write_bytes(photo.data)
            path.with_suffix(".txt").write_text(photo.caption)
    (papers / "releases.json").write_text(json.dumps(entries))
    stages = {name: folder / name for name in ("add", "clear", "train", "request")}
    init_workspace(stages["add"], seed=7)
    with volenti.open(stages["add"]) as ws:
        assert len(ws.releases.import_(papers / "releases.json").imported) == PEOPLE
    shutil.copytree(stages["add"], stages["clear"])
    run(stages["clear"], "add", str(inbox))
    shutil.copytree(stages["clear"], stages["train"])
    run(stages["train"], "clear", "--purpose", "generative-training")
    run(stages["train"], "dataset", "cut", "humans", "--purpose", "generative-training")
    shutil.copytree(stages["train"], stages["request"])
    run(stages["request"], *TRAIN)
    run(stages["request"], "request", "open", "--kind", "erasure", "--subject", people[LEAVER].subject_id)
    return {**stages, "inbox": inbox}


def outcome(workspace: Path) -> dict[str, object]:
    """What must not depend on having been killed."""
    with volenti.open(workspace) as ws:
        account = ws.status()
        audit = ws.audit()
        served = {
            c.shard: c.sha256
            for run in ws.parts.training.runs()
            for c in ws.parts.training.model_store.constituents(run.id)
        }
        requests = [request.state for request in ws.parts.requests.all()]
        return {
            "totals": account.totals,
            "decisions": sorted((f.file, f.verdict, f.image) for f in account.files),
            "subjects": sorted(subject.id for subject in ws.parts.consent.subjects()),
            "served": served,
            "requests": requests,
            "problems": audit.problems,
        }


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["add", "clear", "train", "request"])
def test_killed_anywhere_it_ends_as_if_nothing_had_happened(
    start: dict[str, Path], tmp_path: Path, name: str
) -> None:
    words = {
        "add": ["add", str(start["inbox"])],
        "clear": ["clear", "--purpose", "generative-training"],
        "train": TRAIN,
        "request": ["request", "run", "--all", "--yes", "--identity", "waived", "--no-copy"],
    }[name]
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    shutil.copytree(start[name], calm)
    began = time.monotonic()
    run(calm, *words)
    took = time.monotonic() - began
    seed = len(name) + int(os.environ.get("VOLENTI_TEST_SEED", "0"))
    killed(start[name], rough, took, *words, seed=seed)
    run(rough, *words)
    assert outcome(rough) == outcome(calm)
    assert outcome(rough)["problems"] == []
