"""A proof that an entry is in a log, in one text file, checked without asking anybody.

Follows C2SP tlog-proof (https://c2sp.org/tlog-proof); such files are named `.tlog-proof`.
The proof doesn't hold the entry: who checks it has it from elsewhere.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from volenti.core.errors import IntegrityError, UsageError
from volenti.core.signing import PublicKey
from volenti.transparency import checkpoint as checkpoints
from volenti.transparency.checkpoint import DECIMAL, Checkpoint
from volenti.transparency.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from volenti.transparency.note import Verifier, exact_base64

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
#: No tree that a checkpoint can name is higher.
_HASHES_MAX = 64
_REMEDY = "Ask for the proof again."


@dataclass(frozen=True, slots=True)
class Proof:
    """That the entry at `index` is in the tree of `checkpoint` (signed text, kept verbatim).

    `hashes` are the siblings from the leaf up, 32 bytes each. `extra` is for whoever made
    the proof; nothing signs it, so never trust it.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __post_init__(self) -> None:
        if self.index < 0 or any(len(value) != HASH_BYTES for value in self.hashes):
            raise UsageError("A proof needs an index from 0 and hashes of 32 bytes.", _REMEDY)

    def __str__(self) -> str:
        extra = [f"extra {_encoded(self.extra)}"] if self.extra else []
        lines = [_FIRST_LINE, *extra, f"index {self.index}", *map(_encoded, self.hashes), ""]
        return "".join(f"{line}\n" for line in lines) + self.checkpoint

    @classmethod
    def parse(cls, data: str | bytes) -> Proof:
        """Read a proof without trusting it; raises IntegrityError where it isn't one."""
        try:
            text = data if isinstance(data, str) else data.decode()
        except UnicodeError as error:
            raise IntegrityError("This isn't a proof: it isn't UTF-8.", _REMEDY) from error
        head, blank, signed = text.partition("\n\n")
        lines = head.split("\n")
        if not blank or lines.pop(0) != _FIRST_LINE:
            raise IntegrityError(f"This isn't a proof: it doesn't begin with {_FIRST_LINE}.", _REMEDY)
        extra: bytes | None = b""
        if lines and lines[0].startswith("extra "):
            extra = exact_base64(lines.pop(0).removeprefix("extra ")) or None
        index = lines.pop(0) if lines else ""
        hashes = [exact_base64(line) for line in lines]
        known = [value for value in hashes if value is not None and len(value) == HASH_BYTES]
        number = index.removeprefix("index ")
        if number == index or not DECIMAL.fullmatch(number) or extra is None:
            raise IntegrityError("This proof's extra or index line can't be read.", _REMEDY)
        if len(known) != len(hashes) or len(hashes) > _HASHES_MAX:
            raise IntegrityError("This proof's hashes can't be read.", _REMEDY)
        return cls(int(number), tuple(known), signed, extra)

    def verify(
        self, entry: bytes, log: Verifier | PublicKey, *cosigners: Verifier, origin: str | None = None
    ) -> Checkpoint:
        """Check, offline, that the log signed a tree with `entry` at `index`; returns its checkpoint.

        `log` is the log's verifier, or its bare public key together with `origin`.
        Raises IntegrityError where the checkpoint or the path doesn't hold.
        """
        if isinstance(log, PublicKey):
            if origin is None:
                raise UsageError("A public key alone doesn't name a log.", "Give its origin too.")
            log = Verifier(origin, log)
        checkpoint = checkpoints.verify(self.checkpoint, log, *cosigners, origin=origin)
        if not verify_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.hashes, checkpoint.root):
            raise IntegrityError(
                f"This proof doesn't show the entry at {self.index} of {checkpoint.origin!r}.",
                "Check that proof and entry belong together.",
            )
        return checkpoint


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
