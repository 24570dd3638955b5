"""Keys: what people's keys are wrapped under."""

from __future__ import annotations

from volenti.workspace.noun import Noun


class Keys(Noun):
    """What people's keys are wrapped under."""
