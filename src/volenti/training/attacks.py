"""Attacks: tried on what is served, to see whether it tells that it learned from somebody.

Membership by losses and extraction by drawings (`membership`, `extraction`), each against people
whom the constituent never saw: those of the other shards. The person's pictures are read once,
while they may be, and kept in memory; the same is tried again once the model has forgotten them.
Nothing of it is written anywhere, and with the target it is gone.

Everybody's pictures are taken by the same rule and drawn for with the same chances. People who are
leaving too are left aside: nobody is compared with whoever said no.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from volenti.clearance.access import Access
from volenti.clearance.gallery import Gallery
from volenti.clearance.sight.faces import FaceDetector, Template
from volenti.core.canonical import Json
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress
from volenti.training.extraction import Nearest, by_face, by_pixels, nearest_face, nearest_pixels
from volenti.training.lesson import Lesson, Pupil, framed
from volenti.training.membership import BASE, Membership, Suspect, membership
from volenti.training.ports import Drawing, Trainer
from volenti.training.run import Constituent, Run, constituent_id
from volenti.training.service import Training

#: Of everybody, at most so many pictures; losses over so many chances.
PICTURES, CHANCES = 4, 8
#: People never seen: compared with by loss, and by drawings, which cost more.
BY_LOSS, BY_DRAWINGS = 24, 12
#: Drawings for each of them, and how they are made.
DRAWINGS, STEPS, GUIDANCE = 4, 8, 2.0
#: Of the chances, the same in every attack.
SEED = 7
#: Pictures whose losses a worker measures in one go.
BATCH = 8

#: Digest and bytes of models, by name: a constituent's identifier, or BASE.
Weights = Mapping[str, tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Somebody's pictures as a model was shown them: names, frames (n, size, size, 3), captions."""

    names: tuple[str, ...]
    frames: NDArray[np.uint8]
    captions: tuple[str, ...]
    #: The constituents that learned from any picture of theirs.
    known_to: frozenset[str]


#: A model's name, somebody's pictures, and the number of the one it is asked about.
Question = tuple[str, Pictures, int]
#: Weights, frames and captions, as a worker gets them.
Examined = tuple[bytes, NDArray[np.uint8], Sequence[str]]


@dataclass(slots=True)
class Target:
    """Somebody whom the model is attacked for, with their pictures in memory."""

    subject: str
    #: Who isn't compared with: those who are leaving too.
    aside: frozenset[str]
    templates: list[Template]
    #: What each constituent learned from, or why that can't be read.
    shown: dict[str, Pictures | str]
    #: Losses measured so far, by digest of weights and name of picture.
    losses: dict[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of attacking one constituent for one person. `face` is None without templates."""

    membership: Membership
    pixels: Nearest
    face: Nearest | None
    #: People never seen who were drawn for, and drawings for each.
    people: int
    drawings: int

    def to_json(self) -> Json:
        return {"membership": self.membership.to_json(), "pixels": self.pixels.to_json(),
                "face": self.face.to_json() if self.face else None,
                "people": self.people, "drawings": self.drawings}  # fmt: skip


@dataclass(frozen=True)
class Attacker:
    """What a worker does of an attack. Picklable."""

    trainer: Trainer

    def losses(self, task: Examined) -> NDArray[np.float32]:
        """(weights, frames, captions) -> the mean loss of each picture, (pictures,)."""
        weights, frames, captions = task
        return self.trainer.losses(weights, frames, captions, seed=SEED, draws=CHANCES)

    def draw(self, task: tuple[bytes, Sequence[str]]) -> NDArray[np.uint8]:
        """(weights, somebody's captions) -> uint8 (DRAWINGS, size, size, 3)."""
        weights, captions = task
        drawings = [Drawing(captions[number % len(captions)], SEED + number) for number in range(DRAWINGS)]
        return self.trainer.draw(weights, drawings, guidance=GUIDANCE, steps=STEPS)


class Attacks:
    """Attacks on the constituents that are served."""

    def __init__(
        self,
        training: Training,
        access: Access,
        gallery: Gallery,
        detector: FaceDetector,
        trainer: Trainer,
        jobs: JobRunner,
    ) -> None:
        self._training = training
        self._access = access
        self._gallery = gallery
        self._detector = detector
        self._trainer = trainer
        self._jobs = jobs

    def target(self, subject: str, aside: Collection[str] = ()) -> Target:
        """Read what is needed of the subject into memory, while it may still be read."""
        shown: dict[str, Pictures | str] = {}
        runs = {run.id: run for run in self._training.runs()}
        affected = self._training.shelf.affected(subject)
        for run in {name.partition("/")[0] for name in affected}:
            lessons = self._training.lessons(runs[run])
            for name in affected:
                if name.startswith(f"{run}/"):
                    shown[name] = self._shown(subject, name, runs[run], lessons)
        return Target(subject, frozenset({subject, *aside}), self._gallery.templates(subject), shown)

    def attempt(self, target: Target, progress: Progress) -> dict[str, Attempt | str]:
        """Attack every constituent that learned from the target; why not, where it can't be had."""
        found: dict[str, Attempt | str] = {}
        for name, pictures in sorted(target.shown.items()):
            found[name] = (
                pictures if isinstance(pictures, str) else self._attempt(name, target, pictures, progress)
            )
        return found

    # -- steps

    def _shown(self, subject: str, name: str, run: Run, lessons: Sequence[Lesson]) -> Pictures | str:
        if not self._training.on_its_base(run):
            return "it was trained on another base than the one at hand"
        mine = [pupil for lesson in lessons if constituent_id(run.id, lesson.place.shard) == name
                for pupil in lesson.pupils if subject in pupil.owners]  # fmt: skip
        if not mine:
            return "their pictures may not be read any more"
        return self._pictures(run, mine, _known(run, lessons)[subject])

    def _pictures(self, run: Run, pupils: Iterable[Pupil], known_to: frozenset[str]) -> Pictures:
        """The first few pictures, those of one person alone before those of several."""
        some = sorted(pupils, key=lambda pupil: (len(pupil.owners), pupil.image.id))[:PICTURES]
        frames = np.stack([framed(pupil.image, self._access, run.recipe.size_px) for pupil in some])
        captions = tuple(pupil.caption for pupil in some)
        return Pictures(tuple(pupil.image.id for pupil in some), frames, captions, known_to)

    def _attempt(self, name: str, target: Target, mine: Pictures, progress: Progress) -> Attempt | str:
        run = self._training.run(name.partition("/")[0])
        served = {
            constituent_id(run.id, each.shard): each for each in self._training.shelf.constituents(run.id)
        }
        if run.recipe.shards == 1:
            return "there is one shard, so there is nobody whom it never saw"
        if name not in served:
            return "nothing is served in its place"
        unseen = self._unseen(run, name, target.aside)
        if not unseen:
            return "there is nobody whom it never saw"
        weights = self._weights(name, served, [mine, *unseen.values()])
        who = {target.subject: mine, **unseen}
        suspects = self._suspects(name, who, weights, target.losses, progress)
        standing = membership(name, suspects.pop(target.subject), suspects.values())
        assert standing is not None  # there is somebody unseen
        some = {target.subject: mine, **{each: unseen[each] for each in _spread(sorted(unseen), BY_DRAWINGS)}}
        drawn = self._drawn(weights[name][1], some, progress)
        distances = {each: nearest_pixels(drawn[each], some[each].frames) for each in some}
        pixels = by_pixels(distances.pop(target.subject), list(distances.values()))
        return Attempt(standing, pixels, self._faces(target, drawn), len(distances), DRAWINGS)

    def _unseen(self, run: Run, name: str, aside: Collection[str]) -> dict[str, Pictures]:
        """People whom the constituent never saw, with pictures of them alone."""
        lessons = self._training.lessons(run)
        known = _known(run, lessons)
        alone: dict[str, list[Pupil]] = {}
        for pupil in (pupil for lesson in lessons for pupil in lesson.pupils):
            if len(pupil.owners) == 1 and name not in known[pupil.home] and pupil.home not in aside:
                alone.setdefault(pupil.home, []).append(pupil)
        return {
            each: self._pictures(run, alone[each], known[each]) for each in _spread(sorted(alone), BY_LOSS)
        }

    def _weights(self, name: str, served: Mapping[str, Constituent], who: Sequence[Pictures]) -> Weights:
        """Digest and bytes of what is attacked and of what it is compared with."""
        found = {each: (made.sha256, self._training.shelf.weights(made)) for each, made in served.items()}
        mine, *others = (served.keys() - each.known_to - {name} for each in who)
        if not all(mine & theirs for theirs in others):
            found[BASE] = (BASE, b"")
        return found

    def _suspects(
        self,
        name: str,
        who: Mapping[str, Pictures],
        weights: Weights,
        known: dict[tuple[str, str], float],
        progress: Progress,
    ) -> dict[str, Suspect]:
        """Everybody's mean losses, under `name` and under the models that never saw them.

        known: losses by digest of weights and name of picture; what is missing is measured and added.
        """
        asked = [(model, each) for model in weights for each, pictures in who.items()
                 if model == name or model not in pictures.known_to]  # fmt: skip
        due = [(model, who[each], row) for model, each in asked for row, picture in enumerate(who[each].names)
               if (weights[model][0], picture) not in known]  # fmt: skip
        batches = _batches(due)
        tasks = (_task(weights[batch[0][0]][1], batch) for batch in batches)
        progress.begin("Asking models for losses", len(due))
        for index, losses in self._jobs.run(Attacker(self._trainer).losses, tasks):
            for (model, pictures, row), loss in zip(batches[index], losses.tolist(), strict=True):
                known[weights[model][0], pictures.names[row]] = loss
            progress.advance(len(losses))
        progress.end()
        means: dict[str, dict[str, float]] = {each: {} for each in who}
        for model, each in asked:
            means[each][model] = fmean(known[weights[model][0], picture] for picture in who[each].names)
        return {each: Suspect(means[each], pictures.known_to) for each, pictures in who.items()}

    def _drawn(
        self, weights: bytes, who: Mapping[str, Pictures], progress: Progress
    ) -> dict[str, NDArray[np.uint8]]:
        """Drawings with everybody's own captions."""
        names = list(who)
        progress.begin("Drawing with their captions", len(names))
        drawn = {}
        tasks = ((weights, who[each].captions) for each in names)
        for index, pictures in self._jobs.run(Attacker(self._trainer).draw, tasks):
            drawn[names[index]] = pictures
            progress.advance()
        progress.end()
        return drawn

    def _faces(self, target: Target, drawn: Mapping[str, NDArray[np.uint8]]) -> Nearest | None:
        cosines = {}
        for each, pictures in drawn.items():
            templates = target.templates if each == target.subject else self._gallery.templates(each)
            if templates:
                faces = [face.template for picture in pictures for face in self._detector.faces(picture)[:1]]
                cosines[each] = nearest_face(faces, templates)
        mine = cosines.pop(target.subject, None)
        return None if mine is None or not cosines else by_face(mine, list(cosines.values()))


def _known(run: Run, lessons: Iterable[Lesson]) -> dict[str, frozenset[str]]:
    """The constituents that learn from each person, by anything that shows them."""
    known: dict[str, frozenset[str]] = {}
    for lesson in lessons:
        for owner in lesson.owners:
            known[owner] = known.get(owner, frozenset()) | {constituent_id(run.id, lesson.place.shard)}
    return known


def _spread(names: Sequence[str], count: int) -> list[str]:
    """At most `count` of the names, evenly over all."""
    if len(names) <= count:
        return list(names)
    return [names[number * len(names) // count] for number in range(count)]


def _batches(due: Sequence[Question]) -> list[list[Question]]:
    """What is due, cut where the model changes and into what a worker does in one go."""
    batches: list[list[Question]] = []
    for each in due:
        if not batches or batches[-1][0][0] != each[0] or len(batches[-1]) == BATCH:
            batches.append([])
        batches[-1].append(each)
    return batches


def _task(weights: bytes, batch: Sequence[Question]) -> Examined:
    frames = np.stack([pictures.frames[row] for _, pictures, row in batch])
    return weights, frames, [pictures.captions[row] for _, pictures, row in batch]
