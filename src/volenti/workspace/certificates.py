"""Certificates: what erasures did, for anybody to check."""

from __future__ import annotations

from volenti.workspace.noun import Noun


class Certificates(Noun):
    """What erasures did, for anybody to check."""
