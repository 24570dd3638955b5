"""How far each of the two runs of `interrupted` has got, and where one of them is to be killed."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Kill:
    """Where a run is to be killed: in which stage, once how much of it is done."""

    stage: str
    share: float
    pause_seconds: float
    done: int = 0


@dataclass(slots=True)
class Lane:
    """One workspace and how far it has got; kept in a file, so that a second call goes on."""

    name: str
    planned: list[Kill]
    killed: list[Kill] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    finished: list[str] = field(default_factory=list)
    peak_mib: float = 0.0
    cpu_seconds: dict[str, float] = field(default_factory=dict)

    def keep(self, folder: Path) -> None:
        part = folder / f"{self.name}.json.part"
        part.write_text(json.dumps(asdict(self)))
        part.rename(folder / f"{self.name}.json")

    @classmethod
    def read(cls, folder: Path, name: str, planned: list[Kill]) -> Lane:
        path = folder / f"{name}.json"
        if not path.exists():
            return cls(name, planned)
        body = json.loads(path.read_text())
        for key in ("planned", "killed"):
            body[key] = [Kill(**each) for each in body[key]]
        return cls(**body)


def plan(kills: int, seed: int) -> list[Kill]:
    """Random moments, a third of them (rounded) while pictures are taken in."""
    rng = random.Random(f"{seed}/kills")
    adding = round(kills / 3)
    stages = ["add"] * adding + ["clear"] * (kills - adding)
    found = [Kill(stage, rng.uniform(0.05, 0.95), rng.uniform(0, 1.5)) for stage in stages]
    return sorted(found, key=lambda kill: (kill.stage, kill.share))
