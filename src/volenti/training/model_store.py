"""ModelStore: keeps the slices and constituents of every run, sealed for everybody they learned from.

Generation gets the constituents that are served from here, and an erasure drops what learned from the person.
Whom each slice and constituent learned from can be looked up without any key. A constituent that somebody
stands against stays here and isn't served.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError, KeyDestroyedError
from volenti.core.logs import Logger
from volenti.training.holders import ModelHolder
from volenti.training.partition import Place
from volenti.training.run import Constituent, Slice, constituent_id, place_in, shard_in, slice_id
from volenti.training.run_removal import tidy
from volenti.training.serving_consent import DAMAGED, ERASED, ServingConsent, Suspension
from volenti.vault.blob import BlobRef
from volenti.vault.ports import Row
from volenti.vault.records import Record, Records
from volenti.vault.replacing import packs_of, replace_pack
from volenti.vault.service import Vault

if TYPE_CHECKING:
    from volenti.training.copy_index import CopyIndex
    from volenti.training.ports import SliceResult
    from volenti.training.slice_spec import SliceSpec

_log = Logger(__name__)

SERVING, TOO_FEW = "serving", "too-few"
#: The state by which earlier versions marked constituents suspended by a restriction. Today consent is asked
#: each time instead.
_SUSPENDED = "suspended"


class ModelStore:
    """Keeps, finds and drops the slices and constituents of every run."""

    def __init__(self, records: Records, vault: Vault, serving: ServingConsent) -> None:
        vault.holders.announce(ModelHolder(self))
        self._records = records
        self._vault = vault
        self._serving = serving

    def constituents(self, run: str) -> list[Constituent]:
        """The constituents that are served now, in order of shard: nobody stands against these."""
        return [made for made, against in self._asked(run) if made is not None and not against]

    def suspensions(self, run: str) -> list[Suspension]:
        """The constituents that aren't served: somebody stands against them, or they have too few people."""
        found = []
        for row, (_, against) in zip(self._served_rows(run), self._asked(run), strict=True):
            if against:
                reasons = tuple((code, tuple(who)) for code, who in sorted(against.items()))
                found.append(Suspension(row.id, reasons))
        few = self._records.rows("constituent", parent=run, state=TOO_FEW)
        return found + [Suspension(row.id, ((TOO_FEW, ()),)) for row in few]

    def constituent(self, run: str, shard: int) -> tuple[Constituent, Row] | None:
        """A shard's constituent, served or not, and its row; None where there is none."""
        row = self._records.row("constituent", constituent_id(run, shard))
        if row is None:
            return None
        return Constituent.read(self._records.opened(row).body, row.owners), row

    def learned_from(self, constituent: str) -> tuple[str, ...]:
        """Whom a constituent learned from, served or not; nobody where there is no such constituent."""
        row = self._records.row("constituent", constituent)
        return () if row is None else row.owners

    def digest_of(self, constituent: str) -> str:
        """SHA-256 of a constituent's weights; NotFoundError where there is no such constituent."""
        return str(self._records.require("constituent", constituent).body["sha256"])

    def owners_of(self, run: str, place: Place) -> tuple[str, ...]:
        """Whom a slice is sealed for; nobody where there is none."""
        row = self._records.row("slice", slice_id(run, place))
        return () if row is None else row.owners

    def shards(self, run: str) -> list[int]:
        """The shards that have a constituent, served or not."""
        return sorted(shard_in(row.id) for row in self._records.rows("constituent", parent=run))

    def _served_rows(self, run: str) -> list[Row]:
        found = [
            row
            for state in (SERVING, _SUSPENDED)
            for row in self._records.rows("constituent", parent=run, state=state)
        ]
        return sorted(found, key=lambda row: row.position)

    def _asked(self, run: str) -> Iterator[tuple[Constituent | None, dict[str, list[str]]]]:
        """Constituents with those who stand against them, by reason, in order of shard.

        None stands for one that can't be opened: somebody's key was destroyed, or its row is damaged.
        """
        snapshot = ""
        for row in self._served_rows(run):
            try:
                made = Constituent.read(self._records.opened(row).body, row.owners)
            except KeyDestroyedError:
                yield None, {ERASED: ["somebody"]}
                continue
            except IntegrityError:
                yield None, {DAMAGED: []}
                continue
            snapshot = snapshot or self._records.require("run", run).body["snapshot"]
            yield made, self._serving.against(snapshot, made.uses)

    def weights(self, constituent: Constituent) -> bytes:
        """A constituent's weights; KeyDestroyedError once anybody whom it learned from was erased."""
        return self._vault.open(constituent.weights, constituent.sha256)

    def slices(self, run: str, shards: Collection[int] | None = None) -> list[Slice]:
        """The trained slices, of all shards or of some, in order of place."""
        rows = self._records.rows("slice", parent=run)
        some = [row for row in rows if shards is None or place_in(row.id).shard in shards]
        found = (self._records.opened(row) for row in some)
        return sorted((Slice.read(each.id, each.body) for each in found), key=lambda s: s.place)

    def places(self, run: str) -> list[tuple[Place, tuple[str, ...]]]:
        """The place of every slice of a run, and whom it is sealed for. Needs no key, and opens no row."""
        return [(place_in(row.id), row.owners) for row in self._records.rows("slice", parent=run)]

    def copy_indexes(self, run: str) -> list[CopyIndex | None]:
        """The copy index of each slice, in order of place; None where none was kept."""
        return [self.copy_index(each) for each in self.slices(run)]

    def copy_indexes_of(self, subject: str) -> Iterator[CopyIndex | None]:
        """The copy index of every slice that learned from the subject; None where none can be read."""
        for row in self._records.rows("slice", owner=subject):
            yield self._index_of(row)

    def copy_indexes_by_place(self, run: str) -> Iterator[tuple[Place, tuple[str, ...], CopyIndex | None]]:
        """Of every slice of a run: its place, whom it learned from, its copy index or None."""
        for row in self._records.rows("slice", parent=run):
            yield place_in(row.id), row.owners, self._index_of(row)

    def _index_of(self, row: Row) -> CopyIndex | None:
        with suppress(KeyDestroyedError):
            return self.copy_index(Slice.read(row.id, self._records.opened(row).body))
        return None

    def slices_of(self, subject: str, run: str) -> set[str]:
        """Identifiers of a run's slices that learned from the subject."""
        return {row.id for row in self._records.rows("slice", owner=subject, parent=run)}

    def held(self, subject: str) -> int:
        """How many slices and constituents learned from the subject."""
        return sum(self._records.count(kind, owner=subject) for kind in ("constituent", "slice"))

    def bytes_of(self, subject: str, kind: Literal["constituent", "slice"]) -> list[int]:
        """Sizes of the sealed weights of each that learned from the subject. Needs their key."""
        found = self._records.find(kind, owner=subject)
        return [each.body["weights"]["length"] for each in found]

    def copy_index(self, trained: Slice) -> CopyIndex | None:
        """One slice's copy index; None where none was kept."""
        from volenti.training.copy_index import CopyIndex

        return CopyIndex.from_bytes(self._vault.open(trained.sketches)) if trained.sketches else None

    def trained_slice(self, run: str, spec: SliceSpec) -> Slice | None:
        """The run's slice that was trained on exactly this spec, if there is one."""
        record = self._records.get("slice", slice_id(run, spec.place))
        if record is None or record.body["task"] != spec.digest:
            return None
        return Slice.read(record.id, record.body)

    def result(self, trained: Slice) -> SliceResult:
        """A slice's weights, opened, with its losses and seconds."""
        from volenti.training.ports import SliceResult

        return SliceResult(self._vault.open(trained.weights, trained.sha256), trained.losses, trained.seconds)

    # -- keeping

    def keep_slice(
        self,
        run: str,
        spec: SliceSpec,
        result: SliceResult,
        index: CopyIndex | None,
        given: str,
        environment: Json,
    ) -> None:
        """Seal a trained slice, and remove the one that was in its place.

        given, environment: as `Slice` has them. Raises KeyDestroyedError where somebody whom it learned from
        was erased meanwhile.
        """
        contents = [("slice", result.weights)]
        if index is not None:
            contents.append(("sketches", index.to_bytes()))

        def record(refs: Sequence[BlobRef]) -> Record:
            sketches = refs[1] if index is not None else None
            kept = Slice(
                spec.place,
                spec.digest,
                sha256(result.weights),
                len(spec.examples),
                result.seconds,
                result.losses,
                refs[0],
                sketches,
                given,
                environment,
            )
            return Record("slice", slice_id(run, spec.place), encoded(kept), spec.owners, parent=run)

        pack = (run, str(spec.place))
        replace_pack(self._vault, self._records, spec.owners, pack, contents, record)

    def is_made_of(self, run: str, shard: int, made_of: str) -> bool:
        """Whether the shard's constituent, served or not, was merged from exactly these slices."""
        known = self._records.get("constituent", constituent_id(run, shard))
        return known is not None and known.body["made_of"] == made_of and "uses" in known.body

    def keep_constituent(
        self,
        run: str,
        shard: int,
        made_of: str,
        parts: Sequence[Slice],
        uses: Sequence[tuple[str, str]],
        weights: bytes,
    ) -> None:
        """Seal a constituent, which is served from now on, and remove the one that was in its place."""
        images = sum(part.images for part in parts)
        owners = sorted({subject for subject, _ in uses})

        def record(refs: Sequence[BlobRef]) -> Record:
            made = Constituent(shard, made_of, sha256(weights), images, len(owners), refs[0], tuple(uses))
            name = constituent_id(run, shard)
            return Record("constituent", name, encoded(made), tuple(owners), SERVING, run, shard)

        pack, contents = (run, f"{shard:02d}"), [("constituent", weights)]
        replace_pack(self._vault, self._records, owners, pack, contents, record)

    def keep_uses(self, run: str, shard: int, uses: Collection[tuple[str, str]]) -> None:
        """Note anew from which shoots a constituent has whose pictures."""
        known = self._records.require("constituent", constituent_id(run, shard))
        made = replace(Constituent.read(known.body, known.owners), uses=tuple(sorted(uses)))
        if encoded(made) != known.body:
            self._records.put_all([replace(known, body=encoded(made))])

    # -- dropping

    def affected(self, subject: str, run: str | None = None) -> list[str]:
        """Identifiers of constituents, of all runs or of one, that were trained on the subject's pictures."""
        return [row.id for row in self._records.rows("constituent", owner=subject, parent=run)]

    def drop(self, subject: str, run: str | None = None) -> list[str]:
        """Destroy every slice and constituent that learned from the subject.

        run: those of that run alone. Returns the identifiers of the constituents.

        Works before and after the subject's key was destroyed: the packs are named after the identifiers,
        and those can be read without any key.
        """
        # One transaction, so that no other process keeps something new between reading the rows and deleting.
        with self._records.transaction():
            dropped = self.affected(subject, run)
            tainted = [row.id for row in self._records.rows("slice", owner=subject, parent=run)]
            # Rows are deleted last: after a crash, the next call finds the packs by them.
            for identifier in [*dropped, *tainted]:
                of, _, pack = identifier.partition("/")
                self._vault.remove_packs(of, packs_of(pack))
            self._records.delete("constituent", dropped)
            self._records.delete("slice", tainted)
            tidy(self._records, self._vault, "run", run)
        if dropped or tainted:
            _log.info("models of a person destroyed", constituents=len(dropped), slices=len(tainted))
        return dropped

    def drop_slices(self, run: str, shards: Collection[int], *, but: Collection[str]) -> None:
        """Destroy the shards' slices but those named."""
        for row in list(self._records.rows("slice", parent=run)):
            if row.id not in but and place_in(row.id).shard in shards:
                with self._records.transaction():
                    self._records.delete("slice", [row.id])
                    self._vault.remove_packs(run, packs_of(str(place_in(row.id))))

    def drop_constituent(self, run: str, shard: int) -> None:
        """Destroy the constituent of a shard in which nobody is left, or too few are."""
        name = constituent_id(run, shard)
        if self._records.row("constituent", name) is not None:
            with self._records.transaction():
                self._records.delete("constituent", [name])
                self._vault.remove_packs(run, packs_of(name.partition("/")[2]))
