"""Holders of training: find and destroy what learned from a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.vault.holder import Erased, Holding, Turn

if TYPE_CHECKING:
    from volenti.training.external_runs import ExternalRuns
    from volenti.training.model_store import ModelStore


class ModelHolder:
    """Holds the constituents and slices that were trained on the subject."""

    name = "model"
    turn = Turn.SERVING

    def __init__(self, model_store: ModelStore) -> None:
        self._model_store = model_store

    def locate(self, subject: str) -> list[Holding]:
        """The constituents and slices that learned from the subject. Needs their key."""
        merged, trained = (self._model_store.bytes_of(subject, kind) for kind in ("constituent", "slice"))
        told = (
            (merged, "constituents that learned from them", "drop at once, then merge anew without them"),
            (trained, "slices that learned from them", "destroy, then train anew without them"),
        )
        return [
            Holding(self.name, what, len(sizes), sum(sizes), action) for sizes, what, action in told if sizes
        ]

    def erase(self, subject: str) -> Erased:
        """Destroy them; returns how many constituents, and the sealed bytes of all."""
        size = sum(holding.bytes for holding in self.locate(subject))
        return Erased(len(self._model_store.drop(subject)), size)

    def attest(self, subject: str) -> int:
        """How many slices and constituents that learned from the subject are left."""
        return self._model_store.held(subject)


class ExternalRunHolder:
    """Holds the external parts that were trained on the subject."""

    name = "own models"
    turn = Turn.SERVING

    def __init__(self, external_runs: ExternalRuns) -> None:
        self._external_runs = external_runs

    def locate(self, subject: str) -> list[Holding]:
        """Parts of models that the user's own scripts trained on the subject. Needs their key."""
        found = self._external_runs.parts_of(subject)
        size = sum(part.weights.location.length for part in found)
        what = "parts of models trained by your own scripts"
        return (
            [Holding(self.name, what, len(found), size, "destroy; your script trains them anew")]
            if found
            else []
        )

    def erase(self, subject: str) -> Erased:
        """Destroy those parts; returns how many, and their sealed bytes."""
        size = sum(holding.bytes for holding in self.locate(subject))
        return Erased(self._external_runs.drop(subject), size)

    def attest(self, subject: str) -> int:
        """How many parts that learned from the subject are left."""
        return self._external_runs.held(subject)
