"""Backups: copies without keys, and the way back from them."""

from __future__ import annotations

from volenti.workspace.noun import Noun


class Backups(Noun):
    """Backups without keys, and the way back from them."""
