"""A witness: somebody else who watches a log and signs its checkpoints, too.

Whoever holds a log's key can replace the whole log, or show two versions of it to two people. Only somebody
who remembers an earlier checkpoint can tell. A witness remembers for everybody: it signs a checkpoint only
where the log did nothing but add to what the witness signed before.
"""

from __future__ import annotations

from volenti.core.clock import Clock
from volenti.core.errors import IntegrityError
from volenti.core.signing import SigningKey
from volenti.transparency import checkpoint as checkpoints
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.follower import added_since
from volenti.transparency.merkle import EMPTY_ROOT
from volenti.transparency.note import SignatureKind, Verifier
from volenti.transparency.ports import LogFiles
from volenti.transparency.problem import CHECKPOINT_PATH


def witness(
    files: LogFiles, log: Verifier, key: SigningKey, name: str, clock: Clock, before: str | None
) -> tuple[str, Checkpoint]:
    """The log's newest checkpoint with the witness's cosignature, by `key` under `name`.

    before: the checkpoint that this returned the last time; None the first time ever, and never again: a
    witness that forgot what it signed last would sign a log that went back. Raises IntegrityError where the
    log went back, changed what was there, or has entries that it didn't sign: then nothing is signed.
    """
    size, root = 0, EMPTY_ROOT
    if before is not None:
        known = checkpoints.verify(before, log, cosigner(name, key))
        size, root = known.size, known.root
    head, _ = added_since(files, log, size, root)
    signed = files.read(CHECKPOINT_PATH) or b""
    if checkpoints.verify(signed, log) != head:
        raise IntegrityError(f"{log.name} grew while it was read.", "Repeat.")
    return checkpoints.cosign(signed, log, key, name, clock()), head


def cosigner(name: str, key: SigningKey) -> Verifier:
    """What others check a witness's cosignatures with."""
    return Verifier(name, key.public, SignatureKind.COSIGNATURE)
