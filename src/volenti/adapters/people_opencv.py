"""People however they are turned, by an SSDLite MobileNetV2, in OpenCV's DNN module, one thread.

The weights come as a frozen TensorFlow graph that also holds its own pre- and
postprocessing, full of loops that OpenCV doesn't run. So only the layers between are kept
(a graph is a list of named nodes; TensorFlow isn't needed to leave some out), and what
the rest did is done here: pixels to -1..1, boxes from anchors (Liu et al., "SSD: Single
Shot MultiBox Detector", 2016; Huang et al. 2017 for the scales), overlaps dropped.

The network reads 300 x 300 pixels and finds people from about a tenth of that. A picture
is looked at as a whole and, from VIEWS on, in overlapping parts.

Not found: hands, feet and other parts of bodies, people smaller than about a 30th of the
picture's height, most people lying or sitting behind something.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volenti.adapters.weights_fetch import located
from volenti.clearance.faces import Figure, Rgb
from volenti.clearance.weights import PEOPLE

#: Side of the square that the network reads, in pixels.
SIDE = 300

#: Long sides of pictures from which on they are also looked at in so many parts each way.
VIEWS: tuple[tuple[int, int], ...] = ((480, 2), (1600, 3))

#: How much a part reaches over an even share of the side.
REACH = 1.3

#: Scores below this aren't told. Half of the rendered people seen from behind score less than 0.3.
SCORE_MIN = 0.15

#: Overlap from which on two boxes are one person: as a share of both together, and of the smaller
#: one, because parts of a picture show parts of people.
OVERLAP_MAX, CONTAINED_MAX = 0.5, 0.6

#: Cells a side of the six grids, and width over height of the anchors in each cell.
_GRIDS = (19, 10, 5, 3, 2, 1)
_ASPECTS = (1.0, 2.0, 0.5, 3.0, 1 / 3)

Boxes = NDArray[np.float64]


class OpencvPeople:
    """The `PersonDetector` port; the network is loaded at the first picture."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._network: Any = None

    def __getstate__(self) -> Path:
        # A worker gets the folder and loads its own network: OpenCV's can't be pickled.
        return self._folder

    def __setstate__(self, folder: Path) -> None:
        self.__init__(folder)  # type: ignore[misc]

    def figures(self, rgb: Rgb) -> list[Figure]:
        """People in an upright (height, width, 3) uint8 picture, the surest first, faces or not."""
        height, width = rgb.shape[:2]
        boxes, scores = [np.empty((0, 4))], [np.empty(0)]
        for left, top, across, down in views(height, width):
            seen, score = self._seen(rgb[top : top + down, left : left + across])
            boxes.append(seen * (across, down, across, down) + (left, top, 0, 0))
            scores.append(score)
        return [
            Figure((float(box[0]), float(box[1]), float(box[2]), float(box[3])), float(score))
            for box, score in _merged(np.concatenate(boxes), np.concatenate(scores))
        ]

    def _seen(self, part: Rgb) -> tuple[Boxes, NDArray[np.float64]]:
        """Boxes (n, 4) as shares of the part's sides, and their scores, in one look."""
        import cv2

        if self._network is None:
            cv2.setNumThreads(1)
            trunk = _trunk(located(self._folder, PEOPLE).read_bytes())
            self._network = cv2.dnn.readNetFromTensorflow(np.frombuffer(trunk, np.uint8))
        small = cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        self._network.setInput(cv2.dnn.blobFromImage(small, 1 / 127.5, (SIDE, SIDE), (127.5,) * 3))
        answers = self._network.forward(_OUTPUTS)
        return _decoded(answers[: len(_GRIDS)], answers[len(_GRIDS) :])


_OUTPUTS = [
    f"BoxPredictor_{grid}/{kind}/Conv2D"
    for kind in ("ClassPredictor", "BoxEncodingPredictor")
    for grid in range(len(_GRIDS))
]


def views(height: int, width: int) -> list[tuple[int, int, int, int]]:
    """(left, top, width, height) of the parts of a picture that are looked at, the whole first."""
    parts = [(0, 0, width, height)]
    for side, count in VIEWS:
        if max(height, width) >= side:
            across, down = (min(n, round(n / count * REACH)) for n in (width, height))
            parts += [
                (round(column * (width - across) / (count - 1)), round(row * (height - down) / (count - 1)),
                 across, down)
                for row in range(count)
                for column in range(count)
            ]  # fmt: skip
    return parts


@cache
def _anchors() -> Boxes:
    """(1917, 4) anchors as (x, y, width, height) of their middles, in the order of the answers."""
    scales = [*np.linspace(0.2, 0.95, len(_GRIDS)), 1.0]
    anchors: list[Boxes] = []
    for index, cells in enumerate(_GRIDS):
        if index == 0:
            shapes = [(0.1, 1.0), (scales[0], 2.0), (scales[0], 0.5)]
        else:
            shapes = [(scales[index], aspect) for aspect in _ASPECTS]
            shapes.append((float(np.sqrt(scales[index] * scales[index + 1])), 1.0))
        sizes = np.array([(scale * aspect**0.5, scale / aspect**0.5) for scale, aspect in shapes])
        y, x = (np.mgrid[0:cells, 0:cells] + 0.5) / cells
        middles = np.stack([x, y], axis=-1)[:, :, None].repeat(len(sizes), axis=2)
        anchors.append(
            np.concatenate([middles, np.broadcast_to(sizes, middles.shape)], axis=-1).reshape(-1, 4)
        )
    return np.concatenate(anchors)


def _decoded(classes: list[Any], offsets: list[Any]) -> tuple[Boxes, NDArray[np.float64]]:
    """Boxes and scores out of the answers, one (1, channels, cells, cells) array a grid."""
    logits = [each[0].reshape(-1, 2, *each.shape[2:])[:, 1].transpose(1, 2, 0).ravel() for each in classes]
    moves = [each[0].reshape(-1, 4, *each.shape[2:]).transpose(2, 3, 0, 1).reshape(-1, 4) for each in offsets]
    scores = 1 / (1 + np.exp(-np.concatenate(logits).astype(np.float64)))
    likely = np.flatnonzero(scores >= SCORE_MIN)
    move, anchor = np.concatenate(moves)[likely].astype(np.float64), _anchors()[likely]
    middle = anchor[:, :2] + move[:, 1::-1] / 10 * anchor[:, 2:]
    size = np.exp(np.minimum(move[:, :1:-1] / 5, 4.0)) * anchor[:, 2:]
    low = np.clip(middle - size / 2, 0, 1)
    return np.concatenate([low, np.clip(middle + size / 2, 0, 1) - low], axis=1), scores[likely]


def _merged(boxes: Boxes, scores: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.float64], float]]:
    """One box a person, the surest first."""
    from volenti.adapters.yunet_onnx import overlaps

    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order], scores[order]
    alive = np.ones(len(boxes), bool)
    for index in range(len(boxes)):
        if alive[index]:
            yield boxes[index], float(scores[index])
            together = overlaps(boxes[index], boxes)
            areas = boxes[:, 2] * boxes[:, 3]
            shared = together * (areas[index] + areas) / (1 + together)
            contained = shared / np.maximum(np.minimum(areas, areas[index]), 1e-9)
            alive &= (together <= OVERLAP_MAX) & (contained <= CONTAINED_MAX)


# -- leaving nodes out of a frozen graph: protocol buffers as far as that needs


def _trunk(graph: bytes) -> bytes:
    """The layers between pre- and postprocessing, behind an input of their own."""
    name, kind, holds = b"Preprocessor/sub", b"Placeholder", b"\x0a\x05dtype\x12\x02\x30\x01"
    entry = _field(1, name) + _field(2, kind) + _field(5, holds)
    kept = [_field(1, entry)]
    for number, node in _fields(graph):
        if number == 1:
            named = next(content.decode() for field, content in _fields(node) if field == 1)
            if _is_layer(named):
                kept.append(_field(1, node))
    return b"".join(kept)


def _is_layer(name: str) -> bool:
    if name.startswith("BoxPredictor_"):
        return not any(part in name for part in ("/Shape", "/strided_slice", "/Reshape", "/stack"))
    return name.startswith("FeatureExtractor/")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, content) of a message's fields that have a length; others are passed over."""
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        if key & 7 == 2:
            length, at = _number(message, at)
            yield key >> 3, message[at : at + length]
            at += length
        elif key & 7 == 0:
            at = _number(message, at)[1]
        else:
            at += {1: 8, 5: 4}[key & 7]


def _number(message: bytes, at: int) -> tuple[int, int]:
    """The variable-length number at a place, and the place after it."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _field(number: int, content: bytes) -> bytes:
    length, digits = len(content), b""
    while length > 127:
        digits += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + digits + bytes([length]) + content
