"""Known answers for RFC 6962 trees, and agreement with an independent implementation.

The leaves, roots and proofs are the vectors that Certificate Transparency implementations
share. pymerkle is the other implementation.
"""

from __future__ import annotations

from functools import cache

import pymerkle  # type: ignore[import-untyped]
import pytest

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

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

#: index, size, siblings from the leaf up
INCLUSION = [
    (0, 1, []),
    (0, 2, [A]),
    (1, 2, [ROOTS[1]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], B, D]),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[4]]),
]
#: old size, new size, proof
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [A, B, C]),
    (2, 5, [B, D]),
    (6, 8, [F, E, ROOTS[4]]),
]


def nodes_over(leaves: list[bytes]) -> Nodes:
    hashes = [leaf_hash(leaf) for leaf in leaves]

    @cache
    def node(level: int, index: int) -> bytes:
        if level == 0:
            return hashes[index]
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    return node


NODES = nodes_over(LEAVES)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES[:size]]
    assert tree_head(hashes).hex() == ROOTS[size]
    assert Frontier().extended(hashes).root.hex() == ROOTS[size]
    assert Frontier.of(size, NODES).root.hex() == ROOTS[size]


def test_the_empty_root_is_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == ROOTS[0]


@pytest.mark.parametrize(("index", "size", "expected"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones_and_verify(
    index: int, size: int, expected: list[str]
) -> None:
    proof = inclusion_proof(index, size, NODES)
    assert [value.hex() for value in proof] == expected
    assert verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "expected"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones_and_verify(
    old: int, new: int, expected: list[str]
) -> None:
    proof = consistency_proof(old, new, NODES)
    assert [value.hex() for value in proof] == expected
    assert verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), proof)


FORTY = [f"entry {number}".encode() for number in range(40)]


def forty_in_pymerkle() -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    tree.append_entries(FORTY)
    return tree


def test_every_root_and_inclusion_proof_up_to_forty_leaves_is_pymerkles() -> None:
    other, nodes = forty_in_pymerkle(), nodes_over(FORTY)
    for size in range(1, 41):
        assert Frontier.of(size, nodes).root == other.get_root(size)
        for index in range(size):
            # pymerkle counts from one and puts the leaf itself first.
            path = other.prove_inclusion(index + 1, size).path
            assert [leaf_hash(FORTY[index]), *inclusion_proof(index, size, nodes)] == path


def test_our_consistency_proofs_hold_between_pymerkles_roots_and_its_between_ours() -> None:
    # The two formats differ: pymerkle always goes down to a leaf, the RFC stops at the old tree's nodes.
    other, nodes = forty_in_pymerkle(), nodes_over(FORTY)
    for new in range(1, 41):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, nodes)
            assert verify_consistency(old, new, other.get_root(old), other.get_root(new), proof)
            old_root, new_root = Frontier.of(old, nodes).root, Frontier.of(new, nodes).root
            pymerkle.verify_consistency(old_root, new_root, other.prove_consistency(old, new), old, new)


def written_as_in_the_rfc(old: int, leaves: list[bytes], is_whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2, word for word: slow, and without stored nodes."""
    if old == len(leaves):
        return [] if is_whole else [tree_head([leaf_hash(leaf) for leaf in leaves])]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = leaves[:split], leaves[split:]
    if old <= split:
        return [*written_as_in_the_rfc(old, left, is_whole), tree_head([leaf_hash(leaf) for leaf in right])]
    return [
        *written_as_in_the_rfc(old - split, right, False),
        tree_head([leaf_hash(leaf) for leaf in left]),
    ]


def test_every_consistency_proof_up_to_forty_leaves_is_the_rfcs() -> None:
    nodes = nodes_over(FORTY)
    for new in range(1, 41):
        for old in range(1, new + 1):
            assert consistency_proof(old, new, nodes) == written_as_in_the_rfc(old, FORTY[:new], True)


def test_pymerkle_accepts_our_inclusion_proofs() -> None:
    leaves = [bytes([number]) for number in range(21)]
    other = pymerkle.InmemoryTree(algorithm="sha256")
    other.append_entries(leaves)
    nodes = nodes_over(leaves)
    root = Frontier.of(21, nodes).root
    for index, leaf in enumerate(leaves):
        theirs = other.prove_inclusion(index + 1, 21)
        theirs.path = [leaf_hash(leaf), *inclusion_proof(index, 21, nodes)]
        pymerkle.verify_inclusion(leaf_hash(leaf), root, theirs, index=index + 1, size=21)
        theirs.path = [leaf_hash(leaf), *inclusion_proof((index + 1) % 21, 21, nodes)]
        with pytest.raises(pymerkle.InvalidProof):
            pymerkle.verify_inclusion(leaf_hash(leaf), root, theirs, index=index + 1, size=21)
