"""Restoration: after a backup was restored, takes out of it what was erased after the backup was made.

A backup holds no keys, so nothing of an erased person's can be opened again. But their rows and packs are
back, and all other code expects that what it finds can be opened. The register knows a person whose key is
gone only by an alias; that is enough to take out all that is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

from volenti.catalogue.withdrawing import WorkWithdrawals
from volenti.clearance.folder_erasure import FolderErasure
from volenti.clearance.image import CONTROLLER, QUARANTINE
from volenti.clearance.quarantine import Quarantine
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent, track
from volenti.datasets.service import Datasets
from volenti.deliveries.feed import Feed
from volenti.training.external_runs import ExternalRuns
from volenti.training.model_store import ModelStore
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records
from volenti.vault.rowkind import nothing_sealed
from volenti.vault.service import OWN, Vault

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was taken out again. `owners` are people without a key, and days of quarantine without one."""

    owners: int
    rows: int
    bytes: int
    constituents: int


class Restoration:
    """Repeats erasures on a register and packs that are older than the keys."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        datasets: Datasets,
        quarantine: Quarantine,
        model_store: ModelStore,
        external_runs: ExternalRuns,
        feed: Feed,
        works: WorkWithdrawals,
        events: EventLog,
        folders: FolderErasure,
    ) -> None:
        self._records = records
        self._vault = vault
        self._datasets = datasets
        self._quarantine = quarantine
        self._model_store = model_store
        self._external_runs = external_runs
        self._feed = feed
        self._works = works
        self._events = events
        self._folders = folders

    def replay(self, progress: Progress | None = None) -> Replayed:
        """Take out whatever belongs to somebody without a key. Idempotent."""
        with _log.timed("erasures repeated on a backup") as facts:
            replayed = self._replay(progress or Silent())
            facts.update(people=replayed.owners, rows=replayed.rows, bytes=replayed.bytes)
        return replayed

    def _replay(self, progress: Progress) -> Replayed:
        gone = self._records.keyless()
        self._quarantine.discard_mentions(*gone)
        rows = constituents = 0
        for alias in track(progress, "Taking out the erased", gone):
            self._works.presume(alias)
            # Names of others' pictures in this person's folders go first: their rows say which those are.
            within = self._folders.forget(alias)
            rows += within.named + len(within.dropped)
            constituents += len(self._model_store.drop(alias))
            self._external_runs.drop(alias)
            self._feed.presume(alias)
            rows += self._datasets.bury(alias)
            rows += len(self._records.forget(alias))
        freed = self._unlink_unnamed()
        self._events.restore()
        self._records.rewrite()
        return Replayed(len(gone), rows, freed, constituents)

    def _unlink_unnamed(self) -> int:
        """Unlink packs that no record names; returns bytes freed."""
        named = self._named()
        places = {*self._vault.owners(), *self._records.with_packs(), CONTROLLER, QUARANTINE}
        freed = 0
        for prefix in self._vault.prefixes():
            if prefix not in places:
                freed += self._vault.remove(prefix)
                continue
            # The pack of what is one person's alone needs no row: their key decides about it.
            stray = [
                pack for pack in self._vault.packs(prefix) if pack != OWN and (prefix, pack) not in named
            ]
            freed += self._vault.remove_packs(prefix, stray)
        return freed

    def _named(self) -> set[tuple[str, str]]:
        """Prefix and pack of all sealed bytes that any row names."""
        return {
            (each.blob.prefix, each.blob.pack)
            for kind in self._records.declared.values()
            if kind.sealed is not nothing_sealed
            for record in self._records.find(kind.name)
            for each in kind.sealed(record)
            if each.blob is not None
        }
