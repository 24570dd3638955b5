"""Delivery: an export of a snapshot, to whom it went and what is needed to call back part of it.

Every sample of a delivery carries a token: a commitment to its entry's nonce under the delivery's
key. Two recipients of one picture hold tokens that have nothing in common, and once the entry is a
tombstone nobody can compute them again. The deletion feed consists of tokens and nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from volenti.core.canonical import parse_given
from volenti.core.codec import ELSEWHERE
from volenti.core.digest import commitment
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.files import make_folder, write_atomically
from volenti.core.signing import PublicKey, SigningKey
from volenti.datasets.snapshot import Entry

#: What lies beside the samples, in a folder that readers of datasets pass over.
BESIDE = ".volenti"
_NOTE, _KEY = "delivery.json", "acknowledgement.key"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One export. `left_out` are positions of entries that weren't written.

    `receipts` is the public half of a key that went along with the samples and wasn't kept:
    acknowledgements are signed with it.
    """

    id: str = field(metadata=ELSEWHERE)
    recipient: str
    snapshot: str
    format: str
    at: str
    key: str
    receipts: str
    left_out: tuple[int, ...] = ()
    samples: int = 0
    complete: bool = False

    @property
    def to(self) -> str:
        """Who got it, in words."""
        return self.recipient or "somebody whose name wasn't recorded"

    @property
    def public(self) -> PublicKey:
        """What its acknowledgements are signed with."""
        return PublicKey.parse(self.receipts)

    def token(self, entry: Entry) -> bytes:
        """The 32 bytes by which the recipient knows a sample."""
        return commitment(bytes.fromhex(self.key), bytes.fromhex(entry.nonce))


@dataclass(frozen=True, slots=True)
class DeliveryNote:
    """What goes along with a delivery: how to follow the deletion feed, and how far it was followed.

    `size` and `root` are the feed's, of when it was last applied.
    """

    delivery: str
    dataset: str
    format: str
    feed: str
    feed_key: str
    size: int
    root: str

    @property
    def key(self) -> PublicKey:
        """What the feed is signed with, as the delivery says."""
        return PublicKey.parse(self.feed_key)

    def write(self, folder: Path) -> None:
        """Beside the samples, in the place of what was there."""
        body = {name: getattr(self, name) for name in self.__slots__}
        write_atomically(folder / BESIDE / _NOTE, json.dumps(body, indent=1).encode() + b"\n")

    @classmethod
    def read(cls, folder: Path) -> DeliveryNote:
        """UsageError where the folder isn't an export, IntegrityError where its note can't be read."""
        path = folder / BESIDE / _NOTE
        if not path.is_file():
            raise UsageError(
                f"{folder} isn't an export: it has no {BESIDE}/{_NOTE}.",
                "Name the folder as it was delivered, with its hidden files.",
            )
        try:
            return cls(**parse_given(path.read_bytes()))
        except (ValueError, TypeError) as error:
            raise IntegrityError(f"{path} can't be read.", "Take it from the delivery again.") from error


def hand_over(folder: Path, key: SigningKey) -> None:
    """Put the key that acknowledgements are signed with beside the samples."""
    make_folder(folder / BESIDE)
    key.save(folder / BESIDE / _KEY)


def handed_over(folder: Path) -> SigningKey:
    """The key that went along; UsageError where it isn't there."""
    path = folder / BESIDE / _KEY
    if not path.is_file():
        raise UsageError(f"{path} is missing.", "Take it from the delivery again.")
    return SigningKey.load(path)
