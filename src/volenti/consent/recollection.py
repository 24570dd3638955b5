"""Recollection: bringing back what people said after the backup from which a workspace is restored.

The register in a backup lacks the withdrawals, restrictions and releases of later days. A second copy of
those rows has them (`volenti backup mirror`). Whatever the copy says and the restored register doesn't is
kept and logged again. Where the copy has nothing of a person, nobody knows what they said since: the use of
their data is restricted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from volenti.consent.records import ConsentRecords
from volenti.consent.storedrelease import StoredRelease
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.vault.blob import BlobRef

#: Kind of the event that logs a release brought back from the copy.
RECOLLECTED = "release-recollected"


@dataclass(slots=True)
class Heard:
    """What people said since the backup: who said anything, and their withdrawals.

    `unknown`: people of whom the copy has nothing; the use of their data is restricted.
    """

    subjects: list[str] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    releases: int = 0
    unknown: list[str] = field(default_factory=list)


def hear(ours: ConsentRecords, theirs: ConsentRecords | None, has: Callable[[BlobRef], bool]) -> Heard:
    """Keep in `ours` whatever `theirs`, a later copy of the same workspace's records, says. Idempotent.

    has: whether a sealed photograph is there. People whom `ours` doesn't have are left out: the workspace
    has nothing of them.
    """
    heard = Heard()
    for subject in ours.subjects():
        try:
            latest = None if theirs is None else theirs.subject(subject.id)
        except (NotFoundError, KeyDestroyedError):
            latest = None
        if theirs is None or latest is None:
            ours.keep_restriction(subject.id, begins=True)
            heard.unknown.append(subject.id)
            continue
        with ours.together():
            if _hear_one(subject, latest, ours, theirs, has, heard):
                heard.subjects.append(subject.id)
    return heard


def _hear_one(
    subject: Subject,
    latest: Subject,
    ours: ConsentRecords,
    theirs: ConsentRecords,
    has: Callable[[BlobRef], bool],
    heard: Heard,
) -> bool:
    """Keep what one person said since; returns whether that was anything."""
    said = latest != subject
    if said:
        ours.keep_subject(latest, "subject-recollected")
    before = {each.signed.release.id: each for each in ours.releases(subject.id)}
    for stored in theirs.releases(subject.id):
        known = before.get(stored.signed.release.id)
        if known is None or known.signed != stored.signed:
            ours.keep_release(_with_photos(stored, known, has), RECOLLECTED)
            heard.releases += 1
            said = True
    known_ids = {each.id for each in ours.withdrawals(subject.id)}
    for withdrawal in theirs.withdrawals(subject.id):
        if withdrawal.id not in known_ids:
            ours.keep_withdrawal(withdrawal)
            heard.withdrawals.append(withdrawal)
            said = True
    if said:
        ours.keep_states(latest)
    restricted = theirs.is_restricted(subject.id)
    changes = restricted != ours.is_restricted(subject.id)
    ours.keep_restriction(subject.id, begins=restricted)
    return said or changes


def _with_photos(
    stored: StoredRelease, known: StoredRelease | None, has: Callable[[BlobRef], bool]
) -> StoredRelease:
    """The release with the photographs and scans that are there; what was sealed after the backup isn't."""
    scans = tuple(each for each in stored.scans if has(each))
    both = [*(known.photos.items() if known else ()), *stored.photos.items()]
    return replace(stored, photos={digest: ref for digest, ref in both if has(ref)}, scans=scans)
