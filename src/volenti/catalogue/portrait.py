"""Portrait: what a work can be compared by later, without being drawn again.

It has the templates of the faces in the work and the copy descriptors of its looks
(`perception.copies.descriptor.looks`). They show somebody who does not exist, and depend on the picture
alone.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.core.canonical import Json
from volenti.perception.copies.descriptor import LENGTH, looks
from volenti.perception.sight.faces import TEMPLATE_LENGTH, Face


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """`faces` (faces, 128) float32 of unit length, `looks` (looks, LENGTH) int8."""

    faces: NDArray[np.float32]
    looks: NDArray[np.int8]

    @classmethod
    def of(cls, faces: Sequence[Face], pixels: NDArray[np.uint8]) -> Portrait:
        """The portrait of a work, pixels (size, size, 3) as it was drawn, with these faces."""
        templates = np.array([face.template for face in faces], np.float32).reshape(-1, TEMPLATE_LENGTH)
        seen = looks(pixels)
        largest = np.abs(seen).max(axis=1, keepdims=True, initial=1e-9)
        return cls(templates, np.asarray(np.round(seen / largest * 127), np.int8))

    @property
    def views(self) -> NDArray[np.float32]:
        """The looks as float32 of unit length, (looks, LENGTH), to be compared with copy descriptors."""
        length = np.linalg.norm(self.looks.astype(np.float32), axis=1, keepdims=True)
        return np.asarray(self.looks / np.maximum(length, 1e-9), np.float32)

    def to_json(self) -> Json:
        """Faces (float32, little-endian) and looks (int8) in base64, as `from_json` reads them."""
        return {"faces": _text(self.faces.astype("<f4")), "looks": _text(self.looks)}

    @classmethod
    def from_json(cls, body: Json) -> Portrait:
        """The portrait that `to_json` wrote."""
        faces = np.frombuffer(base64.b64decode(body["faces"]), "<f4").astype(np.float32)
        seen = np.frombuffer(base64.b64decode(body["looks"]), np.int8)
        return cls(faces.reshape(-1, TEMPLATE_LENGTH), seen.reshape(-1, LENGTH))


def _text(array: NDArray[np.float32] | NDArray[np.int8]) -> str:
    return base64.b64encode(array.tobytes()).decode()
