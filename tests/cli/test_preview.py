"""A picture in the terminal while it is drawn."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from volenti.cli.terminal import preview
from volenti.cli.terminal.preview import TerminalPreview, half_blocks


def test_two_pixels_share_a_character_upper_before_lower() -> None:
    picture = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 8, 7]]], np.uint8)
    text = half_blocks(picture, 80, 40)
    assert text.plain == "\N{UPPER HALF BLOCK}\N{UPPER HALF BLOCK}\n"
    first, second = (text.get_style_at_offset(Console(), at) for at in (0, 1))
    assert first.color is not None
    assert first.bgcolor is not None
    assert second.bgcolor is not None
    assert first.color.triplet == (255, 0, 0)
    assert first.bgcolor.triplet == (0, 0, 255)
    assert second.bgcolor.triplet == (9, 8, 7)


@pytest.mark.parametrize(
    ("width", "height", "side"), [(200, 100, 64), (40, 100, 40), (200, 11, 22), (3, -2, 2)]
)
def test_a_picture_fits_the_terminal_and_is_never_enlarged(width: int, height: int, side: int) -> None:
    lines = half_blocks(np.zeros((64, 64, 3), np.uint8), width, height).plain.splitlines()
    assert (len(lines), len(lines[0])) == (side // 2, side)


def test_the_picture_stands_above_the_bars_and_goes_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "PAUSE", 0)
    screen = io.StringIO()
    shown = TerminalPreview(Console(file=screen, force_terminal=True, width=100, height=40))
    shown.begin("Drawing", 1)
    assert "\N{UPPER HALF BLOCK}" not in screen.getvalue()
    shown.watch(np.full((1, 8, 8, 3), 200, np.uint8), 0.5)
    shown.watch(np.full((1, 8, 8, 3), 100, np.uint8), 1.0)
    shown.advance()
    shown.end()
    assert "\N{UPPER HALF BLOCK}" * 8 in "".join(
        each for each in screen.getvalue() if each == "\N{UPPER HALF BLOCK}"
    )
    assert "Drawing" in screen.getvalue()
    shown.close()
