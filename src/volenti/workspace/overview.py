"""Overview: what a day brings, without reading all that there is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from volenti.clearance.blocking import Blocking
    from volenti.jobs.job import Job
    from volenti.requests.deadlines import Deadline
    from volenti.training.serving_consent import Suspension
    from volenti.wiring.parts import Parts
    from volenti.workspace.notices import Notice

#: Of how many held pictures the reasons are read.
READ = 200
#: For how long what is due is kept where nothing happened but what rarely matters to it, in seconds.
KEPT_SECONDS = 120.0
#: Events that happen often, and change nothing of who is covered and what is due but pictures' last days.
_FREQUENT = (
    *("decision", "picture-amended", "pictures-looked-at"),
    *("job-asked-for", "job-stopped", "letter-sent"),
)


@dataclass(frozen=True, slots=True)
class Overview:
    """What blocks the next dataset, what is due, what runs, and whether what is kept is well.

    pictures: how many there are of each kind, and what holds those that are held, of the first READ.
    people: everybody on record; unsound: those whom no photograph of theirs is good enough to recognise;
    ended: those who signed something, and have no release in force. letters: how many weren't sent;
    inquiries: how many wait for an answer. last_audit: the last that ran as a job; last_backup: when it was
    made, RFC 3339, empty without one.
    log_behind: events that aren't in the log yet.
    """

    pictures: Blocking
    people: int
    unsound: int
    ended: int
    due: tuple[Deadline, ...]
    suspended: tuple[Suspension, ...]
    jobs: tuple[Job, ...]
    letters: int
    inquiries: int
    notices: tuple[Notice, ...]
    last_audit: Job | None
    last_backup: str
    has_mirror: bool
    has_mail_server: bool
    log_entries: int
    log_behind: int

    __repr__ = short_repr


def overview(parts: Parts, days: int) -> Overview:
    """What there is to see today. days: how far ahead what is due is listed."""
    from volenti.clearance.blocking import blocking
    from volenti.letters.letter import LetterState
    from volenti.workspace.notices import notices

    pictures = blocking(parts.records, READ)
    people = _of_people(parts, days)
    every = parts.jobs.all()
    audits = [each for each in every if each.verb == "audit" and each.state == "done"]
    backups, size = parts.known_copies.backups(), parts.log.size
    return Overview(
        pictures=pictures,
        people=parts.consent.count_subjects(),
        unsound=parts.gallery.count_unsound(),
        ended=people.ended,
        due=people.due,
        suspended=people.suspended,
        jobs=tuple(each for each in reversed(every) if not each.is_over),
        letters=parts.letters.count(LetterState.FAILED, LetterState.UNCERTAIN),
        inquiries=len(parts.inquiries.all(waiting=True)),
        notices=tuple(notices(parts)),
        last_audit=audits[0] if audits else None,
        last_backup=backups[-1] if backups else "",
        has_mirror=parts.known_copies.mirror is not None,
        has_mail_server=parts.letters.has_server,
        log_entries=size,
        log_behind=max(0, parts.events.size - size),
    )


@dataclass(frozen=True, slots=True)
class _OfPeople:
    """What has to be asked of everybody: kept, until something happened that may change it."""

    due: tuple[Deadline, ...]
    suspended: tuple[Suspension, ...]
    ended: int


#: By the workspace's folder: the state that it was asked in, when that was, and the answer.
_KEPT: dict[tuple[Path, int], tuple[tuple[date, int], int, float, _OfPeople]] = {}


def _of_people(parts: Parts, days: int) -> _OfPeople:
    place = (parts.path.resolve(), days)
    size = parts.events.size
    frequent = parts.events.count(_FREQUENT)
    state = (parts.consent.today, size - frequent)
    known = _KEPT.get(place)
    if known is not None and known[0] == state:
        is_same, age = known[1] == size, time.monotonic() - known[2]
        if is_same or age < KEPT_SECONDS:
            return known[3]
    from volenti.workspace.deadlines import due

    consent = parts.consent
    signed: dict[str, bool] = {}
    for each in parts.directory.releases(parts.records, consent):
        signed[each.subject] = signed.get(each.subject, False) or each.state == "signed"
    training = parts.training
    runs = training.runs()
    suspended = [each for run in runs for each in training.model_store.suspensions(run.id)]
    suspended += [each for run in runs for each in training.untrained(run)]
    answer = _OfPeople(tuple(due(parts, days)), tuple(suspended), sum(not each for each in signed.values()))
    # Calling back what ended, which `due` does first, may have been an event itself.
    state = (state[0], parts.events.size - frequent)
    _KEPT[place] = (state, parts.events.size, time.monotonic(), answer)
    return answer
