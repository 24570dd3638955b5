"""Verification: a snapshot compared with what it was cut from, picture by picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from volenti.core.digest import sha256
from volenti.core.errors import VolentiError
from volenti.core.progress import Progress, Silent, track
from volenti.datasets.snapshot import Entry, Snapshot, root_of

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.core.canonical import Json


@dataclass(slots=True)
class Verification:
    """What was found of a snapshot. `refused` are the images that no release covers any more."""

    #: The snapshot's identifier.
    dataset: str
    entries: int = 0
    tombstones: int = 0
    refused: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the snapshot is as it was cut; entries that no release covers don't count against it."""
        return not self.problems

    def to_json(self) -> Json:
        """What was found as a JSON object."""
        return {
            "dataset": self.dataset,
            "ok": self.ok,
            "entries": self.entries,
            "tombstones": self.tombstones,
            "refused": self.refused,
            "problems": self.problems,
        }


def verified(
    snapshot: Snapshot,
    commitments: Sequence[bytes],
    entries: Iterable[Entry],
    access: Access,
    progress: Progress | None = None,
) -> Verification:
    """What comes of opening every picture, comparing digests and recomputing commitments and the root.

    commitments: of every entry, as they are kept. entries: the manifest in order, tombstones included.
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
        where = f"{snapshot.id} entry {entry.position}"
        if [entry.commitment()] != commitments[entry.position : entry.position + 1]:
            report.problems.append(f"{where}: the commitment doesn't open")
        image = access.known(entry.image)
        if image is None or image.original is None:
            report.problems.append(f"{where}: the image is missing")
            continue
        try:
            if sha256(access.sealed(image)) != entry.sha256:
                report.problems.append(f"{where}: other bytes than were cut")
        except VolentiError as error:
            report.problems.append(f"{where}: {error.message}")
        if access.refusal(entry.image, *snapshot.asked) is not None:
            report.refused.append(entry.image)
    if report.entries != snapshot.entries:
        report.problems.append(f"{snapshot.id}: {report.entries} entries instead of {snapshot.entries}")
    return report
