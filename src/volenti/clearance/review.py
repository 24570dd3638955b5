"""Review: a person decides what the policy held.

A reviewer may clear a held picture for somebody with a release that covers the use, or as showing nobody,
or reject it. A reviewer can't clear a picture of somebody without such a release: that isn't a matter of
opinion; what may be said of a face that nobody covers, says `answer`. Where the policy asks for two people,
the first yes waits for a second one that says the same; a no needs nobody's agreement. Every decision may
carry its reviewer's signature, and must where the policy asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from volenti.clearance.answer import Answer, Answered, answered
from volenti.clearance.decision import Approval, Decision, agreed
from volenti.clearance.image import QUARANTINE, Image
from volenti.clearance.onrecord import open_original
from volenti.clearance.quarantine import Quarantine, quarantine_owner
from volenti.clearance.question import Among, Covered, Held, Question, candidates, shown_in, together
from volenti.consent.purpose import Use
from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded
from volenti.core.errors import ConflictError, NotFoundError, RefusedError, UsageError
from volenti.core.logs import Logger
from volenti.perception.finding import Verdict, finding

if TYPE_CHECKING:
    from volenti.clearance.batch import Batch
    from volenti.clearance.enforcement import Enforcement
    from volenti.clearance.policy import Policy
    from volenti.consent.service import Consent
    from volenti.core.signing import SigningKey
    from volenti.vault.records import Records
    from volenti.vault.service import Vault


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a reviewer decided of one picture, before it is put on record."""

    decision: Decision
    seen: Answered
    keep_original: bool


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
        clock: Clock,
    ) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._enforcement = enforcement
        self._quarantine = quarantine
        self._clock = clock

    def queue(self) -> list[tuple[Image, list[Decision]]]:
        """Pictures held for some purpose, with the decisions that hold them, by identifier."""
        held: dict[str, list[Decision]] = {}
        for record in self._records.opened_all(self._records.rows("decision", state="held")):
            held.setdefault(record.parent, []).append(decoded(Decision, record.body, image=record.parent))
        # Read together: thousands one by one take several times as long.
        rows = {row.id: row for row in self._records.rows("image", state="held") if row.id in held}
        known = self._records.opened_all(rows.values())
        images = {each.id: Image.read(each.id, each.body) for each in known}
        return [(images.get(name) or self._image(name), held[name]) for name in sorted(held)]

    def decisions(self, image: str) -> list[Decision]:
        """The latest decision on a picture for each purpose; none where it was never judged."""
        return self._enforcement.decisions(image)

    def questions(self, among: Among | None = None) -> list[Question]:
        """What there is to decide; first the question whose answer decides most pictures."""
        covered = cache(self._consent.coverage_for)
        asked = [self._question(each, covered) for each in self._together()]
        meant = [each for each in asked if among is None or each in among]
        return sorted(meant, key=lambda each: (-len(each.images), each.id))

    def question(self, identifier: str) -> Question:
        """The question of that identifier; NotFoundError where it was answered meanwhile."""
        for each in self._together():
            if each[0].name == identifier:
                return self._question(each, self._consent.coverage_for)
        raise NotFoundError(f"There is no question {identifier!r}.", "List what is: volenti review list.")

    def answer(
        self, question: Question, answer: Answer, *, reviewer: str, key: SigningKey | None = None
    ) -> list[Decision]:
        """Decide every picture of a question, all of them or none.

        Each picture that is cleared shows those whom the answer names, and those who were recognised in it
        already. Raises what `decide` does.
        """
        if answer.faces and len(question.images) > 1:
            raise UsageError(
                "A face's number is another in each picture of the question.",
                "Name the person, say what --others are, or decide picture by picture.",
            )
        decided = [self._decided(image, question.purpose, answer, reviewer, key) for image in question.images]
        with self._enforcement.batch() as batch:
            decisions = [self._add(batch, each) for each in decided]
        _log.info("question answered", pictures=len(decided), answer="clear" if answer.clear else "reject")
        return decisions

    def decide(
        self, image_id: str, purpose: str, answer: Answer, *, reviewer: str, key: SigningKey | None = None
    ) -> Decision:
        """Decide one held picture, or give the first of two yeses.

        Raises ConflictError if it isn't held or the reviewers disagree; RefusedError where a subject's
        releases don't cover the use today, the policy doesn't let a reviewer say that of a face, or a face
        can't be made unrecognisable; UsageError where the answer leaves a face out, or a signature is
        missing.
        """
        decided = self._decided(self._image(image_id), purpose, answer, reviewer, key)
        with self._enforcement.batch() as batch:
            decision = self._add(batch, decided)
        _log.info("picture decided by a reviewer", verdict=decision.verdict)
        return decision

    def _decided(
        self, image: Image, purpose: str, answer: Answer, reviewer: str, key: SigningKey | None
    ) -> _Decided:
        before = self._held(image.id, purpose)
        policy = self._enforcement.policy(before.policy)
        if policy.review.signed and key is None:
            raise UsageError("The policy asks for signed decisions.", "Give your key: --key FILE.")
        at = stamp(self._clock())
        seen = answered(image, answer, policy.review) if answer.clear else Answered(image, (), (), ())
        approval = Approval.of(before, reviewer, at, seen.subjects, seen.said, key)
        verdict: Verdict = "rejected"
        approvals: tuple[Approval, ...] = (approval,)
        if answer.clear:
            self._check_covered(image, policy, seen.subjects)
            approvals = agreed(before.approvals, approval)
            verdict = "cleared" if len(approvals) >= policy.review.reviewers else "held"
        findings = before.findings
        if verdict == "held":
            # The faces stay as they are until the second reviewer says the same.
            seen = Answered(replace(image, claimed=approval.subjects), (), (), ())
        elif seen.redact:
            findings = (*findings, finding("redacted", {"faces": len(seen.redact)}))
        decision = replace(
            before, verdict=verdict, findings=findings, by=f"review:{reviewer}", at=at, approvals=approvals
        )
        return _Decided(decision, seen, policy.bystanders.keep_original)

    def _add(self, batch: Batch, decided: _Decided) -> Decision:
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

        Raises ConflictError where no reviewer cleared it. A rejection can't be taken back: nothing of the
        picture was kept.
        """
        image = self._image(image_id)
        decision = self._enforcement.decision(image_id, purpose)
        if decision is None or not decision.is_decided_by_a_person or decision.verdict != "cleared":
            raise ConflictError(
                f"No reviewer has cleared {image_id} for {purpose}.",
                "What was rejected wasn't kept: give the picture again (volenti add).",
            )
        assert image.original is not None
        was = image.original
        held = replace(
            decision, verdict="held", by=f"review:{reviewer}", at=stamp(self._clock()), approvals=()
        )
        cleared_elsewhere = any(
            each.verdict == "cleared" and each.purpose != purpose for each in self.decisions(image_id)
        )
        with self._enforcement.batch() as batch:
            if not cleared_elsewhere:
                owner = quarantine_owner(self._clock)
                data = open_original(self._records, self._vault, image)
                back = self._vault.put(
                    (owner,), "quarantined", data, of=image.id, prefix=QUARANTINE, pack=image.id
                )
                image = replace(image, original=back, preview=None)
            taken_back = batch.add(image, held, (), was=was)
        _log.info("reviewer's decision taken back")
        return taken_back

    def sheet(self, question: Question, suffix: str) -> bytes:
        """What there is to see of a question, as a picture's file; UsageError for another suffix."""
        from volenti.clearance.question_sheet import question_sheet

        return question_sheet(
            question, partial(open_original, self._records, self._vault), self._consent, suffix
        )

    def _together(self) -> Iterator[list[Held]]:
        return together(self.queue(), self._blocking)

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

    def _blocking(self, decision: Decision) -> set[str]:
        policy = self._enforcement.policy(decision.policy)
        return {each.code for each in decision.findings if policy.verdict_on(each.code) != "cleared"}

    def _held(self, image: str, purpose: str) -> Decision:
        self._enforcement.check_judged(image, purpose)
        decision = self._enforcement.decision(image, purpose)
        if decision is None or decision.verdict != "held":
            why = "was never judged" if decision is None else f"is {decision.verdict}, and not held,"
            raise ConflictError(f"{image} {why} for {purpose}.", "List what is held: volenti review list")
        return decision

    def _image(self, name: str) -> Image:
        return Image.read(name, self._records.require("image", name).body)

    def _use(self, policy: Policy, shoot: str) -> Use:
        return policy.use(self._consent.today, shoot)

    def _check_covered(self, image: Image, policy: Policy, subjects: Iterable[str]) -> None:
        for subject in subjects:
            coverage = self._consent.coverage_for(subject, self._use(policy, image.shoot))
            if not coverage.covered:
                raise RefusedError(
                    f"{subject} has no release that covers this: {coverage.code}.",
                    "Reject the picture, or import a release that does.",
                )
