"""Alignment: how one picture would have to be turned, sized and moved to lie on another.

Keypoints of the two pictures are paired by their codes. One pair already says how the pictures would lie on
each other. So every pair is tried (the surest first, up to a limit), the one that most other pairs agree with
is taken, and the move is fitted to all that agree. Nothing is random: the same pictures give the same answer
on every machine.

Then the pictures themselves are compared where they overlap: in squares, by correlation, at the
coarser of the two scales; once more with the grain smoothed out, where that is asked for, because
noise and the weave of a paper don't survive another size. Keypoints alone aren't enough: two pictures of
different people may have the same flag behind them. Pixels alone can't find the place.

Turning, sizing and moving are found, and stretching of a few per cent; perspective isn't. Mirrored
pictures are compared by giving the mirror image (`Detail.mirror`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from volenti.perception.copies.detail import Detail
from volenti.perception.copies.keypoints import CODE_WORDS, Codes

#: Bits of 256 in which the codes of a pair may differ, and by how many the next best must differ more.
BITS_MAX, BITS_MARGIN = 80, 8

#: Pairs that are tried, at most.
TRIED_MAX = 64

#: How far a keypoint may lie from where a move takes its partner, as a share of the long side: by the move
#: of a first pair, whose size and direction are rough, and by the fitted move.
MISS_FIRST_MAX, MISS_MAX = 0.03, 0.012

#: Scales at which one picture may lie in the other.
SCALE_MIN, SCALE_MAX = 0.15, 6.0

#: Side of a square in pixels of the coarser picture, and the correlation from which on a square is
#: the same in both.
SQUARE, CORRELATION_MIN = 8, 0.8

#: Contrast, as standard deviation in levels of 255, from which on a square counts; the fainter one that is
#: enough where few squares have that much; and how many are few.
CONTRAST_MIN, FAINT_MIN, SQUARES_FEW = 3.0, 2.0, 12

#: Radius of the blur that smooths out grain, in pixels of the kept greys.
GRAIN = 1.0

_ROUNDS = 6

_WORD_BITS_MAX = np.uint8(63)

_Value = TypeVar("_Value", np.float32, np.bool_)


@dataclass(frozen=True, slots=True)
class Alignment:
    """A move, z -> turn * z + shift for points as complex numbers in shares of the long sides.

    `agreeing` counts the keypoints it carries to their partners.
    """

    turn: complex
    shift: complex
    agreeing: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Squares of the work that have detail and lie in the overlap, and how many of them are the same."""

    squares: int
    same: int

    @property
    def share(self) -> float:
        """The share of the squares that are the same, 0 to 1; 0 where there are no squares."""
        return self.same / self.squares if self.squares else 0.0


def align(seen: Detail, work: Detail) -> Alignment | None:
    """The move that takes `seen` onto `work`; None where no two keypoints agree on a likely one."""
    mine, theirs = _pairs(seen.codes, work.codes)
    if len(mine) < 2:
        return None
    start, start_sizes = _points(seen, mine)
    goal, goal_sizes = _points(work, theirs)
    agree = _first(start, start_sizes, goal, goal_sizes)
    for attempt in range(_ROUNDS):
        if agree.sum() < 2:
            return None
        turn, shift = _fitted(start[agree], goal[agree])
        miss = np.abs(turn * start + shift - goal)
        now = miss < (MISS_MAX if attempt else (MISS_FIRST_MAX + MISS_MAX) / 2)
        if attempt and (now == agree).all():
            break
        agree = now
    if agree.sum() < 2:
        return None
    turn, shift = _fitted(start[agree], goal[agree])
    # Keypoints that all lie in one place say nothing of the size.
    if not SCALE_MIN < abs(turn) < SCALE_MAX:
        return None
    return Alignment(complex(turn), complex(shift), int(agree.sum()))


def _pairs(mine: Codes, theirs: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of keypoints that are each other's nearest and clearly nearer than the next; surest first."""
    if len(mine) < 2 or len(theirs) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    bits = np.zeros((len(mine), len(theirs)), np.uint8)
    for word in range(CODE_WORDS):
        # At most 63 of each word's 64, so that the sum of four stays in a byte.
        bits += np.minimum(np.bitwise_count(mine[:, word, None] ^ theirs[None, :, word]), _WORD_BITS_MAX)
    nearest = bits.argmin(axis=1)
    near = np.flatnonzero(bits[np.arange(len(mine)), nearest] <= BITS_MAX)
    near = near[bits[:, nearest[near]].argmin(axis=0) == near]
    others = bits[near].astype(np.int16)
    own = np.arange(len(near)), nearest[near]
    least = others[own]
    others[own] = np.iinfo(np.int16).max
    clear = others.min(axis=1) - least >= BITS_MARGIN
    kept = near[clear][np.argsort(least[clear], kind="stable")]
    return kept, nearest[kept]


def _points(of: Detail, places: NDArray[np.int64]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Where keypoints lie, and their size and direction as one number each."""
    x, y, size, direction = of.places[places].astype(np.float64).T
    return x + 1j * y, size * np.exp(1j * np.deg2rad(direction))


def _first(
    start: NDArray[np.complex128],
    start_sizes: NDArray[np.complex128],
    goal: NDArray[np.complex128],
    goal_sizes: NDArray[np.complex128],
) -> NDArray[np.bool_]:
    """Which pairs agree with the pair that most others agree with."""
    turns = (goal_sizes / start_sizes)[:TRIED_MAX]
    shifts = goal[:TRIED_MAX] - turns * start[:TRIED_MAX]
    agree = np.abs(np.outer(turns, start) + shifts[:, None] - goal) < MISS_FIRST_MAX
    scales = np.abs(turns)
    agree &= ((scales > SCALE_MIN) & (scales < SCALE_MAX))[:, None]
    best: NDArray[np.bool_] = agree[agree.sum(axis=1).argmax()]
    return best


def _fitted(start: NDArray[np.complex128], goal: NDArray[np.complex128]) -> tuple[complex, complex]:
    """Turn and shift with the least squared misses."""
    middle, aim = start.mean(), goal.mean()
    arms = start - middle
    turn = (np.conj(arms) * (goal - aim)).sum() / max(float((np.abs(arms) ** 2).sum()), 1e-12)
    return turn, aim - turn * middle


def smoothed(of: Detail) -> Detail:
    """The detail with the grain blurred out of its greys, to be compared with another smoothed one."""
    greys = np.asarray(Image.fromarray(of.greys).filter(ImageFilter.GaussianBlur(GRAIN)), np.uint8)
    return replace(of, greys=greys)


def agreement(seen: Detail, work: Detail, alignment: Alignment) -> Agreement:
    """How much of the work's detail is in the picture too, where the alignment lays them on each other."""
    turn, shift = alignment.turn, alignment.shift
    if abs(turn) <= 1:
        laid, inside = _laid(seen, work, turn, shift)
        planes = (laid, work.greys.astype(np.float32))
    else:
        # The work is the finer of the two: it is brought to the picture instead.
        laid, inside = _laid(work, seen, 1 / turn, -shift / turn)
        planes = (seen.greys.astype(np.float32), laid)
    whole = _squares(inside).all(axis=1)
    pairs = [_squares(plane)[whole] for plane in planes]
    details = [squares - squares.mean(axis=1, keepdims=True) for squares in pairs]
    contrasts = [np.sqrt((detail**2).mean(axis=1)) for detail in details]
    told = contrasts[1] >= CONTRAST_MIN
    if told.sum() < SQUARES_FEW:
        told = contrasts[1] >= FAINT_MIN
    common = (details[0] * details[1]).mean(axis=1)
    same = told & (common > CORRELATION_MIN * np.maximum(contrasts[0] * contrasts[1], 1e-9))
    return Agreement(int(told.sum()), int(same.sum()))


def _laid(
    moved: Detail, still: Detail, turn: complex, shift: complex
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The greys of `moved` as they lie on those of `still`, pixel by pixel, and where they do."""
    greys = moved.greys
    excess = max(greys.shape) / (abs(turn) * max(still.greys.shape))
    if excess > 1.05:
        width, height = (max(1, round(length / excess)) for length in greys.shape[::-1])
        greys = np.asarray(Image.fromarray(greys).resize((width, height), Image.Resampling.BOX), np.uint8)
    rows, columns = np.indices(still.greys.shape)
    across = (columns + 0.5) * (still.extent[0] / still.greys.shape[1])
    down = (rows + 0.5) * (still.extent[1] / still.greys.shape[0])
    points = (across + 1j * down - shift) / turn
    x = points.real * (greys.shape[1] / moved.extent[0]) - 0.5
    y = points.imag * (greys.shape[0] / moved.extent[1]) - 0.5
    inside = (x >= 0) & (y >= 0) & (x <= greys.shape[1] - 1) & (y <= greys.shape[0] - 1)
    return _between(greys, x, y), inside


def _between(greys: NDArray[np.uint8], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float32]:
    """Greys between pixels (bilinear); outside, those of the edge."""
    height, width = greys.shape
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left, top = np.minimum(x.astype(int), max(width - 2, 0)), np.minimum(y.astype(int), max(height - 2, 0))
    right, below = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = (x - left).astype(np.float32), (y - top).astype(np.float32)
    values = greys.astype(np.float32)
    upper = values[top, left] * (1 - across) + values[top, right] * across
    lower = values[below, left] * (1 - across) + values[below, right] * across
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def _squares(plane: NDArray[_Value]) -> NDArray[_Value]:
    """(squares, pixels of one): a plane cut up; what doesn't fill a square is left out."""
    rows, columns = plane.shape[0] // SQUARE, plane.shape[1] // SQUARE
    cut = plane[: rows * SQUARE, : columns * SQUARE].reshape(rows, SQUARE, columns, SQUARE)
    return cut.swapaxes(1, 2).reshape(rows * columns, SQUARE * SQUARE)
