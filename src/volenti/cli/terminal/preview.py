"""TerminalPreview: shows a picture in the terminal while it is drawn, above the progress bars.

Each character shows two pixels: an upper half block in the colour of the upper pixel, on the colour of
the lower one. Terminals with fewer colours show the nearest that they have.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.color import Color
from rich.console import Console, RenderableType
from rich.progress import Progress as RichProgress
from rich.progress import ProgressColumn
from rich.style import Style
from rich.text import Text

from volenti.cli.terminal.bars import TerminalBars

#: Rows of the terminal that are left for bars and prompt.
ROWS_LEFT = 6
#: For how many seconds a finished picture stays in view.
PAUSE = 0.6


class TerminalPreview(TerminalBars):
    """Bars with the picture that is being drawn above them. It redraws only when something changed."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(console, _Framed)

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Move the bar as `TerminalBars` does, and draw everything again at once."""
        super().advance(steps, note)
        self._bars.refresh()

    def watch(self, pictures: NDArray[np.uint8], share: float) -> None:
        """Show the last of `pictures`, uint8 (count, size, size, 3), of which `share` is done."""
        assert isinstance(self._bars, _Framed)
        self._bars.picture = pictures[-1]
        self._bars.refresh()
        if share >= 1:
            time.sleep(PAUSE)


class _Framed(RichProgress):
    """rich's bars below a picture."""

    picture: NDArray[np.uint8] | None = None

    def __init__(self, *columns: ProgressColumn, console: Console | None = None) -> None:
        # Thousands of colours take long to print, so this doesn't refresh ten times a second by itself.
        super().__init__(*columns, console=console, auto_refresh=False)

    def get_renderables(self) -> Iterable[RenderableType]:
        if self.picture is not None and self.live.is_started:
            yield half_blocks(self.picture, self.console.width, self.console.height - ROWS_LEFT)
        yield from super().get_renderables()


def half_blocks(picture: NDArray[np.uint8], width: int, height: int) -> Text:
    """uint8 (size, size, 3) as text of at most `width` columns and `height` rows, two pixels a character."""
    side = max(2, min(len(picture), width, 2 * height) // 2 * 2)
    pixels = np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BOX))
    text = Text(no_wrap=True)
    for upper, lower in zip(pixels[::2].tolist(), pixels[1::2].tolist(), strict=True):
        for over, under in zip(upper, lower, strict=True):
            text.append(
                "\N{UPPER HALF BLOCK}", Style(color=Color.from_rgb(*over), bgcolor=Color.from_rgb(*under))
            )
        text.append("\n")
    return text
