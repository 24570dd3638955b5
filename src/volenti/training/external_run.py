"""External run: a training by the user's own script, kept so that it can forget people.

The project doesn't look into the script. It hands out a snapshot, whole or by shard. For each part the
script gives back the file that it trained. That is sealed like a constituent, under the keys of everybody in
the part, and recorded with what it was trained on, by which code, where and in how long. So a withdrawal
finds the part, the plan prices it, an erasure destroys it, and the session then hands it out to be trained
again. A run of one part is allowed; to forget one person it has to be trained again as a whole.

How exact the forgetting is depends on the script: bits are the same only if the script's trainer gives
the same bits for the same seed, order and environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from volenti.core.canonical import Json, canonical
from volenti.core.codec import ELSEWHERE, OPTIONAL, encoded
from volenti.core.digest import sha256
from volenti.core.shown import short_repr
from volenti.vault.blob import BlobRef

if TYPE_CHECKING:
    from volenti.datasets.reader import Reader


@dataclass(frozen=True, slots=True)
class ExternalRun:
    """A run: a name of the user's choice, the snapshot, and in how many parts it is trained.

    `code` are SHA-256 digests of the script's files by name; `gpus` is how many GPUs it used, 0 for none.
    `split` is the part of the snapshot that it learns from; empty where the snapshot isn't divided.
    """

    id: str = field(metadata=ELSEWHERE)
    name: str
    snapshot: str
    shards: int
    min_people: int
    gpus: int
    code: Mapping[str, str]
    environment: Json
    created: str
    split: str = field(default="", metadata=OPTIONAL)

    __repr__ = short_repr

    def seed(self, shard: int) -> int:
        """63 bits from the run, its number of parts and the number of a part: what its script begins with."""
        return int(sha256(f"{self.id}/{self.shards}/{shard}".encode())[:16], 16) >> 1

    @property
    def is_whole(self) -> bool:
        """Whether the model is trained in one part, on everybody."""
        return self.shards == 1


@dataclass(frozen=True, slots=True)
class ExternalPart:
    """What was trained on one shard: a file's name, digest and sealed bytes, and how long it took.

    `taught` is the digest of the entries that it was trained on (`entries_digest`).
    """

    run: str = field(metadata=ELSEWHERE)
    shard: int
    taught: str
    file: str
    sha256: str
    images: int
    people: int
    seconds: float
    created: str
    weights: BlobRef

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The part's identifier, RUN/SHARD, the shard in two digits."""
        return f"{self.run}/{self.shard:02d}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A record that somebody has a part: who, since when, and the SHA-256 of the file that was handed out.

    The digest is empty where the recipient's own machine trained the part.
    """

    part: str
    recipient: str
    at: str
    sha256: str

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of its row."""
        return f"{self.part}/{sha256(canonical(encoded(self)))[:16]}"


@dataclass(frozen=True, slots=True)
class Retraining:
    """What forgetting somebody costs an external run: a part that its script has to train again."""

    part: str
    name: str
    whole: bool
    seconds: float
    gpus: int
    recipients: tuple[str, ...]

    @property
    def hours(self) -> float:
        """GPU-hours, or hours of the machine where no GPU was used."""
        return self.seconds * max(1, self.gpus) / 3600

    def to_json(self) -> Json:
        """The retraining as a JSON object, with `hours` beside the seconds."""
        return {
            "part": self.part,
            "name": self.name,
            "whole": self.whole,
            "gpus": self.gpus,
            "seconds": round(self.seconds, 3),
            "hours": round(self.hours, 4),
            "recipients": list(self.recipients),
        }


def entries_digest(reader: Reader) -> str:
    """SHA-256 of the entries of a part: identifiers, digests and captions, in order."""
    return sha256(canonical([[entry.image, entry.sha256, entry.caption] for entry in reader.entries]))
