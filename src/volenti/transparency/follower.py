"""Follower: reads what a log added since it was last read, and checks that the log only added.

A follower remembers the log's size and root. From the tiles of today's tree it computes the old root
again, and from the entries after that the new one. Where both are right, the entries read are those
that were signed, and nothing before them was changed: no other proof is needed.
"""

from __future__ import annotations

from functools import partial

from volenti.core.errors import IntegrityError
from volenti.transparency import checkpoint as checkpoints
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.merkle import EMPTY_ROOT, Frontier, leaf_hash
from volenti.transparency.note import Verifier
from volenti.transparency.ports import LogFiles
from volenti.transparency.problem import CHECKPOINT_PATH
from volenti.transparency.tiles import WIDTH, Bundle, TileNodes, read_bundle, read_tile, width_of

_REMEDY = "Ask its publisher; apply nothing of it before that."


def added_since(
    files: LogFiles, log: Verifier, size: int = 0, root: bytes = EMPTY_ROOT
) -> tuple[Checkpoint, list[bytes]]:
    """The log's newest checkpoint, and the entries that it added since it had this size and root.

    Raises IntegrityError where the checkpoint isn't signed, where the log has fewer entries than then or
    other ones, or where the entries aren't those that were signed.
    """
    signed = files.read(CHECKPOINT_PATH)
    if signed is None:
        raise IntegrityError(f"{log.name} has no checkpoint there.", "Check the address.")
    head = checkpoints.verify(signed, log)
    if head.size < size:
        raise IntegrityError(f"{log.name} went back from {size} entries to {head.size}.", _REMEDY)
    before = Frontier.of(size, TileNodes(head.size, partial(read_tile, files)))
    if before.root != root:
        raise IntegrityError(f"{log.name} changed among its first {size} entries.", _REMEDY)
    entries: list[bytes] = []
    for number in range(size // WIDTH, -(-head.size // WIDTH)):
        bundle = read_bundle(files, Bundle(number, width_of(0, number, head.size)))
        entries += bundle[max(0, size - number * WIDTH) :]
    if before.extended(map(leaf_hash, entries)).root != head.root:
        raise IntegrityError(f"The entries of {log.name} aren't those that were signed.", _REMEDY)
    return head, entries
