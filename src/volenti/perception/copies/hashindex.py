"""An index of 64-bit hashes that answers which of them differ in few bits from a hash asked for.

Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with
Multi-Index Hashing", CVPR 2012, section 3). A hash is cut into four pieces of 16 bits, and
each piece has a table of its own. Two hashes that differ in at most r bits differ in some
piece in at most r // 4, so looking up that piece and its neighbours finds every such pair,
without comparing all of them. Answers are exact; nothing is missed unless that is asked for.

Hashes are assumed to be spread: where most of a collection shares a piece, its table's row is read whole. The
index isn't changed once it is made. To remove a hash, make the index anew: so nothing removed stays in it.
"""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

#: Pieces of a hash, and bits of a piece.
PIECES, PIECE_BITS = 4, 16

#: Pairs compared in one go: few enough to stay in the cache.
_BLOCK_PAIRS = 250_000

#: Look-ups prepared in one go.
_BLOCK_PROBES = 250_000

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]


class HashIndex:
    """Four tables over the same hashes; 40 bytes a hash and 2 MB."""

    def __init__(self, hashes: Hashes) -> None:
        """hashes: (n,) uint64, n below 2**31. Each is known by its place in the array."""
        self._tables = [_Table(hashes, piece) for piece in range(PIECES)]
        self._count = len(hashes)

    def __len__(self) -> int:
        return self._count

    def near(
        self, queries: Hashes, bits_max: int, *, complete_max: int | None = None
    ) -> tuple[Places, Places]:
        """Every pair (place in `queries`, place in the hashes) that differs in at most `bits_max` bits.

        Pairs are sorted, each comes once. With `complete_max`, every pair up to that many bits is found, and
        of those above it only some, which cost nothing more to find. The cost grows with the neighbours that
        are looked up, steeply above a dozen bits.
        """
        found: list[Places] = []
        radii = _radii(bits_max if complete_max is None else complete_max)
        if self._count and len(queries):
            for table, radius in zip(self._tables, radii, strict=True):
                if radius >= 0:
                    found += table.near(queries, radius, bits_max)
        pairs = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
        return pairs >> 32, pairs & 0xFFFFFFFF


def _radii(bits_max: int) -> list[int]:
    """How many bits each piece may differ in; -1 for a piece that needn't be looked up.

    If the first r % 4 + 1 pieces differ in more than r // 4 bits and the others in more than
    r // 4 - 1, the sum is above r.
    """
    least, more = divmod(bits_max, PIECES)
    return [least if piece <= more else least - 1 for piece in range(PIECES)]


def _neighbours(radius: int) -> NDArray[np.uint64]:
    """Every pattern of at most `radius` bits in a piece."""
    patterns = [
        sum(1 << bit for bit in bits)
        for count in range(radius + 1)
        for bits in combinations(range(PIECE_BITS), count)
    ]
    return np.array(patterns, np.uint64)


class _Table:
    """The hashes ordered by one piece, and where each of its values begins."""

    def __init__(self, hashes: Hashes, piece: int) -> None:
        self._shift = np.uint64(PIECE_BITS * piece)
        pieces = self._pieces(hashes)
        self._order = np.argsort(pieces, kind="stable").astype(np.int32)
        self._hashes = hashes[self._order]
        counts = np.bincount(pieces.astype(np.int64), minlength=1 << PIECE_BITS)
        self._begin = np.concatenate([[0], np.cumsum(counts)])

    def _pieces(self, hashes: Hashes) -> NDArray[np.uint64]:
        return (hashes >> self._shift) & np.uint64((1 << PIECE_BITS) - 1)

    def near(self, queries: Hashes, radius: int, bits_max: int) -> list[Places]:
        """Pairs as query << 32 | place, in blocks; a pair that other tables find too isn't left out."""
        patterns = _neighbours(radius)
        pieces = self._pieces(queries)
        step = max(1, _BLOCK_PROBES // len(patterns))
        found = []
        for first in range(0, len(queries), step):
            rows = (pieces[first : first + step, None] ^ patterns).astype(np.int64).ravel()
            asked = np.repeat(np.arange(first, min(first + step, len(queries))), len(patterns))
            begin = self._begin[rows]
            lengths = self._begin[rows + 1] - begin
            for some in _blocks(lengths):
                found.append(self._compared(queries, asked[some], begin[some], lengths[some], bits_max))
        return found

    def _compared(
        self, queries: Hashes, asked: Places, begin: Places, lengths: Places, bits_max: int
    ) -> Places:
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) + np.repeat(begin - ends + lengths, lengths)
        asked = np.repeat(asked, lengths)
        near = np.bitwise_count(self._hashes[places] ^ queries[asked]) <= bits_max
        return np.asarray((asked[near] << 32) | self._order[places[near]], np.int64)


def _blocks(lengths: Places) -> list[slice]:
    """Consecutive look-ups that come to about `_BLOCK_PAIRS` pairs, at least one each."""
    ends = np.cumsum(lengths)
    if not len(ends) or ends[-1] == 0:
        return []
    cuts = np.searchsorted(ends, np.arange(_BLOCK_PAIRS, ends[-1], _BLOCK_PAIRS))
    edges = np.unique(np.concatenate([[0], cuts + 1, [len(lengths)]]))
    return [slice(int(a), int(b)) for a, b in pairwise(edges) if b > a]
