"""Complaints, timed as a user meets them: whole commands in processes of their own.

Two figures each. Seconds are what a clock shows. Core seconds are what every process that the
command started has computed, start-up, erasure, replay, merge, verification and certificate
included: the figure that doesn't depend on how many cores there were.
"""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import volenti
from common.enrolled import DATASET

#: Told when the model no longer holds the person.
DROPPED = "did erase model"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took."""

    seconds: float
    core_seconds: float


@dataclass(frozen=True, slots=True)
class Trained:
    """What lies in a workspace's latest run: who is in which slice, and what each slice took."""

    people: Mapping[str, tuple[str, ...]]
    core_seconds: Mapping[str, float]
    images: Mapping[str, int]
    #: Of all slices and constituents, sealed.
    model_bytes: int


class _DroppedError(Exception):
    """Stops a request once the model has let go; the copy it ran in is thrown away."""


def command(workspace: Path, *words: object) -> Spent:
    """Run one command in a workspace, as a process of its own."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    call = [sys.executable, "-m", "volenti.cli.main", "-C", str(workspace), *map(str, words)]
    answer = subprocess.run(call, capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"{' '.join(call)}\n{answer.stderr}")
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    core = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(took, core)


def train(workspace: Path, **options: int) -> Spent:
    """`volenti train` with these options."""
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    return command(workspace, "train", DATASET, *words)


def complain(workspace: Path, subject: str) -> tuple[Spent, Spent]:
    """One person's erasure: what running the request took, certificate included, and what opening it did."""
    opened = command(workspace, "request", "open", "--subject", subject, "--identity", "in-person")
    return command(workspace, "request", "run", "--all", "--yes", "--no-copy"), opened


def looked_up(workspace: Path) -> Trained:
    """The latest run of a workspace."""
    with volenti.open(workspace) as ws:
        run = ws.parts.training.run().id
        people = {row.id.rpartition("/")[2]: row.owners for row in ws.parts.records.rows("slice", parent=run)}
        slices = {str(each.place): each for each in ws.parts.training.model_store.slices(run)}
        kept = [*slices.values(), *ws.parts.training.model_store.constituents(run)]
        size = sum(each.weights.location.length for each in kept)
    seconds = {place: each.seconds for place, each in slices.items()}
    return Trained(people, seconds, {place: each.images for place, each in slices.items()}, size)


def sample(people: Mapping[str, Sequence[str]], each: int) -> list[tuple[str, float]]:
    """Slices to try, and how much each counts: `each` of every size a slice has, 0 for all.

    Slices of as many people cost as much, so a mean over everybody is a mean over sizes, each
    counting as often as there are people in slices of that size.
    """
    sizes: dict[int, list[str]] = defaultdict(list)
    for place, owners in sorted(people.items()):
        sizes[len(owners)].append(place)
    rng, chosen = random.Random("bench/complaints"), []
    everybody = sum(map(len, people.values()))
    for size, places in sorted(sizes.items()):
        some = rng.sample(places, min(each or len(places), len(places)))
        chosen += [(place, size * len(places) / len(some) / everybody) for place in sorted(some)]
    return chosen


def copied(workspace: Path) -> Path:
    """A copy of a workspace beside it, in place of an earlier one: everybody leaves the same model."""
    copy = workspace.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    return Path(shutil.copytree(workspace, copy))


def seconds_to_drop(workspace: Path, subject: str) -> tuple[float, float]:
    """Seconds until the served model no longer holds somebody: of the erasure, and of the whole request.

    Measured in this process, in a copy that is given up then. Checks that nothing that learned
    from them is left to serve.
    """
    at: dict[str, float] = {}

    def watch(step: str) -> None:
        at[step] = time.perf_counter()
        if step == DROPPED:
            raise _DroppedError

    with volenti.open(copied(workspace), watch=watch) as ws:
        request = ws.requests.open("erasure", subject, identity="in-person")
        began = time.perf_counter()
        with suppress(_DroppedError):
            ws.requests.run(request.id)
        if ws.parts.training.model_store.affected(subject):
            sys.exit(f"{subject} is still served.")
    return at[DROPPED] - at["located"], at[DROPPED] - began
