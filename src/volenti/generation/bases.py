"""Bases: the path of the base that ships with the package, and the picture size that a base's file notes.

This is read without torch, because importing torch takes longer than most commands do.
"""

import json
from importlib.resources import files
from pathlib import Path

from safetensors import SafetensorError, safe_open

from volenti.core.errors import IntegrityError, MissingModelError

#: The size of a base whose file notes none.
SIZE_PX = 64


def shipped_base() -> Path:
    """The path of the shipped base's weights: safetensors, float16 (its card: BASE.md)."""
    return Path(str(files("volenti.generation.diffusion") / "base.safetensors"))


def size_px(base: Path) -> int:
    """Side of the pictures that a base draws, in pixels.

    Raises MissingModelError where there is no such file, and IntegrityError where it isn't a base.
    """
    if not base.exists():
        raise MissingModelError(f"The base {base.name} is missing.", "Reinstall the package.")
    try:
        with safe_open(base, "np") as kept:
            notes = kept.metadata() or {}
        return int(json.loads(notes.get("config", "{}")).get("size", SIZE_PX))
    except (SafetensorError, ValueError) as error:
        raise IntegrityError(f"{base.name} isn't a base: {error}", "Set VOLENTI_BASE to one.") from error
