"""Recipe: everything that a training depends on except the pictures and their captions.

Two trainings with the same recipe, the same base and the same pictures give the
same bits. Nothing in a recipe may be computed from the pictures: not the number
of shards once training began, not the learning rate, not the number of samples.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from volenti.core.canonical import canonical
from volenti.core.digest import sha256
from volenti.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Recipe:
    """How constituents are trained. The defaults are the ones measured in bench/forgetting.py."""

    base_sha256: str = ""
    shards: int = 4
    slices: int = 16
    #: Training samples drawn for each picture (each with its own noise, time and mirror).
    samples_per_image: int = 20
    batch: int = 16
    #: Rank of the slices' low-rank adapters; 0 stands for full adapters (`generation.lora`).
    rank: int = 8
    learning_rate: float = 2e-3
    caption_dropout: float = 0.12
    size_px: int = 64
    #: A constituent of fewer people would be a likeness of them.
    min_people: int = 10
    #: Length of a cohort in days: only people enrolled in the same cohort share slices.
    wave_days: int = 30

    def __post_init__(self) -> None:
        least = {
            "shards": 1,
            "slices": 1,
            "samples_per_image": 1,
            "batch": 1,
            "rank": 0,
            "min_people": 1,
            "wave_days": 1,
        }
        for name, low in least.items():
            if getattr(self, name) < low:
                raise UsageError(f"A recipe's {name} must be at least {low}.", "Give a larger number.")

    @property
    def digest(self) -> str:
        """SHA-256 of the recipe's canonical JSON."""
        return sha256(canonical(asdict(self)))

    def steps(self, images: int) -> int:
        """Steps of a slice's training: enough to draw `samples_per_image` samples a picture; at least one."""
        return max(1, -(-images * self.samples_per_image // self.batch))
