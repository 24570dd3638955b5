"""Cutting: writes the rows of one snapshot, of those pictures that its selection chooses.

They are written in parts, each in a transaction of its own, so that no withdrawal has to wait until a large
snapshot is done. The snapshot's own row is written last, by `service`: without it there is no snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.codec import encoded
from volenti.core.errors import KeyDestroyedError, RefusedError, UsageError
from volenti.core.logs import Logger
from volenti.core.progress import Progress
from volenti.datasets.draw import drawn
from volenti.datasets.selection import REASONS, Chooser, Selection
from volenti.datasets.snapshot import Entry, new_entry, pages_of
from volenti.vault.owner import people_among
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.clearance.access import Access, Asked
    from volenti.clearance.folders import Folders
    from volenti.clearance.image import Image
    from volenti.clearance.pictures import Pictures

#: Kinds of the rows of commitments, and of whom a selection left out.
MANIFEST, LEFT_OUT = "manifest", "left-out"
#: Rows that are written together: others who write wait for a tenth of a second.
BATCH = 2048

#: Why a picture is passed over that no selection is about: it may not be read today, for what is asked.
_UNCOVERED = "uncovered"

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Cut:
    """What was written: the entries' commitments in order, how many people are in them, and the selection.

    `uncovered`: how many cleared pictures aren't in it because they may not be read for this today.
    """

    commitments: list[bytes]
    people: int
    selection: Selection
    uncovered: int


class Cutting:
    """Writes one snapshot's entries, and what belongs to them."""

    def __init__(
        self,
        records: Records,
        access: Access,
        pictures: Pictures,
        folders: Folders,
        identifier: str,
        asked: Asked,
        selection: Selection,
        key: bytes,
    ) -> None:
        """identifier: the snapshot's. key: the workspace's partition key."""
        self._records = records
        self._access = access
        self._pictures = pictures
        self._folders = folders
        self._identifier = identifier
        self._asked = asked
        self._selection = selection
        self._key = key
        self._chooser = Chooser(selection, key)

    def write(self, progress: Progress) -> Cut:
        """Write everything but the snapshot's own row; UsageError where nothing is left to be written."""
        self._clear_away()
        purpose = self._asked[0]
        cleared = self._pictures.cleared_for(purpose)
        passed_over: Counter[str] = Counter()
        if self._selection.count:
            cleared = self._drawn(cleared, passed_over, progress)
        people: set[str] = set()
        commitments: list[bytes] = []
        progress.begin("Cutting", len(cleared))
        for start in range(0, len(cleared), BATCH):
            some = cleared[start : start + BATCH]
            entries = self._keep_entries(some, len(commitments), passed_over)
            commitments += [entry.commitment() for entry in entries]
            people.update(person for entry in entries for person in entry.people)
            progress.advance(len(some))
        progress.end()
        uncovered = passed_over.pop(_UNCOVERED, 0)
        if not commitments:
            raise _nothing_left(self._asked[:2], passed_over, uncovered)
        self._keep_pages(commitments)
        self._keep_left_out()
        return Cut(commitments, len(people), self._selection.on_record(passed_over), uncovered)

    def _drawn(self, cleared: Sequence[str], passed_over: Counter[str], progress: Progress) -> list[str]:
        """The pictures that the count draws of those that are chosen."""
        candidates: dict[str, tuple[str, ...]] = {}
        progress.begin("Choosing", len(cleared))
        for start in range(0, len(cleared), BATCH):
            some = cleared[start : start + BATCH]
            chosen = self._chosen(some, passed_over)
            candidates |= {image.id: people_among(owners) for image, owners in chosen}
            progress.advance(len(some))
        progress.end()
        taken = drawn(candidates, self._selection.count, self._key, self._selection.seed)
        passed_over["count"] += len(candidates) - len(taken)
        return [each for each in cleared if each in taken]

    def _chosen(
        self, images: Sequence[str], passed_over: Counter[str]
    ) -> Iterator[tuple[Image, tuple[str, ...]]]:
        """Those of the images that may be read and are chosen, with whose they are."""
        for image_id in images:
            try:
                image, owners = self._access.image(image_id, *self._asked)
                image = self._folders.described(image, owners)
            except RefusedError:
                passed_over[_UNCOVERED] += 1
                continue
            why_not = self._chooser.refusal(image, owners)
            if why_not is None:
                yield image, owners
            else:
                passed_over[why_not] += 1

    def _keep_entries(self, images: Sequence[str], start: int, passed_over: Counter[str]) -> list[Entry]:
        """Put entries on record, from position `start` on, of those of the images that are chosen."""
        while True:
            not_these: Counter[str] = Counter()
            entries = [
                new_entry(
                    position,
                    image.id,
                    image.sha256,
                    image.caption,
                    owners,
                    self._chooser.chosen_by(image, owners),
                )
                for position, (image, owners) in enumerate(self._chosen(images, not_these), start)
            ]
            # Somebody in them may be erased in between: then all of these are looked at again.
            with suppress(KeyDestroyedError):
                self._records.put_all(
                    Record(
                        "entry",
                        f"{self._identifier}/{entry.position:08d}",
                        encoded(entry),
                        entry.owners,
                        "",
                        self._identifier,
                        entry.position,
                    )
                    for entry in entries
                )
                passed_over.update(not_these)
                return entries
            _log.warning("part of a cut repeated, somebody in it was erased meanwhile", entries=len(entries))

    def _keep_pages(self, commitments: Sequence[bytes]) -> None:
        pages = list(pages_of(commitments))
        for start in range(0, len(pages), BATCH):
            self._records.put_all(
                Record(
                    MANIFEST,
                    f"{self._identifier}/{page.number:06d}",
                    page.to_json(),
                    (),
                    "",
                    self._identifier,
                    page.number,
                )
                for page in pages[start : start + BATCH]
            )

    def _keep_left_out(self) -> None:
        """Put on record whom the selection left out: each in a row of their own, which goes with them."""
        for subject in self._selection.without:
            name = f"{self._identifier}/{self._records.alias(subject)}"
            with suppress(KeyDestroyedError):  # erased meanwhile
                self._records.put(LEFT_OUT, name, {}, owners=(subject,), parent=self._identifier)

    def _clear_away(self) -> None:
        """Delete the rows that an interrupted cut of that name left."""
        for kind in ("entry", MANIFEST, LEFT_OUT):
            left = [row.id for row in self._records.rows(kind, parent=self._identifier)]
            for start in range(0, len(left), BATCH):
                self._records.delete(kind, left[start : start + BATCH])
            if left:
                _log.warning("rows of an interrupted cut deleted", rows=len(left), kind=kind)


def _nothing_left(use: tuple[str, str], passed_over: Counter[str], uncovered: int) -> UsageError:
    purpose, territory = use
    if passed_over:
        why = "; ".join(f"{count:,} {REASONS[reason]}" for reason, count in passed_over.items())
        return UsageError(
            f"Of the pictures that are cleared for {purpose} the selection chooses none: {why}.",
            "Ask for less. To see what there is, cut all of it: then volenti dataset show NAME --entries.",
        )
    if uncovered:
        what = "picture is" if uncovered == 1 else "pictures are"
        return UsageError(
            f"{uncovered:,} {what} cleared for {purpose}, and no release covers that in {territory} today.",
            "Say where they were cleared for, --territory PLACE; or see what ended: volenti release list.",
        )
    return UsageError(
        f"Nothing is cleared for {purpose}, so there is nothing to cut.",
        f"Run `volenti clear --purpose {purpose}` and look at its findings.",
    )
