"""The transparency log, in which nothing is ever changed."""

from __future__ import annotations

from volenti.workspace.noun import Noun


class Log(Noun):
    """The log, in which nothing is ever changed."""
