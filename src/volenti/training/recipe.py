"""Recipe: everything that a training depends on except the pictures and their captions.

Two trainings with the same recipe, the same base and the same pictures give the
same bits. Nothing in a recipe may be computed from the pictures: not the number
of shards once training began, not the learning rate, not the number of samples.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from volenti.core.canonical import canonical
from volenti.core.codec import OPTIONAL, encoded
from volenti.core.digest import sha256
from volenti.core.errors import UsageError

#: The largest scale; far below it pictures fall apart already.
MOST_SCALE = 4.0


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
    #: What the mean of the slices' changes is multiplied by (task arithmetic, Ilharco et al. 2022,
    #: arXiv:2212.04089): a mean of short trainings moves less far than one long training does.
    scale: float = field(default=1.0, metadata=OPTIONAL)
    #: Equal parts of a step's batch, which are computed one after the other; the gradient is that of the
    #: mean. More of them need less memory. They are rounded in another order, so they are part of a recipe.
    accumulate: int = field(default=1, metadata=OPTIONAL)

    def __post_init__(self) -> None:
        least = {
            "shards": 1,
            "slices": 1,
            "samples_per_image": 1,
            "batch": 1,
            "accumulate": 1,
            "rank": 0,
            "min_people": 1,
            "wave_days": 1,
        }
        for name, low in least.items():
            if getattr(self, name) < low:
                raise UsageError(f"A recipe's {name} must be at least {low}.", "Give a larger number.")
        if not 0 < self.scale <= MOST_SCALE:
            raise UsageError(
                f"A recipe's scale must be above 0 and at most {MOST_SCALE:g}.", "Give another number."
            )

        if self.batch % self.accumulate:
            raise UsageError(
                f"A step of {self.batch} pictures can't be computed in {self.accumulate} equal parts.",
                "Give an --accumulate that divides --batch.",
            )

    @property
    def digest(self) -> str:
        """SHA-256 of the recipe's canonical JSON."""
        return sha256(canonical(encoded(self)))

    @property
    def pictures_at_once(self) -> int:
        """Pictures of a step that are computed together."""
        return self.batch // self.accumulate

    def steps(self, images: int) -> int:
        """Steps of a slice's training: enough to draw `samples_per_image` samples a picture; at least one."""
        return max(1, -(-images * self.samples_per_image // self.batch))


#: For pictures unlike those that the base learned from (`training.nearness`): a slice takes many small steps
#: with adapters of a higher rank, and the mean of the changes is made larger (docs/adr/0035). The constants
#: are the ones measured in bench/learning.py.
FAR = Recipe(shards=4, slices=7, batch=2, rank=32, learning_rate=4e-3, scale=1.6)
