"""Checkpoints: a log's name, size and root hash, signed.

Follows C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint): a signed note whose text
is three lines, and opaque extension lines where other logs have them.

A cosigner states when it saw that the log only added to what it had seen before (C2SP
tlog-cosignature, https://c2sp.org/tlog-cosignature). It must itself have checked that
(`witness`, or `merkle.verify_consistency`).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime

from volenti.core.errors import IntegrityError, UsageError
from volenti.core.signing import SigningKey
from volenti.transparency.merkle import HASH_BYTES
from volenti.transparency.note import SignedNote, Verifier, exact_base64

#: ASCII decimal without leading zeros; 19 digits are more leaves than a tree of 2**63 has.
DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_REMEDY = "Fetch it again from whoever published it."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: `size` leaves under `root` (32 bytes) in the log named `origin`."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if any(not line or any(character < " " for character in line) for line in lines):
            raise UsageError(
                "A checkpoint's lines can't be empty or hold control characters.", "Name the log."
            )
        if len(self.root) != HASH_BYTES or not DECIMAL.fullmatch(str(self.size)):
            raise UsageError(
                f"A checkpoint can't have size {self.size}, or its root isn't a hash.", "Check both."
            )

    @property
    def text(self) -> str:
        """What is signed."""
        root = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions))

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """From a note's text; raises IntegrityError where that isn't a checkpoint's."""
        lines = text.split("\n")
        root = exact_base64(lines[2]) if len(lines) > 3 else None
        if root is None or not DECIMAL.fullmatch(lines[1]) or lines.pop():
            raise IntegrityError("This note isn't a checkpoint.", _REMEDY)
        try:
            return cls(lines[0], int(lines[1]), root, tuple(lines[3:]))
        except UsageError as error:
            raise IntegrityError(f"This note isn't a checkpoint. {error.message}", _REMEDY) from error


def sign(checkpoint: Checkpoint, key: SigningKey, name: str | None = None) -> str:
    """The signed checkpoint. The key's name is the log's origin unless given."""
    return str(SignedNote(checkpoint.text).signed(name or checkpoint.origin, key))


def cosign(signed: str | bytes, log: Verifier, key: SigningKey, name: str, at: datetime) -> str:
    """The checkpoint with one more line, a cosignature of that moment by `key` under `name`.

    Raises IntegrityError unless the log itself signed it: nobody should vouch for what the
    log never signed. The caller checks that it is consistent with earlier checkpoints.
    """
    note = SignedNote.parse(signed)
    note.verify(log)
    Checkpoint.parse(note.text)
    return str(note.cosigned(name, key, at))


def verify(signed: str | bytes, log: Verifier, *cosigners: Verifier, origin: str | None = None) -> Checkpoint:
    """The checkpoint, after checking that the log and every cosigner named have signed it.

    The origin must be `origin`, or the name of the log's key where that isn't given.
    Raises IntegrityError otherwise.
    """
    note = SignedNote.parse(signed)
    signers = note.verify(log, *cosigners)
    for wanted in (log, *cosigners):
        if wanted not in signers:
            raise IntegrityError(f"{wanted.name!r} hasn't signed this checkpoint.", "Ask for its signature.")
    checkpoint = Checkpoint.parse(note.text)
    expected = log.name if origin is None else origin
    if checkpoint.origin != expected:
        raise IntegrityError(f"This checkpoint is of {checkpoint.origin!r}, not of {expected!r}.", _REMEDY)
    return checkpoint
