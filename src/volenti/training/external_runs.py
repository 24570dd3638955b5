"""ExternalRuns: keeps what the user's own scripts train, hands it out, and destroys it in an erasure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.consent.purpose import Grant
from volenti.core.amounts import counted
from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded, encoded
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.core.files import create_file, on_disk
from volenti.core.identifiers import check
from volenti.core.logs import Logger
from volenti.core.shown import name_as_text
from volenti.training.external_run import Delivery, ExternalPart, ExternalRun, Retraining, entries_digest
from volenti.training.holders import ExternalRunHolder
from volenti.training.recipe import Recipe
from volenti.training.run import known_runs
from volenti.training.run_removal import tidy
from volenti.training.script import digests_of, environment
from volenti.training.session import Session
from volenti.vault.records import Record, Records
from volenti.vault.replacing import packs_of, replace_pack

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.datasets.reader import Reader
    from volenti.datasets.service import Datasets
    from volenti.vault.blob import BlobRef
    from volenti.vault.event_log import EventLog
    from volenti.vault.service import Vault

_log = Logger(__name__)

_RUN, _PART, _DELIVERY = "guest-run", "guest-part", "guest-delivery"


class ExternalRuns:
    """Begins external runs; keeps, opens, hands out and destroys their parts."""

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
        code: Sequence[Path | str] | None = None,
        min_people: int = Recipe().min_people,
        split: str = "",
    ) -> Session:
        """Begin a run of that name over a snapshot, or go on with the one that was begun before.

        code: the script's files, which may be none; by default the script that is running. split: what is
        learned from, where the snapshot is divided. Raises ConflictError where the run of that name is over
        another snapshot or split, or in another number of parts; UsageError where the snapshot has splits and
        none is named.
        """
        snapshot = self._datasets.snapshot(dataset)
        snapshot.require(split)
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
                digests_of(code),
                environment(),
                stamp(self._clock()),
                split,
            )
            self._records.put(_RUN, identifier, encoded(run), parent=snapshot.id)
            self._events.record("guest-training-begun", {"run": identifier, **encoded(run)})
            _log.info("external run begun", parts=shards, gpus=gpus)
        else:
            run = decoded(ExternalRun, known.body, id=identifier)
            if (run.snapshot, run.split, run.shards) != (snapshot.id, split, shards):
                part = f" ({run.split})" if run.split else ""
                raise ConflictError(
                    f"{name} was begun on {run.snapshot}{part} in {counted(run.shards, 'part')}.",
                    "Go on with those, or give this training another name.",
                )
        return Session(self, run)

    def note(self, kind: str, body: Json) -> None:
        """Record an event of a run."""
        self._events.record(kind, body)

    def dataset(self, run: ExternalRun) -> Reader:
        """The run's snapshot, as it may be read today."""
        return self._datasets.reader(self._datasets.snapshot(run.snapshot), split=run.split)

    def runs(self) -> list[ExternalRun]:
        """Every external run whose row opens, oldest first."""
        found = [run for _, run in known_runs(self._records, _RUN, ExternalRun) if run is not None]
        return sorted(found, key=lambda run: (run.created, run.id))

    def run(self, name: str) -> ExternalRun:
        """By name or identifier; NotFoundError where there is none."""
        for each in self.runs():
            if name in (each.name, each.id):
                return each
        raise NotFoundError(f"There is no training called {name!r}.", "List them: volenti run list.")

    def parts(self, run: ExternalRun) -> list[ExternalPart]:
        """The parts that are kept of a run, in order of shard."""
        return [
            decoded(ExternalPart, each.body, run=run.id) for each in self._records.find(_PART, parent=run.id)
        ]

    def readers(self, run: ExternalRun) -> list[Reader]:
        """The pictures that each part should be trained on today, by shard."""
        return self.dataset(run).shards(run.shards)

    def check_size(self, run: ExternalRun, shard: int, reader: Reader) -> None:
        """Refuse a part of fewer people than the run says; raises UsageError."""
        people = len(reader.people())
        if people < run.min_people:
            fewer = f", or begin another run in fewer parts than {run.shards}"
            enough = not run.is_whole and len(self.dataset(run).people()) >= run.min_people
            raise UsageError(
                f"Part {shard} of {run.name} has {counted(people, 'person', 'people')}; a model of fewer "
                f"than {run.min_people} would be a likeness of them.",
                f"Train on more people{fewer if enough else ''}.",
            )

    def keep(self, run: ExternalRun, shard: int, reader: Reader, file: Path, seconds: float) -> ExternalPart:
        """Seal the file that was trained on a part, and remove the one that was kept of it before."""
        return self.seal(run, shard, reader, file.name, file.read_bytes(), seconds)

    def seal(
        self, run: ExternalRun, shard: int, reader: Reader, name: str, data: bytes, seconds: float
    ) -> ExternalPart:
        """Seal what was trained on a part, as `keep`. name: the file's."""
        self.check_size(run, shard, reader)
        owners = tuple(sorted(reader.people()))

        def record(refs: Sequence[BlobRef]) -> Record:
            part = ExternalPart(
                run.id,
                shard,
                entries_digest(reader),
                name_as_text(name),
                sha256(data),
                len(reader),
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
        _log.info(
            "external part kept",
            shard=shard,
            pictures=part.images,
            people=part.people,
            bytes=len(data),
            training_seconds=round(seconds, 3),
        )
        return part

    def due(self, run: ExternalRun) -> list[int]:
        """Shards whose part isn't kept, or was trained on other pictures than it would be today."""
        kept = {part.shard: part.taught for part in self.parts(run)}
        return [
            shard
            for shard, each in enumerate(self.readers(run))
            if len(each) and kept.get(shard) != entries_digest(each)
        ]

    def open(self, run: ExternalRun, shard: int) -> bytes:
        """The file that was trained on a part, as long as all of its pictures may be trained on.

        Raises NotFoundError where nothing is kept, ConflictError where the pictures that may be trained on
        changed.
        """
        record = self._records.get(_PART, f"{run.id}/{shard:02d}")
        if record is None:
            raise NotFoundError(
                f"Nothing is kept of part {shard} of {run.name}.",
                "Run its script again: it trains what is due.",
            )
        part = decoded(ExternalPart, record.body, run=run.id)
        if part.taught != entries_digest(self.readers(run)[shard]):
            raise ConflictError(
                f"Part {shard} of {run.name} learned from pictures that may not be used any more.",
                "Run its script again: it trains what is due.",
            )
        return self._vault.open(part.weights, part.sha256)

    def deliver(self, run: ExternalRun, shard: int, to: Path, recipient: str) -> Delivery:
        """Write a part's file for somebody, and record that they have it.

        What a model learned may come out of it again, so everybody whom it learned from has to agree to their
        pictures' being passed on. Raises ConflictError where somebody doesn't, and as `open`.
        """
        data = self.open(run, shard)
        snapshot = self._datasets.snapshot(run.snapshot)
        grants = (Grant.REDISTRIBUTION,)
        passed_on = self._datasets.reader(snapshot, grants, run.split).shards(run.shards)[shard]
        stays = len(self.readers(run)[shard]) - len(passed_on)
        if stays:
            raise ConflictError(
                f"Part {shard} of {run.name} learned from {counted(stays, 'picture')} of people who didn't "
                "agree to being passed on.",
                "Train on a dataset without them: volenti dataset cut NAME --purpose "
                f"{snapshot.purpose} --condition {Grant.REDISTRIBUTION.value}",
            )
        if to.exists() or to.is_symlink():
            raise UsageError(f"{to} is there already.", "Name a new file.")
        delivery = self.hand_out(f"{run.id}/{shard:02d}", recipient, sha256(data))
        # The file is written last: after a crash there may be a record without a file, never the reverse.
        with on_disk(f"write {to.name}"), create_file(to) as file:
            file.write(data)
        _log.info("external part handed out", shard=shard, bytes=len(data))
        return delivery

    def hand_out(self, part: str, recipient: str, digest: str) -> Delivery:
        """Record that somebody has a part. part: its identifier. digest: of the file that they were given."""
        delivery = Delivery(part, recipient, stamp(self._clock()), digest)
        self._records.put(_DELIVERY, delivery.id, encoded(delivery), parent=part)
        self._events.record("guest-part-delivered", encoded(delivery))
        return delivery

    def deliveries(self, part: str) -> list[Delivery]:
        """The deliveries of a part, also where the part itself was destroyed since."""
        return [decoded(Delivery, each.body) for each in self._records.find(_DELIVERY, parent=part)]

    def delivered(self) -> list[Delivery]:
        """Every delivery of every part, oldest first."""
        return sorted(
            (decoded(Delivery, each.body) for each in self._records.find(_DELIVERY)),
            key=lambda each: each.at,
        )

    # -- forgetting

    def parts_of(self, subject: str) -> list[ExternalPart]:
        """The parts that learned from the subject. Needs their key."""
        return [
            decoded(ExternalPart, each.body, run=each.parent)
            for each in self._records.find(_PART, owner=subject)
        ]

    def retrainings(self, subject: str) -> list[Retraining]:
        """The parts that would have to be trained again without the subject's pictures. Needs their key."""
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
        # One transaction, so that no other process keeps something new between reading the rows and deleting.
        with self._records.transaction():
            gone = [row.id for row in self._records.rows(_PART, owner=subject, parent=run)]
            # Rows are deleted last: after a crash, the next call finds the packs by them.
            for identifier in gone:
                of, _, pack = identifier.partition("/")
                self._vault.remove_packs(of, packs_of(pack))
            self._records.delete(_PART, gone)
            tidy(self._records, self._vault, _RUN, run)
        if gone:
            _log.info("external parts of a person destroyed", parts=len(gone))
        return len(gone)

    def held(self, subject: str) -> int:
        """How many parts learned from the subject."""
        return self._records.count(_PART, owner=subject)
