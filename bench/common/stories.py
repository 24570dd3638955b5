"""Stories of leaving, with whole processes: what happens to a workspace before it is proved.

Each begins with a copy of a workspace of its own, trained or only cut, runs the command line as people
would, in processes that run side by side or are killed, and returns the requests that were made.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import volenti
from common.complaints import command
from common.enrolled import DATASET, PURPOSE
from volenti.demo.cast import Person

#: Ways to divide two dozen people: quick, but long enough for something to happen meanwhile.
OPTIONS = ("--shards", 3, "--slices", 3, "--samples-per-image", 12, "--min-people", 1)

#: What happens in a workspace; returns the requests made.
Story = Callable[[Path], list[str]]


def opened(workspace: Path, *subjects: str) -> list[str]:
    """A request for each."""
    with volenti.open(workspace) as ws:
        return [ws.requests.open("erasure", subject, identity="in-person").id for subject in subjects]


def begun(workspace: Path, *words: object) -> subprocess.Popen[str]:
    """A command as a process group of its own, going on while others run."""
    call = [sys.executable, "-m", "volenti.cli.main", "-C", str(workspace), *map(str, words)]
    return subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def ended(process: subprocess.Popen[str]) -> None:
    """Wait for it; it must have gone well."""
    said, _ = process.communicate()
    if process.returncode:
        sys.exit(f"{' '.join(map(str, process.args))}\n{said}")  # type: ignore[arg-type]


def awaited(workspace: Path, reached: Callable[[Path], bool], process: subprocess.Popen[str]) -> None:
    """Until something is reached; too late is an error."""
    while not reached(workspace):
        if process.poll() is not None:
            sys.exit("It was over before anything could happen.")
        time.sleep(0.05)


def slices_trained(workspace: Path) -> int:
    with volenti.open(workspace) as ws:
        return sum(1 for _ in ws.parts.records.rows("slice"))


def replaying(request: str) -> Callable[[Path], bool]:
    def reached(workspace: Path) -> bool:
        with volenti.open(workspace) as ws:
            return ws.parts.requests.find(request).state == "replaying"

    return reached


def people(workspace: Path) -> dict[str, tuple[str, ...]]:
    """Who is in which slice."""
    with volenti.open(workspace) as ws:
        run = ws.parts.training.run().id
        return {row.id.rpartition("/")[2]: row.owners for row in ws.parts.records.rows("slice", parent=run)}


def classmates(workspace: Path) -> tuple[str, ...]:
    """The people of the fullest slice."""
    return max(people(workspace).values(), key=len)


def one_leaves(workspace: Path) -> list[str]:
    """One person, as a measure for the others."""
    requests = opened(workspace, classmates(workspace)[0])
    command(workspace, "request", "run", *requests, "--yes", "--identity", "waived", "--no-copy")
    return requests


def of_a_group_picture(workspace: Path) -> list[str]:
    """Somebody who is in a picture with another person, whose shard it belongs to."""
    with volenti.open(workspace) as ws:
        entries = ws.parts.datasets.entries(ws.parts.datasets.snapshot(DATASET))
        (group,) = [entry.owners for entry in entries if len(entry.owners) > 1]
    requests = opened(workspace, max(group))
    command(workspace, "request", "run", *requests, "--yes", "--identity", "waived", "--no-copy")
    return requests


def a_whole_shard(workspace: Path) -> list[str]:
    """Everybody of the smallest shard, one command after the other, until its last person."""
    shards: dict[str, set[str]] = {}
    for place, owners in people(workspace).items():
        shards.setdefault(place.partition("-")[0], set()).update(owners)
    requests = []
    for subject in sorted(min(shards.values(), key=len)):
        requests += opened(workspace, subject)
        command(workspace, "request", "run", requests[-1], "--yes", "--identity", "waived", "--no-copy")
    return requests


def two_of_one_slice(workspace: Path) -> list[str]:
    """Two people of one slice, replayed together."""
    requests = opened(workspace, *classmates(workspace)[:2])
    command(workspace, "request", "run", "--all", "--yes", "--identity", "waived", "--no-copy")
    return requests


def during_a_training(workspace: Path) -> list[str]:
    """One process trains everybody; another erases somebody after the second slice."""
    training = begun(workspace, "train", DATASET, *OPTIONS)
    awaited(workspace, lambda workspace: slices_trained(workspace) >= 2, training)
    with volenti.open(workspace) as ws:
        somebody = min(owner for row in ws.parts.records.rows("slice") for owner in row.owners)
    requests = opened(workspace, somebody)
    command(workspace, "request", "run", *requests, "--yes", "--identity", "waived", "--no-copy")
    ended(training)
    return requests


def during_a_replay(workspace: Path) -> list[str]:
    """While one person's slice is replayed, another of that slice leaves, by another process."""
    first, second = opened(workspace, *classmates(workspace)[:2])
    replay = begun(workspace, "request", "run", first, "--yes", "--identity", "waived", "--no-copy")
    awaited(workspace, replaying(first), replay)
    command(workspace, "request", "run", second, "--yes", "--identity", "waived", "--no-copy")
    ended(replay)
    return [first, second]


def killed(workspace: Path) -> list[str]:
    """The replay and its workers are killed, and the command is given again."""
    requests = opened(workspace, classmates(workspace)[0])
    replay = begun(workspace, "request", "run", *requests, "--yes", "--identity", "waived", "--no-copy")
    awaited(workspace, replaying(requests[0]), replay)
    time.sleep(1.0)
    os.killpg(replay.pid, signal.SIGKILL)
    replay.wait()
    command(workspace, "request", "run", *requests, "--yes", "--identity", "waived", "--no-copy")
    return requests


def photographed_together(workspace: Path, folder: Path, pair: Sequence[Person]) -> None:
    """A picture of two people, cleared and cut into the dataset."""
    sides = [Image.open(io.BytesIO(each.photos[1].data)).convert("RGB").resize((256, 256)) for each in pair]
    folder.mkdir()
    Image.fromarray(np.hstack([np.asarray(side) for side in sides])).save(folder / "pair.png")
    told = {"file_name": "pair.png", "text": "a man and a woman, studio photograph"}
    (folder / "metadata.jsonl").write_text(json.dumps(told))
    with volenti.open(workspace, watermarks=False) as ws:
        ws.add([folder])
        ws.clear(PURPOSE)
        ws.datasets.cut(DATASET, PURPOSE)


#: By name: what happens, and whether the workspace was trained before.
STORIES: dict[str, tuple[Story, bool]] = {
    "one person": (one_leaves, True),
    "one of a group picture": (of_a_group_picture, True),
    "a shard to its last person": (a_whole_shard, True),
    "two of one slice at once": (two_of_one_slice, True),
    "one during a training": (during_a_training, False),
    "one during another's replay": (during_a_replay, True),
    "a replay killed": (killed, True),
}
