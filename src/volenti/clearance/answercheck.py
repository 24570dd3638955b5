"""Answer check: what a reviewer's answer makes of a held picture, before anything is put on record.

The picture has to be held, the answer to be one that the policy lets a reviewer give (`answer`), and the
releases of everybody named to cover the use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.clearance.answer import Answer, Answered, Measures, answered
from volenti.clearance.decision import Approval, Decision, agreed, told
from volenti.clearance.image import Image, SeenFace
from volenti.clearance.onrecord import open_original
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError, RefusedError, UsageError
from volenti.perception.finding import Verdict, finding

if TYPE_CHECKING:
    from volenti.clearance.enforcement import Enforcement
    from volenti.clearance.gallery import Gallery
    from volenti.clearance.offers import Reviewer
    from volenti.clearance.policy import Policy
    from volenti.consent.purpose import Use
    from volenti.consent.service import Consent
    from volenti.core.signing import SigningKey
    from volenti.perception.sight.matching import Matcher
    from volenti.vault.records import Records
    from volenti.vault.service import Vault


#: Of how many faces it is remembered how sharp they are seen: numbers, and nothing of the picture.
REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a reviewer's answer made of one picture, before it is put on record."""

    decision: Decision
    seen: Answered
    keep_original: bool


class AnswerCheck:
    """Checks reviewers' answers by what is on record, and by what is measured of faces."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        enforcement: Enforcement,
        gallery: Gallery,
        new_matcher: Callable[[], Matcher],
        clock: Clock,
    ) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._enforcement = enforcement
        self._gallery = gallery
        self._new_matcher = new_matcher
        self._clock = clock
        self._sharpnesses: dict[tuple[str, tuple[float, ...]], float] = {}

    def reviewed(
        self, image: Image, purpose: str, answer: Answer, by: Reviewer, key: SigningKey | None
    ) -> Reviewed:
        """What an answer makes of a picture that is held for a purpose, or the first of two yeses.

        Raises ConflictError if it isn't held or the reviewers disagree; RefusedError where a subject's
        releases don't cover the use today, or the policy doesn't let a reviewer say that of a face;
        UsageError where the answer leaves a face out, or a signature is missing; NotFoundError where it
        names somebody who isn't on record.
        """
        before = self._held(image.id, purpose)
        policy = self._enforcement.policy(before.policy)
        if policy.review.signed and key is None:
            raise UsageError("The policy asks for signed decisions.", "Give your key: --key FILE.")
        at = stamp(self._clock())
        seen = Answered(image, (), (), ())
        if answer.clear:
            for each in answer.people:
                self._consent.subject(each)
            seen = answered(image, before, answer, policy.review, self.measures(image, policy))
        approval = Approval.of(before, by.name, at, seen.subjects, seen.said, key, by.user)
        verdict: Verdict = "rejected"
        approvals: tuple[Approval, ...] = (approval,)
        if answer.clear:
            self._check_covered(image, policy, seen.subjects)
            approvals = agreed(before.approvals, approval)
            wanted = 2 if seen.unproved else policy.review.reviewers
            verdict = "cleared" if len(approvals) >= wanted else "held"
        findings = before.findings
        if verdict == "held":
            # The faces stay as they are until the second reviewer says the same.
            seen = Answered(replace(image, claimed=approval.subjects), (), (), ())
        elif seen.redact:
            findings = (*findings, finding("redacted", {"faces": len(seen.redact)}))
        decision = replace(
            before, verdict=verdict, findings=findings, by=f"review:{by.name}", at=at, approvals=approvals
        )
        return Reviewed(decision, seen, policy.bystanders.keep_original)

    def measures(self, image: Image, policy: Policy) -> Measures:
        """What can be measured of a held picture's faces, where a policy asks for it."""
        use = self._use(policy, image.shoot)
        return Measures(
            lambda face: self._sharpness(image, face),
            lambda face, subject: self._nearness(face, subject, use, policy),
        )

    def _sharpness(self, image: Image, face: SeenFace) -> float:
        from volenti.perception.files.kept import pixels_of
        from volenti.perception.sight.blur import sharpness

        if face.frame:
            raise RefusedError(
                "How sharp a face is can't be measured in the later pictures of an animation.",
                "Say whose it is, blur it, or reject the picture.",
            )
        measured = (image.id, face.box)
        if measured not in self._sharpnesses:
            # Asked for before an answer is given, and again once it is: a picture isn't opened twice for it.
            if len(self._sharpnesses) >= REMEMBERED:
                self._sharpnesses.clear()
            pixels = pixels_of(open_original(self._records, self._vault, image))
            self._sharpnesses[measured] = sharpness(pixels, face.box)
        return self._sharpnesses[measured]

    def _nearness(self, face: SeenFace, subject: str, use: Use, policy: Policy) -> float | None:
        """How near a face comes to somebody, in per cent of what a match needs among few people."""
        score, scale = face.score_of(subject), face.scale
        if score is None:
            ranking = self._gallery.compared(face, subject, use, self._new_matcher())
            if ranking is None or ranking.best is None:
                # Without templates, or where one is photographed and the other rendered, no score says it.
                return None
            score, scale = ranking.score, ranking.scale
        return 100 * score / policy.thresholds[scale].match_min

    def _held(self, image: str, purpose: str) -> Decision:
        self._enforcement.check_judged(image, purpose)
        decision = self._enforcement.decision(image, purpose)
        if decision is None or decision.verdict != "held":
            now = f"not judged for {purpose}" if decision is None else told([decision])
            raise ConflictError(f"{image} is {now}; it isn't held.", "List what is: volenti review list.")
        return decision

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
