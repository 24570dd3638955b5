"""Forgetting: prices what it would cost to make the model forget somebody, before anything is done.

It is pure: the price comes from the seconds that the slices' trainings took. To forget one person is expected
to cost 1 / (shards x slices) of training all constituents. It is a little more, because a person is more
likely to be in a slice with many people; the planner computes it for the people there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from volenti.core.canonical import Json


@dataclass(frozen=True, slots=True)
class Price:
    """What forgetting costs beside training everything, in seconds of work and of waiting."""

    constituents: tuple[str, ...]
    slices: tuple[str, ...]
    core_seconds: float
    full_core_seconds: float
    seconds: float
    full_seconds: float
    #: Whether the slices were trained on a GPU.
    on_gpu: bool = False

    @property
    def ratio(self) -> float:
        """Waiting for the replay as a share of waiting for a full training; 0 where there is no model."""
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
    """The price of replaying some slices.

    affected: (slice, core seconds) of those to be replayed. everything: core seconds of every slice.
    workers: cores on which slices are replayed at the same time. Waiting takes at least as long as the
    longest slice.
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
