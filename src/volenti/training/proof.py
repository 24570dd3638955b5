"""Proof of exactness: train again, from nothing, on who remains; compare with what is served.

What is to be proved is derived from the snapshot, consent and the partition as they are now, never from
what an erasure wrote down about itself: every shard of every run that has, or should have, a constituent.
Each is trained from scratch in fresh processes, on pictures read anew, and the bytes that serve are
opened and compared with that, slice by slice and merged. A slice or constituent that nobody asks for is
a problem by itself, and so is one that is sealed for others than it learned from.

Two controls say that the hash can tell: one trained without one further person must differ, and so must
what was served while the person was in it, of which the erasure kept a commitment.

Bits are only comparable on the environment and the base that trained them; elsewhere the answer is
"not comparable here", which isn't a failure. Where only the pictures are read differently by now,
by another Pillow or framing, it is said which slices that is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from volenti.clearance.access import Access
from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.core.errors import VolentiError
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress, Silent
from volenti.training.model_store import SERVING
from volenti.training.partition import Place
from volenti.training.ports import Trainer
from volenti.training.run import Run, Slice, constituent_id
from volenti.training.service import Training
from volenti.training.slice_spec import SliceSpec, SliceTasks, specs
from volenti.training.slice_trainer import SliceTrainer, environment_of


@dataclass(slots=True)
class Exactness:
    """What was compared of one constituent. `problems` are what stands against it, in words.

    `comparable` is False on another environment than trained it. Hashes are SHA-256 of weights; empty
    where there are none: a shard that everybody left has nothing that could be served.
    """

    constituent: str
    #: Of the bytes that serve, opened now.
    sha256_after: str = ""
    sha256_scratch: str = ""
    #: With the person: recorded while they were in it. Empty where no request recorded it in the clear.
    sha256_control: str = ""
    #: Without one more person: says that the hash can tell one person. Empty where there is no other.
    sha256_one_less: str = ""
    comparable: bool = True
    #: False where it is kept and not served, because fewer people are in it than the recipe asks for.
    serves: bool = True
    #: Because of whom it isn't served today, by why: there is nothing to prove until it learned anew.
    suspended: dict[str, tuple[str, ...]] = field(default_factory=dict)
    environment: Json = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Equal without the person, different with them, and different without one more."""
        others = {self.sha256_control, self.sha256_one_less} - {""}
        same = self.sha256_after == self.sha256_scratch and self.sha256_after not in others
        return self.comparable and same and not self.problems and not self.suspended

    def to_json(self) -> Json:
        """What was compared as a JSON object, with `ok`."""
        return {
            "constituent": self.constituent,
            "sha256_after": self.sha256_after,
            "sha256_scratch": self.sha256_scratch,
            "sha256_control": self.sha256_control,
            "sha256_one_less": self.sha256_one_less,
            "comparable": self.comparable,
            "serves": self.serves,
            "ok": self.ok,
            "suspended": {code: list(who) for code, who in self.suspended.items()},
            "problems": list(self.problems),
            "environment": self.environment,
        }


@dataclass(frozen=True, slots=True)
class _Scratch:
    """A slice trained now: its weights, and the digest of what the trainer was given."""

    weights: bytes
    given: str


#: What was trained in one proof so far, by the digest of the spec: runs share slices.
Known = dict[str, _Scratch]
Slices = dict[Place, Slice]


class Prover:
    """Trains constituents from scratch, beside the ones that are served."""

    def __init__(
        self,
        training: Training,
        access: Access,
        trainer: Trainer,
        new_jobs: Callable[[], AbstractContextManager[JobRunner]],
        key: bytes,
    ) -> None:
        """new_jobs: gives a runner whose processes have trained nothing yet, and ends them after."""
        self._training = training
        self._access = access
        self._trainer = trainer
        self._new_jobs = new_jobs
        self._key = key

    def prove_all(
        self, runs: Sequence[Run], controls: dict[str, str], progress: Progress | None = None
    ) -> list[Exactness]:
        """Every shard of every run given.

        controls: hashes recorded while a person was in it, by constituent.
        """
        known: Known = {}
        with self._new_jobs() as jobs:
            return [
                self._proved(
                    run, shard, controls.get(constituent_id(run.id, shard), ""), known, jobs, progress
                )
                for run in runs
                for shard in self.shards(run)
            ]

    def prove(
        self, run: Run, shard: int, *, control: str = "", progress: Progress | None = None
    ) -> Exactness:
        """Compare one constituent with one trained from scratch on who remains."""
        with self._new_jobs() as jobs:
            return self._proved(run, shard, control, {}, jobs, progress)

    def shards(self, run: Run) -> list[int]:
        """Every shard that has something, or should have."""
        model_store = self._training.model_store
        wanted = {spec.place.shard for spec in self._training.specs(run)}
        return sorted(
            wanted
            | set(model_store.shards(run.id))
            | {each.place.shard for each in model_store.slices(run.id)}
        )

    def _proved(
        self, run: Run, shard: int, control: str, known: Known, jobs: JobRunner, progress: Progress | None
    ) -> Exactness:
        name = constituent_id(run.id, shard)
        for each in self._training.model_store.suspensions(run.id):
            against = {code: who for code, who in each.reasons if who}
            if each.what == name and against:
                return Exactness(name, suspended=against, serves=False)
        mine = self._training.specs(run, [shard])
        here = environment_of(self._trainer)
        found = Exactness(name, sha256_control=control, environment=here)
        slices: Slices = {each.place: each for each in self._training.model_store.slices(run.id, [shard])}
        environments = [each.environment or run.environment for each in slices.values()]
        if any(each != environments[0] for each in environments):
            found.problems.append("its slices were trained in several environments")
        found.comparable = self._training.on_its_base(run) and all(each == here for each in environments)
        found.problems += self._of_rows(run, shard, mine, slices)
        found.sha256_after = self._served(run, shard, found)
        if not mine or not found.comparable:
            return found
        found.sha256_scratch = self._scratch(mine, known, jobs, progress)
        found.problems += self._of_slices(mine, slices, known)
        fewer = without_one(mine, self._key)
        if fewer:
            found.sha256_one_less = self._scratch(fewer, known, jobs, progress)
        if found.sha256_after != found.sha256_scratch:
            found.problems.append("what serves isn't what a training from scratch gives")
        for said, other in (("with them", found.sha256_control), ("without one more", found.sha256_one_less)):
            if other and other == found.sha256_after:
                found.problems.append(f"the control {said} is the same: the hash can't tell")
        return found

    def _served(self, run: Run, shard: int, found: Exactness) -> str:
        """The SHA-256 of the bytes that serve, opened now; what is wrong with them is added to `found`."""
        model_store = self._training.model_store
        kept = model_store.constituent(run.id, shard)
        if kept is None:
            return ""
        made, row = kept
        found.serves = row.state == SERVING
        try:
            after = sha256(model_store.weights(made))
        except VolentiError as error:
            found.problems.append(f"its weights don't open: {error.message}")
            return ""
        if after != made.sha256:
            found.problems.append("other bytes are stored than were recorded")
        return after

    def _of_rows(self, run: Run, shard: int, mine: Sequence[SliceSpec], slices: Slices) -> Iterator[str]:
        """What is wrong with what is on record of a shard, before anything is trained."""
        owners = {owner for spec in mine for owner in spec.owners}
        kept = self._training.model_store.constituent(run.id, shard)
        if kept is None:
            if mine:
                yield "nothing was merged of it: train it"
        else:
            made, row = kept
            if set(row.owners) != owners:
                yield "it is sealed for others than may be in it"
            if {who for who, _ in made.uses} != owners:
                yield "it says of others that it learned from them"
            if (row.state == SERVING) and len(owners) < run.recipe.min_people:
                yield f"it is served, and fewer than {run.recipe.min_people} people are in it"
        places = {spec.place for spec in mine}
        for place in sorted(set(slices) - places, key=str):
            yield f"slice {place} is kept, and nobody may be learned from there"
        for spec in mine:
            if spec.place not in slices:
                yield f"slice {spec.place} isn't there: train it"
            elif set(self._training.model_store.owners_of(run.id, spec.place)) != set(spec.owners):
                yield f"slice {spec.place} is sealed for others than may be in it"

    def _of_slices(self, mine: Sequence[SliceSpec], slices: Slices, known: Known) -> Iterator[str]:
        """Which slices aren't what a training from scratch gives, and why that may be."""
        for spec in mine:
            kept = slices.get(spec.place)
            if kept is None:
                continue
            scratch = known[spec.digest]
            try:
                stored = self._training.model_store.result(kept).weights
            except VolentiError as error:
                yield f"slice {spec.place} doesn't open: {error.message}"
                continue
            if sha256(stored) != kept.sha256:
                yield f"slice {spec.place}: other bytes are stored than were recorded"
            if kept.given and kept.given != scratch.given:
                yield (
                    f"slice {spec.place} was taught something else than its pictures give when they are "
                    "read now: other captions, another seed, or pictures framed otherwise"
                )
            elif stored != scratch.weights:
                yield f"slice {spec.place} has other weights than its pictures give"

    def _scratch(
        self, wanted: Sequence[SliceSpec], known: Known, jobs: JobRunner, progress: Progress | None
    ) -> str:
        """SHA-256 of a constituent trained now on these specs. Nothing is stored."""
        told = progress or Silent()
        due = [spec for spec in wanted if spec.digest not in known]
        told.begin("Training from scratch", len(due))
        for index, taught in jobs.run(SliceTrainer(self._trainer).teach, SliceTasks(due, self._access)):
            known[due[index].digest] = _Scratch(taught.result.weights, taught.given)
            told.advance()
        told.end()
        parts = [(len(spec.examples), known[spec.digest].weights) for spec in wanted]
        return sha256(next(iter(jobs.run(self._trainer.merge, [parts])))[1])


def without_one(wanted: Sequence[SliceSpec], key: bytes) -> list[SliceSpec]:
    """The specs without the last person in order of identifier: the negative control."""
    last = max(owner for spec in wanted for owner in spec.owners)
    examples = [example for spec in wanted for example in spec.examples if last not in example.owners]
    return specs(examples, key, wanted[0].recipe)
