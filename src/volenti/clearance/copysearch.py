"""Copy search: looks among pictures judged before for copies of works registered since.

Only fingerprints are made of the pictures; who is in them stays as it was. A copy that is found is added to
the picture's facts, and the picture is judged again for every purpose that it was cleared or held for, by the
policy that decided then. That is done where a reviewer decided too: they couldn't know of the work. A picture
that was compared isn't compared with the same works again, so the search goes on where it stopped.
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
from volenti.clearance.onrecord import image_now, open_original
from volenti.clearance.third_party_works import ThirdPartyWorks
from volenti.consent.service import Consent
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError, KeyDestroyedError
from volenti.core.jobs import JobRunner
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.perception.analyzer import PictureAnalyzer
from volenti.perception.finding import Finding, Verdict
from volenti.vault.records import Records
from volenti.vault.service import Vault

#: Pictures whose fingerprints a worker makes in one go.
BATCH = 8

_JUDGED = ("cleared", "held")

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class FoundCopy:
    """A picture that resembles a work: the finding, and its verdicts by purpose, before and after."""

    image: str
    file: str
    finding: Finding
    before: dict[str, Verdict]
    after: dict[str, Verdict]


class CopySearch:
    """Looks for copies of registered works among the pictures judged before."""

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
        with _log.timed("copy search over") as facts:
            found = 0
            for copy in self._run(progress or Silent(), dry_run=dry_run):
                found += 1
                yield copy
            facts["copies"] = found

    def _run(self, told: Progress, *, dry_run: bool) -> Iterator[FoundCopy]:
        newest = self._works.newest
        names = [
            name
            for state in _JUDGED
            for name in self._records.identifiers("image", state=state, below=newest)
        ]
        evaluations: dict[str, PolicyEvaluation] = {}
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
                # Another command may have decided about it: it is due again where it is still kept.
                copy = None
                with suppress(ConflictError, KeyDestroyedError):
                    copy = self._judge_again(image, found_in_it, newest, evaluations, dry_run=dry_run)
                if copy is not None:
                    yield copy
            told.advance(len(prints))
        told.end()

    def _note_compared(self, images: Sequence[Image], newest: int) -> None:
        with self._records.transaction():
            # Rows are read again: a reviewer may have decided meanwhile.
            rows = [self._records.row("image", image.id) for image in images]
            self._records.put_all(
                replace(now, compared=newest).record(row.owners, row.state)
                for row in rows
                if row is not None
                and row.state in _JUDGED
                and (now := image_now(self._records, row.id)) is not None
            )

    def _judge_again(
        self,
        image: Image,
        found: Finding,
        newest: int,
        evaluations: dict[str, PolicyEvaluation],
        *,
        dry_run: bool,
    ) -> FoundCopy:
        """Decide anew about a copy, for each purpose; dry_run: only say what would be decided."""
        decisions = [each for each in self._enforcement.decisions(image.id) if each.verdict in _JUDGED]
        if found not in image.observed:
            image = replace(image, observed=(*image.observed, found))
        after: dict[str, Verdict] = {}
        for number, decision in enumerate(decisions, 1):
            if number == len(decisions):
                # Not before the last one: after a crash in between, the picture is due again.
                image = replace(image, compared=newest)
            evaluated = self._evaluation(decision, evaluations).evaluate(image, stamp(self._clock()))
            if dry_run:
                after[decision.purpose] = evaluated.decision.verdict
                continue
            with self._enforcement.batch() as batch:
                decided = batch.add_evaluated(evaluated)
            after[decision.purpose] = decided.verdict
            if number < len(decisions):
                image = image_now(self._records, image.id) or image
        before = {each.purpose: each.verdict for each in decisions}
        return FoundCopy(image.id, image.file, found, before, after)

    def _evaluation(self, decision: Decision, known: dict[str, PolicyEvaluation]) -> PolicyEvaluation:
        """The evaluation of the policy that decided; `known` by the policy's digest, once it was made."""
        if decision.policy not in known:
            policy = self._enforcement.policy(decision.policy)
            known[decision.policy] = PolicyEvaluation(
                self._consent, self._folders, policy, self._consent.today
            )
        return known[decision.policy]

    def _opened(self, name: str) -> tuple[Image, bytes] | None:
        image = image_now(self._records, name)
        with suppress(ConflictError, KeyDestroyedError):
            if image is not None:
                return image, open_original(self._records, self._vault, image)
        return None
