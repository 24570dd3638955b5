"""Datasets: snapshots of what is cleared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.core.progress import Progress
    from volenti.datasets.reader import Reader
    from volenti.datasets.snapshot import Difference, Entry, Snapshot
    from volenti.datasets.verification import Verification
    from volenti.deliveries.delivery import Delivery


@dataclass(frozen=True, slots=True)
class ShownDataset:
    """A snapshot with its entries in order, tombstones included, and the commitment of each, 32 bytes."""

    snapshot: Snapshot
    entries: tuple[Entry, ...]
    commitments: tuple[bytes, ...]

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the snapshot."""
        return self.snapshot.id

    @property
    def tombstones(self) -> int:
        """How many entries are empty, because the person in the picture was erased."""
        return sum(entry.is_tombstone for entry in self.entries)


class Datasets(Noun):
    """Snapshots of what is cleared."""

    def cut(
        self,
        name: str,
        purpose: str,
        *,
        territory: str | None = None,
        condition: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Snapshot:
        """Cut a new version of a dataset: every picture cleared for the purpose and covered today.

        name: the dataset's, such as humans. purpose: one of `volenti.consent.purpose.PURPOSES`. territory:
        a country code, or WORLD; the settings' by default. condition: names of
        `volenti.consent.purpose.Grant` that everybody in it has to give beside the purpose, in the same
        release, such as commercial; every later read asks for them too. Returns the snapshot, which lists
        pictures and copies none. Raises UsageError where nothing is cleared for the purpose, DocumentError
        where a condition isn't a grant.

        Example:
            ws.datasets.cut("humans", "generative-training")
        """
        from volenti.consent.purpose import Grant

        where = territory or self._parts.settings.territory
        return self._parts.datasets.cut(name, purpose, where, progress, tuple(map(Grant.named, condition)))

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
        return ShownDataset(snapshot, entries, tuple(datasets.commitments(snapshot)))

    def diff(self, old: str, new: str) -> Difference:
        """Compare two snapshots by their pictures.

        old, new: names or versions, as `show` takes them. Returns which pictures the new one has that the
        old one hasn't, and the other way round. Raises NotFoundError where there is no such dataset.

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
        recipient: str = "",
        form: str = "imagefolder",
        territory: str | None = None,
        sublicensable: bool = False,
        progress: Progress | None = None,
    ) -> Delivery:
        """Write the pictures, without their metadata, and their captions, for somebody else.

        dataset: a name for its latest version, or a version. folder: where to; it must be new or empty.
        recipient: who gets it, for the record. form: how the files are laid out, imagefolder, webdataset or
        parquet. territory: where the recipient is, a country code or WORLD; the dataset's by default.
        sublicensable: the recipient may hand the pictures on in turn.
        Left out are pictures of anybody whose release doesn't grant today, there, both what the dataset was
        cut for and redistribution; with `sublicensable` also of anybody who didn't allow sublicensing.
        Returns the delivery as it is on record; `ws.feed` tells its recipient later what to take out, as soon
        as a yes to any of this ends. Raises UsageError where the folder isn't empty or there is no such form,
        NotFoundError where there is no such dataset, DocumentError where there is no such country.

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
            progress=progress,
        )

    def read(self, dataset: str) -> Reader:
        """Open a snapshot's pictures, for a training script of your own.

        dataset: a name for its latest version, or a version such as humans@3. Returns a sequence that a
        torch DataLoader takes; each read checks again whether the picture may be read. Raises NotFoundError
        where there is no such dataset.

        Example:
            ws.datasets.read("humans").to_torch(64)
        """
        return self._parts.datasets.reader(self._parts.datasets.snapshot(dataset))
