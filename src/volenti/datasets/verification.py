"""Verification: a snapshot compared with what it was cut from, picture by picture.

What was lawfully decided since is no damage: a picture that was rejected isn't kept, and one in which
somebody was made unrecognisable has other bytes. Only what no decision on record explains is a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from volenti.core.digest import sha256
from volenti.core.errors import KeyDestroyedError, VolentiError
from volenti.core.progress import Progress, Silent, track
from volenti.datasets.snapshot import Entry, Snapshot, root_of

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.clearance.image import Image
    from volenti.core.canonical import Json


@dataclass(slots=True)
class Verification:
    """What was found of a snapshot.

    `refused` are the images that can't be read today, such as those that no release covers any more; of
    these, `rejected` are those that were rejected since, each with the reason. `redacted` are those in which
    somebody was made unrecognisable since.
    """

    #: The snapshot's identifier.
    dataset: str
    entries: int = 0
    tombstones: int = 0
    refused: list[str] = field(default_factory=list)
    rejected: dict[str, str] = field(default_factory=dict)
    redacted: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the snapshot is as it was cut; what was decided since doesn't count against it."""
        return not self.problems

    def to_json(self) -> Json:
        """What was found as a JSON object."""
        return {
            "dataset": self.dataset,
            "ok": self.ok,
            "entries": self.entries,
            "tombstones": self.tombstones,
            "refused": self.refused,
            "rejected": self.rejected,
            "redacted": self.redacted,
            "problems": self.problems,
        }


def verified(
    snapshot: Snapshot,
    commitments: Sequence[bytes],
    entries: Iterable[Entry],
    access: Access,
    stands: Callable[[Entry], bool],
    progress: Progress | None = None,
) -> Verification:
    """What comes of opening every picture, comparing digests and recomputing commitments and the root.

    commitments: of every entry, as they are kept. entries: the manifest in order, tombstones included.
    stands: whether an entry is one still, and no tombstone meanwhile.
    """
    report = Verification(snapshot.id)
    if len(commitments) != snapshot.entries or root_of(commitments) != snapshot.root:
        report.problems.append(f"{snapshot.id}: the manifest isn't the one that was cut")
        return report
    for entry in track(progress or Silent(), "Verifying", entries, snapshot.entries):
        report.entries += 1
        if entry.is_tombstone:
            report.tombstones += 1
            continue
        found = _problems(entry, commitments, access, snapshot.purpose)
        # Another command may have changed the picture or erased its people since the entry was read.
        if found and not stands(entry):
            report.tombstones += 1
            continue
        where = f"{snapshot.id} entry {entry.position}"
        still = found and _problems(entry, commitments, access, snapshot.purpose)
        report.problems += [f"{where}: {each}" for each in still]
        if not still:
            _add_what_was_decided(report, entry, snapshot, access)
    if report.entries != snapshot.entries:
        report.problems.append(f"{snapshot.id}: {report.entries} entries instead of {snapshot.entries}")
    return report


def _add_what_was_decided(report: Verification, entry: Entry, snapshot: Snapshot, access: Access) -> None:
    """Add what became of an entry's picture since it was cut."""
    if access.refusal(entry.image, *snapshot.asked) is not None:
        report.refused.append(entry.image)
        with suppress(KeyDestroyedError):  # somebody in it is erased at this moment
            if (why := access.why_rejected(entry.image, snapshot.purpose)) is not None:
                report.rejected[entry.image] = why
    elif (image := access.known(entry.image)) is not None and image.sha256 != entry.sha256:
        report.redacted.append(entry.image)


def _problems(entry: Entry, commitments: Sequence[bytes], access: Access, purpose: str) -> list[str]:
    """What is wrong with an entry and its picture, in words."""
    found = []
    if [entry.commitment()] != commitments[entry.position : entry.position + 1]:
        found.append("the commitment doesn't open")
    try:
        image = access.known(entry.image)
        if image is None or image.original is None:
            if access.why_rejected(entry.image, purpose) is None:
                found.append("the image is missing")
        elif sha256(access.sealed(image)) != (image.sha256 if _is_redacted(image) else entry.sha256):
            found.append("other bytes than were cut")
    except VolentiError as error:
        found.append(error.message)
    return found


def _is_redacted(image: Image) -> bool:
    """Whether somebody in a picture was made unrecognisable: its bytes are those of the copy made then."""
    return any(each.code == "redacted" for each in image.noted)
