"""Datasets: snapshots of what is cleared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volenti.core.progress import Progress
    from volenti.datasets.reader import Reader
    from volenti.datasets.selection import Selection
    from volenti.datasets.snapshot import Difference, Entry, Snapshot
    from volenti.datasets.verification import Verification
    from volenti.deliveries.delivery import Delivery


@dataclass(frozen=True, slots=True)
class ShownDataset:
    """A snapshot with its entries in order, tombstones included, and the commitment of each, 32 bytes."""

    snapshot: Snapshot
    entries: tuple[Entry, ...]
    commitments: tuple[bytes, ...]
    #: What it was cut from, with the texts that its entries say; None where from all that was cleared.
    selection: Selection | None = None
    #: The split of each entry, by the people in it.
    splits: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the snapshot."""
        return self.snapshot.id

    @property
    def tombstones(self) -> int:
        """How many entries are empty, because the person in the picture was erased."""
        return sum(entry.is_tombstone for entry in self.entries)

    @property
    def without_caption(self) -> int:
        """How many pictures have no caption."""
        return sum(not entry.caption.strip() for entry in self.entries if not entry.is_tombstone)

    @property
    def pictures_by_split(self) -> dict[str, int]:
        """How many pictures are in each split today; nothing where it isn't divided."""
        there = Counter(self.split_of(entry) for entry in self.entries if not entry.is_tombstone)
        return {name: there[name] for name in self.snapshot.splits}

    def split_of(self, entry: Entry) -> str:
        """The split that an entry is in; "" for a tombstone, and where the dataset isn't divided."""
        return self.splits.get(entry.owners, "")


class Datasets(Noun):
    """Snapshots of what is cleared."""

    def cut(
        self,
        name: str,
        purpose: str,
        *,
        territory: str | None = None,
        condition: Sequence[str] = (),
        shoot: Sequence[str] = (),
        subject: Sequence[str] = (),
        without: Sequence[str] = (),
        word: Sequence[str] = (),
        min_side: int = 0,
        min_face: int = 0,
        count: int | None = None,
        seed: int = 0,
        split: Mapping[str, float] | None = None,
        progress: Progress | None = None,
    ) -> Snapshot:
        """Cut a new version: every picture cleared for the purpose and covered today, or a selection of them.

        name: the dataset's, such as humans. purpose: one of `volenti.consent.purpose.PURPOSES`. territory:
        a country code, or WORLD; the settings' by default. condition: names of
        `volenti.consent.purpose.Grant` that everybody in it has to give beside the purpose, in the same
        release, such as commercial; every later read asks for them too.
        Each of the following narrows the selection, which is kept with the version. shoot: pictures from one
        of these. subject: pictures with one of these people. without: pictures with none of these. word:
        pictures with one of these words in the caption. min_side: fewest pixels on the shorter side.
        min_face: fewest pixels on the shorter side of the face of each person in the picture. count: draw so
        many pictures, as many of each person as possible alike; how many that is depends on how many people
        there are, and after an erasure nothing is drawn again. seed: of the draw and of the splits. split:
        names of splits and the share of the people in each, such as {"train": 0.9, "test": 0.1}; everybody's
        pictures are in one split, whoever else comes or goes, and pictures of people who are in different
        splits are left out.
        Returns the snapshot, which lists pictures and copies none. Raises UsageError where nothing is cleared
        for the purpose or the selection chooses nothing, DocumentError where a condition isn't a grant,
        NotFoundError where there is no such person.

        Example:
            ws.datasets.cut("humans", "generative-training")
        """
        from volenti.consent.purpose import Grant
        from volenti.datasets.selection import Selection, splits_of

        where = territory or self._parts.settings.territory
        selection = Selection(
            tuple(shoot),
            tuple(self._parts.consent.subject(each.strip()).id for each in subject),
            tuple(self._parts.consent.subject(each.strip()).id for each in without),
            tuple(word),
            min_side,
            min_face,
            count or 0,
            seed,
            splits_of(split or {}),
        )
        grants = tuple(map(Grant.named, condition))
        return self._parts.datasets.cut(name, purpose, where, progress, grants, selection)

    def list(self) -> Sequence[Snapshot]:
        """Every snapshot, by name and version.

        Example:
            ws.datasets.list()
        """
        return self._parts.datasets.snapshots()

    def show(self, dataset: str) -> ShownDataset:
        """One snapshot with all its entries, opened now.

        dataset: a name for its latest version, or a version such as humans@3. Raises NotFoundError where
        there is no such dataset.

        Example:
            ws.datasets.show("humans@1").entries
        """
        datasets = self._parts.datasets
        snapshot = datasets.snapshot(dataset)
        entries = tuple(datasets.entries(snapshot))
        splits = {each.owners: datasets.split_of(snapshot, each.owners) for each in entries if each.owners}
        commitments = tuple(datasets.commitments(snapshot))
        return ShownDataset(snapshot, entries, commitments, datasets.selection(snapshot), splits)

    def diff(self, old: str, new: str) -> Difference:
        """Compare two snapshots by their pictures.

        old, new: names or versions, as `show` takes them. Returns which pictures the new one has that the
        old one hasn't, and the other way round, and what each was cut from. Raises NotFoundError where there
        is no such dataset.

        Example:
            ws.datasets.diff("humans@1", "humans@2").removed
        """
        datasets = self._parts.datasets
        return datasets.diff(datasets.snapshot(old), datasets.snapshot(new))

    def verify(
        self, datasets: Sequence[str] = (), *, progress: Progress | None = None
    ) -> Sequence[Verification]:
        """Open every picture and compare it with the digest it was cut with; recompute the manifests.

        datasets: names or versions; all snapshots where none is named. Returns what was found of each: it
        is `ok` where nothing is missing or changed. Pictures that no release covers any more are named
        apart. Raises NotFoundError where there is no such dataset.

        Example:
            ws.datasets.verify(["humans@1"])
        """
        service = self._parts.datasets
        chosen = [service.snapshot(each) for each in datasets] or service.snapshots()
        return [service.verify(each, progress) for each in chosen]

    def export(
        self,
        dataset: str,
        folder: Path | str,
        *,
        recipient: str | None = None,
        form: str = "imagefolder",
        territory: str | None = None,
        sublicensable: bool = False,
        split: str | None = None,
        contact: str = "",
        feed: str = "",
        progress: Progress | None = None,
    ) -> Delivery:
        """Write the pictures, without their metadata, and their captions, for somebody else.

        dataset: a name for its latest version, or a version. folder: where to; it must be new or empty.
        recipient: who gets it, for the record. form: how the files are laid out, imagefolder, webdataset or
        parquet. territory: where the recipient is, a country code or WORLD; the dataset's by default.
        sublicensable: the recipient may hand the pictures on in turn. split: only pictures of this one.
        contact: how the recipient reaches you, for the card. feed: where you publish the deletion feed, for
        the card.
        With each picture go its size, numbers that stand for the people in it in this export alone, and the
        boxes of their faces; README.md is the dataset card, and SHA256SUMS has the checksum of every file.
        Left out are pictures of anybody whose release doesn't grant today, there, both what the dataset was
        cut for and redistribution; with `sublicensable` also of anybody who didn't allow sublicensing.
        Returns the delivery as it is on record; `ws.feed` tells its recipient later what to take out, as soon
        as a yes to any of this ends. Raises UsageError where the folder isn't empty, there is no such form or
        the recipient is blank, NotFoundError where there is no such dataset or split, DocumentError where
        there is no such country, RefusedError where not one picture may be handed out: nothing is on record
        then.

        Example:
            ws.datasets.export("humans", "export-for-lab", recipient="Example Lab")
        """
        snapshot = self._parts.datasets.snapshot(dataset)
        return self._parts.exports.export(
            snapshot,
            Path(folder),
            recipient=recipient,
            form=form,
            territory=territory or "",
            sublicensable=sublicensable,
            split=split or "",
            contact=contact,
            feed=feed,
            progress=progress,
        )

    def read(self, dataset: str, *, split: str | None = None, missing: str = "raise") -> Reader:
        """Open a snapshot's pictures, for a training script of your own.

        dataset: a name for its latest version, or a version such as humans@3. split: the split to be read,
        such as train; all of them without it. missing: what happens to a picture of somebody who is erased,
        says no or is restricted while an epoch is read. With raise, reading it raises RefusedError, and the
        epoch ends there; read the dataset again, which leaves it out. With skip, it is left out and counted
        (`skipped`), and batches are smaller or empty. Returns a sequence that a torch DataLoader takes; each
        read checks again whether the picture may be read. Raises NotFoundError where there is no such dataset
        or split, and UsageError where missing is neither of the two.

        Example:
            ws.datasets.read("humans").to_torch(64)
        """
        datasets = self._parts.datasets
        return datasets.reader(datasets.snapshot(dataset), split=split or "").on_missing(missing)
