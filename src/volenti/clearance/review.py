"""Review: a person decides what the policy held.

A reviewer may clear a held picture for somebody with a release that covers the use, or as showing nobody,
or reject it. A reviewer can't clear a picture of somebody without such a release: that isn't a matter of
opinion. Where the policy asks for two people, the first yes waits for a second one that says the same; a no
needs nobody's agreement. Every decision may carry its reviewer's signature, and must where the policy asks
for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from volenti.clearance.decision import Approval, Decision, agreed
from volenti.clearance.image import QUARANTINE, Image
from volenti.clearance.quarantine import Quarantine, quarantine_owner
from volenti.clearance.question import Covered, Held, Question, candidates, together
from volenti.consent.purpose import Use
from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded
from volenti.core.errors import ConflictError, NotFoundError, RefusedError, UsageError
from volenti.core.logs import Logger
from volenti.perception.finding import Verdict, finding

if TYPE_CHECKING:
    from volenti.clearance.enforcement import Enforcement
    from volenti.clearance.policy import Policy
    from volenti.consent.service import Consent
    from volenti.core.signing import SigningKey
    from volenti.vault.records import Records
    from volenti.vault.service import Vault

#: Faces of one question on its sheet.
FACES_SHOWN = 6

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
        for record in self._records.find("decision", state="held"):
            held.setdefault(record.parent, []).append(decoded(Decision, record.body, image=record.parent))
        return [(self._image(name), held[name]) for name in sorted(held)]

    def decisions(self, image: str) -> list[Decision]:
        """The latest decision on a picture for each purpose; none where it was never judged."""
        return self._enforcement.decisions(image)

    def questions(self) -> list[Question]:
        """What there is to decide; first the question whose answer decides most pictures."""
        covered = cache(self._consent.coverage_for)
        asked = [self._question(each, covered) for each in self._together()]
        return sorted(asked, key=lambda each: (-len(each.images), each.id))

    def question(self, identifier: str) -> Question:
        """The question of that identifier; NotFoundError where it was answered meanwhile."""
        for each in self._together():
            if each[0].name == identifier:
                return self._question(each, self._consent.coverage_for)
        raise NotFoundError(f"There is no question {identifier!r}.", "List what is: volenti review list.")

    def answer(
        self,
        question: Question,
        *,
        clear: bool,
        subjects: Sequence[str] = (),
        reviewer: str,
        key: SigningKey | None = None,
    ) -> list[Decision]:
        """Decide every picture of a question.

        Each picture that is cleared shows the `subjects`, and those who were recognised in it already.
        """
        decided = []
        for image in question.images:
            known = [face.subject for face in image.faces if face.status == "covered" and face.subject]
            shown = sorted({*subjects, *known}) if clear else ()
            decided.append(
                self._decide(
                    image.id, question.purpose, clear=clear, subjects=shown, reviewer=reviewer, key=key
                )
            )
        _log.info("question answered", pictures=len(decided), answer="clear" if clear else "reject")
        return decided

    def decide(
        self,
        image_id: str,
        purpose: str,
        *,
        clear: bool,
        subjects: Sequence[str] = (),
        reviewer: str,
        key: SigningKey | None = None,
    ) -> Decision:
        """Decide one held picture, or give the first of two yeses.

        subjects: whom it shows, when it is cleared; nobody means the reviewer saw no person.
        Raises ConflictError if it isn't held or the reviewers disagree, RefusedError if a
        subject's releases don't cover the use today, UsageError where a signature is missing.
        """
        decision = self._decide(image_id, purpose, clear=clear, subjects=subjects, reviewer=reviewer, key=key)
        _log.info("picture decided by a reviewer", verdict=decision.verdict)
        return decision

    def _decide(
        self,
        image_id: str,
        purpose: str,
        *,
        clear: bool,
        subjects: Sequence[str],
        reviewer: str,
        key: SigningKey | None,
    ) -> Decision:
        before = self._held(image_id, purpose)
        image, policy = self._image(image_id), self._enforcement.policy(before.policy)
        if policy.review.signed and key is None:
            raise UsageError("The policy asks for signed decisions.", "Give your key: --key FILE.")
        at = stamp(self._clock())
        approval = Approval.of(before, reviewer, at, subjects if clear else (), key)
        verdict: Verdict = "rejected"
        approvals: tuple[Approval, ...] = (approval,)
        if clear:
            self._check_covered(image, policy, subjects)
            approvals = agreed(before.approvals, approval)
            verdict = "cleared" if len(approvals) >= policy.review.reviewers else "held"
        decision = replace(before, verdict=verdict, by=f"review:{reviewer}", at=at, approvals=approvals)
        shown = subjects if verdict != "held" else ()
        if verdict == "held":
            image = replace(image, claimed=approval.subjects)
        with self._enforcement.batch() as batch:
            return batch.add(image, decision, shown)

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
        decision = self._enforcement.decision(image_id, purpose)
        if decision is None or not decision.is_decided_by_a_person or decision.verdict != "cleared":
            raise ConflictError(
                f"No reviewer has cleared {image_id} for {purpose}.",
                "What was rejected wasn't kept: give the picture again (volenti add).",
            )
        image = self._image(image_id)
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
                data = self._vault.open(image.original, image.sha256)
                back = self._vault.put(
                    (owner,), "quarantined", data, of=image.id, prefix=QUARANTINE, pack=image.id
                )
                image = replace(image, original=back, preview=None)
            taken_back = batch.add(image, held, (), was=was)
        _log.info("reviewer's decision taken back")
        return taken_back

    def exhibit(self, question: Question, suffix: str) -> bytes:
        """The sheet of a question: the picture, the face, and the two people it is nearest to."""
        from volenti.perception.exhibit import Exhibit, sheet
        from volenti.perception.files.kept import pixels_of

        image, face = question.images[0], question.face
        assert image.original is not None
        rgb = pixels_of(self._vault.open(image.original, image.sha256))
        box = face.box if face else None
        exhibits = [Exhibit(rgb, (image.file, f"{len(question.images)} picture(s)", question.purpose), box)]
        for place, one in enumerate(question.faces[:FACES_SHOWN]):
            other = question.images[place]
            assert other.original is not None
            seen = rgb if place == 0 else pixels_of(self._vault.open(other.original, other.sha256))
            said = "the face in question" if place == 0 else f"again: {other.file}"
            exhibits.append(Exhibit(seen, (said,), one.box, enlarged=True))
        for each in question.candidates:
            photo = self._consent.photo_of(each.subject)
            lines = (
                each.subject,
                f"score {each.score:.2f}, a match needs {face.needed:.2f}" if face else "",
                f"{each.coverage.code} {each.coverage.clause}".strip(),
            )
            exhibits.append(Exhibit(None if photo is None else pixels_of(photo), lines))
        return sheet(exhibits, suffix)

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
            candidates(faces[0], use, covered) if faces else (),
            last_day=self._quarantine.last_day(first.image),
        )

    def _blocking(self, decision: Decision) -> set[str]:
        policy = self._enforcement.policy(decision.policy)
        return {each.code for each in decision.findings if policy.verdict_on(each.code) != "cleared"}

    def _held(self, image: str, purpose: str) -> Decision:
        decision = self._enforcement.decision(image, purpose)
        if decision is None or decision.verdict != "held":
            now = "not judged" if decision is None else decision.verdict
            raise ConflictError(
                f"{image} is {now} for {purpose}, not held.", "List what is: volenti review list."
            )
        return decision

    def _image(self, name: str) -> Image:
        return Image.read(name, self._records.require("image", name).body)

    def _use(self, policy: Policy, shoot: str) -> Use:
        return Use(policy.purpose, policy.territory, self._consent.today, shoot=shoot)

    def _check_covered(self, image: Image, policy: Policy, subjects: Iterable[str]) -> None:
        for subject in subjects:
            coverage = self._consent.coverage_for(subject, self._use(policy, image.shoot))
            if not coverage.covered:
                raise RefusedError(
                    f"{subject} has no release that covers this: {coverage.code}.",
                    "Reject the picture, or import a release that does.",
                )
