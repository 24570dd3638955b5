"""What is said of runs: a line of the list, and a run of a script with its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from volenti.training.external_run import ExternalPart, ExternalRun


@dataclass(frozen=True, slots=True)
class ListedRun:
    """One run, the project's own or that of a script. `shards`: into how many parts the model is divided."""

    id: str
    #: What the script called it; empty for the project's own.
    name: str
    #: The snapshot's identifier.
    dataset: str
    shards: int
    #: How many parts are served today; of a script's model, how many are kept.
    kept: int
    created: str
    #: It was begun, and not everything of it was trained yet.
    is_unfinished: bool = False
    #: Its row doesn't open: nothing of it is used, and all that can be done is to remove it.
    is_damaged: bool = False

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One part that a script trained, whether it is due to be trained again, and who was handed a copy."""

    part: ExternalPart
    is_due: bool
    recipients: tuple[str, ...]

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class ShownRun:
    """One run of a script, what is kept of it, and the numbers of the parts that are to be trained.

    `empty` are the numbers of the parts into which no picture falls today: there is nothing to train in them.
    """

    run: ExternalRun
    kept: tuple[ShownPart, ...]
    due: tuple[int, ...]
    empty: tuple[int, ...] = ()

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the run."""
        return self.run.id
