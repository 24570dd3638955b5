"""Package session: what a script works with while it trains the parts of an opened package.

It is used as the session of an external run is (`training.session`), so that one script trains in a workspace
and on another machine. What it keeps is written into results, which go back to the workspace.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.age import AgeRecipient
from volenti.core.amounts import counted
from volenti.core.clock import stamp, system_clock
from volenti.core.errors import UsageError
from volenti.core.files import make_folder
from volenti.core.logs import Logger
from volenti.core.shown import short_repr
from volenti.deliveries.delivery import handed_over
from volenti.deliveries.package.opened import OpenedPackage
from volenti.deliveries.package.result import PartResult, Trained, read_result_note, write_result
from volenti.deliveries.package.trained import note_trained

if TYPE_CHECKING:
    from volenti.deliveries.package.reader import PackageReader

_log = Logger(__name__)


@dataclass
class PackageShard:
    """One part: the pictures to train on, and the method that writes a result of the trained file."""

    package: OpenedPackage
    shard: int
    dataset: PackageReader
    #: The result that is written.
    out: Path
    began: float = field(default_factory=time.monotonic)

    __repr__ = short_repr

    @property
    def seed(self) -> int:
        """The same 63 bits as in the workspace."""
        return self.package.contents.part(self.shard).seed

    def keep(self, file: Path | str) -> PartResult:
        """Write a result of what was trained; the seconds since the part was handed out count as training.

        The pictures that were there when the part was handed out are those it counts as trained on. Raises
        UsageError where there are too few people in them, so that the workspace would refuse the result.
        """
        return result_of(
            self.package, self.shard, Path(file), self.out, time.monotonic() - self.began, self.dataset
        )


@dataclass
class PackageSession:
    """An opened package while a script trains on it; a context manager. Results go into a folder."""

    package: OpenedPackage
    results: Path

    __repr__ = short_repr

    def __enter__(self) -> PackageSession:
        return self

    def __exit__(self, *failure: object) -> None:
        _log.info("training on a package ended", parts_due=len(list(self.due())))

    def due(self) -> Iterator[int]:
        """The parts of which there is no result, or one from other pictures than there are now."""
        for each in OpenedPackage.of(self.package.folder).held:
            out = self._result(each.shard)
            if each.images and not (out.exists() and read_result_note(out).pictures == each.images):
                yield each.shard

    def parts(self) -> Iterator[PackageShard]:
        """The parts to be trained. An old result of a part that lost pictures is replaced."""
        make_folder(self.results)
        for shard in list(self.due()):
            out = self._result(shard)
            out.unlink(missing_ok=True)
            yield PackageShard(self.package, shard, self.package.reader(shard), out)

    def _result(self, shard: int) -> Path:
        return self.results / f"{self.package.contents.delivery}-part-{shard}.result"


def result_of(
    package: OpenedPackage, shard: int, weights: Path, out: Path, seconds: float, dataset: PackageReader
) -> PartResult:
    """Write a result of what was trained on a part. dataset: the pictures that it was trained on."""
    contents, people = package.contents, len(dataset.people())
    if people < contents.min_people:
        raise UsageError(
            f"Part {shard} has {counted(people, 'person', 'people')} left; a model of fewer than "
            f"{contents.min_people} would be a likeness of them.",
            f"Have a run of more people packed{', or one in fewer parts' if contents.shards > 1 else ''}.",
        )
    said = Trained(contents.delivery, contents.run, shard, people, seconds, stamp(system_clock()))
    result = write_result(
        out,
        weights,
        said,
        dataset.tokens(),
        AgeRecipient.parse(contents.way_back),
        handed_over(package.folder),
    )
    note_trained(package.folder, shard, len(dataset))
    _log.info("result written", part=shard, pictures=len(dataset), people=people, seconds=round(seconds, 3))
    return result


def result_of_file(
    folder: Path, shard: int, weights: Path, out: Path, seconds: float | None = None
) -> PartResult:
    """Write a result of a file that was trained on what a part holds now.

    seconds: how long that took; by default since the part came to hold what it holds. Raises UsageError where
    the file is older than that: then it was trained on pictures that were taken out since.
    """
    package = OpenedPackage.of(folder)
    dataset = package.reader(shard)
    try:
        trained = weights.stat().st_mtime
    except OSError as error:
        raise UsageError(f"Can't read {weights}: {error.strerror}.", "Check the path.") from error
    since = trained - (folder / dataset.part / "metadata.jsonl").stat().st_mtime
    if since < 0:
        raise UsageError(
            f"{weights} is older than what part {shard} holds: pictures were taken out since, or put there.",
            "Train the part again, on what it holds now.",
        )
    return result_of(package, shard, weights, out, since if seconds is None else seconds, dataset)
