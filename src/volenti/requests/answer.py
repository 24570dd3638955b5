"""Answer: everything that is held of a person, for them to read and to take along.

Art. 15 GDPR asks for it (and Art. 20, in a form that machines read): every row of the register that
is theirs, their pictures, and in words what for, by whom, for how long and what they may do. Pictures
that show other people as well are given too: the others' faces are made unrecognisable, and nobody else
is named (Art. 15(4)). A picture in which that can't be done is listed with the reason, and not given.

An answer is made when it is asked for and kept nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from volenti.clearance.onrecord import open_original
from volenti.clearance.pictures import Owned, Pictures
from volenti.clearance.quarantine import Quarantine
from volenti.consent.purpose import Grant
from volenti.consent.service import Consent
from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp
from volenti.core.errors import NotFoundError, RefusedError, UsageError
from volenti.core.files import create_file, make_folder
from volenti.core.logs import Logger
from volenti.datasets.service import Datasets
from volenti.deliveries.exports import Exports
from volenti.perception.files.formats import suffix_of
from volenti.perception.sight.faces import FaceDetector
from volenti.perception.sight.redaction import RedactionError, redacted
from volenti.perception.sight.stranger import Stranger
from volenti.requests.answerpage import DECIDED, RIGHTS, AnswerPage, answer_page
from volenti.requests.identity import Identification
from volenti.requests.ports import AnswerTypesetter
from volenti.training.external_runs import ExternalRuns
from volenti.vault.records import Records
from volenti.vault.rowkind import unless_shared
from volenti.vault.service import Vault

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is given to the person. `pictures` are files by name; everything else is in `record`."""

    record: Json
    page: AnswerPage
    pictures: dict[str, bytes]

    @property
    def document(self) -> bytes:
        """The record as the JSON file that is given."""
        return json.dumps(self.record, indent=1, ensure_ascii=False).encode()


class Answers:
    """Makes answers out of what is on record at that moment."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        quarantine: Quarantine,
        pictures: Pictures,
        datasets: Datasets,
        external_runs: ExternalRuns,
        exports: Exports,
        detector: FaceDetector,
        typesetter: AnswerTypesetter,
        clock: Clock,
    ) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._quarantine = quarantine
        self._on_record = pictures
        self._datasets = datasets
        self._external_runs = external_runs
        self._exports = exports
        self._detector = detector
        self._typesetter = typesetter
        self._clock = clock

    def make(self, subject: str, identified: Identification | None = None) -> Answer:
        """Everything held of a subject. NotFoundError where nobody of that name is on record.

        identified: how it was made sure that they ask themselves.
        """
        person, now = self._consent.subject(subject), self._clock()
        pictures = {each.name: each for each in self._pictures(subject)}
        held = self._held(subject)
        recipients = sorted(set(self._recipients(subject)))
        record: Json = {
            "type": "volenti-answer/1",
            "made": stamp(now),
            "subject": subject,
            "identified": None if identified is None else identified.words,
            "purposes": self._purposes(subject),
            "recipients": recipients,
            "rights": [each for _, each in RIGHTS],
            "automated_decisions": DECIDED,
            "held": held,
            "pictures": [each.facts for each in pictures.values()],
            "held_pictures_that_may_show_you": len(self._quarantine.mentions(subject)),
        }
        given = {name: each.data for name, each in pictures.items() if each.data is not None}
        page = answer_page(person, record, given, now, self._records.declared.words_for)
        rows = sum(map(len, held.values()))
        _log.info("answer made", rows=rows, pictures=len(given), not_given=len(pictures) - len(given))
        return Answer(record, page, given)

    def picture(self, subject: str, image: str) -> bytes:
        """One picture of a subject's, as an answer gives it: others in it are made unrecognisable.

        Raises NotFoundError where it isn't theirs, or isn't there; RefusedError where others in it can't be
        made unrecognisable, or nothing of it is kept.
        """
        owners = self._on_record.owners_of(image)
        known = self._on_record.find(image) if subject in owners else None
        if known is None:
            raise NotFoundError("There is no such picture of yours.", "Open the list of your pictures.")
        if known.original is None:
            raise RefusedError("Nothing of this picture is kept.", "Rejected pictures leave no bytes behind.")
        found = self._picture(Owned(known, owners), subject)
        if found.data is None:
            raise RefusedError(
                f"This picture can't be shown: {found.about['not_given']}",
                "Ask for access to what is held of you: an officer looks at it.",
            )
        return found.data

    def pdf(self, answer: Answer) -> bytes:
        """The answer as PDF/A with its record attached."""
        return self._typesetter.answer(answer.page, answer.document)

    def write(self, answer: Answer, folder: Path) -> bytes:
        """Write an answer to files in a folder, for its owner alone to read; returns the PDF.

        Raises UsageError where a file can't be written or is there already.
        """
        pages = self.pdf(answer)
        for name, data in {"answer.pdf": pages, "answer.json": answer.document, **answer.pictures}.items():
            path = folder / name
            make_folder(path.parent)
            try:
                with create_file(path) as file:
                    file.write(data)
            except OSError as error:
                raise UsageError(f"Can't write {path}: {error.strerror}.", "Check the path.") from error
        return pages

    def _held(self, subject: str) -> dict[str, list[Json]]:
        """Every row of theirs by kind, without what it says of others."""
        held: dict[str, list[Json]] = {}
        for row in self._records.owned(subject):
            record = self._records.opened(row)
            shared = len(record.owners) - 1
            facts: Json = {"id": record.id, "state": record.state, "with_others": shared}
            # Of a kind that only an earlier version knew, nobody knows what its rows say of others.
            kind = self._records.declared.get(record.kind)
            said = (kind.shown if kind else unless_shared)(record, subject)
            held.setdefault(record.kind, []).append({**facts, "contents": said})
        return held

    def _purposes(self, subject: str) -> list[Json]:
        """For each release: what it grants, for how long, and which grants were withdrawn."""
        found = []
        withdrawals, whose = self._consent.withdrawals(subject), self._consent.subject(subject)
        for signed in self._consent.releases(subject):
            release, terms = signed.release, signed.release.terms
            taken = {each.grant for each in withdrawals if each.reaches(release)}
            everything = None in taken
            found.append(
                {
                    "release": release.id,
                    "controller": release.controller,
                    "state": self._consent.state(release.id).value,
                    "method": signed.method(whose) or "",
                    "granted": [each.value for each in Grant if release.grants[each]],
                    "withdrawn": [each.value for each in Grant if everything or each in taken],
                    "territory": list(terms.territory),
                    "from": terms.valid_from.isoformat(),
                    "until": terms.valid_until.isoformat() if terms.valid_until else "withdrawn",
                }
            )
        return found

    def _recipients(self, subject: str) -> Iterator[str]:
        """Who was given a dataset that the subject is in, or a part of a model that learned from them."""
        for place in self._datasets.places_of(subject):
            for export in self._exports.deliveries(place.snapshot):
                if place.position not in export.left_out:
                    yield f"{export.to}: {'model' if export.weights else 'dataset'} {export.what}"
        parts = {part.id for part in self._external_runs.parts_of(subject)}
        for delivery in self._external_runs.delivered():
            if delivery.part in parts:
                yield f"{delivery.recipient}: model {delivery.part}"

    def _pictures(self, subject: str) -> Iterator[_Picture]:
        for owned in self._on_record.of(subject):
            if owned.image.original is not None:
                yield self._picture(owned, subject)
        for signed in self._consent.releases(subject):
            for number, photo in enumerate(self._consent.photos(signed.release.id).values(), 1):
                facts = {"what": "reference photograph", "release": signed.release.id}
                place = f"-{number}" if number > 1 else ""
                yield _Picture(f"pictures/{signed.release.id}{place}{suffix_of(photo)}", photo, facts)
            for number, scan in enumerate(self._consent.scans(signed.release.id), 1):
                facts = {"what": "scanned paper", "release": signed.release.id}
                suffix = suffix_of(scan) or (".json" if scan.startswith(b"{") else ".pdf")
                yield _Picture(f"pictures/{signed.release.id}-paper-{number}{suffix}", scan, facts)

    def _picture(self, owned: Owned, subject: str) -> _Picture:
        image = owned.image
        original = open_original(self._records, self._vault, image)
        data: bytes | None = original
        name = f"pictures/{image.id}{suffix_of(original)}"
        facts: Json = {"image": image.id, "name": image.file, "caption": image.caption, "shoot": image.shoot}
        others = [
            Stranger(face.box, score=face.detector_score) for face in image.faces if face.subject != subject
        ]
        if owned.is_shared and others:
            mine = [face.box for face in image.faces if face.subject == subject]
            facts["others_made_unrecognisable"] = len(others)
            try:
                data = redacted(original, others, self._detector, mine)
            except RedactionError as error:
                data, facts["not_given"] = None, error.message
        return _Picture(name, data, facts)


@dataclass(frozen=True, slots=True)
class _Picture:
    """A file of the answer; `data` is None where it isn't given."""

    name: str
    data: bytes | None
    about: Json

    @property
    def facts(self) -> Json:
        return {**self.about, "file": self.name if self.data is not None else ""}
