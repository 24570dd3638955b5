"""Packing: writes the parts of an external run that are due for another machine, which trains them.

A package is a delivery like an export: it is on record before it is written, each picture bears a token, and
the deletion feed calls pictures back. But nothing is passed on: the other machine trains for the
controller. So of a picture is asked what is asked of every picture that a part is trained on, and no more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.age import AgeKey, AgeRecipient
from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError, UsageError
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.core.shown import short_repr
from volenti.core.signing import SigningKey
from volenti.deliveries.delivery import PACKAGE, Delivery, Packed
from volenti.deliveries.exports import Exports
from volenti.deliveries.package.contents import PackagePart
from volenti.deliveries.package.sealed import write_sealed
from volenti.deliveries.package.writing import PackageWriting

if TYPE_CHECKING:
    from volenti.core.locks import Locks
    from volenti.datasets.reader import Reader
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Snapshot
    from volenti.training.external_run import ExternalRun
    from volenti.training.external_runs import ExternalRuns
    from volenti.transparency.log import Log

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class PackedRun:
    """What was packed, or would be: of which run, which parts, with how many pictures of how many people.

    `left_out` counts pictures of these parts' people that nothing covers today. `delivery` is the
    identifier by which the deletion feed knows the package; it, and `bytes`, are empty after a dry run.
    """

    run: str
    dataset: str
    to: str
    held: tuple[PackagePart, ...]
    left_out: int
    delivery: str = ""
    bytes: int = 0

    __repr__ = short_repr

    @property
    def images(self) -> int:
        """How many pictures."""
        return sum(each.images for each in self.held)

    @property
    def people(self) -> int:
        """How many people; nobody is in two parts."""
        return sum(each.people for each in self.held)

    def to_json(self) -> Json:
        """What was packed as a JSON object; `delivery` is null after a dry run."""
        parts = [{"part": each.shard, "images": each.images, "people": each.people} for each in self.held]
        return {
            "run": self.run,
            "dataset": self.dataset,
            "to": self.to,
            "parts": parts,
            "images": self.images,
            "people": self.people,
            "left_out": self.left_out,
            "delivery": self.delivery or None,
            "bytes": self.bytes,
        }


class Packing:
    """Writes packages."""

    def __init__(
        self,
        external_runs: ExternalRuns,
        exports: Exports,
        datasets: Datasets,
        feed: Log,
        signing: SigningKey,
        locks: Locks,
        clock: Clock,
    ) -> None:
        """feed: the deletion feed that the machine will follow. signing: what the workspace signs with."""
        self._external_runs = external_runs
        self._exports = exports
        self._datasets = datasets
        self._feed = feed
        self._signing = signing
        self._locks = locks
        self._clock = clock

    def pack(
        self,
        run: ExternalRun,
        to: AgeRecipient,
        out: Path,
        *,
        parts: Sequence[int] = (),
        recipient: str = "",
        contact: str = "",
        feed: str = "",
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> PackedRun:
        """Write parts of a run into one file, encrypted to a machine's key.

        parts: which of those that are due; all of them without any. recipient: whose machine it is, for the
        record. contact and feed: how they reach the sender, and where the deletion feed is published.
        The delivery is on record before anything is written: after a crash there may be a delivery without a
        file on record, and never the reverse. Raises ConflictError where nothing is due, or a part isn't;
        UsageError for a part that the run hasn't got or that has too few people, and where the file is
        there already.
        """
        chosen = self._chosen(run, parts)
        snapshot = self._datasets.snapshot(run.snapshot)
        left_out = self._left_out(run, snapshot, chosen)
        told = tuple(
            PackagePart(shard, run.seed(shard), len(each), len(each.people()))
            for shard, each in chosen.items()
        )
        plan = PackedRun(run.name, snapshot.id, str(to), told, left_out)
        if dry_run:
            return plan
        if out.exists() or out.is_symlink():
            raise UsageError(f"{out} is there already.", "Name a new file.")
        # A run isn't removed while it is packed.
        with (
            self._locks.take(run.id, progress or Silent()),
            _log.timed("external run packed", parts=len(chosen)) as facts,
        ):
            self._external_runs.run(run.id)
            way_back, signs = AgeKey.new(), SigningKey.new()
            packed = Packed(run.id, tuple(chosen), str(to), way_back.text)
            begun = self._delivery(snapshot, recipient or str(to), signs, packed, chosen, left_out)
            self._exports.keep(begun)
            writing = PackageWriting(
                self._exports, self._datasets, self._feed, run, snapshot, begun, contact, feed
            )
            written = write_sealed(
                out,
                to,
                lambda members: writing.fill(members, chosen, signs, progress or Silent()),
                lambda sealed: writing.note(sealed, self._feed.verifier.name, self._signing),
            )
            delivery = writing.complete()
            self._exports.keep(delivery)
            self._exports.report(delivery)
            facts |= {"pictures": delivery.samples, "bytes": written.bytes}
        return replace(plan, held=tuple(writing.parts), delivery=delivery.id, bytes=out.stat().st_size)

    def _chosen(self, run: ExternalRun, parts: Sequence[int]) -> dict[int, Reader]:
        """The pictures of each part that is packed, as they may be trained on today."""
        due, readers = self._external_runs.due(run), self._external_runs.readers(run)
        for each in parts:
            if not 0 <= each < run.shards:
                raise UsageError(
                    f"{run.name} has no part {each}.", f"Its parts are numbered 0 to {run.shards - 1}."
                )
            if each not in due:
                raise ConflictError(
                    f"Part {each} of {run.name} isn't due: it is trained on what it may learn from today.",
                    f"See which parts are due: volenti run show {run.name}",
                )
        chosen = {shard: readers[shard] for shard in sorted(set(parts or due))}
        if not chosen:
            raise ConflictError(
                f"Nothing of {run.name} is to be trained.", f"See why: volenti run show {run.name}"
            )
        for shard, reader in chosen.items():
            self._external_runs.check_size(run, shard, reader)
        return chosen

    def _left_out(self, run: ExternalRun, snapshot: Snapshot, chosen: dict[int, Reader]) -> int:
        """How many pictures of the chosen parts may not be read today."""
        from volenti.datasets.shard import shard_of

        key, within = next(iter(chosen.values())).key, self._datasets.within(snapshot, run.split)
        ours = self._datasets.entries(
            snapshot, lambda owners: within(owners) and shard_of(key, owners, run.shards) in chosen
        )
        return sum(not each.is_tombstone for each in ours) - sum(map(len, chosen.values()))

    def _delivery(
        self,
        snapshot: Snapshot,
        recipient: str,
        signs: SigningKey,
        packed: Packed,
        chosen: dict[int, Reader],
        uncovered: int,
    ) -> Delivery:
        given = {entry.position for each in chosen.values() for entry in each.entries}
        left_out = tuple(each for each in range(snapshot.entries) if each not in given)
        gone = len(self._datasets.tombstones(snapshot.id))
        return Delivery(
            new("dlv"),
            recipient,
            snapshot.id,
            PACKAGE,
            stamp(self._clock()),
            os.urandom(32).hex(),
            str(signs.public),
            left_out,
            territory=snapshot.territory,
            # Not in the parts that were asked for: neither refused nor gone.
            not_in_split=len(left_out) - uncovered - gone,
            packed=packed,
        )
