"""Properties of proofs: what holds is shown, and nothing else is."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.transparency.merkle import (
    EMPTY_ROOT,
    Frontier,
    Nodes,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_head,
    verify_consistency,
    verify_inclusion,
)

SIZE_MAX = 3000
HASHES = [leaf_hash(number.to_bytes(4)) for number in range(SIZE_MAX)]


@cache
def node(level: int, index: int) -> bytes:
    if level == 0:
        return HASHES[index]
    return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))


NODES: Nodes = node


@cache
def root(size: int) -> bytes:
    return tree_head(HASHES[:size])


@st.composite
def leaf_of_tree(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, SIZE_MAX))
    return draw(st.integers(0, size - 1)), size


@st.composite
def grown_tree(draw: st.DrawFn) -> tuple[int, int]:
    new = draw(st.integers(1, SIZE_MAX))
    return draw(st.integers(0, new)), new


@given(leaf_of_tree())
def test_every_leaf_of_a_tree_of_any_size_is_proved(case: tuple[int, int]) -> None:
    index, size = case
    proof = inclusion_proof(index, size, NODES)
    assert verify_inclusion(HASHES[index], index, size, proof, root(size))
    assert len(proof) <= (size - 1).bit_length()


@given(grown_tree())
def test_every_tree_is_proved_to_continue_any_smaller_one(case: tuple[int, int]) -> None:
    old, new = case
    proof = consistency_proof(old, new, NODES)
    assert verify_consistency(old, new, root(old), root(new), proof)


@given(leaf_of_tree(), st.data())
def test_an_inclusion_proof_shows_nothing_else(case: tuple[int, int], data: st.DataObject) -> None:
    index, size = case
    proof = inclusion_proof(index, size, NODES)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index)) if size > 1 else size
    assert not verify_inclusion(HASHES[index], other, size, proof, root(size))
    assert not verify_inclusion(HASHES[other], index, size, proof, root(size))
    assert not verify_inclusion(HASHES[index], index, size, [*proof, HASHES[0]], root(size))
    assert not verify_inclusion(HASHES[index], index, size, proof, root(size + 1 if size < SIZE_MAX else 1))
    if proof:
        assert not verify_inclusion(HASHES[index], index, size, proof[:-1], root(size))
        at, bit = data.draw(st.integers(0, len(proof) * 32 - 1)), data.draw(st.integers(0, 7))
        assert not verify_inclusion(HASHES[index], index, size, flipped(proof, at, bit), root(size))


@given(grown_tree(), st.data())
def test_a_consistency_proof_shows_nothing_else(case: tuple[int, int], data: st.DataObject) -> None:
    old, new = case
    proof = consistency_proof(old, new, NODES)
    forged = tree_head([*HASHES[: max(old - 1, 0)], leaf_hash(b"forged")])
    assert not verify_consistency(old, new, forged, root(new), proof)
    assert not verify_consistency(old, new, root(old), root(new), [*proof, HASHES[0]])
    if old != new:
        assert not verify_consistency(new, old, root(new), root(old), proof)
    if proof:
        assert not verify_consistency(old, new, root(old), root(new), proof[1:])
        at, bit = data.draw(st.integers(0, len(proof) * 32 - 1)), data.draw(st.integers(0, 7))
        assert not verify_consistency(old, new, root(old), root(new), flipped(proof, at, bit))


def flipped(proof: list[bytes], at: int, bit: int) -> list[bytes]:
    joined = bytearray(b"".join(proof))
    joined[at] ^= 1 << bit
    return [bytes(joined[start : start + 32]) for start in range(0, len(joined), 32)]


@given(st.lists(st.integers(0, 200), max_size=6))
def test_a_frontier_extended_in_pieces_has_the_root_of_the_whole(pieces: list[int]) -> None:
    frontier = Frontier()
    for piece in pieces:
        frontier = frontier.extended(HASHES[frontier.size : frontier.size + piece])
    assert frontier.size == sum(pieces)
    assert frontier.root == root(sum(pieces))
    assert frontier == Frontier.of(sum(pieces), NODES)


@settings(max_examples=30)
@given(
    st.binary(max_size=40),
    st.integers(-2, 9),
    st.integers(-2, 9),
    st.lists(st.binary(max_size=40), max_size=4),
)
def test_rubbish_is_refused_and_never_raises(blob: bytes, low: int, high: int, proof: list[bytes]) -> None:
    assert verify_inclusion(blob, low, high, proof, blob) in (
        # Only a tree of one leaf is its own root.
        {low == 0 and high == 1 and not proof and len(blob) == 32}
    )
    assert not verify_consistency(low, high, blob, HASHES[0], proof)


def test_leaves_and_inner_nodes_never_share_a_hash() -> None:
    assert leaf_hash(HASHES[0] + HASHES[1]) != node_hash(HASHES[0], HASHES[1])


def test_hashes_of_other_lengths_are_refused_though_their_joined_bytes_fit() -> None:
    short, long = HASHES[0][:31], HASHES[0][31:] + HASHES[1]
    assert node_hash(short, long) == node_hash(HASHES[0], HASHES[1])
    assert not verify_inclusion(short, 0, 2, [long], root(2))


def test_a_proof_of_a_small_tree_is_none_of_a_larger_size_under_the_same_root() -> None:
    assert verify_inclusion(HASHES[0], 0, 2, [HASHES[1]], root(2))
    assert not verify_inclusion(HASHES[0], 0, 4, [HASHES[1]], root(2))
    proof = consistency_proof(1, 2, NODES)
    assert verify_consistency(1, 2, root(1), root(2), proof)
    assert not verify_consistency(1, 4, root(1), root(2), proof)


def test_only_the_true_empty_root_is_continued_by_every_tree() -> None:
    assert verify_consistency(0, 5, EMPTY_ROOT, root(5), [])
    assert not verify_consistency(0, 5, root(1), root(5), [])
    assert not verify_consistency(0, 0, root(1), root(1), [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, NODES)
    assert not verify_inclusion(HASHES[0], index, size, [], HASHES[0])


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_a_tree_never_continues_a_larger_one(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="can't continue"):
        consistency_proof(old, new, NODES)
    assert not verify_consistency(old, new, HASHES[0], HASHES[1], [])
