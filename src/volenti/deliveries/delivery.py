"""Delivery: an export of a snapshot, who got it, and what is needed to call back part of it.

Every sample of a delivery has a token: a commitment to its entry's nonce under the delivery's
key. Two recipients of one picture have tokens that have nothing in common, and once the entry is a
tombstone nobody can compute them again. The deletion feed consists of tokens and nothing else.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.clearance.access import Asked
from volenti.consent.purpose import Grant
from volenti.core.canonical import Json, parse_given
from volenti.core.codec import ELSEWHERE, OPTIONAL
from volenti.core.digest import commitment
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.files import make_folder, write_atomically
from volenti.core.shown import short_repr
from volenti.core.signing import PublicKey, SigningKey
from volenti.datasets.snapshot import Entry, Snapshot

if TYPE_CHECKING:
    from volenti.transparency.log import Log

#: The folder in an export for what lies beside the samples; readers of datasets skip hidden folders.
BESIDE = ".volenti"
#: The format in which packages are laid out, and the word for what a package is among deliveries.
IMAGEFOLDER, PACKAGE = "imagefolder", "package"
#: The word for weights among deliveries.
WEIGHTS = "weights"
#: Where the note and the private key lie in it.
NOTE, KEY = f"{BESIDE}/delivery.json", f"{BESIDE}/acknowledgement.key"


@dataclass(frozen=True, slots=True)
class Packed:
    """What is kept of a package: its run and parts, the key it is for, and what opens its results.

    `to` is a public key, `way_back` the private one whose public key lies in the package.
    """

    run: str
    parts: tuple[int, ...]
    to: str
    way_back: str

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class DeliveredWeights:
    """What is kept of constituents that were handed out: their run, and what each learned from.

    `learned_from` has for each shard, in their order, the positions of the entries that it learned from.
    `succeeded` are the shards of which the recipient was told that a successor is there. No digest of the
    weights is kept: they depend on everybody whom they learned from, so nothing of them stays here.
    """

    run: str
    shards: tuple[int, ...]
    learned_from: tuple[tuple[int, ...], ...]
    succeeded: tuple[int, ...] = ()

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class Delivery:
    """One export of pictures, one package, or constituents of one run.

    `left_out` are positions of entries that weren't written; `not_passed_on` counts those of them that may be
    used, and not be passed on. `territory` is where the recipient is (empty where an earlier version didn't
    ask: then the snapshot's), and `sublicensable` whether they may hand it on. `split` is the only split that
    was written, and `not_in_split` counts those left out because they are in another one; without one,
    everything was written. `packed` is said of a package: its pictures are trained on for the controller, on
    another machine, and not passed on. `weights` is said of constituents: their samples are the pictures that
    they learned from, none of which is handed out. `receipts` is a public key. The private one was handed
    over and wasn't kept: the recipient signs acknowledgements with it.
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
    territory: str = field(default="", metadata=OPTIONAL)
    sublicensable: bool = field(default=False, metadata=OPTIONAL)
    not_passed_on: int = field(default=0, metadata=OPTIONAL)
    split: str = field(default="", metadata=OPTIONAL)
    not_in_split: int = field(default=0, metadata=OPTIONAL)
    packed: Packed | None = field(default=None, metadata=OPTIONAL)
    weights: DeliveredWeights | None = field(default=None, metadata=OPTIONAL)

    __repr__ = short_repr

    @property
    def to(self) -> str:
        """Who got it, in words."""
        return self.recipient or "somebody whose name wasn't recorded"

    @property
    def what(self) -> str:
        """What they got: the dataset's version, or the run that learned from it."""
        return self.snapshot if self.weights is None else f"{self.weights.run} ({self.snapshot})"

    @property
    def of_run(self) -> Json:
        """Of which run a package or weights are, and what of it; nothing of an export of pictures."""
        if self.packed is not None:
            return {"run": self.packed.run, "parts": list(self.packed.parts)}
        if self.weights is not None:
            return {"run": self.weights.run, "shards": list(self.weights.shards)}
        return {}

    @property
    def public(self) -> PublicKey:
        """The key that checks its acknowledgements."""
        return PublicKey.parse(self.receipts)

    def asked(self, snapshot: Snapshot) -> Asked:
        """What releases have to cover for a picture of the snapshot to be, and stay, with the recipient."""
        if self.packed is not None:
            return snapshot.asked
        place, conditions = self.territory or snapshot.territory, (*snapshot.conditions, Grant.REDISTRIBUTION)
        return snapshot.purpose, place, conditions, self.sublicensable

    @property
    def uncovered(self) -> int:
        """How many entries were left out because nothing covers them any more."""
        return len(self.left_out) - self.not_passed_on - self.not_in_split

    def token(self, entry: Entry) -> bytes:
        """The 32 bytes by which the recipient knows a sample."""
        return commitment(bytes.fromhex(self.key), bytes.fromhex(entry.nonce))

    def successor_token(self, shard: int) -> bytes:
        """The 32 bytes that tell the recipient of a constituent that its successor was handed out."""
        return commitment(bytes.fromhex(self.key), f"successor/{shard:02d}".encode())


@dataclass(frozen=True, slots=True)
class DeliveryNote:
    """What is handed over with a delivery: which deletion feed to follow, and how far it was followed.

    `size` and `root` are the feed's, as they were when it was last applied.
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
        """The key that checks the feed's signatures, as the note says."""
        return PublicKey.parse(self.feed_key)

    @classmethod
    def of(cls, delivery: str, dataset: str, form: str, feed: Log) -> DeliveryNote:
        """The note of a delivery that is made now."""
        head, verifier = feed.head(), feed.verifier
        root = base64.b64encode(head.root).decode()
        return cls(delivery, dataset, form, verifier.name, str(verifier.key), head.size, root)

    def to_bytes(self) -> bytes:
        """The file's content."""
        body = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(body, indent=1).encode() + b"\n"

    def write(self, folder: Path) -> None:
        """Write the note beside the samples, in the place of the one that was there."""
        write_atomically(folder / NOTE, self.to_bytes())

    @classmethod
    def read(cls, folder: Path) -> DeliveryNote:
        """The note of an export.

        Raises UsageError where the folder isn't an export, IntegrityError where its note can't be read.
        """
        path = folder / NOTE
        if not path.is_file():
            raise UsageError(
                f"{folder} isn't an export: it has no {NOTE}.",
                "Name the folder as it was delivered, with its hidden files.",
            )
        try:
            return cls(**parse_given(path.read_bytes()))
        except (ValueError, TypeError) as error:
            raise IntegrityError(f"{path} can't be read.", "Take it from the delivery again.") from error


def note_file(folder: Path) -> Path:
    """Where an export's note lies."""
    return folder / NOTE


def hand_over(folder: Path, key: SigningKey) -> None:
    """Write the private key that acknowledgements are signed with beside the samples."""
    make_folder(folder / BESIDE)
    key.save(folder / KEY)


def handed_over(folder: Path) -> SigningKey:
    """The private key that was handed over; UsageError where it isn't there."""
    path = folder / KEY
    if not path.is_file():
        raise UsageError(f"{path} is missing.", "Take it from the delivery again.")
    return SigningKey.load(path)
