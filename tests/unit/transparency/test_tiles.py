"""Tile arithmetic: paths, widths, growth, bundles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.adapters.log.memory import MemoryLogStore
from volenti.core.errors import IntegrityError, UsageError
from volenti.transparency.merkle import leaf_hash, tree_head
from volenti.transparency.tiles import (
    Bundle,
    Tile,
    TileNodes,
    cut,
    grown,
    pack_entries,
    read_bundle,
    read_tile,
    tiles_of,
    unpack_entries,
    width_of,
)

HASHES = [leaf_hash(number.to_bytes(4)) for number in range(70_000)]


def written(sizes: list[int]) -> dict[str, bytes]:
    """The tiles of a tree that grew through these sizes."""
    files: dict[str, bytes] = {}

    def read(tile: Tile) -> bytes:
        return files[tile.path]

    size = 0
    for more in sizes:
        new = {tile.path: data for tile, data in grown(size, HASHES[size : size + more], read)}
        assert not set(new) & {tile.path for level in range(3) for tile in tiles_of(size, level)}
        files |= new
        size += more
    return files


@given(st.integers(0, 10**12))
def test_no_path_is_also_a_folder_of_another(index: int) -> None:
    path = Tile(0, index).path
    assert path.split("/")[-1].isdigit()
    assert all(part.startswith("x") for part in path.split("/")[2:-1])
    assert int(path.removeprefix("tile/0/").replace("/", "").replace("x", "")) == index


@given(st.integers(0, 2**40))
def test_the_widths_of_a_level_add_up_to_its_hashes(size: int) -> None:
    for level in range(6):
        count = size >> (8 * level)
        last = max(0, (count - 1) // 256)
        assert width_of(level, last, size) == count - 256 * last
        assert width_of(level, last + 1, size) == 0
        assert last == 0 or width_of(level, last - 1, size) == 256


@settings(max_examples=30)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=5))
def test_a_tree_grown_in_pieces_has_the_tiles_of_one_grown_at_once(sizes: list[int]) -> None:
    size = sum(sizes)
    files, at_once = written(sizes), written([size])
    assert at_once.items() <= files.items()
    assert set(at_once) == {tile.path for level in range(3) for tile in tiles_of(size, level)}


def test_nodes_come_from_tiles_at_every_level_and_across_tile_levels() -> None:
    files = written([70_000])
    nodes = TileNodes(70_000, lambda tile: files[tile.path])
    for level, index in [(0, 0), (0, 69_999), (3, 8_749), (7, 545), (8, 272), (9, 100), (15, 1), (16, 0)]:
        assert nodes(level, index) == tree_head(HASHES[index << level : (index + 1) << level])


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_entries_come_out_of_a_bundle_as_they_went_in(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries)) == (entries, b"")


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=8), st.integers(1, 30))
def test_a_bundle_cut_short_gives_fewer_entries_and_never_wrong_ones(entries: list[bytes], lost: int) -> None:
    data = pack_entries(entries)[:-lost]
    found, _ = unpack_entries(data)
    assert found == entries[: len(found)]
    assert len(found) < len(entries)


def test_the_longest_entry_fits_and_a_longer_one_is_refused() -> None:
    assert unpack_entries(pack_entries([bytes(65_535)])) == ([bytes(65_535)], b"")
    with pytest.raises(UsageError, match="65536"):
        pack_entries([bytes(65_536)])


def test_a_partial_tile_that_was_swept_is_read_from_the_full_one() -> None:
    store = MemoryLogStore()
    store.write(Tile(0, 0).path, b"".join(HASHES[:256]))
    assert cut(read_tile(store, Tile(0, 0, 3))) == HASHES[:3]
    store.write(Bundle(0).path, pack_entries([b"%d" % number for number in range(256)]))
    assert read_bundle(store, Bundle(0, 2)) == [b"0", b"1"]


def test_a_partial_tile_goes_before_a_full_one_that_a_killed_append_left() -> None:
    store = MemoryLogStore()
    store.write(Tile(0, 0).path, bytes(8192))
    store.write(Tile(0, 0, 3).path, b"".join(HASHES[:3]))
    assert cut(read_tile(store, Tile(0, 0, 3))) == HASHES[:3]


@pytest.mark.parametrize("data", [None, b"", b"\x00" * 95, b"\x00" * 97])
def test_a_tile_that_is_missing_or_of_another_length_is_an_integrity_error(data: bytes | None) -> None:
    store = MemoryLogStore()
    if data is not None:
        store.write(Tile(0, 0, 3).path, data)
    with pytest.raises(IntegrityError, match=r"tile/0/000\.p/3"):
        read_tile(store, Tile(0, 0, 3))


@pytest.mark.parametrize("data", [None, b"", b"\x00\x01a", b"\x00\x01a\x00\x02b", b"\x00\x01a\x00\x01b\x00"])
def test_a_bundle_that_is_missing_or_not_whole_is_an_integrity_error(data: bytes | None) -> None:
    store = MemoryLogStore()
    if data is not None:
        store.write(Bundle(0, 2).path, data)
    with pytest.raises(IntegrityError, match=r"tile/entries/000\.p/2"):
        read_bundle(store, Bundle(0, 2))
