"""Reconciliation of consent: what the log says of it, compared with its rows (`vault.reconciliation`)."""

from __future__ import annotations

from collections.abc import Iterator

from volenti.consent.recollection import RECOLLECTED
from volenti.consent.records import CANARY, SUBJECT_EVENTS
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State, state_of
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.canonical import Json, canonical
from volenti.core.digest import sha256
from volenti.core.errors import VolentiError
from volenti.vault.event_log import EventLog
from volenti.vault.records import Record, Records

_RELEASE = (
    *("release-issued", "release-signed", "release-attested", "release-imported", "reference-sealed"),
    "release-signed-on-page",
    RECOLLECTED,
)
_WITHDRAWAL = ("release-withdrawn", "grant-withdrawn")
_RESTRICTION = ("restriction-begun", "restriction-lifted")
_ABOUT = frozenset((*SUBJECT_EVENTS, *_RELEASE, *_WITHDRAWAL, *_RESTRICTION))


class ConsentReconciliation:
    """Compares each person's record, releases, withdrawals and restriction with what was logged of them."""

    def __init__(self, records: Records, events: EventLog) -> None:
        self._records = records
        self._events = events

    def problems(self) -> Iterator[str]:
        """What differs, person by person."""
        for name in [row.id for row in self._records.rows("subject")]:
            found = list(self._of(name))
            if found:
                # Looked at again where nobody else writes: events and rows may be of different moments.
                with self._records.transaction():
                    found = list(self._of(name))
            yield from found

    def _of(self, name: str) -> Iterator[str]:
        """What differs about one person, by the identifier of their row."""
        try:
            record = self._records.get("subject", name)
            if record is None:
                return
            owner = str(record.body["id"])
            events = self._events.said_of(owner, _ABOUT)
            yield from _subject_problems(record, events)
            releases = list(self._records.find("release", owner=owner))
            withdrawals = list(self._records.find("withdrawal", owner=owner))
            yield from _release_problems(releases, events)
            yield from _withdrawal_problems(withdrawals, events)
            yield from _state_problems(record, releases, withdrawals)
            yield from self._restriction_problems(name, owner, events)
        except VolentiError:
            return  # the audit's deep look names what doesn't open

    def _restriction_problems(self, name: str, owner: str, events: list[Json]) -> Iterator[str]:
        said = [each["kind"] for each in events if each["kind"] in _RESTRICTION]
        begun = bool(said) and said[-1] == _RESTRICTION[0]
        if begun != (self._records.row("restriction", name) is not None):
            said_so = "is restricted" if begun else "isn't restricted"
            yield f"the log says that {owner} {said_so}, and the register says otherwise"


def _subject_problems(record: Record, events: list[Json]) -> Iterator[str]:
    owner = record.body["id"]
    said = [each["body"]["sha256"] for each in events if each["kind"] in SUBJECT_EVENTS]
    body = {name: value for name, value in record.body.items() if name != CANARY}
    if not said or said[-1] != sha256(canonical(body)):
        yield f"what is on record of {owner} isn't what the log says was recorded last"


def _release_problems(releases: list[Record], events: list[Json]) -> Iterator[str]:
    said = {each["body"]["release"]: each["body"]["sha256"] for each in events if each["kind"] in _RELEASE}
    kept = {each.id: sha256(canonical(each.body)) for each in releases}
    for name in sorted(said.keys() - kept.keys()):
        yield f"release {name} is in the log, and not in the register"
    for name, digest in sorted(kept.items()):
        if said.get(name) != digest:
            yield f"release {name} isn't what the log says was kept last"


def _withdrawal_problems(withdrawals: list[Record], events: list[Json]) -> Iterator[str]:
    said = {each["body"]["id"]: each["body"] for each in events if each["kind"] in _WITHDRAWAL}
    kept = {each.id: each.body for each in withdrawals}
    for name in sorted(said.keys() - kept.keys()):
        yield f"withdrawal {name} is in the log, and not in the register"
    for name, body in sorted(kept.items()):
        if said.get(name) != body:
            yield f"withdrawal {name} isn't as the log has it"


def _state_problems(record: Record, releases: list[Record], withdrawals: list[Record]) -> Iterator[str]:
    """Rows whose state is from before their release was superseded or withdrawn."""
    subject = Subject.from_json({name: value for name, value in record.body.items() if name != CANARY})
    taken_back = [Withdrawal.from_json(each.body) for each in withdrawals]
    signed = {each.id: SignedRelease.from_json(each.body["signed"]) for each in releases}
    for each in releases:
        state = state_of(signed[each.id], subject, taken_back, signed.values())
        if State(each.state) is not state:
            yield f"release {each.id} is kept as {each.state}, and by what is on record it is {state}"
