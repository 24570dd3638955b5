"""Plan: what an erasure will do and what it will cost. Pure data; execution follows it.

Prices are seconds of waiting and of work, measured when the slices were trained,
never guessed from their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from volenti.core.canonical import Json
from volenti.erasure.holder import Holding
from volenti.training.forgetting import Price
from volenti.training.guest import Retraining


@dataclass(frozen=True, slots=True)
class Plan:
    """What every holder has of the subject, and what the model's replay will take."""

    request: str
    holdings: tuple[Holding, ...]
    prices: tuple[Price, ...]
    #: Of models trained by the user's own scripts, which only those scripts can train again.
    retrainings: tuple[Retraining, ...] = ()

    @property
    def seconds(self) -> float:
        return sum(price.seconds for price in self.prices)

    @property
    def full_seconds(self) -> float:
        return sum(price.full_seconds for price in self.prices)

    def to_json(self) -> Json:
        full = self.full_seconds
        return {
            "request": self.request,
            "holders": [holding.to_json() for holding in self.holdings],
            "constituents": sorted({each for price in self.prices for each in price.constituents}),
            "slices": sorted({each for price in self.prices for each in price.slices}),
            "items": sum(holding.items for holding in self.holdings),
            "bytes": sum(holding.bytes for holding in self.holdings),
            "seconds": round(self.seconds, 3),
            "full_seconds": round(full, 3),
            "cost_ratio": round(self.seconds / full, 6) if full else 0.0,
            "retrainings": [each.to_json() for each in self.retrainings],
        }


def plan(
    request: str, holdings: Sequence[Holding], prices: Sequence[Price], retrainings: Sequence[Retraining] = ()
) -> Plan:
    """A plan from what the holders located and what the runs would cost."""
    return Plan(request, tuple(holdings), tuple(each for each in prices if each.slices), tuple(retrainings))
