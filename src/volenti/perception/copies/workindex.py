"""An index of works that proposes which of them a picture may be a copy of.

Three ways lead to a work, none of which compares with all of them: a perceptual hash that is near
(re-saved and resized copies), codes of keypoints that are near (edited copies; each keypoint of the
picture has a vote, which counts the less the more works it goes to, so that what every flag has counts
little, and less in works of many keypoints, which chance finds more in),
and for works of one shade the shade. What is proposed is only worth looking at (`resemblance`).

For each work some 30 kB lie in memory; its detail doesn't.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.perception.copies.fingerprint import Fingerprint
from volenti.perception.copies.hashindex import Hashes, HashIndex
from volenti.perception.copies.resemblance import BITS_MAX, COVER_MIN, SHADE_MAX, covered

#: Bits of the 64 that are indexed of a keypoint's code in which a copy's may differ: all that differ
#: in at most so many are found, and many of those that differ in more, at no further cost.
WORD_BITS_COMPLETE_MAX, WORD_BITS_MAX = 3, 5

#: Keypoints that a work of few is reckoned to have more: two of three may be chance.
_FEW = 50

#: Works proposed for one picture because of its keypoints, at most.
PROPOSED_MAX = 8


@dataclass(frozen=True, slots=True)
class Proposal:
    """A work worth comparing, by its place in the index, and whether with the mirror image."""

    place: int
    mirrored: bool


def words(print_: Fingerprint) -> Hashes:
    """What is indexed of a work's keypoints: 64 bits of the code of each, (n,) uint64."""
    if print_.detail is None:
        return np.empty(0, np.uint64)
    return np.ascontiguousarray(print_.detail.codes[:, 0])


class WorkIndex:
    """Works by hash, by words of their keypoints and by shade. Not changed once made."""

    def __init__(self, prints: Sequence[Fingerprint], keywords: Sequence[Hashes]) -> None:
        """The works' fingerprints and `words`, in one order; works are known by their place in it."""
        self._hashes = HashIndex(np.array([each.hash for each in prints], np.uint64))
        self._words = HashIndex(np.concatenate([*keywords, np.empty(0, np.uint64)]))
        counts = np.array([len(each) for each in keywords], np.int64)
        self._owners = np.repeat(np.arange(len(keywords)), counts)
        self._chances = np.sqrt(counts + _FEW)
        shades = [each.shade for each in prints]
        self._shades = np.array([np.nan if shade is None else shade for shade in shades])
        self._count = len(prints)

    def proposals(self, seen: Fingerprint) -> list[Proposal]:
        """What to compare the picture with, the likeliest first."""
        _, places = self._hashes.near(np.array([seen.hash], np.uint64), BITS_MAX)
        found = [Proposal(int(place), False) for place in places]
        plain = covered(seen, self._shades) >= COVER_MIN
        if seen.shade is not None:
            plain |= np.abs(self._shades - seen.shade) < SHADE_MAX
        found += [Proposal(int(place), False) for place in np.flatnonzero(plain)]
        if seen.detail is not None:
            votes = np.stack([self._votes(seen.detail.codes[:, 0]), self._votes(seen.detail.reflected[:, 0])])
            order = np.argsort(-votes.ravel(), kind="stable")[:PROPOSED_MAX]
            order = order[votes.ravel()[order] > 0]
            found += [Proposal(int(each % self._count), bool(each >= self._count)) for each in order]
            # Of a work that is much like its mirror image the votes don't tell which of the two it is.
            found += [Proposal(each.place, not each.mirrored) for each in found[:1]]
        return list(dict.fromkeys(found))

    def _votes(self, asked: Hashes) -> NDArray[np.float64]:
        """For each work the votes of the keypoints that have one like them there.

        The square roots are measured: copies of one picture under several names take votes from
        each other, and with whole shares other works came before them.
        """
        keypoints, places = self._words.near(asked, WORD_BITS_MAX, complete_max=WORD_BITS_COMPLETE_MAX)
        pairs = np.unique(keypoints * self._count + self._owners[places])
        keypoints, works = np.divmod(pairs, max(self._count, 1))
        shared = np.bincount(keypoints, minlength=len(asked))
        votes = np.bincount(works, weights=1 / np.sqrt(shared[keypoints]), minlength=self._count)
        return np.asarray(votes / self._chances, np.float64)
