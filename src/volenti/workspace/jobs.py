"""Jobs: long work that somebody asked for, which a worker does."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from volenti.workspace.carrying import PAUSE, Carrying
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.core.canonical import Json
    from volenti.core.progress import Progress
    from volenti.jobs.job import Job
    from volenti.jobs.service import JobCallback


class Jobs(Noun):
    """Long work that somebody asked for, which a worker does."""

    def start(self, verb: str, arguments: Json | None = None, *, by: str = "") -> Job:
        """Ask for long work; a worker does it, one job after the other, and goes on after being stopped.

        verb: the command that does the same, such as "clear" or "dataset cut": one of
        `volenti.workspace.job_verbs.VERBS`. arguments: what it is called with, by name, in plain values:
        texts, numbers, lists and dicts of them. by: the identifier of the user who asks. Returns the job,
        which waits for its turn. Raises UsageError where no job does that, or an argument is unknown, isn't
        plain, or is lacking.

        Example:
            ws.jobs.start("clear", {"purpose": "generative-training"}).id
        """
        from volenti.workspace.job_verbs import check_arguments

        given = check_arguments(self._workspace(), verb, arguments or {})
        return self._parts.jobs.add(verb, given, by)

    def list(self) -> Sequence[Job]:
        """List jobs, the newest first: those that wait or run, and the last hundred that are over.

        Example:
            [each.verb for each in ws.jobs.list() if not each.is_over]
        """
        return self._parts.jobs.all()

    def show(self, job: str) -> Job:
        """Show one job: how far it is, and what came of it.

        job: which. Raises NotFoundError where there is none, or it was over so long ago that it isn't kept.

        Example:
            ws.jobs.show("job_k3v5q2m7x4n6a2b5c7d2").state
        """
        return self._parts.jobs.find(job)

    def stop(self, job: str) -> Job:
        """Take a job out of the queue, or have its worker stop it. What was finished of it is kept.

        job: which. Returns it; where it runs, its worker stops it within moments. Asking for the same work
        again goes on with it. Raises NotFoundError where there is none, ConflictError where it is over.

        Example:
            ws.jobs.stop("job_k3v5q2m7x4n6a2b5c7d2")
        """
        return self._parts.jobs.stop(job)

    def work(self, *, once: bool = False, watch: JobCallback | None = None) -> int:
        """Do jobs, one after the other, until this process is stopped: be the worker.

        `volenti.serve` starts a process that does this. Letters that are due are sent meanwhile. While
        another worker is at it, this one waits. What a worker left unfinished is gone on with first. once:
        return as soon as no job waits. watch: called with each job when it begins and when it is over.
        Returns how many jobs it did.

        Example:
            ws.jobs.work(once=True)
        """
        jobs, did = self._parts.jobs, 0
        told = watch or (lambda job: None)
        with jobs.turn(), nullcontext() if once else Carrying(self._parts):
            while True:
                job = jobs.next()
                if job is None:
                    if once:
                        self._parts.letters.deliver()
                        return did
                    time.sleep(PAUSE)
                    continue
                told(job)
                told(self._carry_out(job))
                did += 1

    def _carry_out(self, job: Job) -> Job:
        from volenti.jobs.service import ended_early
        from volenti.workspace.job_verbs import do, verb_of

        verb = verb_of(job.verb)

        def does(job: Job, progress: Progress) -> Json:
            if job.attempts > 1 and not verb.resumes:
                raise ended_early(job)
            return verb.figures(do(self._workspace(), job.verb, job.arguments, progress))

        return self._parts.jobs.carry_out(job, does, verb.keeps)

    def _workspace(self) -> Any:
        from volenti.workspace.workspace import Workspace

        return Workspace(self._parts)
