"""Jobs: keeps the queue of long work, and does it, one after the other.

A job is a row, so that it survives whoever works on it. A worker that is killed leaves its job "running"; the
next worker begins it once more, and every verb goes on where it was stopped. Only one worker is at it at a
time: whoever holds the lock.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp
from volenti.core.codec import encoded
from volenti.core.errors import ConflictError, StorageError, VolentiError
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.core.progress import Silent
from volenti.jobs.holder import JobHolder
from volenti.jobs.job import Failure, Job, JobState
from volenti.vault.owner import CONTROLLER

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from volenti.core.locks import Locks
    from volenti.core.progress import Progress
    from volenti.vault.event_log import EventLog
    from volenti.vault.holder import Holders
    from volenti.vault.records import Records

JOB = "job"
#: Jobs that are over and kept; how often one is begun before it counts as failed.
KEPT, ATTEMPTS = 100, 3
#: Seconds between two writings of how far a job is.
_EVERY = 1.0
#: Does a job's verb; returns what came of it, in figures.
Does = Callable[[Job, "Progress"], Json]
#: Called with a job when a worker begins it, and when it is over.
JobCallback = Callable[[Job], None]

_log = Logger(__name__)


class StoppedError(KeyboardInterrupt):
    """Somebody asked to stop the job. Verbs take it as they take Ctrl-C: what is finished is kept."""


class Jobs:
    """The jobs of a workspace."""

    def __init__(
        self, records: Records, events: EventLog, locks: Locks, clock: Clock, holders: Holders
    ) -> None:
        self._records = records
        self._events = events
        self._locks = locks
        self._clock = clock
        holders.announce(JobHolder(self))

    def add(self, verb: str, arguments: Json, by: str) -> Job:
        """Put a job into the queue."""
        with self._records.transaction():
            last = self._records.last(JOB)
            number = 1 if last is None else last.position + 1
            job = Job(new("job"), JobState.QUEUED, number, verb, arguments, by, stamp(self._clock()))
            self._keep(job)
            self._events.record("job-asked-for", {"job": job.id, "verb": verb, "by": by}, (CONTROLLER,))
        _log.info("job asked for", verb=verb.replace(" ", "-"))
        return job

    def all(self) -> list[Job]:
        """Every job that is kept, the newest first: those under way, and the last that are over."""
        found = [Job.read(each) for each in self._records.find(JOB)]
        return sorted(found, key=lambda each: each.number, reverse=True)

    def under_way(self) -> list[Job]:
        """Jobs that run or wait, in the order in which they are done."""
        return [*self._in(JobState.RUNNING), *self._in(JobState.QUEUED)]

    def find(self, identifier: str) -> Job:
        """The job; NotFoundError where there is none, or it was over so long ago that it isn't kept."""
        return Job.read(self._records.require(JOB, identifier))

    def stop(self, identifier: str) -> Job:
        """Take a job out of the queue, or ask its worker to stop it; what it finished is kept.

        Raises ConflictError where it is over.
        """
        with self._records.transaction():
            job = self.find(identifier)
            if job.is_over:
                raise ConflictError(f"{job.id} is over already.", "Look at what came of it: volenti job show")
            self._events.record("job-stopped", {"job": job.id}, (CONTROLLER,))
            if job.state is JobState.QUEUED:
                return self._end(job, JobState.STOPPED)
            return self._keep(replace(job, is_stopping=True))

    def turn(self) -> AbstractContextManager[None]:
        """Wait until no other worker is at work, then be the one who is."""
        return self._locks.take("jobs", Silent())

    def next(self) -> Job | None:
        """The job that is due, which counts as running from now on; None where there is none.

        First what a worker began and didn't end. Call it only in one's turn. A job at which worker after
        worker ended counts as failed.
        """
        with self._records.transaction():
            for job in self.under_way():
                if job.is_stopping:
                    self._end(job, JobState.STOPPED)
                elif job.attempts >= ATTEMPTS:
                    self._fail(job, ended_early(job))
                else:
                    now = stamp(self._clock())
                    begun = replace(job, state=JobState.RUNNING, started=job.started or now)
                    return self._keep(replace(begun, attempts=job.attempts + 1, is_stopping=False))
        return None

    def carry_out(self, job: Job, does: Does, keeps: tuple[str, ...]) -> Job:
        """Do a job, and put on record what came of it.

        keeps: names of the arguments that stay on record. An error of the verb's is the job's failure;
        whatever else ends this process leaves the job as it is, for the next worker.
        """
        told = _Told(self, job.id)
        try:
            with _log.timed("job", verb=job.verb.replace(" ", "-")):
                figures = does(job, told)
        except StoppedError:
            return self._over(job.id, JobState.STOPPED, keeps)
        except VolentiError as error:
            failure = Failure(error.code, error.message, error.remedy)
            return self._over(job.id, JobState.FAILED, keeps, failure=failure)
        except Exception as error:
            # What an unknown error says may be anything: its class has to do.
            said = f"{type(error).__name__}: this is a fault in Volenti."
            remedy = f"Do it at the command line to see more: volenti --debug {job.verb}"
            failure = Failure(VolentiError.code, said, remedy)
            return self._over(job.id, JobState.FAILED, keeps, failure=failure)
        return self._over(job.id, JobState.DONE, keeps, figures=figures)

    def report(self, identifier: str, what: str, done: int, total: int | None) -> None:
        """Put on record how far a job is; raises StoppedError where somebody asked to stop it."""
        with self._records.transaction():
            job = replace(self.find(identifier), what=what, done=done, total=total)
            self._keep(job)
        if job.is_stopping:
            raise StoppedError

    def naming(self, subject: str) -> Iterator[Job]:
        """Jobs that name somebody: in their arguments, in what came of them, or in their error."""
        return (job for job in self.all() if _names(job, subject))

    def hush(self, subject: str) -> int:
        """Take away what jobs say about somebody, and words that those that are over say of anybody.

        A job that waits and names them can't be done any more: it is stopped. Returns how many rows changed.
        """
        with self._records.transaction():
            before = self.all()
            for job in before:
                named = _names(job, subject)
                if job.state is JobState.QUEUED and named:
                    self._end(replace(job, arguments={}), JobState.STOPPED)
                elif job.is_over:
                    self._keep(_hushed(job, {} if named else job.arguments))
            return sum(1 for job in before if self.find(job.id) != job)

    def _in(self, state: JobState) -> list[Job]:
        return [Job.read(each) for each in self._records.find(JOB, state=state)]

    def _over(
        self,
        identifier: str,
        state: JobState,
        keeps: tuple[str, ...],
        *,
        figures: Json | None = None,
        failure: Failure | None = None,
    ) -> Job:
        with self._records.transaction():
            job = self.find(identifier)
            left = {name: said for name, said in job.arguments.items() if name in keeps}
            job = replace(job, arguments=left, figures=figures or {}, failure=failure)
            return self._end(job, state)

    def _fail(self, job: Job, error: VolentiError) -> None:
        failure = Failure(error.code, error.message, error.remedy)
        self._end(replace(job, arguments={}, failure=failure), JobState.FAILED)

    def _end(self, job: Job, state: JobState) -> Job:
        """Put on record that a job is over; of those that are, only the last are kept."""
        ended = self._keep(replace(job, state=state, ended=stamp(self._clock()), is_stopping=False))
        over = [each for each in self.all() if each.is_over]
        self._records.delete(JOB, [each.id for each in over[KEPT:]])
        return ended

    def _keep(self, job: Job) -> Job:
        self._records.put(
            JOB, job.id, encoded(job), owners=(CONTROLLER,), state=job.state, position=job.number
        )
        return job


@dataclass(slots=True)
class _Step:
    what: str
    total: int | None
    done: int = 0


class _Told:
    """The `Progress` of a job: puts it on record once a second at most, and stops where that is wanted."""

    def __init__(self, jobs: Jobs, identifier: str) -> None:
        self._jobs = jobs
        self._id = identifier
        #: What has begun and not ended, the innermost last.
        self._open: list[_Step] = []
        self._written = 0.0

    def begin(self, what: str, total: int | None) -> None:
        """Put on record which work begins."""
        self._open.append(_Step(what, total))
        self._write()

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Count. Notes may name files, so they aren't kept."""
        if self._open:
            self._open[-1].done += steps
            self._write()

    def end(self) -> None:
        """Go back to the work around."""
        if self._open:
            self._open.pop()

    def _write(self) -> None:
        if time.monotonic() - self._written >= _EVERY:
            self._written = time.monotonic()
            step = self._open[-1]
            self._jobs.report(self._id, step.what, step.done, step.total)


def ended_early(job: Job) -> StorageError:
    """What is said of a job that a worker began, and never ended."""
    return StorageError(
        "The worker ended while it did this.",
        "Ask for it again; where that ends the same way, do it at the command line to see more: "
        f"volenti {job.verb}",
    )


def _names(job: Job, subject: str) -> bool:
    said = str(encoded((job.arguments, job.figures, job.failure)))
    return re.search(rf"(?<![\w-]){re.escape(subject)}(?![\w-])", said) is not None


def _hushed(job: Job, arguments: Json) -> Job:
    """The job with these arguments, and without a word in its figures and its error."""
    figures = {name: said for name, said in job.figures.items() if isinstance(said, int | float)}
    failure = job.failure and replace(job.failure, message="", remedy="")
    return replace(job, arguments=arguments, figures=figures, failure=failure)
