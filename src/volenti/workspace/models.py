"""Models: the files that find people and compare faces."""

from __future__ import annotations

from volenti.workspace.noun import Noun


class Models(Noun):
    """The models that find people and compare faces."""
