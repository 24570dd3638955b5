"""What can be wrong with a log, found by recomputing all of it from its entries.

This needs only the log's public key, so anybody with a copy of the folder can look. Whether
the holder of the key replaced the whole log shows only beside checkpoints that somebody kept
from before; without one, nobody can tell.

Files beyond the signed size are no problem: a killed append leaves such files, and nobody
reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from volenti.core.errors import IntegrityError
from volenti.transparency import checkpoint as checkpoints
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.merkle import HASH_BYTES, Frontier, leaf_hash, tree_head
from volenti.transparency.note import Verifier
from volenti.transparency.ports import LogStore
from volenti.transparency.tiles import HEIGHT, WIDTH, bundles_of, cut, tiles_of, unpack_entries

#: Where the newest signed checkpoint lies.
CHECKPOINT_PATH = "checkpoint"

#: truncated: entries at the end are gone. missing: a file is gone. edited: content isn't
#: what was signed. reordered: signed entries at other places. forked: another history than
#: the one that was signed. unsigned: a checkpoint that the log's key didn't sign.
ProblemKind = Literal["truncated", "missing", "edited", "reordered", "forked", "unsigned"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what kind, where (a path in the log, or entries), and in words."""

    kind: ProblemKind
    where: str
    message: str


def find_problems(store: LogStore, log: Verifier, remembered: Sequence[str] = ()) -> list[Problem]:
    """Everything wrong with the log in `store`; empty where nothing is.

    `remembered` are signed checkpoints of the same log, kept from earlier: the log must
    still begin with what they say. Raises StorageError where the store can't be read.
    Reads every entry once; memory is about 64 bytes an entry.
    """
    signed = store.read(CHECKPOINT_PATH)
    if signed is None:
        if not remembered and next(iter(store.paths("tile/")), None) is None:
            return []
        return [Problem("missing", CHECKPOINT_PATH, "The log's checkpoint is gone.")]
    try:
        head = checkpoints.verify(signed, log)
    except IntegrityError as error:
        return [Problem("unsigned", CHECKPOINT_PATH, error.message)]
    problems: list[Problem] = []
    entries = _Hashes.of_bundles(store, head.size)
    leaves = _Hashes.of_tiles(store, head.size, 0)
    problems += entries.gaps
    if entries.root != head.root:
        problems += _differences(entries, leaves)
        if entries.root is not None and leaves.root != head.root:
            message = f"The {head.size} entries have another root than the signed one."
            problems.append(Problem("forked", CHECKPOINT_PATH, message))
    # Compare tiles with the entries, or with the leaf hashes where only those are as signed.
    truth = leaves if leaves.root == head.root != entries.root else entries
    if truth.root is not None:
        problems += _tile_problems(store, head.size, truth)
    else:
        problems += leaves.gaps
    problems += _history_problems(log, head, truth, remembered)
    return problems


class _Hashes:
    """Hashes as files of the log have them: one piece of up to 256 hashes for each file. A piece is
    short where its file is, and `gaps` says where."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.pieces: list[bytes] = []
        self.gaps: list[Problem] = []
        self.root: bytes | None = None

    @classmethod
    def of_bundles(cls, store: LogStore, size: int) -> _Hashes:
        hashes = cls(size)
        for bundle in bundles_of(size):
            data, wanted = _read(store, bundle.path, bundle.full.path, bundle.width)
            entries, rest = unpack_entries(data or b"")
            hashes.pieces.append(b"".join(map(leaf_hash, entries[: bundle.width])))
            first = bundle.index * WIDTH + len(entries)
            if len(entries) < bundle.width:
                last = bundle.index * WIDTH + bundle.width - 1
                kind: ProblemKind = "missing" if data is None else "truncated"
                hashes.gaps.append(Problem(kind, bundle.path, f"{_entries(first, last)} can't be read."))
            elif rest or len(entries) != wanted:
                hashes.gaps.append(Problem("edited", bundle.path, "The file holds more than its entries."))
        hashes._name_truncation()
        hashes._finish()
        return hashes

    @classmethod
    def of_tiles(cls, store: LogStore, size: int, level: int) -> _Hashes:
        hashes = cls(size >> (HEIGHT * level))
        for tile in tiles_of(size, level):
            data, wanted = _read(store, tile.path, tile.full.path, tile.width)
            whole = data is not None and len(data) == wanted * HASH_BYTES
            hashes.pieces.append((data or b"")[: tile.width * HASH_BYTES] if whole else b"")
            if not whole:
                kind: ProblemKind = "missing" if data is None else "edited"
                hashes.gaps.append(Problem(kind, tile.path, f"The tile doesn't have its {wanted} hashes."))
        hashes._finish()
        return hashes

    def _name_truncation(self) -> None:
        """Files missing up to the end are a truncation; files missing in between are holes."""
        gone = 0
        while gone < len(self.pieces) and not self.pieces[-1 - gone]:
            gone += 1
        # Each empty piece has one gap, in the same order.
        first = len(self.gaps) - gone
        self.gaps[first:] = [Problem("truncated", gap.where, gap.message) for gap in self.gaps[first:]]

    def _finish(self) -> None:
        if sum(map(len, self.pieces)) == self.size * HASH_BYTES:
            self.root = Frontier().extended(self).root

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            yield from cut(piece)


def _read(store: LogStore, path: str, full_path: str, width: int) -> tuple[bytes | None, int]:
    """A file, or the full one that took its place, and how many items it should hold."""
    data = store.read(path)
    if data is None and path != full_path:
        return store.read(full_path), WIDTH
    return data, width


def _differences(entries: _Hashes, leaves: _Hashes) -> list[Problem]:
    """Where entries and leaf hashes disagree: moved ones by name, all others as edited."""
    pairs = []
    for number, (found, expected) in enumerate(zip(entries.pieces, leaves.pieces, strict=True)):
        if found != expected:
            pairs += [
                (number * WIDTH + at, left, right)
                for at, (left, right) in enumerate(zip(cut(found), cut(expected), strict=False))
                if left != right
            ]
    signed_elsewhere = Counter(expected for _, _, expected in pairs)
    moved, edited = [], []
    for index, found, _ in pairs:
        if signed_elsewhere[found] > 0:
            signed_elsewhere[found] -= 1
            moved.append(index)
        else:
            edited.append(index)
    return [
        *(
            Problem("reordered", _entries(*span), "Signed entries stand at other places.")
            for span in _spans(moved)
        ),
        *(
            Problem("edited", _entries(*span), "The content isn't what was logged.")
            for span in _spans(edited)
        ),
    ]


def _tile_problems(store: LogStore, size: int, truth: _Hashes) -> list[Problem]:
    """Tiles of all levels against those that the true leaf hashes give."""
    problems: list[Problem] = []
    level, expected = 0, truth.pieces
    while expected:
        hashes = _Hashes.of_tiles(store, size, level)
        problems += hashes.gaps
        gaps = {gap.where for gap in hashes.gaps}
        for tile, found, wanted in zip(tiles_of(size, level), hashes.pieces, expected, strict=True):
            if found != wanted and tile.path not in gaps:
                problems.append(Problem("edited", tile.path, "The hashes aren't those of the entries."))
        level += 1
        heads = b"".join(tree_head(cut(piece)) for piece in expected if len(piece) == WIDTH * HASH_BYTES)
        step = WIDTH * HASH_BYTES
        expected = [heads[at : at + step] for at in range(0, len(heads), step)]
    return problems


def _history_problems(
    log: Verifier, head: Checkpoint, truth: _Hashes, remembered: Iterable[str]
) -> list[Problem]:
    """What earlier checkpoints said that the log no longer does."""
    problems: list[Problem] = []
    for number, text in enumerate(remembered, start=1):
        where = f"remembered checkpoint {number}"
        try:
            old = checkpoints.verify(text, log)
        except IntegrityError as error:
            problems.append(Problem("unsigned", where, error.message))
            continue
        root = head.root if old.size == head.size else None
        if old.size < head.size and truth.root is not None:
            root = Frontier().extended(islice(truth, old.size)).root
        if old.size > head.size:
            message = f"{old.size} entries were signed; the log now has {head.size}."
            problems.append(Problem("truncated", where, message))
        elif root is None:
            message = (
                f"The first {old.size} entries can't be read, so nobody can say whether they are the same."
            )
            problems.append(Problem("missing", where, message))
        elif root != old.root:
            problems.append(
                Problem("forked", where, f"The first {old.size} entries aren't those signed then.")
            )
    return problems


def _spans(indices: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending indices as (first, last) of runs without holes."""
    spans: list[tuple[int, int]] = []
    for index in indices:
        if spans and spans[-1][1] == index - 1:
            spans[-1] = (spans[-1][0], index)
        else:
            spans.append((index, index))
    return spans


def _entries(first: int, last: int) -> str:
    return f"entry {first}" if first == last else f"entries {first} to {last}"
