"""Works: pictures that were drawn, refused, or called back."""

from __future__ import annotations

from volenti.workspace.noun import Noun


class Works(Noun):
    """Pictures that were drawn, refused, or called back."""
