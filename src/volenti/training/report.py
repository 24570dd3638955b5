"""TrainingReport: what one training or replay did, as counts and seconds."""

from __future__ import annotations

from dataclasses import dataclass

from volenti.core.shown import short_repr


@dataclass(slots=True)
class TrainingReport:
    """What one training or replay did."""

    run: str
    slices_trained: int = 0
    slices_kept: int = 0
    #: Copied from a run over another version of the dataset that trained them on the very same pictures.
    slices_taken_over: int = 0
    constituents: int = 0
    merged: int = 0
    too_few: int = 0
    #: Pictures left out because works couldn't be compared with somebody in them.
    unrecognisable: int = 0
    seconds: float = 0.0
    core_seconds: float = 0.0

    __repr__ = short_repr
