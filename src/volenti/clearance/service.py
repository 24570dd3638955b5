"""Clearance: judges every picture that waits, and keeps only what somebody allowed.

A picture is looked at (`perception`, in parallel, without any key), judged
(`judgement`, pure) and settled: cleared, and then sealed anew under the keys of
those it shows; held, and then left in quarantine; rejected, and then gone but for
a keyed digest and the reason. Settling is one transaction a batch, after the
bytes are durable, so the same call goes on after a crash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from volenti.clearance.copies import Works
from volenti.clearance.decision import Decision
from volenti.clearance.finding import Finding
from volenti.clearance.gallery import Gallery
from volenti.clearance.image import CONTROLLER, Image
from volenti.clearance.judgement import Claim, CoverageOf, Judgement, judge
from volenti.clearance.matching import Match, Matcher
from volenti.clearance.perception import Look, Perceiver, Perception
from volenti.clearance.policy import Policy
from volenti.clearance.quarantine import Quarantine
from volenti.clearance.rights import rights_findings
from volenti.consent.coverage import Coverage
from volenti.consent.purpose import Grant, Use
from volenti.consent.service import Consent
from volenti.core.clock import Clock, stamp
from volenti.core.errors import NotFoundError
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress, Silent
from volenti.vault.journal import Happening, Journal
from volenti.vault.records import Record, Records
from volenti.vault.service import Vault

#: Pictures a worker looks at in one go, and how many of those are settled together.
LOOK_BATCH, SETTLE_BATCH = 8, 8


class Clearance:
    """Decisions over the quarantine."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        gallery: Gallery,
        quarantine: Quarantine,
        works: Works,
        journal: Journal,
        perceiver: Perceiver,
        jobs: JobRunner,
        clock: Clock,
    ) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._gallery = gallery
        self._quarantine = quarantine
        self._works = works
        self._journal = journal
        self._perceiver = perceiver
        self._jobs = jobs
        self._clock = clock

    def clear(self, policy: Policy, matcher: Matcher, progress: Progress | None = None) -> int:
        """Judge everything that waits; returns how many pictures were judged.

        matcher: an empty one; it is filled with those who may be recognised today.
        """
        told = progress or Silent()
        self._quarantine.sweep()
        self._quarantine.expire()
        waiting = [row.id for row in self._records.rows("image", state="waiting")]
        if not waiting:
            return 0
        use = Use(Grant(policy.purpose), policy.territory, self._clock().date())
        self._gallery.fill(matcher, use, told)
        answers: dict[str, Coverage] = {}

        def coverage_of(subject: str) -> Coverage:
            if subject not in answers:
                answers[subject] = self._consent.coverage_for(subject, use)
            return answers[subject]

        told.begin("Clearing", len(waiting))
        for names in _chunks(waiting, LOOK_BATCH * SETTLE_BATCH * self._jobs.workers):
            images = [self._waiting(name) for name in names]
            batches = [images[i : i + LOOK_BATCH] for i in range(0, len(images), LOOK_BATCH)]
            tasks = [[self._look(image) for image in batch] for batch in batches]
            for index, seen in self._jobs.run(self._perceiver.look, tasks):
                pairs = [
                    (image, perception, self._judged(perception, matcher, coverage_of, policy, use))
                    for image, perception in zip(batches[index], seen, strict=True)
                ]
                self._settle(pairs, policy)
                told.advance(len(pairs))
        told.end()
        return len(waiting)

    def _waiting(self, name: str) -> Image:
        return Image.from_json(name, self._records.require("image", name).body)

    def _look(self, image: Image) -> Look:
        assert image.original is not None
        return Look(self._vault.open(image.original), image.sidecar)

    def _judged(
        self, seen: Perception, matcher: Matcher, coverage_of: CoverageOf, policy: Policy, use: Use
    ) -> Judgement:
        matches: list[Match] = []
        if seen.faces:
            matches = matcher.match(np.stack([face.template for face in seen.faces]))
        others: list[Finding] = []
        claims: list[Claim] = []
        if seen.rights is not None:
            others += rights_findings(seen.rights, policy.purpose)
            for name in seen.rights.model_release_ids:
                subject = self._subject_of(name)
                if subject is not None:
                    claims.append(Claim(subject, coverage_of(subject)))
        if seen.fingerprint is not None:
            others += self._works.findings(seen.fingerprint)
        return judge(seen, matches, claims, coverage_of, others)

    def _subject_of(self, release: str) -> str | None:
        try:
            return self._consent.release(release).release.subject
        except NotFoundError:
            return None

    def _settle(self, judged: Sequence[tuple[Image, Perception, Judgement]], policy: Policy) -> None:
        at = stamp(self._clock())
        records: list[Record] = []
        happenings: list[Happening] = []
        done: list[Image] = []
        for image, seen, judgement in judged:
            verdict = policy.verdict(judgement.findings)
            decision = Decision(
                image.id, policy.purpose, verdict, judgement.findings, policy.digest, "policy", at
            )
            owners = self.owners(image, judgement.subjects, verdict)
            kept = replace(
                image, faces=judgement.faces, width=seen.width, height=seen.height,
                rights=seen.rights.to_json() if seen.rights else {},
            )  # fmt: skip
            records += self.settled(kept, decision, owners, seen.preview)
            happenings.append(Happening("decision", {"image": image.id, **decision.to_json()}, owners))
            if verdict != "held":
                done.append(image)
        self.keep(records, happenings, done)

    def keep(self, records: list[Record], happenings: list[Happening], done: list[Image]) -> None:
        """Make a settlement durable, then empty the quarantine of what was decided."""
        self._vault.flush()
        self._journal.record_all(happenings)
        self._records.put_all(records)
        for image in done:
            if image.original is not None:
                self._vault.discard(image.original)

    def owners(self, image: Image, subjects: Sequence[str], verdict: str) -> tuple[str, ...]:
        """Under whose keys what is known about the picture goes from now on."""
        if verdict == "held":
            assert image.original is not None
            return image.original.owners
        return tuple(subjects) or (CONTROLLER,)

    def settled(
        self, image: Image, decision: Decision, owners: tuple[str, ...], preview: bytes
    ) -> Iterator[Record]:
        """The rows that a decision leaves, its bytes already in the owners' packs."""
        verdict = decision.verdict
        if verdict == "cleared":
            assert image.original is not None
            original = self._vault.put(owners, "original", self._vault.open(image.original))
            image = replace(image, original=original, preview=self._vault.put(owners, "preview", preview))
        elif verdict != "held":
            # What nobody allowed isn't kept: where it came from and why it was refused stay.
            image = Image(image.id, image.file)
        state = "held" if verdict == "held" else verdict
        yield Record("image", image.id, image.to_json(), owners, state)
        yield Record("decision", decision.id, decision.to_json(), owners, state, image.id)
        for row in list(self._records.rows("file", parent=image.id)):
            body = self._records.require("file", row.id).body
            is_copy = row.state == "duplicate"
            if not is_copy:
                body = {**body, "findings": [each.to_json() for each in decision.findings]}
            yield Record("file", row.id, body, owners, row.state if is_copy else state, image.id)


def _chunks(names: Sequence[str], size: int) -> Iterator[list[str]]:
    walk = iter(names)
    while chunk := list(islice(walk, size)):
        yield chunk
