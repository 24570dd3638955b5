"""What is asked of a handing out of weights, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.codec import encoded
from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.deliveries.weights.terms import ConstituentTerms


@dataclass(frozen=True, slots=True)
class WeightsAsked:
    """What is asked of a handing out: to whom, where, under which words.

    `contact` and `feed` say how the recipient reaches the sender, and where the deletion feed is published.
    `licence` is the text that is laid beside the weights, or empty.
    """

    recipient: str
    territory: str = ""
    sublicensable: bool = False
    contact: str = ""
    feed: str = ""
    licence: bytes = b""


@dataclass(frozen=True, slots=True)
class ExportedRun:
    """What was handed out of a run, or would be: then `delivery` is empty, and no file has a digest yet.

    `was_there`: the folder held exactly this delivery already, and nothing was written. `succeeds` are
    earlier deliveries to the same recipient whose called back constituents have their successors in this one.
    """

    run: str
    dataset: str
    recipient: str
    territory: str
    sublicensable: bool
    constituents: tuple[ConstituentTerms, ...]
    delivery: str = ""
    was_there: bool = False
    succeeds: tuple[str, ...] = ()

    __repr__ = short_repr

    def to_json(self) -> Json:
        """What was handed out as a JSON object; `delivery` is null after a dry run."""
        return {
            "run": self.run,
            "dataset": self.dataset,
            "recipient": self.recipient,
            "territory": self.territory,
            "sublicensable": self.sublicensable,
            "constituents": encoded(self.constituents),
            "delivery": self.delivery or None,
            "was_there": self.was_there,
            "succeeds": list(self.succeeds),
        }
