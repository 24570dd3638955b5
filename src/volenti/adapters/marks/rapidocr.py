"""Text in pictures by RapidOCR (PP-OCR networks on onnxruntime), one thread.

Two networks: a detector that runs on every picture, at reduced size, and a recogniser that
runs only on the boxes the detector found, which on a picture without text are none. The
weights come inside the rapidocr package; nothing is fetched.

Text that is upside down isn't read. An instance isn't safe to share between threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from volenti.perception.files.pixels import Rgb
from volenti.perception.finding import Finding
from volenti.perception.rights.marks import mark_findings

#: Long side, in pixels, at which text is looked for, and to which small pictures are enlarged.
SIDE_MAX, SIDE_MIN = 640, 256

#: Long side at which text that was found is read.
READ_SIDE_MAX = 1280

#: Boxes read in one picture; a page of print has more, and needs no more to be noticed.
BOXES_MAX = 60


class RapidocrMarks:
    """The `MarkReader` port; the networks are loaded at the first picture."""

    def __init__(self) -> None:
        self._engine: Any = None

    def __getstate__(self) -> dict[str, None]:
        # A worker loads its own networks: a session can't be pickled.
        return {"_engine": None}

    def findings(self, rgb: Rgb, added: Sequence[str] = ()) -> list[Finding]:
        """A finding `watermark` for an upright (height, width, 3) uint8 picture that bears a mark."""
        return mark_findings(self.texts(rgb), added)

    def texts(self, rgb: Rgb) -> list[str]:
        """What is written in the picture, line by line in reading order."""
        if self._engine is None:
            self._engine = _engine()
        answer = self._engine(_sized(rgb))
        return list(getattr(answer, "txts", None) or ())


def _engine() -> Any:
    # Imported when needed: it takes a second, and a workspace may not use it.
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.use_preprocess_img": False,
            "Global.text_score": 0.3,
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.limit_type": "max",
            "Det.limit_side_len": SIDE_MAX,
            "Det.box_thresh": 0.3,
            "Det.max_candidates": BOXES_MAX,
        }
    )


def _sized(rgb: Rgb) -> Rgb:
    """The picture as BGR, its long side between SIDE_MIN and READ_SIDE_MAX."""
    import cv2

    side = max(rgb.shape[:2])
    factor = min(max(1.0, SIDE_MIN / side), READ_SIDE_MAX / side)
    picture = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    if factor != 1:
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        height, width = (max(1, round(length * factor)) for length in rgb.shape[:2])
        picture = cv2.resize(picture, (width, height), interpolation=how)
    return np.asarray(picture, np.uint8)
