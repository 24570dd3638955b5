"""The deletion feed: tells whoever got an export what has to go out of it."""

from __future__ import annotations

from volenti.workspace.noun import Noun


class Feed(Noun):
    """The deletion feed: tells whoever got an export what has to go out of it."""
