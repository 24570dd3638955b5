"""An index of third parties' works that proposes which of them a picture may be a copy of.

A work is found in three ways, none of which compares the picture with all works:

* by a perceptual hash that is near: re-saved and resized copies;
* by codes of keypoints that are near: edited copies. Each keypoint of the picture has a vote. It counts less
  the more works it goes to, because what many works share tells little; and less for works of many keypoints,
  because more of those are near by chance;
* for works of one shade, by the shade.

A proposal only says that a comparison is worth while (`resemblance`). For each work some 30 kB are in memory;
its detail isn't.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.perception.copies.fingerprint import Fingerprint
from volenti.perception.copies.hashindex import Hashes, HashIndex
from volenti.perception.copies.resemblance import BITS_MAX, COVER_MIN, SHADE_MAX, covered

#: Of each keypoint's code 64 bits are indexed. All codes that differ in at most the first number of bits are
#: found; of those that differ in up to the second, many, at no further cost.
WORD_BITS_COMPLETE_MAX, WORD_BITS_MAX = 3, 5

#: Keypoints that are added to a work's number when its votes are weighed: in a work of three keypoints, two
#: may be near by chance.
_FEW = 50

#: Works proposed for one picture because of its keypoints, at most.
PROPOSED_MAX = 8


@dataclass(frozen=True, slots=True)
class Proposal:
    """A work worth comparing, by its place in the index; mirrored: with the picture's mirror image."""

    place: int
    mirrored: bool


def words(print_: Fingerprint) -> Hashes:
    """What is indexed of a work's keypoints: 64 bits of the code of each, (n,) uint64."""
    if print_.detail is None:
        return np.empty(0, np.uint64)
    return np.ascontiguousarray(print_.detail.codes[:, 0])


class WorkIndex:
    """Works by hash, by words of their keypoints and by shade. It isn't changed once it is made."""

    def __init__(self, prints: Sequence[Fingerprint], keywords: Sequence[Hashes]) -> None:
        """prints, keywords: of each work its fingerprint and its `words`, in one order."""
        self._hashes = HashIndex(np.array([each.hash for each in prints], np.uint64))
        self._words = HashIndex(np.concatenate([*keywords, np.empty(0, np.uint64)]))
        counts = np.array([len(each) for each in keywords], np.int64)
        self._owners = np.repeat(np.arange(len(keywords)), counts)
        self._chances = np.sqrt(counts + _FEW)
        shades = [each.shade for each in prints]
        self._shades = np.array([np.nan if shade is None else shade for shade in shades])
        self._count = len(prints)

    def proposals(self, seen: Fingerprint) -> list[Proposal]:
        """The works to compare the picture with, the likeliest first."""
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
            # Where a work is much like its mirror image, the votes don't tell which of the two a copy shows.
            found += [Proposal(each.place, not each.mirrored) for each in found[:1]]
        return list(dict.fromkeys(found))

    def _votes(self, asked: Hashes) -> NDArray[np.float64]:
        """For each work the votes of the picture's keypoints that are near one of the work's.

        A vote for several works is divided by the square root of their number. That was measured: where one
        picture is registered under several names, with whole shares other works came before it.
        """
        keypoints, places = self._words.near(asked, WORD_BITS_MAX, complete_max=WORD_BITS_COMPLETE_MAX)
        pairs = np.unique(keypoints * self._count + self._owners[places])
        keypoints, works = np.divmod(pairs, max(self._count, 1))
        shared = np.bincount(keypoints, minlength=len(asked))
        votes = np.bincount(works, weights=1 / np.sqrt(shared[keypoints]), minlength=self._count)
        return np.asarray(votes / self._chances, np.float64)
