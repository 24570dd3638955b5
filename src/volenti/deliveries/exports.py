"""Exports: writes snapshots as files for somebody else, and puts each on record as a delivery."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.clearance.image import CONTROLLER, scale_of
from volenti.consent.document import require
from volenti.consent.territory import faults_of_place
from volenti.core.amounts import counted
from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded, encoded
from volenti.core.errors import NotFoundError, RefusedError, UsageError
from volenti.core.files import make_folder
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.core.signing import SigningKey
from volenti.deliveries.checksums import Checksums
from volenti.deliveries.delivery import Delivery, DeliveryNote, hand_over
from volenti.deliveries.people import NumberedPeople
from volenti.deliveries.ports import Delivered, Exported, ExportedFace, ExportFormat
from volenti.deliveries.terms import DeliveryTerms

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Entry, Snapshot
    from volenti.transparency.log import Log
    from volenti.vault.event_log import EventLog
    from volenti.vault.records import Records

_log = Logger(__name__)

_DELIVERY = "delivery"


@dataclass(slots=True)
class Written:
    """What was written, and what wasn't: positions, and how many of them for one reason or the other."""

    samples: list[Delivered] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    not_passed_on: int = 0
    not_in_split: int = 0


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
        recipient: str | None = None,
        form: str = "imagefolder",
        territory: str = "",
        sublicensable: bool = False,
        split: str = "",
        contact: str = "",
        feed: str = "",
        progress: Progress | None = None,
    ) -> Delivery:
        """Write what may be passed on of a snapshot today into a new folder, pictures without their metadata.

        Everybody in a picture has to agree to what the snapshot was cut for and, in the same release, to
        being passed on, where the recipient is (territory, by default the snapshot's); sublicensable: and to
        the recipient's handing it on. Other pictures are left out and counted. split: only pictures of this
        one. contact and feed: how the recipient reaches the sender, and where the deletion feed is published,
        for the card. The delivery is put on record before anything is written: after a crash there may be a
        delivery without files on record, and never files without a delivery. Raises UsageError for an unknown
        format, a folder with files or a blank recipient, DocumentError for a territory that is none,
        NotFoundError for a split that is none, RefusedError where not one picture may be handed out.
        """
        if recipient is not None and not recipient.strip():
            raise UsageError("The recipient's name is blank.", "Say who gets it: --to NAME")
        if split:
            snapshot.require(split)
        territory = territory or snapshot.territory
        require(faults_of_place("territory", territory))
        chosen = self._formats.get(form)
        if chosen is None:
            raise UsageError(f"There is no format {form!r}.", f"Formats: {', '.join(self._formats)}.")
        if folder.is_dir() and any(folder.iterdir()):
            raise UsageError(f"{folder} isn't empty.", "Give a new folder for the export.")
        key = SigningKey.new()
        delivery = Delivery(
            new("dlv"),
            (recipient or "").strip(),
            snapshot.id,
            form,
            stamp(self._clock()),
            os.urandom(32).hex(),
            str(key.public),
            territory=territory,
            sublicensable=sublicensable,
            split=split,
        )
        self._check_any(snapshot, delivery)
        make_folder(folder)
        self._begin(delivery, folder, key)
        with _log.timed("dataset exported", delivery=delivery.id, form=form) as facts:
            done = Written()
            written = chosen.write(folder, self._samples(snapshot, delivery, done, progress or Silent()))
            delivery = self._end(snapshot, delivery, folder, done, written, (contact, feed))
            facts.update(written=written, left_out=len(done.left_out))
        return delivery

    def _end(
        self,
        snapshot: Snapshot,
        delivery: Delivery,
        folder: Path,
        done: Written,
        written: int,
        told: tuple[str, str],
    ) -> Delivery:
        """Write the papers, and put on record what was handed out. told: contact and feed, for the card."""
        delivery = replace(
            delivery,
            left_out=tuple(sorted(done.left_out)),
            samples=written,
            complete=True,
            not_passed_on=done.not_passed_on,
            not_in_split=done.not_in_split,
        )
        selection = self._datasets.selection(snapshot)
        terms = DeliveryTerms.of(delivery, snapshot, selection, *told).counted(done.samples)
        terms.write(folder)
        terms.write_card(folder)
        Checksums.of(folder)
        self.keep(delivery)
        self.report(delivery)
        return delivery

    def _check_any(self, snapshot: Snapshot, delivery: Delivery) -> None:
        """Raise RefusedError where not one picture may be handed out, with how many are left out and why."""
        uncovered = not_passed_on = 0
        within = self._datasets.within(snapshot, delivery.split)
        for entry in self._datasets.entries(snapshot, within):
            if entry.is_tombstone:
                continue
            if self._access.refusal(entry.image, *delivery.asked(snapshot)) is None:
                return
            is_read = self._access.refusal(entry.image, *snapshot.asked) is None
            uncovered, not_passed_on = uncovered + (not is_read), not_passed_on + is_read
        how, also = ("handed on", " --sublicensing") if delivery.sublicensable else ("passed on", "")
        unwilling = f"with somebody who didn't agree to its being {how} in {delivery.territory}"
        told = ((uncovered, "that no release covers any more"), (not_passed_on, unwilling))
        left = " and ".join(f"{counted(count, 'picture')} {why}" for count, why in told if count)
        raise RefusedError(
            f"No picture of {' '.join([snapshot.id, *filter(None, [delivery.split])])} may be handed out: "
            f"{f'left out would be {left}' if left else 'it holds none'}.",
            f"Ask them to sign: volenti release amend RELEASE --grant redistribution{also}",
        )

    def _begin(self, delivery: Delivery, folder: Path, key: SigningKey) -> None:
        """Put a delivery on record, and write what is handed over with it before any sample."""
        self.keep(delivery)
        hand_over(folder, key)
        DeliveryNote.of(delivery.id, delivery.snapshot, delivery.format, self._feed).write(folder)

    def report(self, delivery: Delivery) -> None:
        """Record the event that a delivery was made."""
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
        if delivery.split:
            report |= {"split": delivery.split, "not_in_split": delivery.not_in_split}
        self._events.record("dataset-exported", {**report, **delivery.of_run}, (CONTROLLER,))

    def _samples(
        self, snapshot: Snapshot, delivery: Delivery, done: Written, progress: Progress
    ) -> Iterator[Exported]:
        """What is written, split after split; `done` is told of that, and of everything else."""
        people = NumberedPeople(bytes.fromhex(delivery.key), self._datasets.owners_together(snapshot.id))
        progress.begin("Exporting", snapshot.entries)
        for split in snapshot.splits or ("",):
            within = self._datasets.within(snapshot, split)
            for entry in self._datasets.entries(snapshot, within):
                if entry.is_tombstone:
                    continue
                progress.advance(1)
                if delivery.split not in ("", split):
                    done.left_out.append(entry.position)
                    done.not_in_split += 1
                elif (sample := self.sample(snapshot, delivery, entry, people, done)) is not None:
                    sample = replace(sample, split=split)
                    done.samples.append(Delivered.of(sample.facts()))
                    yield sample
        done.left_out += self._datasets.tombstones(snapshot.id)
        progress.end()

    def sample(
        self, snapshot: Snapshot, delivery: Delivery, entry: Entry, people: NumberedPeople, done: Written
    ) -> Exported | None:
        """An entry as it is handed out; None where it may not be."""
        # Imported here, because most commands only ask who got an export.
        from PIL import Image as Picture

        from volenti.perception.files.formats import suffix_of
        from volenti.perception.files.stripping import strip

        try:
            image, owners = self._access.image(entry.image, *delivery.asked(snapshot))
            data = strip(self._access.sealed(image))
        except RefusedError:
            done.left_out.append(entry.position)
            done.not_passed_on += self._access.refusal(entry.image, *snapshot.asked) is None
            return None
        width, height = Picture.open(io.BytesIO(data)).size
        scale = scale_of(width, height)
        return Exported(
            entry.position,
            delivery.token(entry).hex(),
            entry.caption,
            data,
            suffix_of(data),
            width,
            height,
            people.numbers(owners),
            people.group(owners),
            tuple(
                ExportedFace(people.number(face.subject), _box(face.box, scale, width, height))
                for face in image.faces
                if face.subject in owners and face.subject is not None and face.frame == 0
            ),
        )

    def deliveries(self, snapshot: str | None = None) -> list[Delivery]:
        """All deliveries, or those of one snapshot, oldest first."""
        # A snapshot has far more entries below it than there are deliveries; so all of these are walked.
        rows = [each for each in self._records.rows(_DELIVERY) if snapshot in (None, each.parent)]
        made = (decoded(Delivery, each.body, id=each.id) for each in self._records.opened_all(rows))
        return sorted(made, key=lambda each: (each.at, each.id))

    def count(self) -> int:
        """How many deliveries there are."""
        return self._records.count(_DELIVERY)

    def delivery(self, identifier: str) -> Delivery:
        """The delivery of an identifier; NotFoundError where there is none."""
        record = self._records.get(_DELIVERY, identifier)
        if record is None:
            raise NotFoundError(f"There is no delivery {identifier!r}.", "List them: volenti feed list.")
        return decoded(Delivery, record.body, id=record.id)

    def keep(self, delivery: Delivery) -> None:
        """Put a delivery on record, in the place of what was on record of it."""
        # A recipient's name may be a person's: only the controller's key opens it.
        self._records.put(
            _DELIVERY, delivery.id, encoded(delivery), owners=(CONTROLLER,), parent=delivery.snapshot
        )


def _box(
    box: tuple[float, float, float, float], scale: float, width: int, height: int
) -> tuple[int, int, int, int]:
    """A face's box in pixels of the picture that is handed out, and inside of it."""
    left, top, across, down = (each * scale for each in box)
    x, y = (min(max(round(at), 0), end) for at, end in ((left, width), (top, height)))
    right, bottom = (
        min(max(round(at), 0), end) for at, end in ((left + across, width), (top + down, height))
    )
    return x, y, right - x, bottom - y
