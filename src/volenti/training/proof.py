"""Proof of exactness: trains constituents from scratch on the remaining people, and compares the bits.

What to prove is derived from the snapshot, consent and the partition as they are now, never from what an
erasure wrote down about itself: it is every shard of every run that has, or should have, a constituent. Each
is trained from scratch in fresh processes, on pictures read anew. Then the stored bytes are opened and
compared with that, slice by slice and merged. It is also a problem where a slice or constituent is stored
that shouldn't be there, or is sealed for other people than it learned from.

Two controls show that the hash can tell one person. A training without one further person must give other
bits. So must the constituent that was served before the erasure, of which the request kept a hash.

Bits can be compared only in the environment and on the base that they were trained with; elsewhere the
answer is "not comparable here", no failure. Where pictures are read in another way now, the problems say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

from volenti.clearance.access import Access
from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError, VolentiError
from volenti.core.jobs import JobRunner
from volenti.core.logs import Fact, Logger
from volenti.core.progress import Progress, Silent
from volenti.core.shown import short_repr
from volenti.training.model_store import SERVING, TOO_FEW
from volenti.training.partition import Place
from volenti.training.run import Run, Slice, constituent_id
from volenti.training.service import Training
from volenti.training.slice_spec import SliceSpec, SliceTasks, without_one
from volenti.training.slice_trainer import SliceTrainer, environment_of

_log = Logger(__name__)

#: What is said of a run whose row doesn't open.
DAMAGED = "its row doesn't open; remove it, and train again: volenti run remove RUN"


@dataclass(slots=True)
class Exactness:
    """The result for one constituent. `problems` say in words what is wrong with it.

    `comparable` is False in another environment than it was trained in. Hashes are SHA-256 of weights. They
    are empty where there are no weights: a shard in which nobody is left has no constituent.
    """

    constituent: str
    #: Of the stored weights, opened now.
    sha256_after: str = ""
    sha256_scratch: str = ""
    #: Of the constituent with the person in it, recorded before the erasure. Empty where it isn't known.
    sha256_control: str = ""
    #: Of a training without one more person. Empty where there is nobody else.
    sha256_one_less: str = ""
    comparable: bool = True
    #: False where it is kept and not served, because it has fewer people than the recipe asks for.
    serves: bool = True
    #: Who stands against serving it today, by reason. Then nothing is proved until it is trained again.
    suspended: dict[str, tuple[str, ...]] = field(default_factory=dict)
    environment: Json = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    __repr__ = short_repr

    @property
    def ok(self) -> bool:
        """Whether the weights equal those from scratch, and differ from both controls, without a problem."""
        others = {self.sha256_control, self.sha256_one_less} - {""}
        same = self.sha256_after == self.sha256_scratch and self.sha256_after not in others
        return self.comparable and same and not self.problems and not self.suspended

    def to_json(self) -> Json:
        """The result as a JSON object, with `ok`."""
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
    """A slice trained from scratch: its weights, and the digest of what the trainer was given."""

    weights: bytes
    given: str


#: Slices trained in one proof so far, by the digest of the spec, because runs share slices.
Known = dict[str, _Scratch]
Slices = dict[Place, Slice]


class Prover:
    """Trains constituents from scratch, and compares them with the stored ones."""

    def __init__(
        self,
        training: Training,
        access: Access,
        new_jobs: Callable[[], AbstractContextManager[JobRunner]],
        key: bytes,
    ) -> None:
        """new_jobs: gives a runner whose processes have trained nothing yet, and ends these afterwards."""
        self._training = training
        self._access = access
        self._new_jobs = new_jobs
        self._key = key

    def prove_all(
        self, runs: Sequence[Run], controls: dict[str, str], progress: Progress | None = None
    ) -> list[Exactness]:
        """Prove every shard of every run given.

        controls: hashes of constituents recorded before an erasure, by constituent.
        """
        known: Known = {}
        with self._new_jobs() as jobs, _log.timed("constituents proved", runs=len(runs)) as facts:
            found = [
                self._proved(
                    run, shard, controls.get(constituent_id(run.id, shard), ""), known, jobs, progress
                )
                for run in runs
                for shard in self.shards(run)
            ]
            found += [Exactness(run, serves=False, problems=[DAMAGED]) for run in self._training.damaged()]
            _count(found, facts)
        return found

    def prove(
        self, run: Run, shard: int, *, control: str = "", progress: Progress | None = None
    ) -> Exactness:
        """Prove one constituent: compare it with one trained from scratch on the remaining people."""
        with self._new_jobs() as jobs, _log.timed("constituents proved", runs=1) as facts:
            found = self._prove(run, shard, control, {}, jobs, progress)
            _count([found], facts)
        return found

    def shards(self, run: Run) -> list[int]:
        """Every shard that has a slice or constituent, or should have one."""
        wanted = {spec.place.shard for spec in self._training.specs(run)}
        kept = {place.shard for place, _ in self._training.model_store.places(run.id)}
        return sorted(wanted | kept | set(self._training.model_store.shards(run.id)))

    def _proved(
        self, run: Run, shard: int, control: str, known: Known, jobs: JobRunner, progress: Progress | None
    ) -> Exactness:
        """Prove one constituent; what is too damaged to be compared stops the proof of no other."""
        try:
            return self._prove(run, shard, control, known, jobs, progress)
        except IntegrityError as error:
            problem = f"something of it is damaged: {error.message}"
            return Exactness(constituent_id(run.id, shard), serves=False, problems=[problem])

    def _prove(
        self, run: Run, shard: int, control: str, known: Known, jobs: JobRunner, progress: Progress | None
    ) -> Exactness:
        name = constituent_id(run.id, shard)
        for each in self._training.model_store.suspensions(run.id):
            against = {code: who for code, who in each.reasons if who}
            if each.what == name and against:
                return Exactness(name, suspended=against, serves=False)
        kept = self._training.model_store.constituent(run.id, shard)
        # An earlier version kept what has too few people: it isn't served, and is proved as it is.
        too_few = kept is not None and kept[1].state == TOO_FEW
        mine = self._training.learnable.specs(run, [shard], too_few=too_few)
        is_here = self._training.bases.is_here(run.recipe.base_sha256)
        here = environment_of(self._training.bases.trainer(run.recipe.base_sha256)) if is_here else {}
        found = Exactness(name, sha256_control=control, environment=here)
        slices: Slices = {each.place: each for each in self._training.model_store.slices(run.id, [shard])}
        environments = [each.environment or run.environment for each in slices.values()]
        if any(each != environments[0] for each in environments):
            found.problems.append("its slices were trained in several environments")
        found.comparable = is_here and all(each == here for each in environments)
        found.problems += self._problems_on_record(run, shard, mine, slices)
        found.sha256_after = self._open_served(run, shard, found)
        if not mine or not found.comparable:
            return found
        found.sha256_scratch = self._train_from_scratch(mine, known, jobs, progress)
        found.problems += self._problems_of_slices(mine, slices, known)
        fewer = without_one(mine, self._key)
        if fewer:
            found.sha256_one_less = self._train_from_scratch(fewer, known, jobs, progress)
        if found.sha256_after != found.sha256_scratch:
            found.problems.append("what serves isn't what a training from scratch gives")
        for said, other in (("with them", found.sha256_control), ("without one more", found.sha256_one_less)):
            if other and other == found.sha256_after:
                found.problems.append(f"the control {said} is the same: the hash can't tell")
        return found

    def _open_served(self, run: Run, shard: int, found: Exactness) -> str:
        """Open the stored weights and return their SHA-256; add what is wrong with them to `found`."""
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

    def _problems_on_record(
        self, run: Run, shard: int, mine: Sequence[SliceSpec], slices: Slices
    ) -> Iterator[str]:
        """What is wrong with a shard's rows, as far as that is seen before anything is trained."""
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

    def _problems_of_slices(self, mine: Sequence[SliceSpec], slices: Slices, known: Known) -> Iterator[str]:
        """Which slices differ from a training from scratch, and what may be the reason."""
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
                    f"slice {spec.place} was trained on something else than its pictures give when they are "
                    "read now: other captions, another seed, or pictures framed otherwise"
                )
            elif stored != scratch.weights:
                yield f"slice {spec.place} has other weights than its pictures give"

    def _train_from_scratch(
        self, wanted: Sequence[SliceSpec], known: Known, jobs: JobRunner, progress: Progress | None
    ) -> str:
        """Train a constituent on these specs and return its SHA-256. Nothing is stored."""
        told = progress or Silent()
        due = [spec for spec in wanted if spec.digest not in known]
        told.begin("Training from scratch", len(due))
        recipe = wanted[0].recipe
        trainer = self._training.bases.trainer(recipe.base_sha256)
        for index, output in jobs.run(SliceTrainer(trainer).train, SliceTasks(due, self._access)):
            known[due[index].digest] = _Scratch(output.result.weights, output.given)
            told.advance()
        told.end()
        parts = [(len(spec.examples), known[spec.digest].weights) for spec in wanted]
        merge = partial(trainer.merge, scale=recipe.scale)
        return sha256(dict(jobs.run(merge, [parts]))[0])


def _count(found: Sequence[Exactness], facts: dict[str, Fact]) -> None:
    """Put into the facts of a log entry how many constituents are exact, and how many aren't."""
    facts["exact"] = sum(each.ok for each in found)
    facts["with_problems"] = sum(bool(each.problems) for each in found)
    facts["not_comparable"] = sum(not each.comparable for each in found)
    facts["suspended"] = sum(bool(each.suspended) for each in found)
    if facts["with_problems"]:
        _log.warning("constituents aren't what a training from scratch gives", count=facts["with_problems"])
