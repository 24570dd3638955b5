"""A second copy of a log: the log may be ahead of its copy, and the copy never ahead of the log.

Where the copy is ahead, somebody put the log back to an earlier state. Adding to the log, or copying it over
the copy, would destroy the evidence of that.
"""

from __future__ import annotations

from functools import partial

from volenti.core.errors import IntegrityError
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.merkle import EMPTY_ROOT, Frontier
from volenti.transparency.note import SignedNote
from volenti.transparency.ports import LogFiles
from volenti.transparency.problem import CHECKPOINT_PATH
from volenti.transparency.tiles import TileNodes, read_tile

_REMEDY = "Bring the newer one back, or find out who replaced it, before anything is added."


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


def _head(files: LogFiles) -> Checkpoint | None:
    signed = files.read(CHECKPOINT_PATH)
    return None if signed is None else Checkpoint.parse(SignedNote.parse(signed).text)
