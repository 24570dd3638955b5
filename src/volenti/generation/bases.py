"""Bases: the path of the base that ships with the package, and what is read of a base's file without torch.

Importing torch takes longer than most commands do.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from volenti.core.errors import IntegrityError, MissingModelError

#: The size of a base whose file notes none.
SIZE_PX = 64
#: What the names of the learning network's weights begin with in a base's file, by architecture.
NETWORK = {"diffusion": "", "autoregression": "transformer."}
#: The architecture of a base whose file notes none.
ARCHITECTURE = "diffusion"


def shipped_base() -> Path:
    """The path of the shipped base's weights: safetensors, float16 (its card: BASE.md)."""
    return Path(str(files("volenti.generation.diffusion") / "base.safetensors"))


@contextmanager
def reading(base: Path) -> Iterator[None]:
    """Read a base's file in this.

    Raises MissingModelError where there is no such file, and IntegrityError where it can't be read or isn't a
    base that this version can open.
    """
    if not base.is_file():
        shipped = base == shipped_base()
        remedy = (
            "Reinstall the package."
            if shipped
            else "Name a base's file or a pipeline's folder: --base or VOLENTI_BASE."
        )
        raise MissingModelError(f"There is no base {base}.", remedy)
    try:
        yield
    except (
        SafetensorError,
        OSError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RuntimeError,
    ) as error:
        raise IntegrityError(
            f"{base.name} isn't a base that this version can open: {error}",
            "Reinstall the package, or name another base: --base or VOLENTI_BASE.",
        ) from error


def size_px(base: Path) -> int:
    """Side of the pictures that a base draws, in pixels; raises as `reading` does."""
    with reading(base), safe_open(base, "np") as kept:
        notes = kept.metadata() or {}
        return int(json.loads(notes.get("config", "{}")).get("size", SIZE_PX))


def network_weights(base: Path) -> dict[str, NDArray[np.float32]]:
    """The weights of the network that learns, by name, as a trainer opens them: float32.

    Raises as `reading` does.
    """
    with reading(base), safe_open(base, "np") as kept:
        beginning = NETWORK[(kept.metadata() or {}).get("architecture", ARCHITECTURE)]
        names = [name for name in kept.keys() if name.startswith(beginning)]  # noqa: SIM118
        return {name.removeprefix(beginning): kept.get_tensor(name).astype(np.float32) for name in names}
