"""Audit: looks for what should have been erased and is there, and for what should be there and isn't.

Residue is anything of an erased person's: rows, packs, keys, weights of models, or a recorded byte
string of theirs (canary) in any file of the workspace. Lost is anything of anybody else's that no
longer opens or isn't what it was. The log is recomputed from its entries. An audit changes nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, filterfalse
from pathlib import Path

from volenti.clearance.image import CONTROLLER, QUARANTINE
from volenti.clearance.quarantine import Quarantine
from volenti.consent.service import Consent
from volenti.core.digest import sha256
from volenti.core.errors import StorageError, VolentiError
from volenti.core.logs import Logger
from volenti.core.prefetch import prefetch
from volenti.core.progress import Progress, Silent, track
from volenti.datasets.service import Datasets
from volenti.deliveries.feed import Feed
from volenti.erasure.canary import Canaries
from volenti.erasure.report import AuditReport
from volenti.requests.retention import Retention
from volenti.requests.service import Requests
from volenti.transparency.log import Log
from volenti.vault.event_log import EventLog
from volenti.vault.owner import OwnerKind, is_chosen, kind_of
from volenti.vault.ports import Row
from volenti.vault.reconciliation import Reconciliation
from volenti.vault.records import Record, Records
from volenti.vault.rowkind import RowKind, Sealed, nothing_sealed
from volenti.vault.service import OWN, Vault

_log = Logger(__name__)


class Audit:
    """Audits a workspace."""

    def __init__(
        self,
        folder: Path,
        records: Records,
        vault: Vault,
        datasets: Datasets,
        feed: Feed,
        retention: Retention,
        reconciliations: Sequence[Reconciliation],
        events: EventLog,
        consent: Consent,
        requests: Requests,
        quarantine: Quarantine,
        log: Log,
        strangers: Callable[[], Iterable[tuple[str, bool]]],
        wrong_files: Callable[[], Iterable[str]],
    ) -> None:
        """strangers: files in the folder that aren't the workspace's, as `folder.strange_files` finds them.

        wrong_files: what is wrong with the workspace's own files, as `folder.wrong_files` finds it.
        """
        self._wrong_files = wrong_files
        self._folder = folder
        self._strangers = strangers
        self._records = records
        self._vault = vault
        self._datasets = datasets
        self._feed = feed
        self._retention = retention
        self._reconciliations = reconciliations
        self._events = events
        self._consent = consent
        self._requests = requests
        self._quarantine = quarantine
        self._log = log

    def audit(
        self, canaries: Sequence[bytes] = (), progress: Progress | None = None, *, deep: bool = False
    ) -> AuditReport:
        """Audit everything; changes nothing, but for what each transaction tidies up (`Newcomers`).

        canaries: byte strings that nothing in the workspace may contain any more.
        deep: also open every row and key, check how the register keeps them, and
        look for the canaries of everybody who was erased in every byte of every file.
        """
        report = AuditReport()
        with _log.timed("workspace audited") as facts:
            self._audit(report, canaries, progress or Silent(), deep=deep)
            facts.update(residue=report.residue, lost=report.lost, problems=len(report.problems))
            facts.update(pictures=report.pictures, files_scanned=report.files_scanned)
        if not report.ok:
            _log.warning("audit found problems", residue=report.residue, problems=len(report.problems))
        return report

    def _audit(
        self, report: AuditReport, canaries: Sequence[bytes], progress: Progress, *, deep: bool
    ) -> None:
        parts: list[Callable[[AuditReport, Progress], None]] = [
            self._audit_files,
            self._audit_owners,
            self._audit_sealed,
            self._audit_mentions,
            self._audit_snapshots,
            self._audit_deliveries,
            self._audit_retained,
            self._audit_logs,
            self._audit_events,
            self._audit_history,
        ]
        for part in [*parts, self._audit_register] if deep else parts:
            # An error that ends one part is reported, and the other parts run all the same.
            try:
                part(report, progress)
            except StorageError:
                raise  # the disk is full, or fails: that says nothing of what was written before
            except VolentiError as error:
                report.missing(error.message)
        if deep:
            canaries = [*canaries, *self._recorded_canaries(report)]
        if canaries or deep:
            self._scan(canaries, report, progress)

    def _open(self, report: AuditReport, kind: RowKind) -> Iterator[Record]:
        """Every record of a kind that opens; those that don't are reported."""
        for row in self._records.rows(kind.name):
            record = self._opened_or_reported(report, row, kind.called or kind.name)
            if record is not None:
                yield record

    def _opened_or_reported(self, report: AuditReport, row: Row, called: str) -> Record | None:
        """The row's record, or as another command left it since; None where it is gone, or damaged."""
        with suppress(VolentiError):
            return self._records.opened(row)
        with self._records.transaction():
            now = self._records.row(row.kind, row.id)
            try:
                return None if now is None else self._records.opened(now)
            except VolentiError as error:
                report.missing(f"{called} {row.id}: {error.message}")
        return None

    def _audit_files(self, report: AuditReport, progress: Progress) -> None:
        """Report files among the workspace's own that it didn't write; list what else lies in its folder."""
        for path, among_own in self._strangers():
            if among_own:
                report.found(f"{path}, a file that the workspace didn't write")
            else:
                report.strangers.append(path)
        for problem in self._wrong_files():
            report.wrong(problem)

    def _audit_snapshots(self, report: AuditReport, progress: Progress) -> None:
        for snapshot in self._datasets.snapshots():
            for lost in self._datasets.verify(snapshot).problems:
                report.missing(lost)

    def _audit_deliveries(self, report: AuditReport, progress: Progress) -> None:
        for untold in self._feed.not_called_back():
            report.found(f"{untold}, and its recipient was never told")

    def _audit_retained(self, report: AuditReport, progress: Progress) -> None:
        for request in self._retention.overdue():
            report.found(f"what was kept for {request}, beyond its day: volenti clear deletes it")

    def _audit_logs(self, report: AuditReport, progress: Progress) -> None:
        for name, log in (("log", self._log), ("feed", self._feed.log)):
            for problem in log.verify():
                report.log_consistent = False
                report.problems.append(f"{name}: {problem.message}")

    def _audit_history(self, report: AuditReport, progress: Progress) -> None:
        for each in self._reconciliations:
            for contradiction in each.problems():
                report.missing(contradiction)

    def _audit_owners(self, report: AuditReport, progress: Progress) -> None:
        """Report packs, keys and rows that belong to nobody who is on record."""
        # In a transaction, so that nobody is enrolled between one look and the next.
        with self._records.transaction():
            self._look_for_owners(report)

    def _look_for_owners(self, report: AuditReport) -> None:
        subjects = self._consent.owners()
        # A request has a key of its own; while it runs, somebody who was never enrolled has one too.
        requests = self._requests.key_owners(report.missing)
        places = subjects | self._records.with_packs() | {QUARANTINE, CONTROLLER}
        for prefix in self._vault.prefixes():
            if prefix not in places:
                report.found(f"packs under {prefix}, who isn't in the register")
        keys = set(self._vault.owners())
        for owner in self._vault.returned():
            report.found(f"a key of {owner}, which was destroyed: it was put back, or that wasn't finished")
        for owner in keys - subjects - requests:
            if kind_of(owner) not in (OwnerKind.CONTROLLER, OwnerKind.QUARANTINE):
                report.found(f"a key of {owner}, who isn't in the register")
        for subject in sorted(filterfalse(is_chosen, subjects & keys)):
            report.wrong(f"{subject} is recorded under a name that the workspace itself uses")
        for subject in subjects - keys:
            report.found(f"rows of {subject}, whose key was destroyed")

    def _audit_sealed(self, report: AuditReport, progress: Progress) -> None:
        """Open all sealed bytes that a row names and compare them; report packs that no row names."""
        named: set[tuple[str, str]] = set()
        # Listed before the rows are read, because bytes are written before the row that names them. A waiting
        # picture's pack needs no row: it is found by its day, and goes with that day's key.
        places = filter(QUARANTINE.__ne__, self._vault.prefixes())
        packs = [(prefix, pack) for prefix in places for pack in self._vault.packs(prefix)]
        for kind in self._records.declared.values():
            if kind.sealed is nothing_sealed:
                continue
            rows = self._open_with_sealed(report, kind, named)
            total = self._records.count(kind.name)
            for (record, sealed), problem in track(
                progress, f"Opening {kind.words}", prefetch(lambda each: self._problem(*each), rows), total
            ):
                if problem and (problem := self._problem_now(kind, record.id)):
                    report.missing(f"{kind.called or kind.name} {record.id}{problem}")
                else:
                    report.pictures += sum(each.is_picture for each in sealed)
        for prefix, pack in packs:
            # The pack of what is one person's alone needs no row either: their key decides about it.
            if pack != OWN and (prefix, pack) not in named and pack in self._vault.packs(prefix):
                report.found(f"sealed bytes in {prefix}/{pack}, which no record names")

    def _open_with_sealed(
        self, report: AuditReport, kind: RowKind, named: set[tuple[str, str]]
    ) -> Iterator[tuple[Record, tuple[Sealed, ...]]]:
        """Every record of a kind with the bytes that it names; their packs are added to `named`."""
        for record in self._open(report, kind):
            sealed = tuple(kind.sealed(record))
            named |= {(each.blob.prefix, each.blob.pack) for each in sealed if each.blob}
            yield record, sealed

    def _problem(self, record: Record, sealed: Sequence[Sealed]) -> str:
        """What is wrong with a record's bytes, to be said after its identifier; empty where nothing is."""
        for each in sealed:
            if each.blob is None:
                return f": {each.what} isn't on record"
            try:
                data = self._vault.open(each.blob)
            except VolentiError as error:
                return f": {each.what}: {error.message}"
            if each.sha256 and sha256(data) != each.sha256:
                return f": {each.what} isn't what was put there"
        return ""

    def _problem_now(self, kind: RowKind, name: str) -> str:
        """What is wrong with a record's bytes as it is now: another command may have changed it meanwhile."""
        with self._records.transaction():
            row = self._records.row(kind.name, name)
            try:
                record = None if row is None else self._records.opened(row)
            except VolentiError as error:
                return f": {error.message}"
            return "" if record is None else self._problem(record, tuple(kind.sealed(record)))

    def _audit_mentions(self, report: AuditReport, progress: Progress) -> None:
        """Report held pictures that mention an erased person, or aren't found by whom they mention."""
        for left_over, problem in self._quarantine.problems(set(self._vault.owners())):
            if left_over:
                report.found(problem)
            else:
                report.missing(problem)

    def _audit_events(self, report: AuditReport, progress: Progress) -> None:
        for index in self._events.unlogged():
            report.log_consistent = False
            report.problems.append(
                f"log: entry {index} is recorded, but not in the log: the next one adds it"
            )

    def _audit_register(self, report: AuditReport, progress: Progress) -> None:
        """Open every row and key, and check that each lies where it is looked for."""
        for problem in self._records.problems():
            report.missing(problem)
        kinds = self._records.kinds()
        rows = chain.from_iterable(map(self._records.rows, kinds))
        for row in track(progress, "Opening every row", rows, sum(map(self._records.count, kinds))):
            self._opened_or_reported(report, row, row.kind)
        for owner in self._vault.owners():
            try:
                self._vault.has_key(owner)
            except VolentiError as error:
                report.missing(f"the key of {owner}: {error.message}")

    def _recorded_canaries(self, report: AuditReport) -> Iterator[bytes]:
        """The canaries of everybody whose erasure is over, as their records had them."""
        for canary in self._requests.canaries(report.missing):
            yield base64.b64decode(canary).hex().encode()

    def _scan(self, canaries: Sequence[bytes], report: AuditReport, progress: Progress) -> None:
        for path, size, numbers in Canaries(canaries).scan(self._folder, progress):
            report.files_scanned += 1
            report.bytes_scanned += size
            for number in numbers:
                report.found(f"canary {number} in {path.relative_to(self._folder)}")
