"""Tiles: how a tree's hashes and entries are cut into files that can be served as they are.

Follows C2SP tlog-tiles (https://c2sp.org/tlog-tiles): 256 hashes to a tile, entry bundles
with a 16-bit length before each entry. Levels of a *tree* count single steps from the
leaves; levels of *tiles* count eight such steps.

Deliberately not here: pruning. A log keeps all its entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from volenti.core.errors import IntegrityError, UsageError
from volenti.transparency.merkle import HASH_BYTES, tree_head
from volenti.transparency.ports import LogFiles

#: Hashes in a full tile, entries in a full bundle.
WIDTH = 256
#: Levels of the tree that one tile spans.
HEIGHT = 8
#: Bytes in the longest entry: its length has 16 bits.
ENTRY_BYTES_MAX = 65_535
_REMEDY = "Run the log's verification, and restore the log's folder from a copy."


@dataclass(frozen=True, slots=True)
class Tile:
    """`width` consecutive hashes at tile level `level`, beginning with hash `index * 256`."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where the tile lies in the log's folder, such as `tile/0/x001/067` or `tile/0/000.p/5`."""
        return f"tile/{self.level}/{_address(self.index, self.width)}"

    @property
    def full(self) -> Tile:
        """The tile at the same place with all of its 256 hashes."""
        return Tile(self.level, self.index)


@dataclass(frozen=True, slots=True)
class Bundle:
    """`width` consecutive entries, beginning with entry `index * 256`."""

    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where the bundle lies in the log's folder, such as `tile/entries/000` or `tile/entries/000.p/5`."""
        return f"tile/entries/{_address(self.index, self.width)}"

    @property
    def full(self) -> Bundle:
        """The bundle at the same place with all of its 256 entries."""
        return Bundle(self.index)


def _address(index: int, width: int) -> str:
    """`index` in groups of three digits, all but the last marked by x, so that no file's
    name is also a folder's; and the width where it is partial."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if width == WIDTH else f"{path}.p/{width}"


def width_of(level: int, index: int, size: int) -> int:
    """How many hashes tile `index` at tile level `level` has in a tree of `size`: 0 to 256."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - WIDTH * index))


def tiles_of(size: int, level: int) -> Iterator[Tile]:
    """The tiles at one tile level of a tree of `size`, in order; none above its highest."""
    count = size >> (HEIGHT * level)
    for index in range(-(-count // WIDTH)):
        yield Tile(level, index, width_of(level, index, size))


def bundles_of(size: int) -> Iterator[Bundle]:
    """The entry bundles of a tree of `size`, in order."""
    for tile in tiles_of(size, 0):
        yield Bundle(tile.index, tile.width)


def cut(hashes: bytes) -> list[bytes]:
    """A tile's bytes as single hashes."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


class TileNodes:
    """`merkle.Nodes` from tiles, each read once: for one proof, O(log size) of them.

    `read` returns the exact bytes of a tile. It remembers what it read: make one for each question.
    """

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self._size = size
        self._read = read
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._heads: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The 32-byte hash of node `index` at `level` of the tree, counted from the leaves at level 0."""
        known = self._heads.get((level, index))
        if known is None:
            known = self._heads[level, index] = self._head(level, index)
        return known

    def _head(self, level: int, index: int) -> bytes:
        tile_level, steps = divmod(level, HEIGHT)
        tile_index, at = divmod(index << steps, WIDTH)
        row = self._tiles.get((tile_level, tile_index))
        if row is None:
            row = self._read(Tile(tile_level, tile_index, width_of(tile_level, tile_index, self._size)))
            self._tiles[tile_level, tile_index] = row
        return tree_head(cut(row[at * HASH_BYTES : (at + (1 << steps)) * HASH_BYTES]))


def grown(size: int, hashes: Sequence[bytes], read: Callable[[Tile], bytes]) -> Iterator[tuple[Tile, bytes]]:
    """Every tile that changes when leaf `hashes` are added to a tree of `size`, lowest level first.

    `read` is asked for the partial tile at the right edge of each level that changes.
    None of the tiles given has the path of a tile of the old tree.
    """
    level = 0
    while hashes:
        index, width = divmod(size >> (HEIGHT * level), WIDTH)
        row = [*(cut(read(Tile(level, index, width))) if width else ()), *hashes]
        heads = []
        for at in range(0, len(row), WIDTH):
            part = row[at : at + WIDTH]
            yield Tile(level, index + at // WIDTH, len(part)), b"".join(part)
            if len(part) == WIDTH:
                heads.append(tree_head(part))
        hashes, level = heads, level + 1


def check_entry(entry: bytes) -> bytes:
    """`entry` itself if a bundle can hold it; raises UsageError otherwise."""
    if len(entry) > ENTRY_BYTES_MAX:
        raise UsageError(
            f"An entry of {len(entry)} bytes is too long for a log.",
            f"Log a commitment to it; the limit is {ENTRY_BYTES_MAX} bytes.",
        )
    return entry


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """Entries as a bundle's bytes; raises UsageError where one is too long."""
    return b"".join(len(check_entry(entry)).to_bytes(2, "big") + entry for entry in entries)


def unpack_entries(data: bytes) -> tuple[list[bytes], bytes]:
    """A bundle's entries, and the bytes left over at its end: none where nothing was cut off."""
    entries, at = [], 0
    while at + 2 <= len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data):
            break
        entries.append(data[at + 2 : end])
        at = end
    return entries, data[at:]


def read_tile(store: LogFiles, tile: Tile) -> bytes:
    """The stored hashes of a tile; raises IntegrityError where they aren't there, whole.

    A partial tile may have been removed once the full one was written, which begins with
    the same hashes; never before.
    """
    exact = store.read(tile.path)
    data = exact
    if exact is None and tile.width < WIDTH:
        data = store.read(tile.full.path)
    expected = (tile.width if exact is not None else WIDTH) * HASH_BYTES
    if data is None:
        raise IntegrityError(f"The log's file {tile.path} is missing.", _REMEDY)
    if len(data) != expected:
        raise IntegrityError(f"The log's file {tile.path} has {len(data)} bytes, not {expected}.", _REMEDY)
    return data[: tile.width * HASH_BYTES]


def read_bundle(store: LogFiles, bundle: Bundle) -> list[bytes]:
    """The stored entries of a bundle; raises IntegrityError where they aren't there, whole."""
    exact = store.read(bundle.path)
    data = exact
    if exact is None and bundle.width < WIDTH:
        data = store.read(bundle.full.path)
    expected = bundle.width if exact is not None else WIDTH
    if data is None:
        raise IntegrityError(f"The log's file {bundle.path} is missing.", _REMEDY)
    entries, rest = unpack_entries(data)
    if rest or len(entries) != expected:
        raise IntegrityError(f"The log's file {bundle.path} doesn't hold {expected} whole entries.", _REMEDY)
    return entries[: bundle.width]
