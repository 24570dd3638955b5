"""Copy search: looks among pictures judged before for copies of works registered since.

Only fingerprints are made of the pictures; who is in them stays as it was. What is found is
added to a picture's facts, and it is judged again for every purpose it was cleared or held
for, by the policy that decided then: also where a reviewer decided, who couldn't know. A
picture that was compared isn't compared with the same works again, so the search goes on
where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from volenti.clearance.decision import Decision
from volenti.clearance.enforcement import Enforcement
from volenti.clearance.evaluation import PolicyEvaluation
from volenti.clearance.folders import Folders
from volenti.clearance.image import Image
from volenti.clearance.third_party_works import ThirdPartyWorks
from volenti.consent.service import Consent
from volenti.core.clock import Clock, stamp
from volenti.core.errors import KeyDestroyedError
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress, Silent
from volenti.perception.analyzer import PictureAnalyzer
from volenti.perception.finding import Finding, Verdict
from volenti.vault.records import Records
from volenti.vault.service import Vault

#: Pictures whose fingerprints a worker makes in one go.
BATCH = 8

_JUDGED = ("cleared", "held")


@dataclass(frozen=True, slots=True)
class FoundCopy:
    """A picture that resembles a work: the finding, and its verdicts by purpose, before and after."""

    image: str
    file: str
    finding: Finding
    before: dict[str, Verdict]
    after: dict[str, Verdict]


class CopySearch:
    """Copies among what was judged."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        folders: Folders,
        works: ThirdPartyWorks,
        enforcement: Enforcement,
        analyzer: PictureAnalyzer,
        jobs: JobRunner,
        clock: Clock,
    ) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._folders = folders
        self._works = works
        self._enforcement = enforcement
        self._analyzer = analyzer
        self._jobs = jobs
        self._clock = clock

    def due(self) -> int:
        """How many judged pictures weren't compared with every work."""
        newest = self._works.newest
        return sum(self._records.count("image", state=state, below=newest) for state in _JUDGED)

    def run(self, progress: Progress | None = None, *, dry_run: bool = False) -> Iterator[FoundCopy]:
        """Compare those pictures; yields each that resembles a work, once it was judged again.

        dry_run: say what would be decided, and change nothing.
        """
        told = progress or Silent()
        newest = self._works.newest
        names = [
            name
            for state in _JUDGED
            for name in self._records.identifiers("image", state=state, below=newest)
        ]
        inquiries: dict[str, PolicyEvaluation] = {}
        under_way: dict[int, list[Image]] = {}

        def tasks() -> Iterator[list[bytes]]:
            walk = (found for name in names if (found := self._opened(name)) is not None)
            for number, some in enumerate(iter(lambda: list(islice(walk, BATCH)), [])):
                under_way[number] = [image for image, _ in some]
                yield [data for _, data in some]

        told.begin("Searching for copies", len(names))
        for number, prints in self._jobs.run(self._analyzer.fingerprints, tasks()):
            alike: list[tuple[Image, Finding]] = []
            others: list[Image] = []
            for image, seen in zip(under_way.pop(number), prints, strict=True):
                found = self._works.findings(seen, image.compared)
                if found:
                    alike.append((image, found[0]))
                else:
                    others.append(image)
            if not dry_run:
                self._note_compared(others, newest)
            for image, found_in_it in alike:
                yield self._judged_again(image, found_in_it, newest, inquiries, dry_run=dry_run)
            told.advance(len(prints))
        told.end()

    def _note_compared(self, images: Sequence[Image], newest: int) -> None:
        with self._records.transaction():
            # Read again: meanwhile a reviewer may have decided.
            rows = [self._records.row("image", image.id) for image in images]
            self._records.put_all(
                replace(now, compared=newest).record(row.owners, row.state)
                for row in rows
                if row is not None and row.state in _JUDGED and (now := self._image(row.id)) is not None
            )

    def _judged_again(
        self,
        image: Image,
        found: Finding,
        newest: int,
        inquiries: dict[str, PolicyEvaluation],
        *,
        dry_run: bool,
    ) -> FoundCopy:
        decisions = [each for each in self._enforcement.decisions(image.id) if each.verdict in _JUDGED]
        if found not in image.observed:
            image = replace(image, observed=(*image.observed, found))
        after: dict[str, Verdict] = {}
        for number, decision in enumerate(decisions, 1):
            inquiry = self._inquiry(decision, inquiries)
            if dry_run:
                judgement = inquiry.judgement(image)
                after[decision.purpose] = inquiry.policy.verdict(judgement.findings)
                continue
            if number == len(decisions):
                # Not before: after a crash in between, the picture is due again.
                image = replace(image, compared=newest)
            with self._enforcement.batch() as batch:
                settled = inquiry.settle(batch, image, inquiry.judgement(image), stamp(self._clock()))
            after[decision.purpose] = settled.verdict
            if number < len(decisions):
                image = self._image(image.id) or image
        before = {each.purpose: each.verdict for each in decisions}
        return FoundCopy(image.id, image.file, found, before, after)

    def _inquiry(self, decision: Decision, inquiries: dict[str, PolicyEvaluation]) -> PolicyEvaluation:
        if decision.policy not in inquiries:
            policy = self._enforcement.policy(decision.policy)
            inquiries[decision.policy] = PolicyEvaluation(
                self._consent, self._folders, policy, self._clock().date()
            )
        return inquiries[decision.policy]

    def _image(self, name: str) -> Image | None:
        """What is kept of it, None where somebody in it has left meanwhile."""
        with suppress(KeyDestroyedError):
            record = self._records.get("image", name)
            return None if record is None else Image.read(name, record.body)
        return None

    def _opened(self, name: str) -> tuple[Image, bytes] | None:
        image = self._image(name)
        with suppress(KeyDestroyedError):
            if image is not None and image.original is not None:
                return image, self._vault.open(image.original, image.sha256)
        return None
