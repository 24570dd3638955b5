"""ExternalRuns: what the user's own scripts train, begun, kept, opened, handed out and forgotten."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded, encoded
from volenti.core.digest import sha256, sha256_file
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.core.files import new_file, on_disk
from volenti.core.identifiers import check
from volenti.training.external_run import Delivery, ExternalPart, ExternalRun, Retraining, taught
from volenti.training.holders import ExternalRunHolder
from volenti.training.recipe import Recipe
from volenti.training.session import Session
from volenti.vault.records import Record, Records
from volenti.vault.replacing import replace_pack

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.datasets.reader import Reader
    from volenti.datasets.service import Datasets
    from volenti.vault.blob import BlobRef
    from volenti.vault.event_log import EventLog
    from volenti.vault.service import Vault

_RUN, _PART, _DELIVERY = "guest-run", "guest-part", "guest-delivery"

#: Whose versions are written down with a run, where they are installed.
_NOTED = ("torch", "diffusers", "accelerate", "transformers", "peft", "lightning", "numpy")


class ExternalRuns:
    """Guest runs: begun, kept, opened, handed out, forgotten."""

    def __init__(
        self, records: Records, vault: Vault, datasets: Datasets, events: EventLog, clock: Clock
    ) -> None:
        vault.holders.announce(ExternalRunHolder(self))
        self._records = records
        self._vault = vault
        self._datasets = datasets
        self._events = events
        self._clock = clock

    def begin(
        self,
        name: str,
        dataset: str,
        *,
        shards: int = 1,
        gpus: int = 0,
        code: Sequence[Path | str] = (),
        min_people: int = Recipe().min_people,
    ) -> Session:
        """A run of that name over a snapshot, or the one begun before, to go on with.

        code: the script's files; without any, the script that runs. Raises ConflictError where a run
        of that name is over another snapshot or in other parts.
        """
        snapshot = self._datasets.snapshot(dataset)
        identifier = f"own_{sha256(check(name).encode())[:20]}"
        known = self._records.get(_RUN, identifier)
        if known is None:
            run = ExternalRun(
                identifier,
                name,
                snapshot.id,
                shards,
                min_people,
                gpus,
                _digests(code),
                _environment(),
                stamp(self._clock()),
            )
            self._records.put(_RUN, identifier, encoded(run), parent=snapshot.id)
            self._events.record("guest-training-begun", {"run": identifier, **encoded(run)})
        else:
            run = decoded(ExternalRun, known.body, id=identifier)
            if (run.snapshot, run.shards) != (snapshot.id, shards):
                raise ConflictError(
                    f"{name} was begun on {run.snapshot} in {run.shards} parts.",
                    "Go on with those, or give this training another name.",
                )
        return Session(self, run)

    def note(self, kind: str, body: Json) -> None:
        """Record something that happened to a run."""
        self._events.record(kind, body)

    def dataset(self, run: ExternalRun) -> Reader:
        """The run's snapshot, as it may be read today."""
        return self._datasets.reader(self._datasets.snapshot(run.snapshot))

    def runs(self) -> list[ExternalRun]:
        """Every guest run, oldest first."""
        found = [decoded(ExternalRun, each.body, id=each.id) for each in self._records.find(_RUN)]
        return sorted(found, key=lambda run: (run.created, run.id))

    def run(self, name: str) -> ExternalRun:
        """By name or identifier; NotFoundError where there is none."""
        for each in self.runs():
            if name in (each.name, each.id):
                return each
        raise NotFoundError(f"There is no training called {name!r}.", "List them: volenti run list.")

    def parts(self, run: ExternalRun) -> list[ExternalPart]:
        """What was kept of it, in order of shard."""
        return [
            decoded(ExternalPart, each.body, run=run.id) for each in self._records.find(_PART, parent=run.id)
        ]

    def specs(self, run: ExternalRun) -> list[Reader]:
        """What each part is to be taught today."""
        return self.dataset(run).shards(run.shards)

    def keep(self, run: ExternalRun, shard: int, spec: Reader, file: Path, seconds: float) -> ExternalPart:
        """Seal what was trained on a part; what was kept of it before goes."""
        owners = tuple(sorted(spec.people()))
        if len(owners) < run.min_people:
            raise UsageError(
                f"Part {shard} of {run.name} has {len(owners)} people; a model of fewer than "
                f"{run.min_people} would be a likeness of them.",
                f"Train in fewer parts than {run.shards}, or on more people.",
            )
        data = file.read_bytes()

        def record(refs: Sequence[BlobRef]) -> Record:
            part = ExternalPart(
                run.id,
                shard,
                taught(spec),
                file.name,
                sha256(data),
                len(spec),
                len(owners),
                seconds,
                stamp(self._clock()),
                refs[0],
            )
            return Record(_PART, part.id, encoded(part), owners, "", run.id, shard)

        contents = [("guest-part", data)]
        pack = (run.id, f"{shard:02d}")
        kept = replace_pack(self._vault, self._records, owners, pack, contents, record)
        part = decoded(ExternalPart, kept.body, run=run.id)
        self._events.record("guest-part-kept", {"part": part.id, "sha256": part.sha256}, owners)
        return part

    def due(self, run: ExternalRun) -> list[int]:
        """Parts that aren't kept, or were taught something else than they would be today."""
        kept = {part.shard: part.taught for part in self.parts(run)}
        return [
            shard
            for shard, each in enumerate(self.specs(run))
            if len(each) and kept.get(shard) != taught(each)
        ]

    def open(self, run: ExternalRun, shard: int) -> bytes:
        """What was trained on a part, while everybody in it may be trained on.

        Raises NotFoundError where nothing is kept, ConflictError once somebody in it said no.
        """
        record = self._records.get(_PART, f"{run.id}/{shard:02d}")
        if record is None:
            raise NotFoundError(
                f"Nothing is kept of part {shard} of {run.name}.",
                "Run its script again: it trains what is due.",
            )
        part = decoded(ExternalPart, record.body, run=run.id)
        if part.taught != taught(self.specs(run)[shard]):
            raise ConflictError(
                f"Part {shard} of {run.name} learned from pictures that may not be used any more.",
                "Run its script again: it trains what is due.",
            )
        return self._vault.open(part.weights, part.sha256)

    def deliver(self, run: ExternalRun, shard: int, to: Path, recipient: str) -> Delivery:
        """Write a part's file for somebody, and record that they have it."""
        data = self.open(run, shard)
        if to.exists() or to.is_symlink():
            raise UsageError(f"{to} is there already.", "Name a new file.")
        delivery = Delivery(f"{run.id}/{shard:02d}", recipient, stamp(self._clock()), sha256(data))
        self._records.put(_DELIVERY, delivery.id, encoded(delivery), parent=delivery.part)
        self._events.record("guest-part-delivered", encoded(delivery))
        # Written last: better a delivery on record that didn't happen than one that did and isn't.
        with on_disk(f"write {to.name}"), new_file(to) as file:
            file.write(data)
        return delivery

    def deliveries(self, part: str) -> list[Delivery]:
        """To whom a part was handed out, whatever became of it since."""
        return [decoded(Delivery, each.body) for each in self._records.find(_DELIVERY, parent=part)]

    def delivered(self) -> list[Delivery]:
        """Everything that was handed out, oldest first."""
        return sorted(
            (decoded(Delivery, each.body) for each in self._records.find(_DELIVERY)),
            key=lambda each: each.at,
        )

    # -- forgetting

    def parts_of(self, subject: str) -> list[ExternalPart]:
        """What learned from the subject. Needs their key."""
        return [
            decoded(ExternalPart, each.body, run=each.parent)
            for each in self._records.find(_PART, owner=subject)
        ]

    def retrainings(self, subject: str) -> list[Retraining]:
        """What would have to be trained again without the subject. Needs their key."""
        found = []
        for part in self.parts_of(subject):
            run = self.run(part.run)
            recipients = tuple(sorted({each.recipient for each in self.deliveries(part.id)}))
            found.append(Retraining(part.id, run.name, run.is_whole, part.seconds, run.gpus, recipients))
        return found

    def drop(self, subject: str, run: str | None = None) -> int:
        """Destroy every part, of all runs or of one, that learned from the subject; returns how many.

        Works without their key.
        """
        # Nobody may put something new in their place between one and the other.
        with self._records.transaction():
            gone = [row.id for row in self._records.rows(_PART, owner=subject, parent=run)]
            # Rows last: they are what a call after a crash finds the packs by.
            for identifier in gone:
                of, _, pack = identifier.partition("/")
                self._vault.remove_packs(of, [pack])
            self._records.delete(_PART, gone)
        return len(gone)

    def held(self, subject: str) -> int:
        """How many parts learned from the subject."""
        return self._records.count(_PART, owner=subject)


def _digests(code: Sequence[Path | str]) -> dict[str, str]:
    files = [Path(each) for each in code] or [Path(sys.argv[0])]
    return {file.name: sha256_file(file) for file in files if file.is_file()}


def _environment() -> Json:
    found = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count() or 0}
    for name in _NOTED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
