"""Subjects: the people in the pictures."""

from __future__ import annotations

from volenti.workspace.noun import Noun


class Subjects(Noun):
    """The people in the pictures."""
