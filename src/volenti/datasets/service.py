"""Datasets: cut snapshots, list, read, compare and verify them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded, encoded
from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.datasets.cutting import LEFT_OUT, MANIFEST, Cutting
from volenti.datasets.holder import ManifestHolder
from volenti.datasets.selection import Selection, named_texts
from volenti.datasets.snapshot import (
    Difference,
    Entry,
    Page,
    PlaceInSnapshot,
    Snapshot,
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
        selection: Selection | None = None,
    ) -> Snapshot:
        """Make a new version of `name`: every image that is cleared for the purpose and covered today.

        conditions: grants that everybody in it gives beside the purpose, in the same release. selection:
        which of these images; all of them without it.
        """
        parse_name(name)
        told = progress or Silent()
        with self._locks.take("cut", told), _log.timed("dataset cut") as facts:
            asked = (purpose, territory, tuple(conditions), False)
            snapshot = self._cut(name, asked, named_texts(selection or Selection()), told)
            facts |= {"purpose": purpose, "entries": snapshot.entries, "subjects": snapshot.subjects}
        return snapshot

    def _cut(self, name: str, asked: Asked, selection: Selection, progress: Progress) -> Snapshot:
        purpose, territory, conditions, _ = asked
        version = 1 + max((each.version for each in self.snapshots(name)), default=0)
        identifier = f"{name}@{version}"
        cut = Cutting(
            self._records,
            self._access,
            self._pictures,
            self._folders,
            identifier,
            asked,
            selection,
            self._key,
        ).write(progress)
        root, created = root_of(cut.commitments), stamp(self._clock())
        snapshot = Snapshot(
            name,
            version,
            purpose,
            territory,
            created,
            len(cut.commitments),
            cut.people,
            root,
            conditions,
            None if selection.is_everything else cut.selection,
            cut.uncovered,
        )
        self._records.put("snapshot", identifier, encoded(snapshot), parent=name, position=version)
        self._events.record("snapshot-cut", encoded(snapshot))
        return snapshot

    def selection(self, snapshot: Snapshot) -> Selection | None:
        """Which pictures it was cut from, with the texts that its entries still say; None where from all."""
        if snapshot.selection is None or not snapshot.selection.named:
            return snapshot.selection
        chosen = (text for entry in self.entries(snapshot) for text in entry.chosen_by)
        without = (owner for row in self._records.rows(LEFT_OUT, parent=snapshot.id) for owner in row.owners)
        return snapshot.selection.of_texts(chosen, without)

    def within(self, snapshot: Snapshot, split: str = "") -> Callable[[Sequence[str]], bool]:
        """Whether pictures of some people are in a split; without one, in the snapshot at all.

        Raises NotFoundError where there is no such split.
        """
        if not split:
            return lambda owners: True
        selection = snapshot.selection or Selection()
        selection.require(split)
        return lambda owners: selection.split_of(self._key, owners) == split

    def split_of(self, snapshot: Snapshot, owners: Sequence[str]) -> str:
        """The split in which pictures of these people are; "" where the snapshot isn't divided."""
        return (snapshot.selection.split_of(self._key, owners) if snapshot.selection else None) or ""

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
            return Entry.read(row.position, row.owners, self._records.opened(row).body)
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

    def reader(self, snapshot: Snapshot, also: tuple[Grant, ...] = (), split: str = "") -> Reader:
        """The pictures of the snapshot that may be read today, for whoever trains with their own script.

        also: grants that their people have to give beside what the snapshot was cut for. split: only those
        of one split; NotFoundError where there is none of that name.
        """
        purpose, territory, conditions, _ = snapshot.asked
        # Imported where pictures are going to be opened.
        from volenti.datasets.reader import AccessOpener, Reader

        readable = tuple(
            entry
            for entry in self.entries(snapshot, self.within(snapshot, split))
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

    def owners_together(self, snapshot: str) -> set[tuple[str, ...]]:
        """Everybody who is in one picture, of all pictures of a snapshot. Needs no key."""
        return {row.owners for row in self._records.rows("entry", parent=snapshot) if row.owners}

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
            old.id,
            new.id,
            tuple(sorted(after - before)),
            tuple(sorted(before - after)),
            tombstones,
            self.selection(old),
            self.selection(new),
        )

    def verify(self, snapshot: Snapshot, progress: Progress | None = None) -> Verification:
        """Open every picture and compare digests; recompute commitments and the root."""
        with _log.timed("dataset verified") as facts:
            commitments = self.commitments(snapshot)
            stands = partial(self._stands, snapshot)
            found = verified(snapshot, commitments, self.entries(snapshot), self._access, stands, progress)
            facts |= {
                "entries": found.entries,
                "tombstones": found.tombstones,
                "refused": len(found.refused),
                "problems": len(found.problems),
            }
        if found.problems:
            _log.warning("dataset differs from what was cut", problems=len(found.problems))
        return found

    def _stands(self, snapshot: Snapshot, entry: Entry) -> bool:
        """Whether an entry is still one, and not a tombstone by now."""
        row = self._records.row("entry", f"{snapshot.id}/{entry.position:08d}")
        return row is None or bool(row.owners)
