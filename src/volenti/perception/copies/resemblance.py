"""Copies of third parties' works: whether a picture is one, decided by looking at both pictures.

Copies are found that were saved again or resized; and, where both pictures' detail is known, copies that were
cropped, mirrored, turned, written over or recoloured. A hash or keypoints only propose; what decides is a
comparison of the two pictures laid on each other. A picture that is close to a work, yet not close enough to
be sure, is `near`: a person looks.

A picture without any detail (a white page) can only be compared by its shade, and counts as a copy of every
work with the same shade; a picture that is mostly of that shade (the page with a caption) is `near`. Copies
may be missed that show a work in perspective, cropped to less than about a quarter, redrawn, or small in a
larger picture.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from volenti.perception.copies.alignment import Agreement, Alignment, agreement, align, smoothed
from volenti.perception.copies.detail import Detail
from volenti.perception.copies.fingerprint import SIDE, Fingerprint

#: What a picture is to a work: the same picture, perhaps the same, another.
Resemblance = Literal["same", "near", "other"]

#: Bits of 64 that the hash of a re-saved copy may differ in.
BITS_MAX = 10

#: Correlation of the greys' detail from which on two pictures are the same.
CORRELATION_MIN = 0.92

#: Relative difference of width to height from which on two pictures can't be re-saved copies.
ASPECT_MAX = 0.05

#: Standard deviation of the detail below which a picture counts as plain, in levels of 255.
CONTRAST_MIN = 2.0

#: Difference of shade, in levels of 255, below which two pictures of one colour are the same.
SHADE_MAX = 2.0

#: Share of a picture that is of the shade of a plain work, from which on a person should look.
COVER_MIN = 0.6

#: Keypoints that agree on the move, squares compared and share of them that are the same, from which
#: on an edited picture is the same.
SAME = (8, 12, 0.6)

#: The same three, from which on a person should look: few keypoints, where most squares are the same, ...
NEAR_FEW = ((4, 12, 0.7), (3, 12, 0.9))
#: ... or many keypoints, where few squares are: a retouched copy, or the next frame of a series, ...
NEAR_MANY = (16, 0, 0.45)
#: ... or squares that are only the same with the grain smoothed out, or that are few because most is plain.
NEAR_SMOOTHED = (8, 1, 0.85)


def compared(seen: Fingerprint, work: Fingerprint, *, mirrored: bool = False) -> Resemblance:
    """What the picture is to the work. mirrored: compare the picture's mirror image."""
    if not mirrored and is_copy(seen, work):
        return "same"
    if work.shade is not None and covered(seen, np.array([work.shade]))[0] >= COVER_MIN:
        return "near"
    if seen.detail is None or work.detail is None:
        return "other"
    return laid_over(seen.detail.mirror() if mirrored else seen.detail, work.detail)


def laid_over(seen: Detail, work: Detail) -> Resemblance:
    """What an edited picture is to a work, by laying it over the work."""
    alignment = align(seen, work)
    if alignment is None or alignment.agreeing < min(least for least, _, _ in NEAR_FEW):
        return "other"
    found = agreement(seen, work, alignment)
    if _reaches(alignment, found, SAME):
        return "same"
    if any(_reaches(alignment, found, least) for least in (*NEAR_FEW, NEAR_MANY)):
        return "near"
    if alignment.agreeing < NEAR_SMOOTHED[0]:
        return "other"
    coarse = agreement(smoothed(seen), smoothed(work), alignment)
    return "near" if _reaches(alignment, coarse, NEAR_SMOOTHED) else "other"


def _reaches(alignment: Alignment, found: Agreement, least: tuple[int, int, float]) -> bool:
    return alignment.agreeing >= least[0] and found.squares >= least[1] and found.share >= least[2]


def is_copy(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two pictures are the same one, saved or resized differently."""
    if one.shade is not None and other.shade is not None:
        return abs(one.shade - other.shade) < SHADE_MAX
    if (one.hash ^ other.hash).bit_count() > BITS_MAX:
        return False
    if abs(one.aspect / other.aspect - 1) > ASPECT_MAX:
        return False
    return correlation(one.greys, other.greys) >= CORRELATION_MIN


def covered(seen: Fingerprint, shades: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the picture that is of each of (n,) shades; 0 for one that is NaN."""
    greys = np.sort(seen.greys, axis=None).astype(np.float64)
    above = np.searchsorted(greys, shades - SHADE_MAX, side="right")
    below = np.searchsorted(greys, shades + SHADE_MAX, side="left")
    return np.asarray((below - above) / greys.size, np.float64)


def correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Correlation, -1 to 1, of the detail of two (32, 32) grey pictures: the greys less their 4 x 4 means.

    Light and pose make most of a plain correlation, and all studio portraits share those.
    Two pictures too plain to have any detail correlate where their greys are the same.
    """
    details = [_detail(greys) for greys in (one, other)]
    if min(float(detail.std()) for detail in details) < CONTRAST_MIN:
        difference = np.abs(one.astype(np.float64) - other.astype(np.float64)).mean()
        return 1.0 if difference < CONTRAST_MIN else 0.0
    return float(np.corrcoef(details[0].ravel(), details[1].ravel())[0, 1])


def _detail(greys: NDArray[np.uint8]) -> NDArray[np.float64]:
    means = greys.astype(np.float64).reshape(SIDE // 4, 4, SIDE // 4, 4).mean(axis=(1, 3))
    return np.asarray(greys, np.float64) - np.kron(means, np.ones((4, 4)))
