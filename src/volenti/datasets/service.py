"""Datasets: cut snapshots, list, compare and verify them.

A snapshot is written in parts, each in a transaction of its own, so that no withdrawal has to wait until a
large snapshot is done. The snapshot's own row is written last: without it there is no snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded, encoded
from volenti.core.errors import KeyDestroyedError, NotFoundError, RefusedError, UsageError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.datasets.holder import ManifestHolder
from volenti.datasets.snapshot import (
    Difference,
    Entry,
    Page,
    PlaceInSnapshot,
    Snapshot,
    new_entry,
    pages_of,
    parse_name,
    root_of,
)
from volenti.datasets.verification import Verification, verified
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.clearance.access import Access, Asked
    from volenti.clearance.folders import Folders
    from volenti.clearance.pictures import Pictures
    from volenti.consent.purpose import Grant
    from volenti.core.locks import Locks
    from volenti.datasets.reader import OpenAccess, Reader
    from volenti.vault.event_log import EventLog
    from volenti.vault.ports import Row
    from volenti.vault.service import Vault

#: Kind of the rows of commitments.
MANIFEST = "manifest"
#: Rows that are written together: others who write wait for a tenth of a second.
BATCH = 2048

_log = Logger(__name__)


class Datasets:
    """Cuts snapshots of the cleared pictures, and lists, reads, compares and verifies them."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        access: Access,
        pictures: Pictures,
        folders: Folders,
        events: EventLog,
        clock: Clock,
        partition_key: bytes,
        locks: Locks,
        reopen: OpenAccess,
    ) -> None:
        """reopen: opens access to the pictures in another process."""
        vault.holders.announce(ManifestHolder(self))
        self._records = records
        self._access = access
        self._pictures = pictures
        self._folders = folders
        self._events = events
        self._clock = clock
        self._key = partition_key
        self._locks = locks
        self._reopen = reopen

    def cut(
        self,
        name: str,
        purpose: str,
        territory: str,
        progress: Progress | None = None,
        conditions: Sequence[Grant] = (),
    ) -> Snapshot:
        """Make a new version of `name`: every image that is cleared for the purpose and covered today.

        conditions: grants that everybody in it gives beside the purpose, in the same release.
        """
        parse_name(name)
        told = progress or Silent()
        with self._locks.take("cut", told), _log.timed("dataset cut") as facts:
            snapshot = self._cut(name, (purpose, territory, tuple(conditions), False), told)
            facts |= {"purpose": purpose, "entries": snapshot.entries, "subjects": snapshot.subjects}
        return snapshot

    def _cut(self, name: str, asked: Asked, progress: Progress) -> Snapshot:
        purpose, territory, conditions, _ = asked
        version = 1 + max((each.version for each in self.snapshots(name)), default=0)
        identifier = f"{name}@{version}"
        self._clear_away(identifier)
        cleared = self._pictures.cleared_for(purpose)
        subjects: set[str] = set()
        commitments: list[bytes] = []
        progress.begin("Cutting", len(cleared))
        for start in range(0, len(cleared), BATCH):
            some = cleared[start : start + BATCH]
            entries = self._keep_entries(identifier, some, len(commitments), asked)
            commitments += [entry.commitment() for entry in entries]
            subjects.update(owner for entry in entries for owner in entry.owners)
            progress.advance(len(some))
        progress.end()
        if not commitments:
            raise UsageError(
                f"Nothing is cleared for {purpose}, so there is nothing to cut.",
                f"Run `volenti clear --purpose {purpose}` and look at its findings.",
            )
        pages = list(pages_of(commitments))
        for start in range(0, len(pages), BATCH):
            self._records.put_all(
                Record(
                    MANIFEST,
                    f"{identifier}/{page.number:06d}",
                    page.to_json(),
                    (),
                    "",
                    identifier,
                    page.number,
                )
                for page in pages[start : start + BATCH]
            )
        root, created = root_of(commitments), stamp(self._clock())
        snapshot = Snapshot(
            name, version, purpose, territory, created, len(commitments), len(subjects), root, conditions
        )
        self._records.put("snapshot", identifier, encoded(snapshot), parent=name, position=version)
        self._events.record("snapshot-cut", encoded(snapshot))
        return snapshot

    def _keep_entries(self, identifier: str, images: Sequence[str], start: int, asked: Asked) -> list[Entry]:
        """Put entries on record, from position `start` on, of those of the images that may be read."""
        while True:
            entries: list[Entry] = []
            for image_id in images:
                with suppress(RefusedError):
                    image, owners = self._access.image(image_id, *asked)
                    position = start + len(entries)
                    image = self._folders.described(image, owners)
                    entries.append(new_entry(position, image.id, image.sha256, image.caption, owners))
            # Somebody in them may be erased in between: then all of these are looked at again.
            with suppress(KeyDestroyedError):
                self._records.put_all(
                    Record(
                        "entry",
                        f"{identifier}/{entry.position:08d}",
                        encoded(entry),
                        entry.owners,
                        "",
                        identifier,
                        entry.position,
                    )
                    for entry in entries
                )
                return entries
            _log.warning("part of a cut repeated, somebody in it was erased meanwhile", entries=len(entries))

    def _clear_away(self, identifier: str) -> None:
        """Delete the rows that an interrupted cut of that name left."""
        for kind in ("entry", MANIFEST):
            left = [row.id for row in self._records.rows(kind, parent=identifier)]
            for start in range(0, len(left), BATCH):
                self._records.delete(kind, left[start : start + BATCH])
            if left:
                _log.warning("rows of an interrupted cut deleted", rows=len(left), kind=kind)

    def snapshots(self, name: str | None = None) -> list[Snapshot]:
        """Every snapshot, or those of one dataset, oldest first."""
        found = [decoded(Snapshot, each.body) for each in self._records.find("snapshot", parent=name)]
        return sorted(found, key=lambda each: (each.name, each.version))

    def snapshot(self, text: str) -> Snapshot:
        """The snapshot `name@version`, or the latest of `name`; NotFoundError where there is none."""
        name, version = parse_name(text)
        found = [each for each in self.snapshots(name) if version in (None, each.version)]
        if not found:
            raise NotFoundError(f"There is no dataset {text!r}.", "List them: volenti dataset list.")
        return found[-1]

    def entries(
        self, snapshot: Snapshot, whose: Callable[[Sequence[str]], bool] = lambda owners: True
    ) -> Iterator[Entry]:
        """The manifest in order, tombstones included, but only of pictures whose owners `whose` accepts.

        Owners are known without opening an entry, so the entries that aren't asked for cost little.
        """
        for row in self._records.rows("entry", parent=snapshot.id):
            if row.owners and not whose(row.owners):
                continue
            yield self._entry(row)

    def _entry(self, row: Row) -> Entry:
        if not row.owners:
            return Entry(row.position, "", "", "", ())
        try:
            return Entry(row.position, owners=row.owners, **self._records.opened(row).body)
        except KeyDestroyedError:
            # An erasure made it a tombstone after the row was read; it does so before it destroys the key.
            now = self._records.row("entry", row.id)
            if now is None or now.owners:
                raise
            return self._entry(now)

    def commitments(self, snapshot: Snapshot) -> list[bytes]:
        """The commitments of every entry, tombstones included, as they were when the snapshot was cut."""
        pages = (
            Page.from_json(each.position, each.body)
            for each in self._records.find(MANIFEST, parent=snapshot.id)
        )
        return [each for page in pages for each in page.commitments]

    def reader(self, snapshot: Snapshot, also: tuple[Grant, ...] = ()) -> Reader:
        """The pictures of the snapshot that may be read today, for whoever trains with their own script.

        also: grants that their people have to give beside what the snapshot was cut for.
        """
        purpose, territory, conditions, _ = snapshot.asked
        # Imported where pictures are going to be opened.
        from volenti.datasets.reader import AccessOpener, Reader

        readable = tuple(
            entry
            for entry in self.entries(snapshot)
            if not entry.is_tombstone
            and self._access.refusal(entry.image, purpose, territory, (*conditions, *also)) is None
        )
        return Reader(snapshot, readable, AccessOpener(self._access, self._reopen), self._key)

    def places_of(self, owner: str) -> list[PlaceInSnapshot]:
        """Where the owner's entries are, in every snapshot. Needs no key."""
        rows = self._records.rows("entry", owner=owner)
        return [PlaceInSnapshot(row.parent, row.position, row.owners, len(row.body)) for row in rows]

    def owners(self, snapshot: str) -> set[str]:
        """Everybody whose pictures are in a snapshot. Needs no key."""
        return {owner for row in self._records.rows("entry", parent=snapshot) for owner in row.owners}

    def entry(self, place: PlaceInSnapshot) -> Entry:
        """The entry at a place; KeyDestroyedError where somebody in it was erased."""
        row = self._records.row("entry", f"{place.snapshot}/{place.position:08d}")
        if row is None:
            raise NotFoundError(f"{place.snapshot} has no entry {place.position}.", "Run `volenti audit`.")
        return self._entry(row)

    def tombstones(self, snapshot: str) -> list[int]:
        """Positions of the entries whose people were erased."""
        return [row.position for row in self._records.rows("entry", parent=snapshot) if not row.owners]

    def count_entries(self) -> int:
        """How many entries all snapshots have, tombstones included."""
        return self._records.count("entry")

    def bury(self, owner: str) -> int:
        """Turn every entry of the owner's into a tombstone, which nobody owns; returns how many."""
        buried = [
            Record("entry", row.id, {}, (), "", row.parent, row.position)
            for row in self._records.rows("entry", owner=owner)
        ]
        self._records.put_all(buried)
        return len(buried)

    def diff(self, old: Snapshot, new: Snapshot) -> Difference:
        """What came and what went, by image, and how many entries of the new snapshot are tombstones."""
        before = {entry.image for entry in self.entries(old) if not entry.is_tombstone}
        entries = list(self.entries(new))
        after = {entry.image for entry in entries if not entry.is_tombstone}
        tombstones = sum(entry.is_tombstone for entry in entries)
        return Difference(
            old.id, new.id, tuple(sorted(after - before)), tuple(sorted(before - after)), tombstones
        )

    def verify(self, snapshot: Snapshot, progress: Progress | None = None) -> Verification:
        """Open every picture and compare digests; recompute commitments and the root."""
        with _log.timed("dataset verified") as facts:
            commitments = self.commitments(snapshot)
            found = verified(snapshot, commitments, self.entries(snapshot), self._access, progress)
            facts |= {
                "entries": found.entries,
                "tombstones": found.tombstones,
                "refused": len(found.refused),
                "problems": len(found.problems),
            }
        if found.problems:
            _log.warning("dataset differs from what was cut", problems=len(found.problems))
        return found
