"""Removing a run: its slices and constituents, or the parts that a script trained, for good.

What it drew stays on record, so that works can still be compared with whoever leaves, and called back. No
row has to open for it, and no pack has to be there, so a damaged run can be removed too. This erases nobody,
and a backup that was made before still has the run, sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.codec import decoded
from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError, NotFoundError
from volenti.core.logs import Logger
from volenti.core.shown import short_repr
from volenti.training.external_run import Delivery, ExternalRun
from volenti.training.run import Run, known_runs
from volenti.vault.replacing import packs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from volenti.core.locks import Locks
    from volenti.core.progress import Progress
    from volenti.vault.event_log import EventLog
    from volenti.vault.ports import Row
    from volenti.vault.records import Records
    from volenti.vault.service import Vault

_log = Logger(__name__)

#: Kinds of runs, each with the kinds of rows that belong to one, what is used of it first.
_OF = {"run": ("constituent", "slice"), "guest-run": ("guest-part",)}
#: The event that says that a run was removed, by the kind of run.
EVENTS = {"run": "run-removed", "guest-run": "guest-run-removed"}
_DELIVERY = "guest-delivery"


@dataclass(frozen=True, slots=True)
class RemovedRun:
    """A run that is removed, or would be.

    `name` is what a script called it; empty for the project's own, and where its row doesn't open.
    """

    id: str
    name: str
    dataset: str
    constituents: int
    slices: int
    #: Parts that a script trained.
    external_parts: int
    bytes: int
    #: Its row doesn't open.
    is_damaged: bool

    __repr__ = short_repr


class RunRemovals:
    """Removes runs, the project's own and those of scripts."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        events: EventLog,
        locks: Locks,
        packages: Callable[[str, str], Sequence[object]],
    ) -> None:
        """packages: those of a run over a snapshot that other machines have."""
        self._records = records
        self._vault = vault
        self._events = events
        self._locks = locks
        self._packages = packages

    def remove(self, run: str, progress: Progress, *, dry_run: bool = False) -> RemovedRun:
        """Remove a run by its identifier, or by the name that a script gave it; or say what would be removed.

        Where it is interrupted, the same call removes the rest. Raises NotFoundError where there is no such
        run, ConflictError where somebody was handed out what it trained, or has a package of it.
        """
        row = self._row(run)
        with self._locks.take(row.id, progress):
            row = self._row(row.id)
            self._require_kept_here(row)
            removed = self._described(row)
            if not dry_run:
                # What is used of it goes first, and the run's own row last: by that the rest is found.
                with self._records.transaction():
                    for kind in _OF[row.kind]:
                        found = self._records.rows(kind, parent=row.id)
                        self._records.delete(kind, [each.id for each in found])
                self._vault.remove(row.id)
                with self._records.transaction():
                    self._records.delete(row.kind, [row.id])
                    self._events.record(EVENTS[row.kind], {"run": row.id})
        if not dry_run:
            facts = {
                "constituents": removed.constituents,
                "slices": removed.slices,
                "parts": removed.external_parts,
            }
            _log.info("training run removed", **facts)
        return removed

    def _row(self, run: str) -> Row:
        for kind in _OF:
            row = self._records.row(kind, run)
            if row is not None:
                return row
        for row, known in known_runs(self._records, "guest-run", ExternalRun):
            if known is not None and known.name == run:
                return row
        raise NotFoundError(f"There is no training run {run!r}.", "List them: volenti run list.")

    def damaged(self) -> list[tuple[str, str]]:
        """Identifier and snapshot of every run whose row doesn't open."""
        return [
            (row.id, row.parent)
            for kind, what in (("run", Run), ("guest-run", ExternalRun))
            for row, run in known_runs(self._records, kind, what)
            if run is None
        ]

    def _require_kept_here(self, row: Row) -> None:
        if any(
            each.parent.partition("/")[0] == row.id and self._is_passed_on(each)
            for each in self._records.rows(_DELIVERY)
        ):
            raise ConflictError(
                f"Somebody was handed out what {row.id} trained: who that is has to be said when a person "
                "whom it learned from leaves.",
                "Keep it; see who has it: volenti run show NAME.",
            )
        if row.kind == "guest-run" and self._packages(row.id, row.parent):
            raise ConflictError(
                f"Another machine has a package of {row.id}, and may have what it trained on it: whose it is "
                "has to be said when a person in it leaves.",
                "Have all of that removed there (volenti package drop DIR), and keep the word that it was: "
                "volenti feed acknowledge FILE. See whose machine it is: volenti feed list.",
            )

    def _is_passed_on(self, row: Row) -> bool:
        """Whether a part was handed out; a machine that trained one itself is asked for by its package."""
        try:
            return decoded(Delivery, self._records.opened(row).body).sha256 != ""
        except (IntegrityError, KeyDestroyedError):
            return True

    def _described(self, row: Row) -> RemovedRun:
        kinds = ("constituent", "slice", "guest-part")
        constituents, slices, parts = (self._records.count(kind, parent=row.id) for kind in kinds)
        size = self._vault.size(row.id)
        damaged = row.id in {name for name, _ in self.damaged()}
        scripts = {each.id: run for each, run in known_runs(self._records, "guest-run", ExternalRun)}
        script = scripts.get(row.id)
        name = script.name if script is not None else ""
        return RemovedRun(row.id, name, row.parent, constituents, slices, parts, size, damaged)


def tidy(records: Records, vault: Vault, kind: str, run: str | None = None) -> None:
    """Remove what interrupted trainings left: packs that no row names, of every run of a kind or of one.

    Whoever was to be erased could be in them, and no row would say so. A training that is sealing such a
    pack at this moment finds it gone before it puts the row, and seals it again (`vault.replacing`).
    """
    for each in [row.id for row in records.rows(kind)] if run is None else [run]:
        # Nobody puts a row between its being read here and the removal.
        with records.transaction():
            vault.remove_packs(each, sorted(_stray(records, vault, kind, each)))


def _stray(records: Records, vault: Vault, kind: str, run: str) -> set[str]:
    rows = {row.id.partition("/")[2]: row for of in _OF[kind] for row in records.rows(of, parent=run)}
    packs = set(vault.packs(run))
    if packs <= set(rows):
        # As it is unless something was interrupted: no row has to be opened.
        return set()
    for pack, row in rows.items():
        try:
            sealed = records.declared[row.kind].sealed(records.opened(row))
            packs -= {each.blob.pack for each in sealed if each.blob}
        except (IntegrityError, KeyDestroyedError):
            packs -= set(packs_of(pack))
    return packs
