"""The gallery: who can be recognised, and under which permission.

Only subjects whose release grants face templates, today and in the territory of the use, are enrolled. Their
templates are computed from the reference photographs of their releases and sealed under their key; nobody
else's face is kept or compared. Nobody is enrolled by a photograph with a flaw that wasn't accepted
(`perception.sight.reference`), as earlier versions took: the photograph's flaws are kept in place of a
template.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from volenti.clearance.lookalikes import LookAlikes
from volenti.clearance.seenreference import Describer, Seen, SeenReference
from volenti.consent.purpose import Grant, Use
from volenti.core.codec import decoded, encoded
from volenti.core.errors import NotFoundError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from volenti.clearance.image import SeenFace
    from volenti.consent.reference import ReferenceOnRecord
    from volenti.consent.service import Consent
    from volenti.core.canonical import Json
    from volenti.core.jobs import JobRunner
    from volenti.perception.sight.faces import FaceDetector, Template
    from volenti.perception.sight.matching import Matcher
    from volenti.perception.sight.ranking import Ranking
    from volenti.perception.sight.reference import Reference
    from volenti.vault.records import Record, Records

#: Subjects of whose photographs a worker computes templates in one go.
DESCRIBE_BATCH = 4
#: States of a template's row; in the last one it has no template, because no photograph is sound.
_ENROLLED, _RESTRICTED, _UNSOUND = "enrolled", "resting", "unsound"

#: State of the gallery's row once everybody enrolled was compared with everybody else.
_COMPARED = "compared"
#: What of a template's row earlier versions didn't have.
_SEEN = "seen"

_log = Logger(__name__)


class Gallery:
    """Keeps the reference templates of enrolled subjects, and fills matchers with them."""

    def __init__(self, records: Records, consent: Consent, detector: FaceDetector, jobs: JobRunner) -> None:
        self._records = records
        self._consent = consent
        self._detector = detector
        self._jobs = jobs
        self._look_alikes = LookAlikes(records, consent)

    def fill(self, matcher: Matcher, progress: Progress | None = None) -> int:
        """Enrol everybody who may be recognised today, in whatever country; returns the gallery's number.

        The number changes whenever somebody was enrolled, got new templates or was taken out, and it says no
        more than how often that was: a digest of those enrolled would say who was among them.
        """
        with _log.timed("gallery filled") as facts:
            enrolled = self._fill(matcher, progress or Silent())
            facts["enrolled"] = enrolled
        return self.number

    def _fill(self, matcher: Matcher, progress: Progress) -> int:
        subjects = [subject.id for subject in self._consent.subjects()]
        # A restriction forbids use alone: the templates of restricted people are kept, and not compared.
        restricted = self._consent.restricted()
        recognisable = (each for each in subjects if self._consent.is_recognisable(each))
        granted = [each for each in recognisable if each not in restricted]
        self._take_out(set(subjects) - set(granted) - restricted)
        self._describe(granted, progress)
        for subject in set(subjects) & restricted:
            self._mark(subject, _RESTRICTED)
        enrolled = {}
        for subject in granted:
            templates = _templates_in(self._mark(subject, _ENROLLED))
            if templates:
                enrolled[subject] = _enrolled(templates)
                matcher.enrol(subject, enrolled[subject])
        if self._is_uncompared:
            self._look_alikes.compare(enrolled)
            self._records.put("gallery", "gallery", {}, state=_COMPARED, position=self.number)
        return len(enrolled)

    def foreseen(self) -> int:
        """The number that the gallery would have once it is filled. Changes nothing."""
        restricted = self._consent.restricted()
        for subject in self._consent.subjects():
            known = self._records.row("template", self._records.alias(subject.id))
            if subject.id in restricted:
                changes = known is not None and known.state not in (_RESTRICTED, _UNSOUND)
            elif self._consent.is_recognisable(subject.id):
                changes = known is None or known.state == _RESTRICTED or self._is_new(subject.id)
            else:
                changes = known is not None
            if changes:
                return self.number + 1
        return self.number

    def _is_new(self, subject: str) -> bool:
        """Whether templates of the subject's reference photographs have to be computed."""
        known = self._records.get("template", self._records.alias(subject))
        given = _given(_named(self._consent.references(subject)))
        return known is None or _SEEN not in known.body or _given(known.body) != given

    @property
    def number(self) -> int:
        """The number of the gallery as it was last filled, from 1."""
        row = self._records.row("gallery", "gallery")
        return 1 if row is None else row.position

    def count(self) -> int:
        """How many people have templates that faces in pictures are compared with."""
        return self._records.count("template", state=_ENROLLED)

    def count_unsound(self) -> int:
        """How many people can't be recognised, because none of their photographs is good enough."""
        return self._records.count("template", state=_UNSOUND)

    def apply_consent(self, subject: str) -> None:
        """Take a subject out of the gallery, unless a release grants face templates somewhere today."""
        is_there = self._records.row("template", self._records.alias(subject)) is not None
        if is_there and not self._consent.is_recognisable(subject):
            self._take_out([subject])

    def _take_out(self, subjects: Collection[str]) -> None:
        aliases = map(self._records.alias, subjects)
        there = [alias for alias in aliases if self._records.row("template", alias)]
        if there:
            with self._records.transaction():
                self._records.delete("template", there)
                self._look_alikes.forget(subjects)
                # Who stays was compared with each other before.
                self._count_change("" if self._is_uncompared else _COMPARED)

    def _mark(self, subject: str, state: str) -> Record | None:
        """Put on record whether the subject's templates are compared or only kept; returns their row."""
        known = self._records.get("template", self._records.alias(subject))
        if known is not None and not known.body["vectors"]:
            state = _UNSOUND
        if known is not None and known.state != state:
            known = replace(known, state=state)
            with self._records.transaction():
                self._records.put_all([known])
                self._count_change()
        return known

    def _count_change(self, state: str = "") -> None:
        self._records.put("gallery", "gallery", {}, state=state, position=self.number + 1)

    @property
    def _is_uncompared(self) -> bool:
        """Whether somebody was enrolled since the people enrolled were compared with each other."""
        row = self._records.row("gallery", "gallery")
        return row is not None and row.state != _COMPARED

    def undescribed(self, subjects: Iterable[str]) -> list[str]:
        """Those of the subjects who have no face template: nothing can be compared with them."""
        rows = {each: self._records.row("template", self._records.alias(each)) for each in subjects}
        return [each for each, row in rows.items() if row is None or row.state == _UNSOUND]

    def seen(self, subject: str) -> list[SeenReference]:
        """Each of the subject's reference photographs, and what was seen in it."""
        known = self._records.get("template", self._records.alias(subject))
        rows = [] if known is None else [decoded(Seen, each) for each in known.body.get(_SEEN, [])]
        seen = {each.digest: each for each in rows}
        found = []
        for photo in self._consent.references(subject):
            row = seen.get(photo.digest)
            given = (subject, photo.release, photo.digest)
            if row is None:
                found.append(SeenReference(*given, "waiting", accepted=photo.accepted))
            else:
                state: Literal["enrolled", "refused"] = "refused" if row.flaws else "enrolled"
                found.append(SeenReference(*given, state, row.flaws, photo.accepted, row.box))
        return found

    def refused(self) -> list[SeenReference]:
        """Every reference photograph by which nobody is enrolled because of its flaws."""
        flawed = [
            each.owners[0]
            for each in self._records.find("template")
            if any(seen["flaws"] for seen in each.body.get(_SEEN, []))
        ]
        return [each for who in sorted(flawed) for each in self.seen(who) if each.state == "refused"]

    def exhibit(self, subject: str, suffix: str) -> bytes:
        """The sheet of the faces by which somebody is enrolled, cut out of their photographs."""
        from volenti.perception.exhibit import Exhibit, sheet
        from volenti.perception.files.picture import pixels_of
        from volenti.perception.finding import Finding

        photos = {each.digest: each for each in self._consent.references(subject)}
        exhibits = []
        for number, each in enumerate(self.seen(subject), 1):
            rgb = pixels_of(self._consent.open_reference(photos[each.digest]))
            size = "" if each.face_px is None else f"face of {each.face_px} pixels"
            lines = (f"{number}, of {each.release}", f"{each.state} {', '.join(each.flaws)}".strip(), size)
            shown = None if isinstance(rgb, Finding) else rgb
            exhibits.append(Exhibit(shown, lines, each.box, enlarged=True))
        if not exhibits:
            raise NotFoundError(
                "No reference photograph of theirs is here.",
                "Give one with their release: volenti release sign RELEASE --key FILE --reference PHOTO",
            )
        return sheet(exhibits, suffix)

    def templates(self, subject: str) -> list[Template]:
        """The subject's sealed templates; none where they were never enrolled."""
        return _templates_in(self._records.get("template", self._records.alias(subject)))

    def compared(self, face: SeenFace, subject: str, use: Use, matcher: Matcher) -> Ranking | None:
        """A held face beside one person; None where either has no template that may be compared.

        matcher: an empty one.
        """
        allowed = Use(Grant.BIOMETRIC_TEMPLATES, use.territory, use.day)
        may = (
            subject not in self._consent.restricted() and self._consent.coverage_for(subject, allowed).covered
        )
        templates = self.templates(subject) if may and face.template else []
        if not templates:
            return None
        from volenti.clearance.same_faces import template_of

        matcher.enrol(subject, _enrolled(templates))
        return matcher.rank(template_of(face)[None])[0]

    def _describe(self, subjects: list[str], progress: Progress) -> None:
        """Compute and seal the templates of reference photographs that are new since the last time."""
        due: list[tuple[str, list[ReferenceOnRecord]]] = []
        for subject in subjects:
            if self._is_new(subject):
                due.append((subject, self._consent.references(subject)))
        batches = [due[i : i + DESCRIBE_BATCH] for i in range(0, len(due), DESCRIBE_BATCH)]
        # Opened one batch after the other, so that not all are in memory.
        tasks = (
            [list(map(self._consent.open_reference, photos)) for _, photos in batch] for batch in batches
        )
        progress.begin("Filling the gallery", len(due))
        for index, described in self._jobs.run(Describer(self._detector).describe, tasks):
            for (subject, photos), references in zip(batches[index], described, strict=True):
                self._keep(subject, photos, references)
            progress.advance(len(batches[index]))
        progress.end()

    def _keep(
        self, subject: str, photos: Sequence[ReferenceOnRecord], references: Sequence[Reference]
    ) -> None:
        """Seal the templates of sound photographs, and what was seen in every one."""
        seen, vectors = [], {}
        for photo, found in zip(photos, references, strict=True):
            flaws = tuple(each.value for each in found.flaws if each.is_grave or each not in photo.accepted)
            seen.append(Seen(photo.digest, flaws, None if found.face is None else found.face.box))
            if found.template is not None and not flaws:
                vectors[photo.digest] = found.template.astype("<f4").tobytes().hex()
        body = {**_named(photos), "vectors": list(vectors.values()), _SEEN: encoded(seen)}
        state = _ENROLLED if vectors else _UNSOUND
        with self._records.transaction():
            self._records.put("template", self._records.alias(subject), body, owners=(subject,), state=state)
            self._count_change()


def _templates_in(known: Record | None) -> list[Template]:
    vectors = [] if known is None else known.body["vectors"]
    if not vectors:
        return []
    import numpy as np

    return [np.frombuffer(bytes.fromhex(text), "<f4") for text in vectors]


def _named(photos: Sequence[ReferenceOnRecord]) -> Json:
    """What a template's row says of the photographs that it was made from."""
    accepted = {each.digest: sorted(each.accepted) for each in photos if each.accepted}
    return {"photos": sorted(each.digest for each in photos), "accepted": accepted}


def _given(body: Json) -> tuple[Json, Json]:
    """By what two of these are told apart."""
    return body["photos"], body.get("accepted", {})


def _enrolled(templates: Sequence[Template]) -> NDArray[np.float32]:
    import numpy as np

    from volenti.perception.sight.references import enrolled

    return enrolled(np.stack(templates))
