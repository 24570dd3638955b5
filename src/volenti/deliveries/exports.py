"""Exports: writes snapshots as files for somebody else, and puts each on record as a delivery."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from volenti.clearance.image import CONTROLLER
from volenti.consent.document import require
from volenti.consent.territory import faults_of_place
from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded, encoded
from volenti.core.errors import NotFoundError, RefusedError, UsageError
from volenti.core.files import make_folder
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent, track
from volenti.core.signing import SigningKey
from volenti.deliveries.delivery import Delivery, DeliveryNote, DeliveryTerms, hand_over
from volenti.deliveries.ports import Exported, ExportFormat

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Snapshot
    from volenti.transparency.log import Log
    from volenti.vault.event_log import EventLog
    from volenti.vault.records import Records

_log = Logger(__name__)

_DELIVERY = "delivery"


@dataclass(slots=True)
class LeftOut:
    """What isn't written: positions, and how many of them may be used and not be passed on."""

    positions: list[int] = field(default_factory=list)
    not_passed_on: int = 0


class Exports:
    """Writes exports and lists deliveries."""

    def __init__(
        self,
        records: Records,
        datasets: Datasets,
        access: Access,
        events: EventLog,
        feed: Log,
        formats: Sequence[ExportFormat],
        clock: Clock,
    ) -> None:
        """feed: the deletion feed that recipients will follow."""
        self._records = records
        self._datasets = datasets
        self._access = access
        self._events = events
        self._feed = feed
        self._formats = {each.name: each for each in formats}
        self._clock = clock

    def export(
        self,
        snapshot: Snapshot,
        folder: Path,
        *,
        recipient: str = "",
        form: str = "imagefolder",
        territory: str = "",
        sublicensable: bool = False,
        progress: Progress | None = None,
    ) -> Delivery:
        """Write what may be passed on of a snapshot today into a new folder, pictures without their metadata.

        Everybody in a picture has to agree to what the snapshot was cut for and, in the same release, to
        being passed on, where the recipient is (territory, by default the snapshot's); sublicensable: and to
        the recipient's handing it on. Other pictures are left out and counted. The delivery is put on record
        before anything is written: after a crash there may be a delivery without files on record, and
        never files without a delivery. Raises UsageError for an unknown format or a folder with files,
        DocumentError for a territory that is none.
        """
        territory = territory or snapshot.territory
        require(faults_of_place("territory", territory))
        chosen = self._formats.get(form)
        if chosen is None:
            raise UsageError(f"There is no format {form!r}.", f"Formats: {', '.join(self._formats)}.")
        make_folder(folder)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} isn't empty.", "Give a new folder for the export.")
        began = perf_counter()
        delivery = self._begin(snapshot, folder, recipient, form, territory, sublicensable)
        left = LeftOut()
        samples = self._samples(snapshot, delivery, left, progress or Silent())
        written = chosen.write(folder, samples)
        delivery = replace(
            delivery,
            left_out=tuple(left.positions),
            samples=written,
            complete=True,
            not_passed_on=left.not_passed_on,
        )
        DeliveryTerms.of(delivery, snapshot).write(folder)
        self._keep(delivery)
        self._report(delivery)
        facts = {
            "written": written,
            "left_out": len(left.positions),
            "seconds": round(perf_counter() - began, 3),
        }
        _log.info("dataset exported", delivery=delivery.id, form=form, **facts)
        return delivery

    def _begin(
        self,
        snapshot: Snapshot,
        folder: Path,
        recipient: str,
        form: str,
        territory: str,
        sublicensable: bool,
    ) -> Delivery:
        """Put a delivery on record, and write what is handed over with it before any sample."""
        key, head = SigningKey.new(), self._feed.head()
        delivery = Delivery(
            new("dlv"),
            recipient,
            snapshot.id,
            form,
            stamp(self._clock()),
            os.urandom(32).hex(),
            str(key.public),
            territory=territory,
            sublicensable=sublicensable,
        )
        self._keep(delivery)
        hand_over(folder, key)
        root = base64.b64encode(head.root).decode()
        verifier = self._feed.verifier
        DeliveryNote(delivery.id, snapshot.id, form, verifier.name, str(verifier.key), head.size, root).write(
            folder
        )
        return delivery

    def _report(self, delivery: Delivery) -> None:
        report = {
            "delivery": delivery.id,
            "dataset": delivery.snapshot,
            "format": delivery.format,
            "recipient": delivery.recipient,
            "written": delivery.samples,
            "left_out": len(delivery.left_out),
            "not_passed_on": delivery.not_passed_on,
            "territory": delivery.territory,
            "sublicensable": delivery.sublicensable,
        }
        self._events.record("dataset-exported", report, (CONTROLLER,))

    def _samples(
        self, snapshot: Snapshot, delivery: Delivery, left: LeftOut, progress: Progress
    ) -> Iterator[Exported]:
        # Imported here, because most commands only ask who got an export.
        from volenti.perception.files.formats import suffix_of
        from volenti.perception.rights.statement import strip

        for entry in track(progress, "Exporting", self._datasets.entries(snapshot), snapshot.entries):
            if entry.is_tombstone:
                left.positions.append(entry.position)
                continue
            try:
                image, _ = self._access.image(entry.image, *delivery.asked(snapshot))
                data = strip(self._access.sealed(image))
            except RefusedError:
                left.positions.append(entry.position)
                left.not_passed_on += self._access.refusal(entry.image, *snapshot.asked) is None
                continue
            token = delivery.token(entry).hex()
            yield Exported(entry.position, token, entry.caption, data, suffix_of(data))

    def deliveries(self, snapshot: str | None = None) -> list[Delivery]:
        """All deliveries, or those of one snapshot, oldest first."""
        rows = self._records.find(_DELIVERY, parent=snapshot)
        return sorted(
            (decoded(Delivery, each.body, id=each.id) for each in rows), key=lambda each: (each.at, each.id)
        )

    def count(self) -> int:
        """How many deliveries there are."""
        return self._records.count(_DELIVERY)

    def delivery(self, identifier: str) -> Delivery:
        """The delivery of an identifier; NotFoundError where there is none."""
        record = self._records.get(_DELIVERY, identifier)
        if record is None:
            raise NotFoundError(f"There is no delivery {identifier!r}.", "List them: volenti feed list.")
        return decoded(Delivery, record.body, id=record.id)

    def _keep(self, delivery: Delivery) -> None:
        # A recipient's name may be a person's: only the controller's key opens it.
        self._records.put(
            _DELIVERY, delivery.id, encoded(delivery), owners=(CONTROLLER,), parent=delivery.snapshot
        )
