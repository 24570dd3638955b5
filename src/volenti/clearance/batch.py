"""A batch: pictures whose decisions are put on record together, and the rows that these make.

Deciding takes time, in which others work too: somebody in a picture may be erased, or another process may
decide about it. So rows are made at the end, when nobody else can write, from what is on record then.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.clearance.decision import AMENDED, KEPT, POLICY, UNDECIDED, UNJUDGED, Decision
from volenti.clearance.folders import DUPLICATE, Folders
from volenti.clearance.foreseeing import redacted_copy, without_redaction
from volenti.clearance.image import CONTROLLER, MENTION, Image
from volenti.clearance.kept_questions import QuestionChanges
from volenti.clearance.looks import looks_for
from volenti.clearance.onrecord import image_now, open_original, opens
from volenti.clearance.wrongclaim import forget_claims, wrong_claims
from volenti.core.codec import decoded, encoded
from volenti.core.digest import sha256
from volenti.core.errors import KeyDestroyedError
from volenti.perception.finding import Verdict
from volenti.vault.blob import BlobRef
from volenti.vault.event_log import Event, EventLog
from volenti.vault.ports import Row
from volenti.vault.records import Record, Records
from volenti.vault.service import Vault

if TYPE_CHECKING:
    from volenti.clearance.evaluation import Evaluated
    from volenti.perception.sight.faces import FaceDetector
    from volenti.perception.sight.stranger import Stranger

#: Fields that are kept of a file whatever became of it.
_OF_ANY_FILE = {"file", "folder", "findings", "given"}
#: Fields of a picture that others may change while it is looked at.
_SAID = ("sidecar", "reservations", "caption", "shoot")


def _refs(image: Image) -> set[BlobRef]:
    return {ref for ref in (image.original, image.preview, image.unredacted) if ref is not None}


@dataclass(frozen=True, slots=True)
class _Due:
    """A picture with its decision, its bytes sealed; and where the bytes lay when it was looked at."""

    was: BlobRef
    image: Image
    decision: Decision
    subjects: tuple[str, ...]
    #: How many files of it were on record then, and beside which something new lay.
    files: int
    unjudged: frozenset[str]


class Batch:
    """Pictures whose decisions are put on record together."""

    def __init__(
        self, records: Records, vault: Vault, events: EventLog, folders: Folders, detector: FaceDetector
    ) -> None:
        self.pending: list[Event] = []
        self.obsolete: list[BlobRef] = []
        #: Of whom pictures had been cleared that are rejected now.
        self.taken_back: set[str] = set()
        self._due: list[_Due] = []
        self._asked = QuestionChanges(records)
        self._records = records
        self._vault = vault
        self._events = events
        self._folders = folders
        self._detector = detector

    def add_evaluated(self, evaluated: Evaluated, preview: bytes = b"") -> Decision:
        """Add a picture that a policy decided about, as `add` does."""
        judgement = evaluated.judgement
        return self.add(
            evaluated.image,
            evaluated.decision,
            judgement.subjects,
            preview,
            judgement.redact,
            evaluated.keep_original,
        )

    def add(
        self,
        image: Image,
        decision: Decision,
        subjects: Sequence[str],
        preview: bytes = b"",
        redact: Sequence[Stranger] = (),
        keep_original: bool = False,
        was: BlobRef | None = None,
        or_hold: bool = True,
    ) -> Decision:
        """Add one picture, and seal it anew where it is cleared; returns the decision that goes on record.

        subjects: whom it shows. preview: of the picture as given, made here where it is empty.
        redact: whom to make unrecognisable; where that can't be done the picture is held, or RedactionError
        raised where `or_hold` is False.
        was: where the picture's bytes lie on record, where that isn't what the image says.
        """
        was = was or image.original
        assert was is not None
        if decision.verdict == "cleared":
            sealed = self._seal_anew(image, decision, subjects, preview, redact, keep_original, or_hold)
            image, decision = sealed
        files = self._records.count("file", parent=image.id)
        unjudged = self._unjudged(decision) if decision.by == POLICY else frozenset({AMENDED})
        self._due.append(_Due(was, image, decision, tuple(subjects), files, unjudged))
        return decision

    def write(self) -> list[str]:
        """Put all rows, by what is on record now; returns the pictures that others changed meanwhile.

        To be called in a transaction: what is read here must still be so when it is written.
        """
        overtaken = []
        for due in self._due:
            now = self._now(due)
            if now is None:
                overtaken.append(due.image.id)
                self.obsolete += _refs(due.image) - {due.was}
            else:
                self._write(due, now)
        self._asked.write()
        return overtaken

    def _now(self, due: _Due) -> Image | None:
        """The picture as it is on record; None where it is no longer the one that was looked at."""
        image = image_now(self._records, due.image.id)
        if image is None or image.original != due.was:
            return None
        changed = any(getattr(image, name) != getattr(due.image, name) for name in _SAID)
        if changed or self._records.count("file", parent=image.id) != due.files:
            return None
        is_held_again = due.image.is_quarantined and due.image.original != due.was
        if is_held_again and not opens(self._records, self._vault, due.image):
            return None  # another command swept the quarantine before this is kept
        owners = {owner for ref in _refs(due.image) for owner in ref.owners}
        return image if all(map(self._vault.has_key, owners.union(due.subjects))) else None

    def _write(self, due: _Due, now: Image) -> None:
        image, decision, subjects = due.image, due.decision, due.subjects
        known = list(self._records.rows("decision", parent=image.id))
        others = [row for row in known if row.id != decision.id]
        before = self._before(known, decision)
        if decision.verdict == "rejected":
            cleared = [row for row in known if row.id == decision.id and row.state == "cleared"]
            self.taken_back.update(*(row.owners for row in cleared))
        states = (decision.verdict, *(row.state for row in others))
        state = next((each for each in KEPT if each in states), decision.verdict)
        if state not in KEPT:
            owners = tuple(subjects) or (CONTROLLER,)
            # A picture that nobody allowed isn't kept; where it came from and why it was refused are.
            image = Image(image.id, image.file)
        else:
            assert image.original is not None
            owners = image.original.owners
            if not image.is_quarantined:
                image = image.settled(owners)
            for subject in image.mentioned:
                if not self._is_searched_for(subject):
                    image = image.without(subject)  # taken out of the gallery since it was judged
        self.obsolete += (_refs(now) | _refs(due.image)) - _refs(image)
        # The decision says who is in the picture, also where the picture isn't sealed for them yet.
        named = {*subjects, *(each for yes in decision.approvals for each in yes.subjects)}
        concerns = tuple(sorted({*owners, *named}))
        if before is not None and replace(decision, at=before.at) == before:
            # The same was decided before: no event says that the picture was given or judged again.
            decision = before
        else:
            said = {"image": image.id, **encoded(decision)}
            self.pending.append(Event("decision", said, concerns, image.id))
        # What nobody looked at yet is still to be judged, whatever a person decided.
        unjudged = self._unjudged(decision) - due.unjudged if state in KEPT else frozenset()
        self._put_rows(image, decision, owners, state, others, unjudged)
        if decision.verdict == "cleared":
            self._records.put_all(wrong_claims(due.image, subjects, self._records.alias))
        self._asked.change(now, image, before, decision)

    def _before(self, known: Sequence[Row], decision: Decision) -> Decision | None:
        """The last decision for the same purpose, where its row still opens."""
        with suppress(KeyDestroyedError):
            for row in known:
                if row.id == decision.id:
                    return decoded(Decision, self._records.opened(row).body, image=decision.image)
        return None

    def _unjudged(self, decision: Decision) -> frozenset[str]:
        """The rows of files beside which something new lies since the decision on record was made."""
        row = self._records.row("decision", decision.id)
        if row is None or row.position != UNDECIDED:
            return frozenset()
        with suppress(KeyDestroyedError):
            return frozenset(self._records.opened(row).body.get(UNJUDGED, ()))
        return frozenset()

    def _is_searched_for(self, subject: str) -> bool:
        """Whether the subject's face may be looked for: an erasure takes them out of the gallery first."""
        return self._records.row("template", self._records.alias(subject)) is not None

    def _put_rows(
        self,
        image: Image,
        decision: Decision,
        owners: tuple[str, ...],
        state: Verdict,
        others: Sequence[Row],
        unjudged: frozenset[str],
    ) -> None:
        self._records.delete(MENTION, [row.id for row in self._records.rows(MENTION, parent=image.id)])
        if state not in KEPT:
            forget_claims(self._records, image.id)
        records = [image.record(owners, state), *image.mentions(self._records.alias)]
        records.append(
            Record(
                "decision",
                decision.id,
                {**encoded(decision), **({UNJUDGED: sorted(unjudged)} if unjudged else {})},
                owners,
                decision.verdict,
                image.id,
                UNDECIDED if unjudged else decision.policy_number,
            )
        )
        # Decisions for other purposes, and what the event log says of earlier ones, are sealed anew for those
        # whom the picture is now sealed for.
        records += [
            replace(self._records.opened(row), owners=owners) for row in others if row.owners != owners
        ]
        if not image.is_quarantined:
            records += self._events.said_for(image.id, owners)
            records += looks_for(self._records, image.id, owners)
        files: list[tuple[str, str]] = []
        for row in self._records.rows("file", parent=image.id):
            body = self._records.opened(row).body
            is_copy = row.state == DUPLICATE
            if not is_copy:
                body = {**body, "findings": [encoded(each) for each in decision.findings]}
            elif state not in KEPT:
                # No more than is kept of the file that came first.
                body = {name: value for name, value in body.items() if name in _OF_ANY_FILE}
            records.append(Record("file", row.id, body, owners, row.state if is_copy else state, image.id))
            files.append((body.get("folder", ""), row.id))
        if state != "cleared":
            records += self._folders.file_rows(files)
        elif len({folder for folder, _ in files}) == 1:
            records += self._folders.person_rows(files[0][0], owners)
        self._records.put_all(records)

    def _seal_anew(
        self,
        image: Image,
        decision: Decision,
        subjects: Sequence[str],
        preview: bytes,
        redact: Sequence[Stranger],
        keep_original: bool,
        or_hold: bool,
    ) -> tuple[Image, Decision]:
        """Seal the image's bytes under the keys of those whom it shows; returns it, and the decision then.

        Where a stranger can't be redacted the decision is "held" instead, or RedactionError is raised.
        """
        assert image.original is not None
        owners = tuple(sorted(set(subjects))) or (CONTROLLER,)
        if image.original.owners == owners and not redact:
            return image, decision
        # Imported here, because most commands read decisions and seal no picture.
        from volenti.perception.files.kept import preview_of

        before = image
        data = open_original(self._records, self._vault, image)
        if redact:
            copy = redacted_copy(data, image, redact, self._detector, or_hold=or_hold)
            if copy is None:
                return image, without_redaction(decision)
            data, preview = copy, preview_of(copy)
            # From here on the copy is the picture, so whoever is no longer in it isn't judged.
            gone = {each.box for each in redact}
            left = tuple(face for face in image.faces if face.box not in gone)
            figures = tuple(figure for figure in image.figures if figure.box not in gone)
            note = [each for each in decision.findings if each.code == "redacted"]
            image = replace(image, sha256=sha256(copy), faces=left, figures=figures)
            image = replace(image, observed=(*image.observed, *note))
            if keep_original and before.is_quarantined:
                image = replace(image, unredacted=before.original)
        image = replace(
            image,
            original=self._vault.put(owners, "original", data, of=image.id),
            preview=self._vault.put(owners, "preview", preview or preview_of(data), of=image.id),
        )
        return image, decision
