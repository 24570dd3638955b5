"""Recollection: what people said after a backup was made is heard again when that is brought back.

A backup's register knows nothing of a yes that was taken back since, of a restriction, of a release that
took another's place. A second copy of those rows does (`volenti backup mirror`). Whatever it says that the
restored register doesn't is kept and recorded anew. Of whom it knows nothing at all the use is restricted:
it isn't known what they said, and uncertain is held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from volenti.consent.records import ConsentRecords, StoredRelease
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.vault.blob import BlobRef

#: What a release that is heard again is in the log.
RECOLLECTED = "release-recollected"


@dataclass(slots=True)
class Heard:
    """What was said since: who said anything, and the withdrawals among it. `unknown` are restricted."""

    subjects: list[str] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    releases: int = 0
    unknown: list[str] = field(default_factory=list)


def hear(ours: ConsentRecords, theirs: ConsentRecords | None, has: Callable[[BlobRef], bool]) -> Heard:
    """Bring `ours` up to what `theirs`, of the same workspace, says. Idempotent.

    has: whether a sealed photograph is there. Who isn't in `ours` stays out: nothing of theirs is there.
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
            if _heard_of(subject, latest, ours, theirs, has, heard):
                heard.subjects.append(subject.id)
    return heard


def _heard_of(
    subject: Subject,
    latest: Subject,
    ours: ConsentRecords,
    theirs: ConsentRecords,
    has: Callable[[BlobRef], bool],
    heard: Heard,
) -> bool:
    """Whether one person said anything that wasn't known; all of it is kept."""
    said = latest != subject
    if said:
        ours.keep_subject(latest, "subject-recollected")
    before = {each.signed.release.id: each for each in ours.releases(subject.id)}
    for stored in theirs.releases(subject.id):
        known = before.get(stored.signed.release.id)
        if known is None or known.signed != stored.signed:
            ours.keep_release(_with_photo(stored, known, has), RECOLLECTED)
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


def _with_photo(
    stored: StoredRelease, known: StoredRelease | None, has: Callable[[BlobRef], bool]
) -> StoredRelease:
    """With its sealed photograph where that is there: one that was sealed since isn't in the backup."""
    for each in (stored.reference, known.reference if known else None):
        if each is not None and has(each):
            return replace(stored, reference=each)
    return replace(stored, reference=None)
