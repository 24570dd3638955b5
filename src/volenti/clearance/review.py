"""Review: a person decides what the policy held.

A reviewer may clear a held picture for somebody with a release that covers the use, or as showing nobody,
or reject it. A reviewer can't clear a picture of somebody without such a release: that isn't a matter of
opinion; what may be said of a face that nobody covers, says `answer`. Where the policy asks for two people,
the first yes waits for a second one that says the same; a no needs nobody's agreement. Every decision may
carry its reviewer's signature, and must where the policy asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from volenti.clearance.decision import Decision, told
from volenti.clearance.image import Image
from volenti.clearance.onrecord import open_original
from volenti.clearance.quarantine import Quarantine
from volenti.clearance.question import Among, Covered, Held, Question, candidates, shown_in
from volenti.consent.purpose import Use
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.core.logs import Logger
from volenti.perception.finding import finding

if TYPE_CHECKING:
    from volenti.clearance.answer import Answer
    from volenti.clearance.answercheck import AnswerCheck, Reviewed
    from volenti.clearance.batch import Batch
    from volenti.clearance.enforcement import Enforcement
    from volenti.clearance.gallery import Gallery
    from volenti.clearance.offers import Offer, Reviewer
    from volenti.clearance.place import Place
    from volenti.clearance.policy import Policy
    from volenti.clearance.review_queue import ReviewQueue
    from volenti.clearance.takingback import TakingBack
    from volenti.consent.service import Consent
    from volenti.core.signing import SigningKey
    from volenti.vault.records import Records
    from volenti.vault.service import Vault


#: Findings that a person may make where nothing here looks for them, or doesn't find them.
MANUAL = ("property-release", "bystander", "person", "possible-minor", "watermark", "third-party-copy")

_log = Logger(__name__)


class Review:
    """The queue of held pictures."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        enforcement: Enforcement,
        quarantine: Quarantine,
        queue: ReviewQueue,
        check: AnswerCheck,
        taking_back: TakingBack,
        clock: Clock,
    ) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._enforcement = enforcement
        self._quarantine = quarantine
        self._queue = queue
        self._check = check
        self._taking_back = taking_back
        self._clock = clock

    def queue(self) -> list[tuple[Image, list[Decision]]]:
        """Pictures held for some purpose, with the decisions that hold them, by identifier."""
        return self._queue.pictures()

    def decisions(self, image: str) -> list[Decision]:
        """The latest decision on a picture for each purpose; none where it was never judged."""
        return self._enforcement.decisions(image)

    def questions(self, among: Among | None = None) -> list[Question]:
        """What there is to decide; first the question whose answer decides most pictures."""
        covered = cache(self._consent.coverage_for)
        asked = [self._question(each, covered) for each in self._queue.questions()]
        meant = [each for each in asked if among is None or each in among]
        return sorted(meant, key=lambda each: (-len(each.images), each.id, each.purpose))

    def question(self, identifier: str, purpose: str | None = None) -> Question:
        """The question of that identifier; NotFoundError where there is none, which says what was decided.

        purpose: for which it is asked, where pictures are held for several.
        """
        try:
            return self._question(self._queue.question(identifier, purpose), self._consent.coverage_for)
        except NotFoundError as error:
            image = identifier.partition(".")[0]
            decided = [each for each in self.decisions(image) if each.verdict != "held"]
            if decided:
                raise NotFoundError(
                    f"{identifier} isn't asked about any more: {image} is {told(decided)}.",
                    f"See what is on record of it: volenti picture show {image}",
                ) from None
            asked = self._asked_in(image)
            if asked:
                raise NotFoundError(
                    f"{error.message[:-1]}: {image} is part of {asked}.", "Ask for that."
                ) from None
            raise

    def _asked_in(self, image: str) -> str:
        """The questions that a picture is part of, in words."""
        return " and ".join(self._queue.asked_in(image)) if self.decisions(image) else ""

    def place(self, question: str, purpose: str | None, count: int, by: Reviewer) -> Place:
        """Where a question stands in the queue, and which come after it (`clearance.place`)."""
        from volenti.clearance.place import place_of

        return place_of(self._queue, question, purpose, count, by)

    def image(self, name: str) -> Image:
        """What is kept about a picture; NotFoundError where there is no such picture."""
        return self._image(name)

    def answered(
        self,
        images: Sequence[Image],
        purpose: str,
        answer: Answer,
        *,
        reviewer: str,
        user: str = "",
        key: SigningKey | None = None,
    ) -> list[Reviewed]:
        """What an answer makes of the pictures that it is about, each held for the purpose; nothing is put on
        record. user: the identifier of the user that the reviewer is, if they are one.

        Each picture that is cleared shows those whom the answer names, and those who were recognised in it
        already. Raises what `AnswerCheck.reviewed` does.
        """
        if answer.faces and len(images) > 1:
            raise UsageError(
                "A face's number is another in each picture of the question.",
                "Name the person, say what --others are, or decide picture by picture.",
            )
        from volenti.clearance.offers import Reviewer

        by = Reviewer(reviewer, user)
        return [self._check.reviewed(image, purpose, answer, by, key) for image in images]

    def offers(self, question: Question, people: Sequence[str], by: Reviewer) -> list[Offer]:
        """Every answer to a question that the policy would take from a reviewer (`clearance.offers`).

        people: who may be meant beside those who come near.
        """
        from volenti.clearance.offers import Trial

        policy = self._enforcement.policy(question.decision.policy)
        covers = cache(lambda who, shoot: self._consent.coverage_for(who, self._use(policy, shoot)).covered)
        trial = Trial(
            question,
            policy,
            by,
            lambda image: self._check.measures(image, policy),
            lambda subject, image: covers(subject, image.shoot),
        )
        return list(trial.offers(people))

    def record(self, reviewed: Sequence[Reviewed]) -> list[Decision]:
        """Put on record what an answer made of pictures, of all or of none.

        Raises RedactionError where a head can't be made unrecognisable, and ConflictError where somebody else
        decided meanwhile.
        """
        with self._enforcement.batch() as batch:
            decisions = [self._add(batch, each) for each in reviewed]
        _log.info("question answered", pictures=len(decisions), verdict=decisions[0].verdict)
        return decisions

    def foreseen(self, reviewed: Sequence[Reviewed]) -> list[Decision]:
        """What `record` would put on record; raises RedactionError as it does. Changes nothing."""
        for each in reviewed:
            self._enforcement.check_redaction(each.seen.image, each.decision, each.seen.redact)
        return [each.decision for each in reviewed]

    def _add(self, batch: Batch, decided: Reviewed) -> Decision:
        seen = decided.seen
        return batch.add(
            seen.image,
            decided.decision,
            seen.subjects,
            redact=seen.redact,
            keep_original=decided.keep_original,
            or_hold=False,
        )

    def flag(self, image_id: str, purpose: str, code: str, *, reviewer: str) -> Decision:
        """Add what a person saw, and hold the picture for every purpose until somebody decides.

        code: one of MANUAL, such as "property-release" for a recognisable building or work of
        art. Raises UsageError for another code, ConflictError where the picture isn't kept.
        """
        if code not in MANUAL:
            raise UsageError(f"{code!r} isn't for a reviewer to find.", f"Choose: {', '.join(MANUAL)}.")
        image = self._image(image_id)
        kept = [each for each in self.decisions(image_id) if each.verdict in ("cleared", "held")]
        if not any(each.purpose == purpose for each in kept):
            raise ConflictError(
                f"{image_id} is neither cleared nor held{f' for {purpose}' if purpose else ''}.",
                "Of what was rejected nothing is kept: add it again. List files: volenti status.",
            )
        seen = finding(code, {"reviewer": reviewer})
        image = replace(image, observed=(*image.observed, seen))
        at = stamp(self._clock())
        decided = {}
        for decision in kept:
            held = replace(
                decision,
                verdict="held",
                findings=(*decision.findings, seen),
                by=f"review:{reviewer}",
                at=at,
                approvals=(),
            )
            with self._enforcement.batch() as batch:
                decided[decision.purpose] = batch.add(image, held, ())
        _log.info("picture held by a reviewer", finding=code)
        return decided[purpose]

    def undo(self, image_id: str, purpose: str, *, reviewer: str) -> Decision:
        """Take back that a reviewer cleared a picture: it is held again, in quarantine.

        Its faces are looked at again, so that the question is as before (`clearance.takingback`). Raises
        ConflictError where no reviewer cleared it. A rejection can't be taken back: nothing of the
        picture was kept.
        """
        return self._taking_back.undo(self._image(image_id), purpose, reviewer=reviewer)

    def sheet(self, question: Question, suffix: str) -> bytes:
        """What there is to see of a question, as a picture's file; UsageError for another suffix."""
        from volenti.clearance.question_sheet import question_sheet

        return question_sheet(
            question, partial(open_original, self._records, self._vault), self._consent, suffix
        )

    def picture(
        self, question: Question, part: str, number: int, subject: str, side: int | None, gallery: Gallery
    ) -> bytes:
        """One picture of a question, sized for a screen, as a JPEG (`clearance.question_pictures`)."""
        from volenti.clearance.question_pictures import QuestionPictures

        opened = partial(open_original, self._records, self._vault)
        return QuestionPictures(question, opened, self._consent, gallery).made(part, number, subject, side)

    def _question(self, held: Sequence[Held], covered: Covered) -> Question:
        first = held[0]
        codes = tuple(dict.fromkeys(each.code for one in held for each in one.decision.findings))
        images = tuple(each.image for each in held)
        faces = tuple(each.image.faces[each.face] for each in held if each.face is not None)
        use = self._use(self._enforcement.policy(first.decision.policy), first.image.shoot)
        return Question(
            first.name,
            first.decision,
            images,
            codes,
            faces,
            candidates(faces[0], use, covered) if faces else shown_in(first.image, use, covered),
            last_day=self._quarantine.last_day(first.image),
        )

    def _image(self, name: str) -> Image:
        return Image.read(name, self._records.require("image", name).body)

    def _use(self, policy: Policy, shoot: str) -> Use:
        return policy.use(self._consent.today, shoot)
