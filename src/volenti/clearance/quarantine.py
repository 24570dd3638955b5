"""Quarantine: where pictures lie sealed until somebody may keep them, and no longer.

Each day has one key; destroying it empties that day's quarantine, copies and backups included. A held
picture is unlinked when somebody decides; a picture about which nobody decides in time is dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from itertools import chain, islice
from typing import TYPE_CHECKING

from volenti.clearance.image import MENTION, QUARANTINE, Image, SeenFace
from volenti.clearance.kept_questions import KeptQuestions
from volenti.clearance.looks import forget_looks
from volenti.clearance.onrecord import is_in_quarantine, open_original
from volenti.core.codec import encoded
from volenti.core.errors import KeyDestroyedError, NotFoundError, VolentiError
from volenti.core.logs import Logger
from volenti.vault.event import EVENT
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.core.clock import Clock
    from volenti.vault.ports import Row
    from volenti.vault.service import Vault

#: Pictures dropped together.
BATCH = 256

_log = Logger(__name__)


def quarantine_owner(clock: Clock) -> str:
    """The quarantine key of the day: destroying it empties the day's quarantine."""
    return f"{QUARANTINE}-{clock():%Y-%m-%d}"


def _day_of(owner: str) -> date:
    """The day on which pictures were sealed under a quarantine key."""
    return date.fromisoformat(owner.removeprefix(f"{QUARANTINE}-"))


class Quarantine:
    """The pictures that nobody may keep yet."""

    def __init__(self, records: Records, vault: Vault, clock: Clock, ttl_days: int) -> None:
        """ttl_days: how long a stranger's face may wait for a decision."""
        self._records = records
        self._vault = vault
        self._clock = clock
        self._ttl_days = ttl_days
        self._kept = KeptQuestions(records)

    def faces(self) -> Iterator[tuple[Image, int, SeenFace]]:
        """Every described face in quarantine: its picture, its number there, and what is known of it."""
        for image in self._inside():
            for number, face in enumerate(image.faces):
                if face.template:
                    yield image, number, face

    def face(self, name: str) -> tuple[Image, SeenFace]:
        """A picture in quarantine and one of its faces, by IMAGE.NUMBER; NotFoundError where neither is."""
        identifier, _, number = name.rpartition(".")
        record = self._records.get("image", identifier)
        image = None if record is None else Image.read(record.id, record.body)
        known = image is not None and image.is_quarantined and number.isdecimal()
        if image is None or not known or int(number) >= len(image.faces):
            raise NotFoundError(
                f"There is no face {name!r} in quarantine.",
                "Look for it again: volenti request open --photo FILE.",
            )
        return image, image.faces[int(number)]

    def with_faces(self, names: Iterable[str]) -> list[Image]:
        """Pictures in quarantine with any of these faces, each once; other faces are left out."""
        found = {}
        for name in names:
            with suppress(NotFoundError, KeyDestroyedError):
                image, _ = self.face(name)
                found[image.id] = image
        return list(found.values())

    def opened(self, image: Image) -> bytes:
        """A picture's bytes; raises as `onrecord.open_original` does."""
        return open_original(self._records, self._vault, image)

    def claim(self, name: str, subject: str) -> None:
        """Put on record that a face in quarantine is the subject's; raises as `face` does."""
        with self._records.transaction():
            image, face = self.face(name)
            number = int(name.rpartition(".")[2])
            faces = (*image.faces[:number], replace(face, subject=subject), *image.faces[number + 1 :])
            self._keep(replace(image, faces=faces))

    def mentions(self, subject: str) -> list[Image]:
        """Pictures in quarantine in which a face was compared with the subject's and came near."""
        return [image for image in self._mentioning(subject) if image.may_show(subject)]

    def discard_mentions(self, *subjects: str) -> list[Image]:
        """Drop the pictures that may show subjects who are being erased. Returns the pictures.

        Where the subjects were only among the candidates of somebody else's face, they are struck out, with
        all that was measured against them, and the next `clear` compares the face again. Of a picture that is
        dropped nothing stays, not even that a file was given. Subjects may be given by their aliases, which
        is all that is known of some.
        """
        gone = {self._records.alias(each) for each in subjects}
        dropped = []
        # In one transaction: somebody who judged one of them in between would put back what was struck out.
        with self._records.transaction():
            # Also where none is dropped: whether it is there mustn't tell what was held because of somebody.
            self._kept.drop()
            for image in {image.id: image for each in subjects for image in self._mentioning(each)}.values():
                names = [name for name in image.mentioned if self._records.alias(name) in gone]
                if any(map(image.may_show, names)):
                    dropped.append(image)
                else:
                    self._keep(reduce(Image.without, names, image))
            self._erase(dropped)
        self._unlink(dropped)
        return dropped

    def erase(self, *images: Image) -> None:
        """Drop quarantined pictures with all that is known of them, as `discard_mentions` does."""
        with self._records.transaction():
            self._erase(images)
        self._unlink(images)

    def _erase(self, images: Iterable[Image]) -> None:
        self._kept.drop()
        for image in images:
            self._forget(image)
            self._records.delete("file", [row.id for row in self._records.rows("file", parent=image.id)])
            self._records.forget_about(image.id)

    def _mentioning(self, subject: str) -> Iterator[Image]:
        for row in self._records.rows(MENTION, owner=subject):
            # Where the picture's day of quarantine is over, its key is gone, and so is the picture.
            with suppress(KeyDestroyedError):
                found = self._records.get("image", row.parent)
                if found is not None:
                    yield Image.read(found.id, found.body)

    def _keep(self, image: Image) -> None:
        """Write a picture that stays in quarantine, and whom it mentions now."""
        row = self._records.row("image", image.id)
        assert row is not None
        self._forget_mentions(image.id)
        self._records.put_all([image.record(row.owners, row.state), *image.mentions(self._records.alias)])

    def _forget_mentions(self, image: str) -> None:
        self._records.delete(MENTION, [row.id for row in self._records.rows(MENTION, parent=image)])

    def _inside(self) -> Iterator[Image]:
        for record in self._records.find("image", state="held"):
            image = Image.read(record.id, record.body)
            if image.is_quarantined:
                yield image

    def discard(self, *images: Image) -> None:
        """Drop quarantined pictures; that files were given stays on record."""
        with self._records.transaction():
            self._kept.drop()
            for image in images:
                self._forget(image)
        self._unlink(images)

    def discard_dropped(self, said: Records) -> int:
        """Drop the pictures that were dropped by what a later copy of the records says; returns how many."""
        dropped = []
        for row in said.rows("file"):
            record = self._records.get("image", row.parent) if not row.owners else None
            image = None if record is None else Image.read(record.id, record.body)
            if image is not None and image.is_quarantined:
                dropped.append(image)
        self.discard(*dropped)
        return len(dropped)

    def _forget(self, image: Image) -> None:
        self._records.delete("image", [image.id])
        self._forget_mentions(image.id)
        forget_looks(self._records, image=image.id)
        decisions = [row.id for row in self._records.rows("decision", parent=image.id)]
        self._records.delete("decision", decisions)
        self._records.put_all(
            Record("file", row.id, {"file": "", "findings": []}, (), "rejected", image.id)
            for row in list(self._records.rows("file", parent=image.id))
        )

    def _unlink(self, images: Iterable[Image]) -> None:
        self._vault.discard_all(image.original for image in images if image.original is not None)

    def problems(self, known: Collection[str]) -> Iterator[tuple[bool, str]]:
        """What is wrong with mentions in pictures, in words: of people who aren't `known`, or without a row.

        Yields True with something left of an erased person, False with something missing.
        """
        found = {(row.parent, owner) for row in self._records.rows(MENTION) for owner in row.owners}
        said = set()
        # Those that wait to be judged mention whom they were given as showing.
        waiting, held = (self._records.rows("image", state=each) for each in ("waiting", "held"))
        for row in chain(waiting, held):
            with suppress(VolentiError):  # what doesn't open is reported with the pictures
                image = Image.read(row.id, self._records.opened(row).body)
                said |= {(image.id, subject) for subject in image.mentioned}
        for image_id, subject in sorted(said):
            if subject not in known:
                yield True, f"picture {image_id} mentions somebody who isn't in the register"
            elif (image_id, subject) not in found:
                yield False, f"picture {image_id} isn't found by somebody it mentions"
        for image_id, _ in sorted(found - said):
            yield True, f"a mention in picture {image_id}, which doesn't say so"

    def sweep(self) -> None:
        """Unlink pictures that were decided just before a crash kept them from being unlinked."""
        decided = [pack for pack in self._vault.packs(QUARANTINE) if self._is_decided(pack)]
        if decided:
            with self._records.transaction():
                # Another command may hold one of them again, or take it in anew.
                decided = list(filter(self._is_decided, decided))
                self._vault.remove_packs(QUARANTINE, decided)
        if decided:
            _log.warning("decided pictures unlinked that were still in quarantine", pictures=len(decided))

    def _is_decided(self, pack: str) -> bool:
        """Whether a picture has left the quarantine for good."""
        row = self._records.row("image", pack)
        return row is not None and not _is_inside(row) and not is_in_quarantine(self._records, pack)

    def last_day(self, image: Image) -> date | None:
        """The last day on which a picture waits here; it is dropped afterwards. None where it isn't here."""
        if image.original is None or not image.is_quarantined:
            return None
        return _day_of(image.original.owners[0]) + timedelta(days=self._ttl_days)

    def is_over(self, image: Image) -> bool:
        """Whether a picture has waited longer than its time to live, so that `expire` would drop it."""
        day = self.last_day(image)
        return day is not None and day < self._clock().date()

    def last_days(self) -> list[tuple[date, int]]:
        """The last days of all that waits here, and how many pictures are dropped after each."""
        counted = (
            (_day_of(owner) + timedelta(days=self._ttl_days), self._records.count("image", owner=owner))
            for owner in self._vault.owners(f"{QUARANTINE}-")
        )
        return sorted((day, count) for day, count in counted if count)

    def expire(self) -> int:
        """Drop what has waited longer than its time to live; returns how many pictures."""
        oldest = self._clock().date() - timedelta(days=self._ttl_days)
        dropped = 0
        for owner in self._vault.owners(f"{QUARANTINE}-"):
            if _day_of(owner) >= oldest:
                continue
            found = (Image.read(each.id, each.body) for each in self._records.find("image", owner=owner))
            while images := list(islice(found, BATCH)):
                self.discard(*images)
                dropped += len(images)
            self._expire_unredacted(owner)
            self._records.delete("file", [row.id for row in self._records.rows("file", owner=owner)])
            # What the log says of them opens with the day's key alone: without it, it would look lost.
            self._records.take_away(list(self._records.rows(EVENT, owner=owner)))
            forget_looks(self._records, owner=owner)
            self._kept.drop()
            self._vault.destroy_key(owner)
        if dropped:
            _log.info("pictures dropped that nobody decided in time", pictures=dropped)
        return dropped

    def _expire_unredacted(self, owner: str) -> None:
        """Unlink originals of redacted pictures that were left in a day's quarantine."""
        for pack in self._vault.packs(QUARANTINE):
            row = self._records.row("image", pack)
            if row is None or _is_inside(row):
                continue
            record = self._records.opened(row)
            image = Image.read(pack, record.body)
            if image.unredacted and owner in image.unredacted.owners:
                self._records.put_all([replace(record, body=encoded(replace(image, unredacted=None)))])
                self._vault.remove_packs(QUARANTINE, [pack])


def _is_inside(row: Row) -> bool:
    """Whether an image's picture is in quarantine, without opening the row: both are sealed for the same."""
    return any(owner.startswith(f"{QUARANTINE}-") for owner in row.owners)
