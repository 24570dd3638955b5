"""Verification: a snapshot compared with what it was cut from, picture by picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
        found = _problems(entry, commitments, access)
        # Another command may have changed the picture or erased its people since the entry was read.
        if found and not stands(entry):
            report.tombstones += 1
            continue
        where = f"{snapshot.id} entry {entry.position}"
        still = found and _problems(entry, commitments, access)
        report.problems += [f"{where}: {each}" for each in still]
        if not still and access.refusal(entry.image, *snapshot.asked) is not None:
            report.refused.append(entry.image)
    if report.entries != snapshot.entries:
        report.problems.append(f"{snapshot.id}: {report.entries} entries instead of {snapshot.entries}")
    return report


def _problems(entry: Entry, commitments: Sequence[bytes], access: Access) -> list[str]:
    """What is wrong with an entry and its picture, in words."""
    found = []
    if [entry.commitment()] != commitments[entry.position : entry.position + 1]:
        found.append("the commitment doesn't open")
    try:
        image = access.known(entry.image)
        if image is None or image.original is None:
            return [*found, "the image is missing"]
        if sha256(access.sealed(image)) != entry.sha256:
            found.append("other bytes than were cut")
    except VolentiError as error:
        found.append(error.message)
    return found
