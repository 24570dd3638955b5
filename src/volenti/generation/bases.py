"""Bases: where the people-free one lies that comes with the package, and what a base's file notes.

Read without torch, which takes longer to import than most commands take.
"""

import json
from importlib.resources import files
from pathlib import Path

from safetensors import SafetensorError, safe_open

from volenti.core.errors import IntegrityError, MissingModelError

#: Of a base whose file says nothing.
SIZE_PX = 64


def shipped_base() -> Path:
    """The base's weights: safetensors, float16 (its card: BASE.md)."""
    return Path(str(files("volenti.generation.diffusion") / "base.safetensors"))


def size_px(base: Path) -> int:
    """Side of the pictures a base draws; MissingModelError, IntegrityError where it can't be read."""
    if not base.exists():
        raise MissingModelError(f"The base {base.name} is missing.", "Reinstall the package.")
    try:
        with safe_open(base, "np") as kept:
            notes = kept.metadata() or {}
        return int(json.loads(notes.get("config", "{}")).get("size", SIZE_PX))
    except (SafetensorError, ValueError) as error:
        raise IntegrityError(f"{base.name} isn't a base: {error}", "Set VOLENTI_BASE to one.") from error
