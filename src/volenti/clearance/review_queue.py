"""Review queue: what is held, put together into questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from volenti.clearance.decision import Decision
from volenti.clearance.enforcement import Enforcement
from volenti.clearance.image import Image
from volenti.clearance.kept_questions import KeptQuestion, KeptQuestions
from volenti.clearance.question import Held, by_face, divided, face_in_question
from volenti.clearance.queue_memory import Asked, QueueMemory
from volenti.core.codec import decoded
from volenti.core.errors import KeyDestroyedError, NotFoundError, StorageError
from volenti.vault.ports import Row
from volenti.vault.records import Records


class ReviewQueue:
    """The queue of held pictures, and the questions that are asked about them."""

    def __init__(self, records: Records, enforcement: Enforcement, memory: QueueMemory) -> None:
        """memory: of the queue, in this process."""
        self._records = records
        self._enforcement = enforcement
        self._memory = memory
        self._kept = KeptQuestions(records, memory)

    def pictures(self) -> list[tuple[Image, list[Decision]]]:
        """Pictures held for some purpose, with the decisions that hold them, both by identifier."""
        return self._read(*self._rows())

    def questions(self) -> list[list[Held]]:
        """Everything that is held, in groups that one answer decides.

        Faces are put together only where that isn't on record; then it is put there.
        """
        rows = self._rows()
        alone, faces = divided(self._read(*rows), self._blocking)
        groups = _as_kept(faces, self._kept.read())
        if groups is None:
            groups = by_face(faces)
            self._keep(groups, rows)
        return [*alone, *groups]

    def order(self) -> Sequence[Asked]:
        """Every question in the order in which they are asked.

        No picture is opened, unless faces have to be put together first.
        """
        kept = self._kept.read()
        if kept is None:
            groups = self.questions()
            return sorted(Asked(-len(each), each[0].name, each[0].decision.purpose) for each in groups)
        return self._memory.order(self._records, kept)

    def asked_in(self, image: str) -> list[str]:
        """The questions that a held picture is part of."""
        if self._kept.read() is None:
            self.questions()
        about_faces = [each for each in self._kept.read() or () if image in each.images]
        asked = {each.purpose for each in about_faces}
        alone = [one.name for one in self._held([image]) if one.decision.purpose not in asked]
        return [*alone, *(each.name for each in about_faces)]

    def decision(self, asked: Asked) -> Decision | None:
        """What holds the first picture of a question; None where it was decided meanwhile."""
        return self._enforcement.decision(asked.name.partition(".")[0], asked.purpose)

    def question(self, identifier: str, purpose: str | None = None) -> list[Held]:
        """What one question is about; only its own pictures are opened. NotFoundError where there is none.

        purpose: for which it is asked, where pictures are held for several.
        """
        image = identifier.partition(".")[0]
        if image == identifier:
            among = [[each] for each in self._held([image]) if each.face is None]
        else:
            among = self._kept_of(image)
        for each in among:
            if each[0].name == identifier and purpose in (None, each[0].decision.purpose):
                return each
        raise NotFoundError(f"There is no question {identifier!r}.", "List what is: volenti review list.")

    def put_together(self) -> None:
        """Put together what is held, so that whoever asks next finds it on record."""
        if self._kept.read() is None:
            self.questions()

    def _kept_of(self, image: str) -> list[list[Held]]:
        """Questions about faces whose first picture that is."""
        found = []
        kept = self._kept.read()
        for each in kept or ():
            if each.pictures[0][0] == image:
                held = [one for one in self._held(each.images) if one.decision.purpose == each.purpose]
                if len(held) != len(each.images) or any(one.face is None for one in held):
                    kept = None
                found.append(held)
        return self.questions() if kept is None else found

    def _held(self, images: Iterable[str]) -> list[Held]:
        """These pictures as they are held, for each purpose."""
        rows = [row for name in images if (row := self._records.row("image", name)) is not None]
        decisions = [
            each
            for row in rows
            for each in self._records.rows("decision", parent=row.id)
            if each.state == "held"
        ]
        read = self._read(decisions, rows)
        return [
            Held(image, each, face_in_question(image, each, self._blocking))
            for image, held in read
            for each in held
        ]

    def _rows(self) -> tuple[list[Row], list[Row]]:
        """Rows of decisions that hold a picture, and of pictures that nothing clears."""
        decisions = list(self._records.rows("decision", state="held"))
        held = {row.parent for row in decisions}
        return decisions, [row for row in self._records.rows("image", state="held") if row.id in held]

    def _read(self, decisions: Sequence[Row], images: Sequence[Row]) -> list[tuple[Image, list[Decision]]]:
        # Opened together: thousands one by one take several times as long.
        held: dict[str, list[Decision]] = {}
        for record in sorted(self._records.opened_all(decisions), key=lambda each: each.id):
            held.setdefault(record.parent, []).append(decoded(Decision, record.body, image=record.parent))
        known = {each.id: Image.read(each.id, each.body) for each in self._records.opened_all(images)}
        return [(known.get(name) or self._image(name), held[name]) for name in sorted(held)]

    def _image(self, name: str) -> Image:
        return Image.read(name, self._records.require("image", name).body)

    def _blocking(self, decision: Decision) -> set[str]:
        policy = self._enforcement.policy(decision.policy)
        return {each.code for each in decision.findings if policy.verdict_on(each.code) != "cleared"}

    def _keep(self, groups: Iterable[Sequence[Held]], rows: tuple[list[Row], list[Row]]) -> None:
        """Keep how faces were put together, unless the rows are others than those that were read."""
        kept = [
            KeptQuestion(
                group[0].decision.purpose,
                tuple((each.image.id, _day(each.image)) for each in group),
                group[0].face if group[0].face is not None else -1,
            )
            for group in groups
        ]
        # Where nothing can be written, the answer is the same; it takes longer the next time.
        with suppress(KeyDestroyedError, StorageError), self._records.transaction():
            if self._rows() == rows:
                self._kept.keep(kept)


def _day(image: Image) -> str:
    """The day of quarantine that a picture belongs to: only there do faces have templates."""
    assert image.original is not None
    return image.original.owners[0]


def _as_kept(
    faces: Mapping[str, Sequence[Held]], kept: Iterable[KeptQuestion] | None
) -> list[list[Held]] | None:
    """Faces in the groups that are kept; None where these aren't the faces that were put together."""
    if kept is None:
        return None
    held = {(each.image.id, purpose): each for purpose, seen in faces.items() for each in seen}
    named = [[(image, each.purpose) for image in each.images] for each in kept]
    if sorted(one for group in named for one in group) != sorted(held):
        return None
    return [[held[one] for one in group] for group in named]
