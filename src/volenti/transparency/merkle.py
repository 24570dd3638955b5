"""Merkle tree hashing, inclusion proofs and consistency proofs.

Follows RFC 6962, section 2.1 (https://www.rfc-editor.org/rfc/rfc6962#section-2.1); the
two checks follow the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2, which are
written quite differently from the generation here, so that each tests the other.

Deliberately not here: where hashes come from. Whoever generates a proof passes a
`Nodes` function, which `tiles` makes from stored tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

#: Bytes in a hash.
HASH_BYTES = 32
#: The head of a tree without leaves.
EMPTY_ROOT = sha256(b"").digest()
#: `nodes(level, index)` is the hash of the complete subtree over the leaves from
#: `index * 2**level` up to, not including, `(index + 1) * 2**level`.
Nodes = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf. Its prefix byte keeps a leaf from passing for an inner node."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node, from those of its children."""
    return sha256(b"\x01" + left + right).digest()


def tree_head(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, all at once.

    Pairs are joined level by level and an odd last node moves up as it is, which gives
    the same tree as splitting at the largest power of two.
    """
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=False)] + odd
    return row[0]


@dataclass(frozen=True, slots=True)
class Frontier:
    """An incremental tree head: all of a tree that is needed to add leaves to it.

    `peaks` are the roots of the complete subtrees that make up the tree, the largest
    first: one for each binary 1 in `size`.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, size: int, nodes: Nodes) -> Frontier:
        """The frontier of a stored tree."""
        return cls(size, tuple(nodes(level, index) for level, index in _subtrees(0, size)))

    def extended(self, hashes: Iterable[bytes]) -> Frontier:
        """The frontier after these leaf hashes were added."""
        size, peaks = self.size, list(self.peaks)
        for leaf in hashes:
            size += 1
            peaks.append(leaf)
            # As many subtrees become complete as the new size has binary zeros at its end.
            for _ in range((size & -size).bit_length() - 1):
                right = peaks.pop()
                peaks[-1] = node_hash(peaks[-1], right)
        return Frontier(size, tuple(peaks))

    @property
    def root(self) -> bytes:
        """The tree's root hash, 32 bytes; EMPTY_ROOT of a tree without leaves."""
        return _joined(self.peaks) if self.peaks else EMPTY_ROOT


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1: the siblings from the leaf at `index` up to the root.

    Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    start, end, siblings = 0, size, []
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            siblings.append((split, end))
            end = split
        else:
            siblings.append((start, split))
            start = split
    return [_range_head(first, last, nodes) for first, last in reversed(siblings)]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """PROOF of RFC 6962, 2.1.2: that the tree of `new` leaves begins with the `old` first ones.

    From or to itself, and from the empty tree (which the RFC leaves open), it is empty.
    Raises ValueError unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} can't continue one of {old}")
    if old == 0:
        return []
    start, end, ranges = 0, new, []
    while old != end:
        split = start + _split(end - start)
        if old <= split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start = split
    if start:
        # The old tree ends inside the new one's right half, so its last part must be given too.
        ranges.append((start, end))
    return [_range_head(first, last, nodes) for first, last in reversed(ranges)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows the leaf hash `leaf` at `index` of the tree with `size` and `root`."""
    if not 0 <= index < size or not _are_hashes([leaf, root, *proof]):
        return False
    at, last, head = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            head = node_hash(sibling, head)
            at, last = _to_left_child(at, last)
        else:
            head = node_hash(head, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and compare_digest(head, root)


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree (`new`, `new_root`) only added leaves to (`old`, `old_root`)."""
    if not 0 <= old <= new or not _are_hashes([old_root, new_root, *proof]):
        return False
    if old in (0, new):
        expected = new_root if old else EMPTY_ROOT
        return not proof and compare_digest(old_root, expected)
    # A complete old tree is a node of the new one, so its root needn't be given.
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_head = new_head = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old_head, new_head = node_hash(sibling, old_head), node_hash(sibling, new_head)
            at, last = _to_left_child(at, last)
        else:
            new_head = node_hash(new_head, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and compare_digest(old_head, old_root) and compare_digest(new_head, new_root)


def _to_left_child(at: int, last: int) -> tuple[int, int]:
    """Skip the levels at which a last node has no sibling and moves up as it is."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _are_hashes(values: Iterable[bytes]) -> bool:
    """Other lengths would let two different pairs of children be joined to the same bytes."""
    return all(len(value) == HASH_BYTES for value in values)


def _split(count: int) -> int:
    """The largest power of two smaller than `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees (level, index) over a range that splitting a tree has given, in order."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _range_head(start: int, end: int, nodes: Nodes) -> bytes:
    return _joined([nodes(level, index) for level, index in _subtrees(start, end)])


def _joined(peaks: Sequence[bytes]) -> bytes:
    head = peaks[-1]
    for peak in reversed(peaks[:-1]):
        head = node_hash(peak, head)
    return head
