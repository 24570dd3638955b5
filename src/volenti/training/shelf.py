"""Shelf: what runs have trained and keep, slices and constituents, sealed for everybody in them.

What serves is found here, and what forgets takes from here: everything on it can be asked for by
whom it knows, without any key.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from volenti.core.digest import sha256
from volenti.training.lesson import Lesson
from volenti.training.ports import SliceResult
from volenti.training.run import Constituent, Slice, constituent_id, place_in, slice_id
from volenti.training.sketchbook import Sketchbook
from volenti.vault.blob import BlobRef
from volenti.vault.records import Record, Records
from volenti.vault.replacing import replace_pack
from volenti.vault.service import Vault

SERVING, TOO_FEW, SUSPENDED = "serving", "too-few", "suspended"


class Shelf:
    """Slices and constituents of every run."""

    def __init__(self, records: Records, vault: Vault) -> None:
        self._records = records
        self._vault = vault

    def constituents(self, run: str) -> list[Constituent]:
        """The constituents that are served, in order of shard."""
        found = self._records.find("constituent", parent=run, state=SERVING)
        return sorted((Constituent.from_json(each.body) for each in found), key=lambda c: c.shard)

    def weights(self, constituent: Constituent) -> bytes:
        """A constituent's weights; KeyDestroyedError once anybody in it was erased."""
        return self._vault.open(constituent.weights, constituent.sha256)

    def slices(self, run: str, shards: Collection[int] | None = None) -> list[Slice]:
        """The trained slices, of all shards or of some, in order of place."""
        rows = self._records.rows("slice", parent=run)
        some = [row for row in rows if shards is None or place_in(row.id).shard in shards]
        found = (self._records.opened(row) for row in some)
        return sorted((Slice.from_json(each.id, each.body) for each in found), key=lambda s: s.place)

    def sketchbooks(self, run: str) -> list[Sketchbook | None]:
        """The sketches of what each slice learned from, in order of place; None where none were kept."""
        return [self.sketchbook(each) for each in self.slices(run)]

    def sketchbook(self, trained: Slice) -> Sketchbook | None:
        """One slice's sketches."""
        return Sketchbook.from_bytes(self._vault.open(trained.sketches)) if trained.sketches else None

    def taught(self, run: str, lesson: Lesson) -> Slice | None:
        """The run's slice that was taught exactly this, if there is one."""
        record = self._records.get("slice", slice_id(run, lesson.place))
        if record is None or record.body["task"] != lesson.digest:
            return None
        return Slice.from_json(record.id, record.body)

    def result(self, trained: Slice) -> SliceResult:
        """A slice as its training left it."""
        return SliceResult(self._vault.open(trained.weights, trained.sha256), trained.losses, trained.seconds)

    # -- putting there

    def keep_slice(self, run: str, lesson: Lesson, result: SliceResult, book: Sketchbook | None) -> None:
        """In the place of what was there; KeyDestroyedError where somebody in it was erased meanwhile."""
        contents = [("slice", result.weights)]
        if book is not None:
            contents.append(("sketches", book.to_bytes()))

        def record(refs: Sequence[BlobRef]) -> Record:
            sketches = refs[1] if book is not None else None
            kept = Slice(lesson.place, lesson.digest, sha256(result.weights), len(lesson.pupils),
                         result.seconds, result.losses, refs[0], sketches)  # fmt: skip
            return Record("slice", slice_id(run, lesson.place), kept.to_json(), lesson.owners, parent=run)

        pack = (run, str(lesson.place))
        replace_pack(self._vault, self._records, lesson.owners, pack, contents, record)

    def is_made_of(self, run: str, shard: int, made_of: str) -> bool:
        """Whether the constituent there, served or not, was merged from exactly these slices."""
        known = self._records.get("constituent", constituent_id(run, shard))
        return known is not None and known.body["made_of"] == made_of

    def keep_constituent(
        self, run: str, shard: int, made_of: str, parts: Sequence[Slice], owners: Sequence[str],
        weights: bytes, *, serves: bool,
    ) -> None:  # fmt: skip
        """In the place of what was there; from here on it serves, where it may."""
        images = sum(part.images for part in parts)

        def record(refs: Sequence[BlobRef]) -> Record:
            made = Constituent(shard, made_of, sha256(weights), images, len(owners), refs[0])
            return Record(
                "constituent", constituent_id(run, shard), made.to_json(), tuple(owners),
                SERVING if serves else TOO_FEW, run, shard,
            )  # fmt: skip

        pack, contents = (run, f"{shard:02d}"), [("constituent", weights)]
        replace_pack(self._vault, self._records, owners, pack, contents, record)

    def suspend(self, subject: str) -> list[str]:
        """Take what learned from the subject out of service and keep it; returns constituents."""
        return self._moved(subject, SERVING, SUSPENDED)

    def resume(self, subject: str, *, but: Collection[str]) -> list[str]:
        """Have it served again, where none of those in it: `suspend` undone."""
        return self._moved(subject, SUSPENDED, SERVING, frozenset(but))

    def _moved(self, subject: str, before: str, after: str, but: frozenset[str] = frozenset()) -> list[str]:
        found = self._records.rows("constituent", owner=subject)
        rows = [row for row in found if row.state == before and but.isdisjoint(row.owners)]
        self._records.put_all(replace(self._records.opened(row), state=after) for row in rows)
        return [row.id for row in rows]

    # -- taking away

    def affected(self, subject: str, run: str | None = None) -> list[str]:
        """Identifiers of constituents, of all runs or of one, that were trained on the subject's pictures."""
        return [row.id for row in self._records.rows("constituent", owner=subject, parent=run)]

    def drop(self, subject: str, run: str | None = None) -> list[str]:
        """Take everything that knew the subject out of service and destroy it; returns constituents.

        run: of that run alone.

        Works before and after the subject's key was destroyed: a constituent's place is in its
        identifier and its weights' pack is named after it.
        """
        # Nobody may put something new in their place between one and the other.
        with self._records.transaction():
            dropped = self.affected(subject, run)
            tainted = [row.id for row in self._records.rows("slice", owner=subject, parent=run)]
            # Rows last: they are what a call after a crash finds the packs by.
            for identifier in [*dropped, *tainted]:
                of, _, pack = identifier.partition("/")
                self._vault.remove_packs(of, [pack])
            self._records.delete("constituent", dropped)
            self._records.delete("slice", tainted)
        return dropped

    def drop_slices(self, run: str, shards: Collection[int], *, but: Collection[str]) -> None:
        """Take away the shards' slices but those named."""
        for row in list(self._records.rows("slice", parent=run)):
            if row.id not in but and place_in(row.id).shard in shards:
                with self._records.transaction():
                    self._records.delete("slice", [row.id])
                    self._vault.remove_packs(run, [str(place_in(row.id))])

    def drop_constituent(self, run: str, shard: int) -> None:
        """Nobody is left in the shard."""
        self._records.delete("constituent", [constituent_id(run, shard)])
