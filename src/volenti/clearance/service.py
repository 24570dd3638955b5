"""Clearance: judges every picture, and keeps only what somebody allowed.

A picture is looked at once (`perception`, in parallel, without any key); what was seen is kept with it as
facts. From the facts a policy decides (`evaluation`), for this purpose and later for others, and the decision
is enforced (`enforcement`): a cleared picture is sealed anew under the keys of those it shows, a held one is
left in quarantine, and of a rejected one only a keyed digest and the reason are kept. Decisions are put on
record in batches, one transaction each, after the bytes are durable: so the same call goes on after a crash.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import numpy as np

from volenti.clearance.due import DuePictures, judged_before
from volenti.clearance.enforcement import Enforcement
from volenti.clearance.evaluation import Evaluated, PolicyEvaluation
from volenti.clearance.folders import Folders
from volenti.clearance.gallery import Gallery
from volenti.clearance.image import Image, SeenFace
from volenti.clearance.onrecord import image_now, open_original
from volenti.clearance.policy import Policy
from volenti.clearance.quarantine import Quarantine
from volenti.clearance.renewal import Renewal
from volenti.clearance.review_queue import ReviewQueue
from volenti.clearance.third_party_works import ThirdPartyWorks
from volenti.consent.service import Consent
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError
from volenti.core.jobs import JobRunner
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.core.shown import short_repr
from volenti.perception.analyzer import PictureAnalysis, PictureAnalyzer
from volenti.perception.finding import Finding, Verdict
from volenti.perception.rights.marks import marks_of
from volenti.perception.sight.matching import Matcher
from volenti.vault.records import Records
from volenti.vault.service import Vault

#: Pictures, and bytes of them, that a worker looks at in one go.
LOOK_BATCH, LOOK_BYTES = 8, 32 * 2**20
#: Pictures whose decisions are put on record together, and how long the first of them waits at most: that
#: much is looked at again after a crash.
DECIDE_BATCH, DECIDE_SECONDS = 64, 5.0
#: How many damaged pictures an error names.
NAMED_MAX = 5

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What a policy would decide of a picture, beside the decision on record ("" where there is none)."""

    image: str
    file: str
    before: str
    after: Verdict
    findings: tuple[Finding, ...]

    __repr__ = short_repr


class Clearance:
    """Judges the pictures that were given, by a policy."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        folders: Folders,
        gallery: Gallery,
        quarantine: Quarantine,
        works: ThirdPartyWorks,
        enforcement: Enforcement,
        queue: ReviewQueue,
        analyzer: PictureAnalyzer,
        jobs: JobRunner,
        clock: Clock,
    ) -> None:
        self._renewal = Renewal(records)
        self._records = records
        self._vault = vault
        self._consent = consent
        self._folders = folders
        self._gallery = gallery
        self._quarantine = quarantine
        self._works = works
        self._enforcement = enforcement
        self._queue = queue
        self._analyzer = analyzer
        self._jobs = jobs
        self._clock = clock
        #: Pictures whose rows or bytes were found damaged, which hold up nobody else's.
        self._damaged: set[str] = set()

    def clear(self, policy: Policy, matcher: Matcher, progress: Progress | None = None) -> int:
        """Look at what waits, and judge everything this policy hasn't judged; returns how many pictures.

        Held faces are compared again when the gallery has changed since. What a reviewer decided stays as it
        is. matcher: an empty one; it is filled with those who may be recognised today. Raises IntegrityError
        at the end, once all others are judged, where pictures are damaged.
        """
        self._damaged.clear()
        with _log.timed("pictures judged", purpose=policy.purpose) as facts:
            judged = self._clear(policy, matcher, progress or Silent())
            self._queue.put_together()
            facts["pictures"] = judged
        if self._damaged:
            names = sorted(self._damaged)
            some = ", ".join(names[:NAMED_MAX]) + " …" * (len(names) > NAMED_MAX)
            raise IntegrityError(
                f"These pictures are damaged and weren't judged; all others were: {some}.",
                "Bring them back from a backup, or remove them: volenti picture remove IMAGE",
            )
        return judged

    def _clear(self, policy: Policy, matcher: Matcher, told: Progress) -> int:
        self._renewal.run(told)
        self._quarantine.sweep()
        self._quarantine.expire()
        waiting = list(self._records.identifiers("image", state="waiting"))
        if not waiting and not judged_before(self._records):
            return 0
        self._enforcement.keep_policy(policy)
        evaluation = self._evaluation(policy)
        gallery = self._gallery.fill(matcher, told)
        due = DuePictures(self._records, policy, gallery, self._consent.restricted())
        looks = {image.id: due.has_to_be_compared(image) for image in self._images(due)}
        to_look = [*waiting, *(name for name, look in looks.items() if look)]
        judged = self._look_at(to_look, evaluation, matcher, gallery, told)
        to_judge = [name for name, look in looks.items() if not look]
        return judged + self._judge_again(to_judge, evaluation, told)

    def _evaluation(self, policy: Policy) -> PolicyEvaluation:
        return PolicyEvaluation(self._consent, self._folders, policy, self._consent.today)

    def changes(self, policy: Policy, most: int | None = None) -> tuple[list[Change], int]:
        """What `clear` would decide differently, from the facts on record; and of how many pictures nothing
        can be said yet, because they wait to be looked at or to be compared again. Changes nothing.

        most: of so many of the pictures judged before alone, which are taken evenly from all.
        """
        self._damaged.clear()
        evaluation, at = self._evaluation(policy), stamp(self._clock())
        gallery, restricted = self._gallery.foreseen(), self._consent.restricted()
        waits = list(self._images(self._records.identifiers("image", state="waiting")))
        over = [image for image in waits if self._quarantine.is_over(image)]
        waiting = len(waits) - len(over)
        pictures = DuePictures(self._records, policy, gallery, restricted)
        judged = judged_before(self._records)
        some = judged if most is None else judged[:: max(1, -(-len(judged) // most))]
        found = [Change(image.id, image.file, "", "rejected", ()) for image in over]
        for image in self._images(some):
            present = self._enforcement.decision(image.id, policy.purpose)
            before = present.verdict if present else ""
            if self._quarantine.is_over(image):
                found.append(Change(image.id, image.file, before, "rejected", ()))
            elif not pictures.has(image.id):
                continue
            elif pictures.has_to_be_compared(image):
                waiting += 1
            else:
                evaluated = evaluation.evaluate(image, at)
                with suppress(ConflictError, KeyDestroyedError):  # decided or erased by another command
                    decided = self._enforcement.foreseen(evaluated)
                    if decided.verdict != before and not _may_be_restricted(evaluated, restricted):
                        found.append(Change(image.id, image.file, before, decided.verdict, decided.findings))
        return sorted(found, key=lambda each: each.file), waiting + len(self._damaged)

    def _look_at(
        self,
        names: Sequence[str],
        evaluation: PolicyEvaluation,
        matcher: Matcher,
        gallery: int,
        told: Progress,
    ) -> int:
        """Have pictures looked at by worker processes, and decide about them; returns how many."""
        if not names:
            return 0
        newest = self._works.newest
        marks = marks_of(evaluation.policy.marks.add)
        analyzer = replace(self._analyzer, added_marks=marks, works=newest > 0)
        told.begin("Clearing", len(names))
        under_way: dict[int, list[Image]] = {}

        def tasks() -> Iterator[list[bytes]]:
            for number, batch in enumerate(self._batches(names)):
                under_way[number] = [image for image, _ in batch]
                yield [data for _, data in batch]

        ready: list[tuple[Image, PictureAnalysis]] = []
        began, looked_at = time.monotonic(), 0
        for number, seen in self._jobs.run(analyzer.analyze, tasks()):
            for image, analysis in zip(under_way.pop(number), seen, strict=True):
                ready.append((replace(image, gallery=gallery, compared=newest), analysis))
            looked_at += len(seen)
            told.advance(len(seen))
            if len(ready) >= DECIDE_BATCH or time.monotonic() - began > DECIDE_SECONDS:
                self._decide(self._with_facts(ready, matcher), evaluation)
                ready, began = [], time.monotonic()
        self._decide(self._with_facts(ready, matcher), evaluation)
        told.end()
        return looked_at

    def _judge_again(self, names: Sequence[str], evaluation: PolicyEvaluation, told: Progress) -> int:
        """Decide about pictures from the facts that are kept with them; returns how many."""
        if names:
            told.begin("Judging again", len(names))
            for start in range(0, len(names), DECIDE_BATCH):
                chunk = names[start : start + DECIDE_BATCH]
                self._decide([(image, b"") for image in self._images(chunk)], evaluation)
                told.advance(len(chunk))
            told.end()
        return len(names)

    def _batches(self, names: Sequence[str]) -> Iterator[list[tuple[Image, bytes]]]:
        """The pictures that a worker looks at in one go; they are read when the worker is due.

        Those about which another command decided meanwhile, or which it removed, are passed over.
        """
        batch: list[tuple[Image, bytes]] = []
        size = 0
        for image in self._images(names):
            with self._whole(image.id), suppress(ConflictError, KeyDestroyedError):
                batch.append((image, open_original(self._records, self._vault, image)))
                size += len(batch[-1][1])
            if len(batch) == LOOK_BATCH or size >= LOOK_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _images(self, names: Iterable[str]) -> Iterator[Image]:
        """The pictures as they are on record now, without those that are gone or damaged."""
        for name in names:
            with self._whole(name):
                if (image := image_now(self._records, name)) is not None:
                    yield image

    @contextmanager
    def _whole(self, name: str) -> Iterator[None]:
        """Note that a picture is damaged where it turns out so, and go on."""
        try:
            yield
        except IntegrityError:
            self._damaged.add(name)

    def _with_facts(
        self, seen: Sequence[tuple[Image, PictureAnalysis]], matcher: Matcher
    ) -> list[tuple[Image, bytes]]:
        """The images with everything that was seen and measured, and no template; and their previews.

        Faces of all of them are compared together: with a large gallery that costs hardly more than one.
        """
        templates = [face.template for _, analysis in seen for face in analysis.faces]
        matches = iter(matcher.rank(np.stack(templates)) if templates else ())
        found: list[tuple[Image, bytes]] = []
        for image, analysis in seen:
            rights = analysis.rights.to_json() if analysis.rights else {}
            known = replace(
                image,
                faces=tuple(SeenFace.of(face, next(matches)) for face in analysis.faces),
                figures=analysis.figures,
                observed=(*analysis.findings, *self._works.findings(analysis.fingerprints), *image.noted),
                width=analysis.width,
                height=analysis.height,
                rights=rights,
            )
            found.append((known, analysis.preview))
        return found

    def _decide(self, seen: Sequence[tuple[Image, bytes]], evaluation: PolicyEvaluation) -> None:
        """Judge pictures, each with its preview, and put the decisions on record in one durable step."""
        if not seen:
            return
        at, restricted = stamp(self._clock()), self._consent.restricted()
        with self._enforcement.batch(passing_over=True) as batch:
            for image, preview in seen:
                evaluated = evaluation.evaluate(image, at)
                if not _may_be_restricted(evaluated, restricted):
                    # Another command may have decided about it meanwhile: then that is what is on record.
                    with self._whole(image.id), suppress(ConflictError, KeyDestroyedError):
                        batch.add_evaluated(evaluated, preview)


def _may_be_restricted(evaluated: Evaluated, restricted: frozenset[str]) -> bool:
    """Whether a picture has to wait until nobody is restricted: it shows a stranger, who may be one of them.

    Faces aren't compared with restricted people, and what is refused is thrown away.
    """
    return bool(restricted) and any(face.code == "no-release" for face in evaluated.image.faces)
