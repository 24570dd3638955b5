"""The log: entries are added, never changed, and every state is signed.

A log lives in a `LogStore`, laid out as C2SP tlog-tiles says, so that a folder of it can
be served or copied as it is. Two processes may read and append at the same time.

What a crash can leave. An append writes entry bundles, then tiles, then the checkpoint;
only that last step makes the new entries part of the log. None of the files written
before it has the path of a file of the signed tree (a partial tile's path has its width,
and a tile only gets wider), so whatever a killed append leaves is read by nobody. The
next append begins at the signed size again and writes every file that its own tree adds,
over what was left. Hence a signed tree always extends every tree signed before it.

Deliberately not here: what an entry means, deletion of entries (an entry must be such that
nobody ever needs to delete it), and publishing checkpoints: without that, nobody can tell a
log that was replaced as a whole from the true one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial

from volenti.core.errors import IntegrityError, NotFoundError, StorageError, UsageError
from volenti.core.signing import SigningKey
from volenti.transparency import checkpoint as checkpoints
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_inclusion,
)
from volenti.transparency.note import Verifier
from volenti.transparency.ports import LogStore
from volenti.transparency.problem import CHECKPOINT_PATH, Problem, find_problems
from volenti.transparency.proof import Proof
from volenti.transparency.tiles import (
    WIDTH,
    Bundle,
    Tile,
    TileNodes,
    check_entry,
    cut,
    grown,
    pack_entries,
    read_bundle,
    read_tile,
    width_of,
)

_REMEDY = "Run the log's verification, and restore the log's folder from a copy."


@dataclass(frozen=True, slots=True)
class _Head:
    """The state that is signed in the store at one moment."""

    signed: str
    checkpoint: Checkpoint


class Log:
    """A log named `origin` in `store`, signed by `key` under that name.

    Nothing is read or written before the first call; a store without anything in it
    becomes an empty log then. Every method may raise StorageError, and IntegrityError
    where what is stored isn't what was signed.
    """

    def __init__(self, store: LogStore, origin: str, key: SigningKey) -> None:
        self._store = store
        self._key = key
        self._verifier = Verifier(origin, key.public)
        self._seen: Checkpoint | None = None
        #: The checkpoint whose signature was checked last, as it was read.
        self._checked: tuple[bytes, Checkpoint] | None = None

    @property
    def origin(self) -> str:
        """The log's name: the first line of its checkpoints, and the name under which they are signed."""
        return self._verifier.name

    @property
    def verifier(self) -> Verifier:
        """What others need to check this log's checkpoints and proofs; its str is for publishing."""
        return self._verifier

    @property
    def size(self) -> int:
        """How many entries are signed."""
        return self._head().checkpoint.size

    def head(self) -> Checkpoint:
        """The newest state: size and root."""
        return self._head().checkpoint

    def root(self, size: int) -> bytes:
        """The root of its first `size` entries; UsageError where there aren't so many."""
        now = self.size
        if not 0 <= size <= now:
            raise UsageError(f"The log has no state of {size} entries.", f"It has {now}.")
        return Frontier.of(size, self._nodes(now)).root

    def checkpoint(self) -> str:
        """The newest signed checkpoint. Keep it elsewhere: it is what `verify` compares with."""
        return self._head().signed

    def append(self, leaves: Sequence[bytes], at: int | None = None) -> range:
        """Add entries, all or none, and sign; returns their indices.

        at: the index that the first of them must get; where the log has another size, none is added.

        Durable when it returns. Raises UsageError where an entry is over 65,535 bytes,
        ConflictError where another process holds the log for too long.
        """
        for leaf in leaves:
            check_entry(leaf)
        with self._store.lock():
            head = self._read_head() or self._begin()
            size = head.checkpoint.size
            if not leaves or at not in (None, size):
                return range(size, size)
            # Never add to a tree that isn't the signed one.
            frontier = Frontier.of(size, self._nodes(size))
            if frontier.root != head.checkpoint.root:
                raise IntegrityError("The log's tiles don't have the signed root.", _REMEDY)
            hashes = [leaf_hash(leaf) for leaf in leaves]
            filled: list[str] = []
            for piece, data in self._grown(size, leaves, hashes):
                self._store.write(piece.path, data)
                if piece.width == WIDTH:
                    filled.append(piece.path)
            frontier = frontier.extended(hashes)
            self._write_head(Checkpoint(self.origin, frontier.size, frontier.root))
            self._sweep(filled)
        return range(size, frontier.size)

    def entry(self, index: int) -> bytes:
        """The entry at `index`, checked against the signed root; raises NotFoundError outside the log."""
        return self.entries([index])[0]

    def entries(self, indices: Iterable[int]) -> list[bytes]:
        """The entries at these indices, as `entry`; each file of the log is read once."""
        head = self._head().checkpoint
        bundles = cache(partial(read_bundle, self._store))
        nodes = self._nodes(head.size)
        found = []
        for index in indices:
            self._check_index(index, head.size)
            number, at = divmod(index, WIDTH)
            entry = bundles(Bundle(number, width_of(0, number, head.size)))[at]
            self._path(head, index, leaf_hash(entry), nodes)
            found.append(entry)
        return found

    def prove(self, index: int) -> str:
        """The text of a `.tlog-proof` for the entry at `index` under the newest checkpoint.

        Reads O(log size) tiles and checks the proof before giving it away. Raises
        NotFoundError outside the log.
        """
        head = self._head()
        self._check_index(index, head.checkpoint.size)
        hashes = self._path(head.checkpoint, index, None)
        return str(Proof(index, tuple(hashes), head.signed))

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """The hashes that prove the log at `new_size` only added to the log at `old_size`.

        For `merkle.verify_consistency`. Raises UsageError unless
        0 <= old_size <= new_size <= size.
        """
        size = self._head().checkpoint.size
        if not 0 <= old_size <= new_size <= size:
            raise UsageError(
                f"There is no consistency proof from size {old_size} to {new_size}.",
                f"Give two sizes from 0 to {size}, the smaller first.",
            )
        return consistency_proof(old_size, new_size, self._nodes(size))

    def verify(self, *remembered: str) -> list[Problem]:
        """Everything wrong with the log, recomputed from its entries; see `problem.find_problems`.

        `remembered` are signed checkpoints kept from earlier; those of the store's own copies are compared
        too.
        """
        return find_problems(self._store, self._verifier, (*remembered, *self._store.remembered()))

    def _nodes(self, size: int) -> TileNodes:
        return TileNodes(size, partial(read_tile, self._store))

    def _path(
        self, head: Checkpoint, index: int, leaf: bytes | None, nodes: TileNodes | None = None
    ) -> list[bytes]:
        """The inclusion proof, checked for `leaf`, or for the stored leaf hash where that is None.

        nodes: those of the log at the head's size, where several proofs read them.
        """
        nodes = self._nodes(head.size) if nodes is None else nodes
        hashes = inclusion_proof(index, head.size, nodes)
        stored = nodes(0, index) if leaf is None else leaf
        if not verify_inclusion(stored, index, head.size, hashes, head.root):
            raise IntegrityError(f"What is stored around entry {index} isn't what was signed.", _REMEDY)
        return hashes

    def _check_index(self, index: int, size: int) -> None:
        if not 0 <= index < size:
            raise NotFoundError(f"The log has no entry {index}.", f"It has {size}, counted from 0.")

    def _grown(
        self, size: int, leaves: Sequence[bytes], hashes: Sequence[bytes]
    ) -> Iterator[tuple[Bundle | Tile, bytes]]:
        """The files that the new leaves add: bundles, then tiles from the lowest level up."""
        index, width = divmod(size, WIDTH)
        kept: list[bytes] = []
        if width:
            kept = read_bundle(self._store, Bundle(index, width))
            if [leaf_hash(entry) for entry in kept] != cut(read_tile(self._store, Tile(0, index, width))):
                raise IntegrityError("The log's newest entries aren't what was signed.", _REMEDY)
        row = [*kept, *leaves]
        for at in range(0, len(row), WIDTH):
            part = row[at : at + WIDTH]
            yield Bundle(index + at // WIDTH, len(part)), pack_entries(part)
        yield from grown(size, hashes, partial(read_tile, self._store))

    def _sweep(self, filled: Sequence[str]) -> None:
        """Remove the partial forms of files that are full now: nobody needs them any more.

        The entries are signed and durable already, so a failure here is none of the append.
        """
        with suppress(StorageError):
            for path in filled:
                for outgrown in list(self._store.paths(f"{path}.p/")):
                    self._store.remove(outgrown)

    def _head(self) -> _Head:
        head = self._read_head()
        if head is None:
            with self._store.lock():
                head = self._read_head() or self._begin()
        return head

    def _read_head(self) -> _Head | None:
        # Taken before reading: another thread may append in between.
        seen = self._seen
        signed = self._store.read(CHECKPOINT_PATH)
        if signed is None:
            return None
        known = self._checked
        if known is None or known[0] != signed:
            known = self._checked = signed, checkpoints.verify(signed, self._verifier)
        checkpoint = known[1]
        if seen and (checkpoint.size < seen.size or (checkpoint.size == seen.size and checkpoint != seen)):
            raise IntegrityError(
                f"The log went back from {seen.size} entries to {checkpoint.size} or to other ones.", _REMEDY
            )
        self._seen = checkpoint
        return _Head(signed.decode(), checkpoint)

    def _begin(self) -> _Head:
        """Sign the empty log. Because this comes before any entry, a log that has entries and no
        checkpoint has lost it, and beginning anew would sign a second history."""
        if self._seen or next(iter(self._store.paths("tile/")), None) is not None:
            raise IntegrityError("The log has entries and no checkpoint.", "Restore the file 'checkpoint'.")
        return self._write_head(Checkpoint(self.origin, 0, EMPTY_ROOT))

    def _write_head(self, checkpoint: Checkpoint) -> _Head:
        signed = checkpoints.sign(checkpoint, self._key)
        self._store.write(CHECKPOINT_PATH, signed.encode())
        self._seen = checkpoint
        return _Head(signed, checkpoint)
