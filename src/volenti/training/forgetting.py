"""Forgetting: what a withdrawal would cost the model, before anything is done.

Pure: a price from what the slices' trainings took. The expected price of one
person is 1 / (shards x slices) of training all constituents, a little more because
full slices have more people in them; the planner measures rather than assumes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from volenti.core.canonical import Json


@dataclass(frozen=True, slots=True)
class Price:
    """What forgetting costs against training everything, in seconds of work and of waiting."""

    constituents: tuple[str, ...]
    slices: tuple[str, ...]
    core_seconds: float
    full_core_seconds: float
    seconds: float
    full_seconds: float
    #: Whether these are seconds of a GPU.
    on_gpu: bool = False

    @property
    def ratio(self) -> float:
        """Waiting for the replay as a share of waiting for a full training; 0 with no model."""
        return self.seconds / self.full_seconds if self.full_seconds else 0.0

    def to_json(self) -> Json:
        """The price as a JSON object, in seconds; `cost_ratio` is `ratio`."""
        return {
            "constituents": list(self.constituents),
            "slices": list(self.slices),
            "core_seconds": round(self.core_seconds, 3),
            "seconds": round(self.seconds, 3),
            "full_core_seconds": round(self.full_core_seconds, 3),
            "full_seconds": round(self.full_seconds, 3),
            "cost_ratio": round(self.ratio, 6),
        }


#: Seconds to start a worker and load the base, before the first step.
STARTUP_SECONDS = 3.0


def price(
    affected: Iterable[tuple[str, float]],
    everything: Sequence[float],
    constituents: Iterable[str],
    workers: int,
    measured_full_seconds: float = 0.0,
    on_gpu: bool = False,
) -> Price:
    """affected: (slice, core seconds) to be replayed; everything: core seconds of every slice.

    Slices are replayed side by side on `workers` cores; the longest slice is the least there is
    to wait.
    """
    some = list(affected)
    core = sum(seconds for _, seconds in some)
    waiting = max([core / workers, *(seconds for _, seconds in some)], default=0.0)
    full = sum(everything)
    return Price(
        tuple(sorted(constituents)),
        tuple(sorted(name for name, _ in some)),
        core,
        full,
        waiting + (STARTUP_SECONDS if some else 0.0),
        measured_full_seconds or full / workers + STARTUP_SECONDS,
        on_gpu,
    )
