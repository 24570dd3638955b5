"""Where the people-free base lies that comes with the package (its card: BASE.md)."""

from importlib.resources import files
from pathlib import Path


def shipped_base() -> Path:
    """The base's weights: safetensors, float16."""
    return Path(str(files("volenti.diffusion") / "base.safetensors"))
