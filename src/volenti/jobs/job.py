"""Job: long work that somebody asked for, how far it is, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from volenti.core.canonical import Json
from volenti.core.codec import ELSEWHERE, decoded
from volenti.core.shown import short_repr
from volenti.vault.records import Record


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


#: What a job is in once nobody works on it any more.
OVER = (JobState.DONE, JobState.FAILED, JobState.STOPPED)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: an error's code, message and remedy."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work.

    `verb` is the command that does it, such as "dataset cut", and `arguments` what it is called with: plain
    values, as JSON. Once the job is over, only identifiers are left of them. `by` is the identifier of the
    user who asked, empty where it was asked for at the command line. `what` is the step that it is at, of
    which `done` parts of `total` are done; `total` is None where nobody knows it. `attempts` is how often a
    worker began with it. `figures` are what came of it. Moments are RFC 3339, empty while they haven't come.
    """

    id: str = field(metadata=ELSEWHERE)
    state: JobState = field(metadata=ELSEWHERE)
    #: The place in the order in which jobs were asked for, from 1.
    number: int = field(metadata=ELSEWHERE)
    verb: str
    arguments: Json
    by: str
    asked: str
    started: str = ""
    ended: str = ""
    attempts: int = 0
    what: str = ""
    done: int = 0
    total: int | None = None
    #: Whether somebody asked to stop it, and the worker hasn't noticed yet.
    is_stopping: bool = False
    figures: Json = field(default_factory=dict)
    failure: Failure | None = None

    __repr__ = short_repr

    @property
    def is_over(self) -> bool:
        """Whether nobody works on it any more."""
        return self.state in OVER

    @property
    def percent(self) -> int | None:
        """How much of its step is done, 0 to 100; None where nobody knows."""
        if self.state is JobState.DONE:
            return 100
        return min(100, 100 * self.done // self.total) if self.total else None

    @classmethod
    def read(cls, record: Record) -> Self:
        """The job of a row."""
        return decoded(cls, record.body, id=record.id, state=record.state, number=record.position)
