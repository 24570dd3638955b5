"""The register of third parties' works: pictures whose copies aren't to be let in.

The pictures themselves aren't kept. Of each its fingerprint is kept, sealed under the controller's key, in
two rows: a small one that the index is made of, and the detail, which is only opened for works that a picture
is compared with.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from volenti.clearance.given import GivenFile, given_files
from volenti.clearance.image import CONTROLLER
from volenti.core.clock import Clock, stamp
from volenti.core.errors import IntegrityError, NotFoundError, UsageError
from volenti.core.jobs import JobRunner
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.perception.copies.detail import Detail
from volenti.perception.copies.fingerprint import Fingerprint, fingerprint
from volenti.perception.copies.hashindex import Hashes
from volenti.perception.copies.keypoints import KeypointFinder
from volenti.perception.copies.resemblance import Resemblance, compared
from volenti.perception.copies.workindex import WorkIndex, words
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.finding import Finding, finding
from volenti.vault.event_log import EventLog
from volenti.vault.records import Record, Records

_KIND, _DETAIL = "third-party-work", "third-party-detail"

#: Files that a worker reads in one task, and tasks whose works are registered together.
READ_BATCH, REGISTER_BATCHES = 8, 16

#: Details that are kept in memory once they were opened: about 50 MB.
_OPENED_MAX = 1024

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


@dataclass(frozen=True)
class WorkReader:
    """Makes fingerprints of files. Picklable: it works in worker processes."""

    keypoints: KeypointFinder | None

    def read(self, files: Sequence[bytes]) -> list[Fingerprint | None]:
        """The fingerprint of each file, None of one that isn't a picture."""
        return [self._read(data) for data in files]

    def _read(self, data: bytes) -> Fingerprint | None:
        picture = open_picture(data)
        if not isinstance(picture, Picture):
            return None
        return fingerprint(picture.rgb, self.keypoints, closely=True)


class ThirdPartyWorks:
    """Keeps the works of third parties, and tells whether a picture is a copy of one."""

    def __init__(
        self,
        records: Records,
        events: EventLog,
        keypoints: KeypointFinder | None,
        jobs: JobRunner,
        clock: Clock,
    ) -> None:
        self._records = records
        self._events = events
        self._reader = WorkReader(keypoints)
        self._jobs = jobs
        self._clock = clock
        self._drop_index()

    def read(self, paths: Sequence[Path], progress: Progress | None = None) -> WorksRead:
        """Register every file given, folders recursively, batch by batch: a second call goes on.

        Raises UsageError where a path doesn't exist.
        """
        with _log.timed("third parties' works registered") as facts:
            read = self._read(list(given_files(paths)), progress or Silent())
            facts |= {"new": read.new, "unreadable": len(read.unreadable)}
        return read

    def _read(self, files: Sequence[GivenFile], told: Progress) -> WorksRead:
        unreadable: list[str] = []
        new = 0
        told.begin("Reading works", len(files))
        for first in range(0, len(files), READ_BATCH * REGISTER_BATCHES):
            some = files[first : first + READ_BATCH * REGISTER_BATCHES]
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
            try:
                data = file.read()
            except (OSError, IntegrityError):
                yield file.name, None
                continue
            if len(batches[-1]) == READ_BATCH:
                batches.append([])
            batches[-1].append((file.name, data))
        tasks = [[data for _, data in batch] for batch in batches]
        for index, prints in self._jobs.run(self._reader.read, tasks):
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
            is_known = name in new or self._records.row(_KIND, name) is not None
            lacks_detail = made.detail is not None and self._records.row(_DETAIL, name) is None
            if is_known and (name in new or not lacks_detail):
                continue
            if not is_known:
                new.add(name)
            records += _rows(name, file, moment, stamp(now), made)
        if records:
            self._records.put_all(records)
            self._events.record("works-registered", {"works": len(new)})
            self._drop_index()
        return len(new)

    def count(self) -> int:
        """How many works are registered."""
        return self._records.count(_KIND)

    def all(self) -> Iterator[RegisteredWork]:
        """Every work, in the order they were registered."""
        for record in self._records.find(_KIND):
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
        known = [each for each in dict.fromkeys(identifiers) if self._records.row(_KIND, each) is not None]
        if known:
            with self._records.transaction():
                self._records.delete(_KIND, known)
                self._records.delete(_DETAIL, known)
            self._records.rewrite()
            self._events.record("works-removed", {"works": len(known)})
            self._drop_index()
            _log.info("third parties' works removed", works=len(known))
        return len(known)

    @property
    def newest(self) -> int:
        """When the latest work was registered, in microseconds since 1970; 0 where there is none.

        No two calls of `register` have the same moment, however coarse the clock is.
        """
        last = self._records.last(_KIND)
        return 0 if last is None else last.position

    def findings(self, prints: Sequence[Fingerprint], since: int = 0) -> list[Finding]:
        """`third-party-copy` for a copy of a registered work; `possible-copy` where that isn't sure.

        prints: of a file's pictures. since: only works registered after that moment count.
        """
        index = self._indexed()
        if index is None:
            return []
        found: dict[Resemblance, set[str]] = {"same": set(), "near": set(), "other": set()}
        for seen in prints:
            for proposal in index.proposals(seen):
                if self._moments[proposal.place] > since:
                    work = self._work(proposal.place, with_detail=seen.detail is not None)
                    answer = compared(seen, work, mirrored=proposal.mirrored)
                    found[answer].add(self._names[proposal.place])
        for answer, code in (("same", "third-party-copy"), ("near", "possible-copy")):
            if found[answer]:
                return [finding(code, {"works": sorted(found[answer])})]
        return []

    def _drop_index(self) -> None:
        self._index: WorkIndex | None = None
        self._names: list[str] = []
        self._moments: list[int] = []
        self._prints: list[Fingerprint] = []
        self._opened = lru_cache(_OPENED_MAX)(self._detail)

    def _indexed(self) -> WorkIndex | None:
        """The index of all works, made anew where another process has added some; None without works."""
        newest = self.newest
        if self._index is not None and newest != self._moments[-1]:
            self._drop_index()
        if self._index is None and newest:
            keywords: list[Hashes] = []
            for record in self._records.find(_KIND):
                self._names.append(record.id)
                self._moments.append(record.position)
                self._prints.append(Fingerprint.from_json(record.body))
                keywords.append(np.frombuffer(base64.b64decode(record.body.get("words", "")), "<u8"))
            self._index = WorkIndex(self._prints, keywords)
        return self._index

    def _work(self, place: int, *, with_detail: bool) -> Fingerprint:
        known = self._prints[place]
        if not with_detail:
            return known
        return Fingerprint(known.hash, known.greys, known.aspect, self._opened(self._names[place]))

    def _detail(self, name: str) -> Detail | None:
        record = self._records.get(_DETAIL, name)
        return None if record is None else Detail.from_json(record.body)


def _rows(name: str, file: str, moment: int, at: str, made: Fingerprint) -> Iterator[Record]:
    body = {**made.to_json(), "file": file, "at": at}
    if made.detail is not None:
        body["words"] = base64.b64encode(words(made).astype("<u8").tobytes()).decode()
        yield Record(_DETAIL, name, made.detail.to_json(), (CONTROLLER,))
    yield Record(_KIND, name, body, (CONTROLLER,), position=moment)
