"""Guest run: a model trained by the user's own script, made ready to forget.

The project doesn't look into the script. It hands out a snapshot, whole or by shard, and takes
back what was trained on each part: a file, sealed like any constituent under the keys of everybody
in that part, with what it was taught, by which code, where and in how long. So a withdrawal finds
it, the plan names its price, an erasure destroys it, and asking for the parts again gives those
that are to be trained anew. A run of one part is allowed, and its price is the whole of it.

How exact the forgetting is depends on the script: the same seed, order and environment give the
same bits only if the trainer does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from volenti.core.canonical import Json, canonical
from volenti.core.codec import ELSEWHERE, encoded
from volenti.core.digest import sha256
from volenti.vault.blob import BlobRef

if TYPE_CHECKING:
    from volenti.datasets.reader import Reader


@dataclass(frozen=True, slots=True)
class ExternalRun:
    """A run: a name of the user's choice, the snapshot, and in how many parts it is trained.

    `code` are digests of the script's files; `gpus` is what it ran on, 0 for processors alone.
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

    @property
    def is_whole(self) -> bool:
        """Whether the model is trained in one part, on everybody."""
        return self.shards == 1


@dataclass(frozen=True, slots=True)
class ExternalPart:
    """What was trained on one shard: a file's name, digest and sealed bytes, and how long it took.

    `taught` is the digest of the entries it saw.
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

    @property
    def id(self) -> str:
        """The part's identifier, RUN/SHARD, the shard in two digits."""
        return f"{self.run}/{self.shard:02d}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A part that was handed out: to whom, when, which bytes."""

    part: str
    recipient: str
    at: str
    sha256: str

    @property
    def id(self) -> str:
        """What its row is called."""
        return f"{self.part}/{sha256(canonical(encoded(self)))[:16]}"


@dataclass(frozen=True, slots=True)
class Retraining:
    """What forgetting somebody costs a guest run: a part to be trained again by its script."""

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


def taught(spec: Reader) -> str:
    """SHA-256 of the entries of a part: identifiers, digests and captions, in order."""
    return sha256(canonical([[entry.image, entry.sha256, entry.caption] for entry in spec.entries]))
