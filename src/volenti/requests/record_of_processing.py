"""The record of processing activities, counted from what is stored.

Its parts are those of Art. 30(1) GDPR: controller, purposes, categories of data subjects and
of data, recipients, transfers, time limits for erasure, security measures. Every number is
counted in the register, the vault and the log when somebody asks for the record; nothing is
declared in advance. The record lists as missing what the workspace can't know (a data protection
officer, recipients nobody recorded), for the controller to add. It names no data subject.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.consent.purpose import PURPOSES, Grant
from volenti.consent.storedrelease import State
from volenti.core.clock import Clock, stamp
from volenti.core.shown import short_repr
from volenti.vault.owner import OwnerKind, kind_of

if TYPE_CHECKING:
    from volenti.clearance.pictures import Pictures
    from volenti.consent.release import Release
    from volenti.consent.service import Consent
    from volenti.consent.subject import Subject
    from volenti.deliveries.exports import Exports
    from volenti.requests.service import Requests
    from volenti.training.external_runs import ExternalRuns
    from volenti.transparency.log import Log
    from volenti.vault.records import Records
    from volenti.vault.service import Vault


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose: how many releases in force grant it, of how many people; how many pictures are cleared."""

    purpose: str
    meaning: str
    releases: int
    subjects: int
    pictures: int


@dataclass(frozen=True, slots=True)
class Category:
    """A category of people or of data, and how much of it there is."""

    what: str
    items: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to whom data was delivered; `who` is empty where nobody recorded it."""

    who: str
    what: str
    at: str


@dataclass(frozen=True, slots=True)
class ProcessingRecord:
    """The record at one moment. `missing` is what the controller has to add by hand."""

    at: str
    controllers: tuple[Category, ...]
    purposes: tuple[Purpose, ...]
    people: tuple[Category, ...]
    data: tuple[Category, ...]
    recipients: tuple[Recipient, ...]
    territories: tuple[Category, ...]
    retention: tuple[Category, ...]
    security: tuple[Category, ...]
    missing: tuple[str, ...]

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class _InForce:
    """A release in force, and which of its grants weren't withdrawn."""

    release: Release
    stands: frozenset[Grant]


class RecordOfProcessing:
    """Draws up the record."""

    def __init__(
        self,
        folder: Path,
        records: Records,
        consent: Consent,
        pictures: Pictures,
        requests: Requests,
        vault: Vault,
        external_runs: ExternalRuns,
        exports: Exports,
        log: Log,
        quarantine_days: int,
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._records = records
        self._consent = consent
        self._pictures = pictures
        self._requests = requests
        self._vault = vault
        self._external_runs = external_runs
        self._exports = exports
        self._log = log
        self._quarantine_days = quarantine_days
        self._clock = clock

    def record(self) -> ProcessingRecord:
        """The record as of now."""
        now = self._clock()
        subjects = list(self._consent.subjects())
        in_force = list(self._in_force(subjects, self._consent.today))
        recipients = tuple(self._recipients())
        about = self._about_people()
        return ProcessingRecord(
            stamp(now),
            _counted(each.release.controller for each in in_force),
            tuple(self._purposes(in_force)),
            tuple(self._people(subjects, now.date())),
            tuple(self._data(subjects, about)),
            recipients,
            _counted(place for each in in_force for place in each.release.terms.territory),
            tuple(self._retention(in_force, now, about)),
            tuple(self._security()),
            tuple(_missing(recipients)),
        )

    def _in_force(self, subjects: list[Subject], today: date) -> Iterator[_InForce]:
        for subject in subjects:
            withdrawals = self._consent.withdrawals(subject.id)
            for signed in self._consent.releases(subject.id):
                release = signed.release
                begun_not_over = release.terms.valid_from <= today <= (release.terms.valid_until or today)
                if begun_not_over and self._consent.state(release.id) is State.SIGNED:
                    taken_back = {each.grant for each in withdrawals if each.reaches(release)}
                    stands = {grant for grant in Grant if release.grants[grant]} - taken_back
                    yield _InForce(release, frozenset(stands))

    def _purposes(self, in_force: list[_InForce]) -> Iterator[Purpose]:
        cleared = self._pictures.cleared()
        for grant in Grant:
            granting = [each.release.subject for each in in_force if grant in each.stands]
            pictures = cleared[grant.value] if grant in PURPOSES else 0
            yield Purpose(grant.value, grant.meaning, len(granting), len(set(granting)), pictures)

    def _people(self, subjects: list[Subject], today: date) -> Iterator[Category]:
        minors = sum(subject.is_minor_on(today) for subject in subjects)
        yield Category("people who were photographed, adult", len(subjects) - minors)
        yield Category("people who were photographed, minor", minors)
        guardians = sum(subject.guardian is not None for subject in subjects)
        yield Category("parents and guardians", guardians)
        held = self._pictures.count("held", "waiting")
        yield Category("people in pictures nobody has decided on yet", held, "counted in pictures")

    def _about_people(self) -> dict[str, int]:
        """How many rows of each kind are about somebody; rows of the controller's alone aren't counted."""
        return {
            kind.name: sum(
                any(kind_of(owner) is not OwnerKind.CONTROLLER for owner in row.owners)
                for row in self._records.rows(kind.name)
            )
            for kind in self._records.declared.about_somebody()
        }

    def _data(self, subjects: list[Subject], about: dict[str, int]) -> Iterator[Category]:
        sizes = sum(self._vault.size(subject.id) for subject in subjects)
        yield Category(
            "pictures cleared",
            self._pictures.count("cleared"),
            f"{sizes} bytes sealed under their people's keys",
        )
        yield Category("pictures waiting or held, in quarantine", self._pictures.count("waiting", "held"))
        yield Category("models trained", len(self._records.with_packs()))
        for kind in self._records.declared.about_somebody():
            remark = "biometric data, Art. 9" if kind.is_biometric else ""
            yield Category(kind.words, about[kind.name], remark)

    def _recipients(self) -> Iterator[Recipient]:
        for export in self._exports.deliveries():
            yield Recipient(export.recipient, export.what, export.at)
        for delivery in self._external_runs.delivered():
            yield Recipient(delivery.recipient, delivery.part, delivery.at)

    def _retention(
        self, in_force: list[_InForce], now: datetime, about: dict[str, int]
    ) -> Iterator[Category]:
        ends = [each.release.terms.valid_until for each in in_force]
        dated = sorted(day for day in ends if day is not None)
        yield Category("releases in force until they are withdrawn", len(ends) - len(dated))
        between = f"the first on {dated[0]}, the last on {dated[-1]}" if dated else ""
        yield Category("releases in force that end on a day", len(dated), between)
        held = self._pictures.count("held", "waiting")
        yield Category(
            "pictures in quarantine", held, f"dropped after {self._quarantine_days} days without a decision"
        )
        unfinished = len(self._requests.unfinished())
        yield Category("requests of data subjects not finished", unfinished, "due in 30 days each")
        for kind in self._records.declared.about_somebody():
            yield Category(kind.words, about[kind.name], kind.kept)

    def _security(self) -> Iterator[Category]:
        kinds = self._records.declared.about_somebody()
        rows = [row for kind in kinds for row in self._records.rows(kind.name)]
        sealed = sum(bool(row.owners) for row in rows)
        yield Category(
            "rows encrypted with AES-256-GCM under the keys of those they are about",
            sealed,
            f"of {len(rows)} that can be about somebody",
        )
        owners = self._vault.owners()
        people = [
            each for each in owners if kind_of(each) not in (OwnerKind.CONTROLLER, OwnerKind.QUARANTINE)
        ]
        yield Category("keys, one a person or training slice", len(people), "destroyed on erasure")
        yield Category("events in the signed transparency log", self._log.size, "commitments, no names")
        secret = self._folder / "secret"
        if secret.is_dir():
            private = not secret.stat().st_mode & 0o077
            yield Category(
                "folder of the workspace's own keys",
                1,
                "open to its owner only" if private else "OPEN TO OTHERS: chmod 700",
            )


def _counted(names: Iterator[str]) -> tuple[Category, ...]:
    """Each name with the number of releases in force that give it."""
    return tuple(Category(name, number, "releases") for name, number in sorted(Counter(names).items()))


def _missing(recipients: tuple[Recipient, ...]) -> Iterator[str]:
    yield "joint controllers, a representative and the data protection officer, with how to reach them"
    yield "processors: who hosts this workspace and its backups"
    yield "transfers to third countries and what safeguards them"
    if any(not each.who for each in recipients):
        yield "who received the exports that name no recipient"
