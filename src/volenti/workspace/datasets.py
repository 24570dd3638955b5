"""Datasets: snapshots of what is cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.core.progress import Progress
    from volenti.datasets.reader import Reader
    from volenti.datasets.snapshot import Snapshot


class Datasets(Noun):
    """Snapshots of what is cleared."""

    def cut(
        self, name: str, purpose: str, *, territory: str | None = None, progress: Progress | None = None
    ) -> Snapshot:
        """A new version of a dataset: everything cleared for the purpose and covered today."""
        return self._parts.datasets.cut(name, purpose, territory or self._parts.settings.territory, progress)

    def read(self, dataset: str) -> Reader:
        """A snapshot's pictures, for a training script of your own: `name@version`, or the latest."""
        return self._parts.datasets.reader(self._parts.datasets.snapshot(dataset))
