"""People, whichever way they face, by an SSDLite MobileNetV2 on onnxruntime, one thread.

The weights come as a frozen TensorFlow graph that also holds its pre- and postprocessing,
full of loops. Only the layers between are run (`graph_tensorflow`); this module does the
rest: it maps pixels to -1..1, computes boxes from anchors (Liu et al., "SSD: Single Shot
MultiBox Detector", 2016; Huang et al. 2017 for the scales), and drops overlapping boxes.

The network reads 300 x 300 pixels and finds people from about a tenth of that in size. A
picture is searched as a whole and, if it is as large as VIEWS says, in overlapping parts.

Not found: hands, feet and other parts of bodies, people smaller than about a 30th of the
picture's height, most people lying or sitting behind something.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from volenti.adapters.weights.folder import FromFolder, located
from volenti.perception.sight.figure import Figure
from volenti.perception.sight.weights import PEOPLE

if TYPE_CHECKING:
    from volenti.perception.files.pixels import Rgb

#: Side of the square that the network reads, in pixels.
SIDE = 300

#: (long side, parts): pictures of at least this long side are also searched in so many parts each way.
#: The last entry that applies counts.
VIEWS: tuple[tuple[int, int], ...] = ((480, 2), (1600, 3))

#: How many times as long a part is as an even share of the side, so that parts overlap.
REACH = 1.3

#: People with lower scores aren't reported. Half of the rendered people seen from behind score below 0.3.
SCORE_MIN = 0.15

#: Two boxes that overlap more are one person: as a share of both together, and as a share of the
#: smaller one, because a part of a picture may show a part of somebody.
OVERLAP_MAX, CONTAINED_MAX = 0.5, 0.6

#: Cells along a side of each of the six grids, and width by height of the anchors in each cell.
_GRIDS = (19, 10, 5, 3, 2, 1)
_ASPECTS = (1.0, 2.0, 0.5, 3.0, 1 / 3)

Boxes = NDArray[np.float64]


class OnnxPeople(FromFolder):
    """The `PersonDetector` port; the network is loaded at the first picture."""

    _session: Any = None

    def figures(self, rgb: Rgb) -> list[Figure]:
        """People in an upright (height, width, 3) uint8 picture, the surest first; a face need not show."""
        height, width = rgb.shape[:2]
        boxes, scores = [np.empty((0, 4))], [np.empty(0)]
        for left, top, across, down in views(height, width):
            seen, score = self._seen(rgb[top : top + down, left : left + across])
            boxes.append(seen * (across, down, across, down) + (left, top, 0, 0))
            scores.append(score)
        return [
            Figure((float(box[0]), float(box[1]), float(box[2]), float(box[3])), float(score), part="body")
            for box, score in _merged(np.concatenate(boxes), np.concatenate(scores))
        ]

    def _seen(self, part: Rgb) -> tuple[Boxes, NDArray[np.float64]]:
        """Run the network once: boxes (n, 4) as shares of the part's sides, and their scores."""
        import cv2

        if self._session is None:
            from volenti.adapters.sight.graph_onnx import session
            from volenti.adapters.sight.graph_tensorflow import trunk

            frozen = located(self._folder, PEOPLE).read_bytes()
            self._session = session(trunk(frozen, _INPUT, (1, 3, SIDE, SIDE), _ANSWERS))
        small = cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        blob = np.ascontiguousarray(small.transpose(2, 0, 1)[None] / 127.5 - 1)
        answers = self._session.run(_ANSWERS, {_INPUT: blob})
        return _decoded(answers[: len(_GRIDS)], answers[len(_GRIDS) :])


_INPUT = "Preprocessor/sub"
_ANSWERS = [
    f"BoxPredictor_{grid}/{kind}/BiasAdd"
    for kind in ("ClassPredictor", "BoxEncodingPredictor")
    for grid in range(len(_GRIDS))
]


def views(height: int, width: int) -> list[tuple[int, int, int, int]]:
    """(left, top, width, height) of the parts of a picture that are searched, the whole picture first."""
    whole = (0, 0, width, height)
    count = max((count for side, count in VIEWS if max(height, width) >= side), default=1)
    if count == 1:
        return [whole]
    across, down = (min(n, round(n / count * REACH)) for n in (width, height))
    return [
        whole,
        *(
            (
                round(column * (width - across) / (count - 1)),
                round(row * (height - down) / (count - 1)),
                across,
                down,
            )
            for row in range(count)
            for column in range(count)
        ),
    ]


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
    """Boxes and scores from the network's answers: one (1, channels, cells, cells) array per grid."""
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
    """One box and score per person, the surest first."""
    from volenti.adapters.sight.yunet_onnx import overlaps

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
