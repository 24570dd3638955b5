"""A second copy of a log: the log may be ahead of its copy, and the copy never ahead of the log.

Where the copy is ahead, or has another history, somebody put the log back to an earlier state, or another
copy of the workspace wrote there. Adding to the log, or copying it over the copy, would destroy the evidence
of that.
"""

from __future__ import annotations

from functools import partial

from volenti.core.errors import IntegrityError
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.merkle import EMPTY_ROOT, Frontier
from volenti.transparency.note import SignedNote
from volenti.transparency.ports import LogFiles, LogStore
from volenti.transparency.problem import CHECKPOINT_PATH
from volenti.transparency.tiles import TileNodes, read_tile

_REMEDY = (
    "Two copies of this workspace are in use, or this one was put back to an earlier state. Keep the one "
    "whose log lies there, and work on in it alone; if you keep this one, give it a mirror of its own: "
    "volenti backup mirror NEW"
)


def check_copy(log: LogFiles, copy: LogFiles, where: str) -> None:
    """Raise IntegrityError unless the log begins with all of its copy. Signatures aren't checked here.

    where: the copy's place, for the message.
    """
    there = _head(copy)
    if there is None:
        return
    here = _head(log) or Checkpoint(there.origin, 0, EMPTY_ROOT)
    if there.size > here.size:
        raise IntegrityError(
            f"The copy of {here.origin} in {where} is ahead: {there.size} entries, the log has {here.size}.",
            _REMEDY,
        )
    same = there.size == here.size
    root = here.root if same else Frontier.of(there.size, TileNodes(here.size, partial(read_tile, log))).root
    if root != there.root:
        raise IntegrityError(
            f"The copy of {here.origin} in {where} has another history of {there.size} entries.", _REMEDY
        )


def bring_up(log: LogStore, copy: LogStore, where: str) -> None:
    """Write to a copy of a log what it lacks; raises as `check_copy`. The caller holds the log's lock.

    The checkpoint is copied last, so that it never states more entries than the copy has. Where both have the
    same checkpoint, the copy has everything.
    """
    check_copy(log, copy, where)
    if log.read(CHECKPOINT_PATH) == copy.read(CHECKPOINT_PATH):
        return
    for path in sorted(log.paths(), key=lambda each: (each == CHECKPOINT_PATH, each)):
        data = log.read(path)
        if data is not None and data != copy.read(path):
            copy.write(path, data)


def _head(files: LogFiles) -> Checkpoint | None:
    signed = files.read(CHECKPOINT_PATH)
    return None if signed is None else Checkpoint.parse(SignedNote.parse(signed).text)
