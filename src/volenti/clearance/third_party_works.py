"""The register of third parties' works: pictures whose copies aren't to be let in.

The pictures themselves aren't kept. Of each its fingerprint is kept, sealed under the controller's key, in
two rows: a small one that the index is made of, and the detail, which is only opened for works that a picture
is compared with.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.clearance.image import CONTROLLER
from volenti.clearance.kinds import THIRD_PARTY_DETAIL, THIRD_PARTY_WORK
from volenti.core.clock import Clock, stamp
from volenti.core.errors import NotFoundError, UsageError
from volenti.core.jobs import JobRunner
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.perception.finding import Finding
from volenti.vault.event_log import EventLog
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.clearance.given import GivenFile
    from volenti.clearance.work_comparison import WorkComparison
    from volenti.perception.copies.fingerprint import Fingerprint
    from volenti.perception.copies.keypoints import KeypointFinder

#: Files that a worker reads in one task, and tasks whose works are registered together.
READ_BATCH, REGISTER_BATCHES = 8, 16
#: Bytes of files that are in memory together, where one alone isn't larger.
TOGETHER_BYTES = 2**28

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class RegisteredWork:
    """A registered work: its identifier, the name of the file it was registered from, and when.

    `edits` says whether edited copies of it are looked for, not only re-saved ones.
    """

    id: str
    file: str
    at: str
    edits: bool


@dataclass(frozen=True, slots=True)
class WorksRead:
    """How many works are new, and the names of files that aren't pictures."""

    new: int
    unreadable: tuple[str, ...]


class ThirdPartyWorks:
    """Keeps the works of third parties, and tells whether a picture is a copy of one."""

    def __init__(
        self,
        records: Records,
        events: EventLog,
        keypoints: Callable[[], KeypointFinder | None],
        jobs: JobRunner,
        clock: Clock,
    ) -> None:
        """keypoints: gives what finds keypoints, None where there is nothing; called when works are read."""
        self._records = records
        self._events = events
        self._keypoints = keypoints
        self._jobs = jobs
        self._clock = clock

    def read(self, paths: Sequence[Path], progress: Progress | None = None) -> WorksRead:
        """Register every file given, folders recursively, batch by batch: a second call goes on.

        Raises UsageError where a path doesn't exist.
        """
        from volenti.clearance.given import given_files

        with _log.timed("third parties' works registered") as facts:
            read = self._read(given_files(paths).files, progress or Silent())
            facts |= {"new": read.new, "unreadable": len(read.unreadable)}
        return read

    def _read(self, files: Sequence[GivenFile], told: Progress) -> WorksRead:
        unreadable: list[str] = []
        new = 0
        told.begin("Reading works", len(files))
        for some in _together(files):
            found: list[tuple[str, Fingerprint]] = []
            for file, made in self._prints_of(some):
                if made is None:
                    unreadable.append(file)
                else:
                    found.append((file, made))
            new += self.register(found)
            told.advance(len(some))
        told.end()
        return WorksRead(new, tuple(sorted(unreadable)))

    def _prints_of(self, files: Sequence[GivenFile]) -> Iterator[tuple[str, Fingerprint | None]]:
        """Each file's name and fingerprint, None where it has none; not in the order given."""
        batches: list[list[tuple[str, bytes]]] = [[]]
        for file in files:
            data = file.read()
            if isinstance(data, Finding):
                yield file.name, None
                continue
            if len(batches[-1]) == READ_BATCH:
                batches.append([])
            batches[-1].append((file.name, data))
        tasks = [[data for _, data in batch] for batch in batches]
        from volenti.clearance.work_reader import WorkReader

        for index, prints in self._jobs.run(WorkReader(self._keypoints()).read, tasks):
            yield from ((name, made) for (name, _), made in zip(batches[index], prints, strict=True))

    def register(self, works: Iterable[tuple[str, Fingerprint]]) -> int:
        """Keep works' fingerprints, each with its file's name. Returns how many are new.

        Those already registered stay; one whose detail wasn't known gets it.
        """
        now = self._clock()
        moment = max(int(now.timestamp() * 1e6), self.newest + 1)
        records: list[Record] = []
        new: set[str] = set()
        for file, made in works:
            name = f"twk_{made.digest[:40]}"
            is_known = name in new or self._records.row(THIRD_PARTY_WORK, name) is not None
            lacks_detail = made.detail is not None and self._records.row(THIRD_PARTY_DETAIL, name) is None
            if is_known and (name in new or not lacks_detail):
                continue
            if not is_known:
                new.add(name)
            records += _rows(name, file, moment, stamp(now), made)
        if records:
            self._records.put_all(records)
            self._events.record("works-registered", {"works": len(new)})
            self.__dict__.pop("_comparison", None)
        return len(new)

    def count(self) -> int:
        """How many works are registered."""
        return self._records.count(THIRD_PARTY_WORK)

    def all(self) -> Iterator[RegisteredWork]:
        """Every work, in the order they were registered."""
        for record in self._records.find(THIRD_PARTY_WORK):
            body = record.body
            yield RegisteredWork(record.id, body.get("file", ""), body.get("at", ""), "words" in body)

    def named(self, identifier: str) -> RegisteredWork:
        """The work whose identifier begins so.

        Raises NotFoundError where there is none, UsageError where there are several.
        """
        found = [each for each in self.all() if each.id.startswith(identifier)]
        if not found:
            raise NotFoundError(f"There is no work {identifier!r}.", "List the works: volenti rights list.")
        if len(found) > 1:
            raise UsageError(f"{len(found)} works begin with {identifier!r}.", "Give more of the identifier.")
        return found[0]

    def remove(self, identifiers: Sequence[str]) -> int:
        """Delete these works, so that copies of them are let in again; returns how many there were."""
        known = [
            each
            for each in dict.fromkeys(identifiers)
            if self._records.row(THIRD_PARTY_WORK, each) is not None
        ]
        if known:
            with self._records.transaction():
                self._records.delete(THIRD_PARTY_WORK, known)
                self._records.delete(THIRD_PARTY_DETAIL, known)
            self._records.rewrite()
            self._events.record("works-removed", {"works": len(known)})
            self.__dict__.pop("_comparison", None)
            _log.info("third parties' works removed", works=len(known))
        return len(known)

    @property
    def newest(self) -> int:
        """When the latest work was registered, in microseconds since 1970; 0 where there is none.

        No two calls of `register` have the same moment, however coarse the clock is.
        """
        last = self._records.last(THIRD_PARTY_WORK)
        return 0 if last is None else last.position

    def findings(self, prints: Sequence[Fingerprint], since: int = 0) -> list[Finding]:
        """`third-party-copy` for a copy of a registered work; `possible-copy` where that isn't sure.

        prints: of a file's pictures. since: only works registered after that moment count.
        """
        return self._comparison.findings(prints, self.newest, since) if self.newest else []

    @cached_property
    def _comparison(self) -> WorkComparison:
        from volenti.clearance.work_comparison import WorkComparison

        return WorkComparison(self._records)


def _together(files: Sequence[GivenFile]) -> Iterator[list[GivenFile]]:
    """The files in groups that are registered together, so many and so large that they fit into memory."""
    group: list[GivenFile] = []
    held = 0
    for file in files:
        size = file.size()
        if group and (len(group) == READ_BATCH * REGISTER_BATCHES or held + size > TOGETHER_BYTES):
            yield group
            group, held = [], 0
        group.append(file)
        held += size
    if group:
        yield group


def _rows(name: str, file: str, moment: int, at: str, made: Fingerprint) -> Iterator[Record]:
    body = {**made.to_json(), "file": file, "at": at}
    if made.detail is not None:
        from volenti.perception.copies.workindex import words

        body["words"] = base64.b64encode(words(made).astype("<u8").tobytes()).decode()
        yield Record(THIRD_PARTY_DETAIL, name, made.detail.to_json(), (CONTROLLER,))
    yield Record(THIRD_PARTY_WORK, name, body, (CONTROLLER,), position=moment)
