"""Policy evaluation: what one policy decides of each picture in one call, with consent's answers remembered.

Nothing is put on record here: whoever asks hands what was decided to a batch of `enforcement`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from volenti.clearance.decision import POLICY, Decision
from volenti.clearance.folders import Folders
from volenti.clearance.image import Image
from volenti.clearance.judgement import Claim, CoverageOf, Judgement, judge
from volenti.clearance.policy import Policy
from volenti.consent.coverage import Coverage, Refusal
from volenti.consent.purpose import Use
from volenti.consent.service import Consent
from volenti.core.errors import NotFoundError
from volenti.perception.finding import Finding, finding

#: The code of a face that may be somebody's whose release begins on a later day.
_LATER = Refusal.NOT_YET_VALID.value


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a policy decided of one picture.

    `image` has its faces as the judgement left them. `keep_original` says that the policy leaves the
    original of a redacted picture in quarantine.
    """

    image: Image
    judgement: Judgement
    decision: Decision
    keep_original: bool


class PolicyEvaluation:
    """Judges pictures by a policy, as releases stand on a day. Make a new one for each call."""

    def __init__(self, consent: Consent, folders: Folders, policy: Policy, today: date) -> None:
        self.policy = policy
        self._folders = folders
        self.use = policy.use(today)
        self._consent = consent
        self._answers: dict[tuple[str, str], Coverage] = {}
        self._ages: dict[str, int] = {}
        self._casts: dict[str, frozenset[str]] | None = None

    def evaluate(self, image: Image, at: str) -> Evaluated:
        """Judge a picture and decide, from the facts kept with it and from what lay beside its files.

        at: the moment that the decision is dated.
        """
        policy, judgement = self.policy, self._with_who_comes_later(self._judgement(image))
        verdict = policy.verdict(judgement.findings)
        findings = judgement.findings
        if verdict == "rejected":
            findings = tuple(once_rejected(each) for each in findings)
        decision = Decision(
            image.id,
            policy.purpose,
            verdict,
            findings,
            policy.digest,
            POLICY,
            at,
            methods=self.use.methods,
        )
        judged = replace(image, faces=judgement.faces)
        return Evaluated(judged, judgement, decision, policy.bystanders.keep_original)

    def _judgement(self, image: Image) -> Judgement:
        coverage_of, beside = self._coverage_of(image), self._folders.beside(image)
        claims: list[Claim] = []
        named = [*image.rights.get("model_release_ids", ())]
        named += [name for each in beside for name in each.model_release_ids]
        for name in dict.fromkeys(named):
            subject = self._subject_of(name)
            if subject is not None:
                claims.append(Claim(subject, coverage_of(subject)))
        there = {each.subject for each in claims}
        claims += [Claim(each, coverage_of(each)) for each in image.expected if each not in there]

        def age(subject: str) -> int:
            return self._age_at_shoot(subject, coverage_of(subject).release)

        return judge(image, beside, claims, coverage_of, age, self.policy, self._cast(image.shoot))

    def _age_at_shoot(self, subject: str, release: str) -> int:
        """How old somebody was on the first day of the shoot that their release is about."""
        if release not in self._ages:
            day = self._consent.release(release).release.shoot.first_day
            self._ages[release] = self._consent.subject(subject).age_on(day)
        return self._ages[release]

    def _with_who_comes_later(self, judgement: Judgement) -> Judgement:
        """The judgement, where somebody's release begins on a later day: until then nobody is compared with
        them, so a face that is nobody's may be theirs. What is refused is thrown away, so it is held."""
        strangers = [face.code == "no-release" for face in judgement.faces]
        if not any(strangers) or self._next_recognisable is None:
            return judgement
        faces = [
            replace(face, status="held", code=_LATER) if stranger else face
            for face, stranger in zip(judgement.faces, strangers, strict=True)
        ]
        findings = [
            finding(_LATER, each.data) if each.code == "no-release" else each for each in judgement.findings
        ]
        return replace(judgement, faces=tuple(faces), findings=tuple(findings))

    @cached_property
    def _next_recognisable(self) -> date | None:
        return self._consent.next_recognisable()

    def _coverage_of(self, image: Image) -> CoverageOf:
        """Consent's answers for pictures of the image's shoot."""
        use = replace(self.use, shoot=image.shoot)

        def covered(subject: str) -> Coverage:
            key = (subject, image.shoot)
            if key not in self._answers:
                self._answers[key] = self._answer(subject, use)
            return self._answers[key]

        return covered

    def _answer(self, subject: str, use: Use) -> Coverage:
        """Consent's answer; of a no that ends on a day on which a release begins, that the release begins."""
        answer = self._consent.coverage_for(subject, use)
        if answer.covered or answer.code == Refusal.RESTRICTED:
            return answer
        begins = self._consent.begins(subject, use)
        if begins is None:
            return answer
        day, then = begins
        message = f"The release is valid from {day} on."
        return Coverage(False, _LATER, "terms.valid_from", message, then.release)

    def _cast(self, shoot: str) -> frozenset[str]:
        """Who has a release that names the shoot; nobody where no release does."""
        if not shoot:
            return frozenset()
        if self._casts is None:
            self._casts = self._consent.casts()
        return self._casts.get(shoot, frozenset())

    def _subject_of(self, release: str) -> str | None:
        try:
            return self._consent.release(release).release.subject
        except NotFoundError:
            return None


def once_rejected(found: Finding) -> Finding:
    """The finding beside a rejection: nothing is in review then, so no remedy sends anybody there."""
    if "in review" not in found.remedy:
        return found
    return replace(found, remedy="Nothing is in review: the picture was rejected, and isn't kept.")
