"""Writing: one package while it is written, picture by picture; nothing of it is kept in the clear."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from volenti.core.age import AgeKey
from volenti.core.progress import Progress
from volenti.core.signing import SigningKey
from volenti.deliveries.card import CARD, card
from volenti.deliveries.checksums import SUMS, lines_of
from volenti.deliveries.delivery import IMAGEFOLDER, KEY, NOTE, Delivery, DeliveryNote
from volenti.deliveries.exports import Exports, Written
from volenti.deliveries.package.contents import CONTENTS, PackageContents, PackagePart, part_folder
from volenti.deliveries.package.note import PackageNote
from volenti.deliveries.package.sealed import Members, Sealed
from volenti.deliveries.people import NumberedPeople
from volenti.deliveries.ports import Delivered, Exported
from volenti.deliveries.terms import TERMS, DeliveryTerms
from volenti.transparency.note import SignedNote

if TYPE_CHECKING:
    from volenti.datasets.reader import Reader
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Snapshot
    from volenti.training.external_run import ExternalRun
    from volenti.transparency.log import Log


@dataclass
class PackageWriting:
    """Writes one package: the pictures of a run's parts, and what is said of them."""

    exports: Exports
    datasets: Datasets
    feed: Log
    run: ExternalRun
    snapshot: Snapshot
    #: As it was put on record before anything was written.
    delivery: Delivery
    contact: str
    address: str
    done: Written = field(default_factory=Written)
    parts: list[PackagePart] = field(default_factory=list)

    def fill(
        self, members: Members, chosen: Mapping[int, Reader], signs: SigningKey, progress: Progress
    ) -> None:
        """Add everything: each picture is read as late as possible, so that a no still counts.

        signs: the private key that is handed over, which acknowledgements and results are signed with.
        """
        note = DeliveryNote.of(self.delivery.id, self.snapshot.id, IMAGEFOLDER, self.feed)
        members.add(NOTE, note.to_bytes())
        members.add(KEY, signs.to_bytes())
        people = NumberedPeople(
            bytes.fromhex(self.delivery.key), self.datasets.owners_together(self.snapshot.id)
        )
        progress.begin("Packing", sum(map(len, chosen.values())))
        for shard, reader in chosen.items():
            folder, lines, seen = part_folder(shard), list[str](), set[str]()
            for sample in self._samples(reader, people, folder, progress):
                members.add(f"{folder}/{sample.name}", sample.data)
                line = {"file_name": sample.name, "text": sample.caption, **sample.facts()}
                lines.append(f"{json.dumps(line)}\n")
                seen.update(sample.people)
            members.add(f"{folder}/metadata.jsonl", "".join(lines).encode())
            self.parts.append(PackagePart(shard, self.run.seed(shard), len(lines), len(seen)))
        progress.end()
        self._add_papers(members)

    def _samples(
        self, reader: Reader, people: NumberedPeople, folder: str, progress: Progress
    ) -> Iterator[Exported]:
        """What is packed of a part; who said no since the packing began is left out."""
        for entry in reader.entries:
            progress.advance(1)
            sample = self.exports.sample(self.snapshot, self.delivery, entry, people, self.done)
            if sample is not None:
                sample = replace(sample, split=folder)
                self.done.samples.append(Delivered.of(sample.facts()))
                yield sample

    def _add_papers(self, members: Members) -> None:
        delivery = self.complete()
        selection = self.datasets.selection(self.snapshot)
        folders = [each.folder for each in self.parts]
        terms = DeliveryTerms.of(delivery, self.snapshot, selection, self.contact, self.address, folders)
        terms = terms.counted(self.done.samples)
        members.add(CONTENTS, self._contents().to_bytes())
        members.add(TERMS, terms.to_bytes())
        members.add(CARD, card(terms).encode())
        members.add(SUMS, lines_of(members.sums))

    def _contents(self) -> PackageContents:
        run = self.run
        assert self.delivery.packed is not None
        return PackageContents(
            self.delivery.id,
            run.id,
            run.name,
            run.snapshot,
            self.snapshot.purpose,
            run.split,
            run.shards,
            run.min_people,
            run.gpus,
            run.code,
            tuple(self.parts),
            str(AgeKey.parse(self.delivery.packed.way_back).public),
        )

    def complete(self) -> Delivery:
        """The delivery as it is now: what was refused since it began is left out."""
        left_out = tuple(sorted({*self.delivery.left_out, *self.done.left_out}))
        return replace(self.delivery, left_out=left_out, samples=len(self.done.samples), complete=True)

    def note(self, sealed: Sealed, log: str, key: SigningKey) -> SignedNote:
        """What is said of it in plain sight, signed. log: the name that the workspace signs under."""
        assert self.delivery.packed is not None
        return PackageNote(
            self.delivery.id,
            self.run.id,
            tuple(each.shard for each in self.parts),
            sum(each.images for each in self.parts),
            sum(each.people for each in self.parts),
            self.delivery.at,
            self.delivery.packed.to,
            sealed.sha256,
            sealed.bytes,
            log,
            str(key.public),
        ).signed(key)
