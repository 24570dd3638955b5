"""Rows of consent: subjects, releases, withdrawals and restrictions, one row each.

Bodies are sealed under the subject's key; identifiers and states are in the clear. A
row's state is for listing: whether a release counts is always judged from its content.
Every change is kept in one transaction with its event in the log.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

from volenti.consent.listeners import Listeners, may_have_lost
from volenti.consent.storedrelease import StoredRelease, state_of
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.canonical import Json, canonical
from volenti.core.digest import sha256
from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.vault.event_log import Event, EventLog
from volenti.vault.records import Record, Records

#: The field of a subject's record that holds their canary.
CANARY = "canary"
#: Events that have the digest of a subject's record.
SUBJECT_EVENTS = ("subject-added", "subject-amended", "key-replaced", "subject-recollected")
_RESTRICTION = "restriction"
_TWO_PEOPLE = "two-people"
_REVISION = "revision"


class ConsentRecords:
    """Reads and writes the rows of consent, as subjects, releases and withdrawals.

    It stands on `vault.records.Records`, which does the same for rows of every kind, as JSON. Each change is
    recorded in the event log, too.
    """

    def __init__(self, records: Records, events: EventLog) -> None:
        self._records = records
        self._events = events
        self._pending: list[Event] | None = None
        #: How often this process has changed anything.
        self.changes = 0
        self.listeners = Listeners()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep everything that is written inside, under one checkpoint of the log, or nothing of it."""
        if self._pending is not None:
            yield
            return
        self._pending = []
        try:
            with self._records.transaction():
                yield
                self._events.record_all(self._pending)
                if self._pending:
                    # Random, not counted: two processes that write at once must not come to the same number.
                    self._records.put("consent", _REVISION, {_REVISION: os.urandom(16).hex()})
                    self.changes += 1
                    self._records.do_afterwards(partial(self.listeners.tell, may_have_lost(self._pending)))
        finally:
            self._pending = None

    @property
    def revision(self) -> str:
        """A text that is another one after every change, by whichever process."""
        record = self._records.get("consent", _REVISION)
        return "" if record is None else str(record.body[_REVISION])

    def keep_subject(self, subject: Subject, event: str) -> None:
        """Insert or replace a subject's record, and log that as `event`; their canary stays the same."""
        body = subject.to_json()
        with self.together():
            name = self._records.alias(subject.id)
            known = self._records.get("subject", name)
            # Random text that only their record holds: after an erasure, the audit looks for it.
            canary = os.urandom(16).hex() if known is None else known.body[CANARY]
            self._records.put("subject", name, {**body, CANARY: canary}, owners=(subject.id,))
            self._tell(event, {"subject": subject.id, "sha256": sha256(canonical(body))}, subject.id)

    def tell_added_after(self, subject: str, request: str) -> None:
        """Log that somebody was recorded whose name and birth date are an erased person's."""
        self._tell("subject-added-after-erasure", {"subject": subject, "request": request}, subject)

    def canary_of(self, subject: str) -> str | None:
        """The random text that only a subject's record holds; None where there is no record."""
        record = self._records.get("subject", self._records.alias(subject))
        return None if record is None else str(record.body[CANARY])

    def said_by(self, subject: str) -> dict[str, list[Json]]:
        """What a subject signed and withdrew: documents under `release` and `withdrawal`."""
        releases = self._records.find("release", owner=subject)
        withdrawals = self._records.find("withdrawal", owner=subject)
        return {
            "release": [each.body["signed"] for each in releases],
            "withdrawal": [each.body for each in withdrawals],
        }

    def owners(self) -> set[str]:
        """Everybody of whom there is a record, whether it opens or not."""
        return {owner for row in self._records.rows("subject") for owner in row.owners}

    def has_subject(self, identifier: str) -> bool:
        """Whether the identifier is or was a subject's."""
        return self._records.count("subject", owner=identifier) > 0

    def subject(self, identifier: str) -> Subject:
        """The subject; raises NotFoundError, or KeyDestroyedError once they were erased."""
        record = self._records.get("subject", self._records.alias(identifier))
        # Looked up by an alias, which is nobody's identifier, the row of its owner is found, too.
        if record is None or record.body["id"] != identifier:
            raise NotFoundError(f"There is no subject {identifier!r}.", "List them: volenti subject list.")
        return _subject(record)

    def subjects(self) -> Iterator[Subject]:
        """Everybody whose key exists, by identifier."""
        known = []
        for row in self._records.rows("subject"):
            with suppress(KeyDestroyedError):
                known.append(_subject(self._records.opened(row)))
        yield from sorted(known, key=lambda subject: subject.id)

    def count_subjects(self) -> int:
        """How many people are on record; nobody's row is opened."""
        return self._records.count("subject")

    def keep_release(self, stored: StoredRelease, event: str = "") -> None:
        """Keep a release and log that as `event`; without one, only its state has changed."""
        release = stored.signed.release
        body = stored.to_body()
        with self.together():
            self._records.put(
                "release",
                release.id,
                body,
                owners=(release.subject,),
                state=stored.state,
            )
            if event:
                about = {"subject": release.subject, "release": release.id, "sha256": sha256(canonical(body))}
                self._tell(event, about, release.subject)

    def keep_signed(self, stored: StoredRelease, subject: Subject, event: str) -> None:
        """Keep a release whose signatures changed, and every state that changes with that."""
        others, withdrawals = self.releases(subject.id), self.withdrawals(subject.id)
        state = state_of(stored.signed, subject, withdrawals, [one.signed for one in others])
        kept = replace(stored, state=state).inheriting(others)
        self.keep_release(kept, event)
        if kept.signed.release.supersedes is not None:
            self.keep_states(subject)

    def keep_states(self, subject: Subject) -> None:
        """Bring the states of all of a subject's releases up to date."""
        stored, withdrawals = self.releases(subject.id), self.withdrawals(subject.id)
        for one in stored:
            state = state_of(one.signed, subject, withdrawals, [other.signed for other in stored])
            if state is not one.state:
                self.keep_release(replace(one, state=state))

    def release(self, identifier: str) -> StoredRelease:
        """The release; raises NotFoundError, or KeyDestroyedError once its subject was erased."""
        return StoredRelease.read(self._records.require("release", identifier))

    def find_release(self, identifier: str) -> StoredRelease | None:
        """The release, or None where there is none; KeyDestroyedError once its subject was erased."""
        record = self._records.get("release", identifier)
        return None if record is None else StoredRelease.read(record)

    def releases(self, subject: str) -> list[StoredRelease]:
        """All releases of a subject, by identifier; KeyDestroyedError if the key of a row is gone."""
        return [StoredRelease.read(record) for record in self._records.find("release", owner=subject)]

    def casts(self) -> dict[str, frozenset[str]]:
        """The subjects that have a release for each shoot, by the shoot's name."""
        found: dict[str, set[str]] = {}
        for subject in self.subjects():
            for stored in self.releases(subject.id):
                if stored.signed.release.shoot.name:
                    found.setdefault(stored.signed.release.shoot.name, set()).add(subject.id)
        return {shoot: frozenset(cast) for shoot, cast in found.items()}

    def keep_restriction(self, subject: str, *, begins: bool) -> None:
        """Begin or end a restriction of the subject's data; repeating it changes nothing."""
        name = self._records.alias(subject)
        if begins == self.is_restricted(subject):
            return
        with self.together():
            if begins:
                self._records.put(_RESTRICTION, name, {}, owners=(subject,))
            else:
                self._records.delete(_RESTRICTION, [name])
            self._tell("restriction-begun" if begins else "restriction-lifted", {"subject": subject}, subject)

    def is_restricted(self, subject: str) -> bool:
        """Whether the subject's data are restricted; their key isn't needed."""
        return self._records.row(_RESTRICTION, self._records.alias(subject)) is not None

    def restricted(self) -> frozenset[str]:
        """Everybody whose data are restricted."""
        return frozenset(owner for row in self._records.rows(_RESTRICTION) for owner in row.owners)

    def keep_two_people(self, one: str, other: str) -> None:
        """Keep that two subjects are two people; repeating it changes nothing."""
        pair = tuple(sorted((one, other)))
        name = self._pair_name(*pair)
        if self._records.row(_TWO_PEOPLE, name) is None:
            with self.together():
                self._records.put(_TWO_PEOPLE, name, {}, owners=pair)
                assert self._pending is not None
                self._pending.append(Event("told-apart", {"subjects": list(pair)}, pair))

    def are_two_people(self, one: str, other: str) -> bool:
        """Whether it is on record that two subjects are two people."""
        return self._records.row(_TWO_PEOPLE, self._pair_name(one, other)) is not None

    def _pair_name(self, one: str, other: str) -> str:
        return "two_" + sha256("\n".join(sorted(map(self._records.alias, (one, other)))).encode())[:32]

    def keep_withdrawal(self, withdrawal: Withdrawal) -> None:
        """Keep a withdrawal, and log it as one of a single grant or one of every grant."""
        body = withdrawal.to_json()
        event = "grant-withdrawn" if withdrawal.grant else "release-withdrawn"
        owners = (withdrawal.subject,)
        with self.together():
            self._records.put("withdrawal", withdrawal.id, body, owners=owners)
            self._tell(event, body, withdrawal.subject)

    def withdrawals(self, subject: str) -> list[Withdrawal]:
        """A subject's withdrawals, oldest first."""
        found = self._records.find("withdrawal", owner=subject)
        return sorted(
            (Withdrawal.from_json(record.body) for record in found), key=lambda one: (one.at, one.id)
        )

    def _tell(self, event: str, body: Json, subject: str) -> None:
        assert self._pending is not None, "events are recorded together with their rows"
        self._pending.append(Event(event, body, (subject,)))


def _subject(record: Record) -> Subject:
    return Subject.from_json({name: value for name, value in record.body.items() if name != CANARY})
