"""Proof of exactness: train again, from nothing, on who remains; compare hashes.

The affected constituent is trained from scratch without the person, in fresh
processes, and must come out bit for bit as the one that is served after the
replay. Two controls say that the hash can tell: the constituent that was served
while the person was in it (the request recorded its hash before destroying it),
and one trained without one further person. Both must differ.

Bits are only comparable on the environment and the base that trained them; elsewhere
the answer is "not comparable here", which isn't a failure.
"""

from __future__ import annotations

from dataclasses import dataclass

from volenti.clearance.access import Access
from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.core.errors import NotFoundError
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress, Silent
from volenti.training.lesson import Lesson, Tasks, lessons
from volenti.training.ports import Trainer
from volenti.training.run import Run, constituent_id
from volenti.training.service import Training
from volenti.vault.records import Records


@dataclass(frozen=True, slots=True)
class Exactness:
    """What was compared. `comparable` is False on another environment than trained the run."""

    constituent: str
    sha256_after: str
    sha256_scratch: str
    #: With the person: recorded while they were in it. Empty where no request recorded it.
    sha256_control: str
    #: Without one more person: says that the hash can tell one person.
    sha256_one_less: str
    comparable: bool
    environment: Json

    @property
    def ok(self) -> bool:
        """Equal without the person, different with them, and different without one more."""
        others = {self.sha256_control, self.sha256_one_less}
        return (
            self.comparable and self.sha256_after == self.sha256_scratch and self.sha256_after not in others
        )

    def to_json(self) -> Json:
        return {"constituent": self.constituent, "sha256_after": self.sha256_after,
                "sha256_scratch": self.sha256_scratch, "sha256_control": self.sha256_control,
                "sha256_one_less": self.sha256_one_less, "comparable": self.comparable, "ok": self.ok,
                "environment": self.environment}  # fmt: skip


class Prover:
    """Trains constituents from scratch, beside the ones that are served."""

    def __init__(
        self,
        records: Records,
        training: Training,
        access: Access,
        trainer: Trainer,
        jobs: JobRunner,
        key: bytes,
    ) -> None:
        self._records = records
        self._training = training
        self._access = access
        self._trainer = trainer
        self._jobs = jobs
        self._key = key

    def prove(
        self, run: Run, shard: int, *, control: str = "", progress: Progress | None = None
    ) -> Exactness:
        """Compare a served constituent with one trained from scratch on who remains.

        control: the hash recorded while the person was still in it, if there is one.
        Raises NotFoundError where the shard has no constituent (its last person left).
        """
        served = self._records.get("constituent", constituent_id(run.id, shard))
        if served is None:
            raise NotFoundError(f"Shard {shard} has no constituent any more.", "Nothing is left to compare.")
        mine = self._training.lessons(run, [shard])
        known: dict[str, bytes] = {}
        scratch = self.scratch(mine, known, progress)
        one_less = self.scratch(without_one(mine, self._key), known, progress)
        here = self._trainer.environment()
        comparable = here == run.environment and self._training.on_its_base(run)
        return Exactness(served.id, served.body["sha256"], scratch, control, one_less, comparable, here)

    def scratch(self, wanted: list[Lesson], known: dict[str, bytes], progress: Progress | None = None) -> str:
        """SHA-256 of a constituent trained now on these lessons. Nothing is stored.

        known: weights trained in this proof so far, by the digest of what was taught; added to.
        """
        told = progress or Silent()
        due = [lesson for lesson in wanted if lesson.digest not in known]
        told.begin("Training from scratch", len(due))
        for index, result in self._jobs.run(self._trainer.train, Tasks(due, self._access)):
            known[due[index].digest] = result.weights
            told.advance()
        told.end()
        parts = [(len(lesson.pupils), known[lesson.digest]) for lesson in wanted]
        return sha256(next(iter(self._jobs.run(self._trainer.merge, [parts])))[1])


def without_one(wanted: list[Lesson], key: bytes) -> list[Lesson]:
    """The lessons without the last person in order of identifier: the negative control."""
    last = max(owner for lesson in wanted for owner in lesson.owners)
    pupils = [pupil for lesson in wanted for pupil in lesson.pupils if last not in pupil.owners]
    return lessons(pupils, key, wanted[0].recipe)
