"""Notice: what the recipient of a delivery was told to take out, and what they acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from volenti.core.clock import moment
from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.deliveries.delivery import Delivery


@dataclass(frozen=True, slots=True)
class DeletionNotice:
    """What a recipient was told to take out, and what they acknowledged.

    `told` and `open` count samples: all that were called back, and those not yet acknowledged. `since` is
    when the oldest of the latter was called back, `due` when it should be acknowledged, `acknowledged` when
    the recipient last did. A time is empty where there is none.
    """

    delivery: Delivery
    told: int = 0
    open: int = 0
    since: str = ""
    due: str = ""
    acknowledged: str = ""

    __repr__ = short_repr

    def is_overdue(self, now: datetime) -> bool:
        """Whether the recipient should have acknowledged by now; False where nothing is due."""
        return self.due != "" and now > moment(self.due)

    def to_json(self) -> Json:
        """The notice as a JSON object; null where a time isn't known."""
        given = self.delivery
        return {
            "delivery": given.id,
            "recipient": given.recipient,
            "dataset": given.snapshot,
            "format": given.format,
            "delivered": given.at,
            "territory": given.territory or None,
            "sublicensable": given.sublicensable,
            "samples": given.samples,
            "complete": given.complete,
            "told": self.told,
            "open": self.open,
            "since": self.since or None,
            "due": self.due or None,
            "acknowledged": self.acknowledged or None,
            **given.of_run,
        }
