"""Merging slices into a constituent: files in, a file out, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from volenti.core.errors import IntegrityError
from volenti.generation.bases import network_weights
from volenti.generation.merging import adapted_names, merged


def merge(base: Path, parts: Sequence[tuple[int, bytes]], scale: float = 1.0) -> bytes:
    """A constituent's weights, safetensors: the base's plus its slices' changes, weighted by their pictures.

    parts: each slice's number of pictures and its adapter, safetensors. scale: the mean of the changes is
    multiplied by it. A constituent holds what the slices change, and without slices all of the base's
    network. Raises what `network_weights` does, and IntegrityError where an adapter doesn't load or isn't of
    this base.
    """
    weights = network_weights(base)
    total = sum(images for images, _ in parts)
    adapters = [(scale * images / total, _opened(data)) for images, data in parts]
    try:
        if adapters:
            weights = {name: weights[name] for name in adapted_names(adapters[0][1])}
        return save(
            {name: np.ascontiguousarray(each) for name, each in sorted(merged(weights, adapters).items())}
        )
    except KeyError as error:
        raise IntegrityError(f"A slice changes {error}, which the base lacks.", "Train again.") from error


def _opened(data: bytes) -> dict[str, NDArray[np.float32]]:
    try:
        return load(data)
    except (SafetensorError, ValueError) as error:
        raise IntegrityError("These weights don't load.", "Run `volenti audit`.") from error
