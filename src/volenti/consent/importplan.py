"""The plan of an import: what every row means for the register, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from volenti.consent.document import DocumentError, Fields, Problem, require
from volenti.consent.doubles import KnownPeople
from volenti.consent.importfill import Completion
from volenti.consent.importgrants import RowGrants, compared, replaced
from volenti.consent.importphotos import RowPhotos
from volenti.consent.importreport import RowProblem
from volenti.consent.importscans import RowScans
from volenti.consent.names import plain_name
from volenti.consent.permissions import Permissions
from volenti.consent.photofile import File, Place, beside, check_named, content_of, photo_in, photos_beside
from volenti.consent.release import Release
from volenti.consent.releasetext import problems_of_wording
from volenti.consent.service import Consent
from volenti.consent.signature import Role, Signature
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.territory import faults_of_law
from volenti.core.errors import ConflictError, KeyDestroyedError, NotFoundError, UsageError
from volenti.core.progress import Progress, track
from volenti.vault.owner import is_chosen


@dataclass(frozen=True, slots=True)
class _Step:
    """One row that can be imported. `subject` is None where they are on record or in an earlier row."""

    row: int
    subject: Subject | None
    signed: SignedRelease
    photos: Sequence[File]
    scan: File | None
    unchanged: bool


_NONE = Permissions()


class ImportPlan:
    """Takes rows one by one, then carries them out together or not at all.

    folder: where references to photographs start, or the files in memory that they name. name_of: what a
    field is called in the file.
    """

    def __init__(
        self,
        consent: Consent,
        folder: Place,
        name_of: Callable[[str], str],
        permissions: Permissions = _NONE,
    ) -> None:
        self.problems: list[RowProblem] = []
        self._consent = consent
        self._folder = folder.resolve() if isinstance(folder, Path) else folder
        self._name_of = name_of
        self._permissions = permissions
        self.steps: list[_Step] = []
        self._subjects: dict[str, Subject] = {}
        self._releases: dict[str, SignedRelease] = {}
        self._people = KnownPeople(consent.subjects())
        self._completion = Completion(consent, self._folder, self._people)
        self._photos = RowPhotos(consent, accept=permissions.accept_reference)
        self._grants = RowGrants(consent)
        self._scans = RowScans(consent, permissions.officer)

    @property
    def refused(self) -> bool:
        """Whether a fatal problem was found: then nothing at all is imported."""
        return any(problem.fatal for problem in self.problems)

    @property
    def imported(self) -> tuple[str, ...]:
        """Releases that are new or gain something; none where the plan is refused."""
        return self._identifiers(unchanged=False)

    @property
    def unchanged(self) -> tuple[str, ...]:
        """Releases that are on record already just as the file has them; none where the plan is refused."""
        return self._identifiers(unchanged=True)

    @property
    def attested(self) -> tuple[str, ...]:
        """Releases of which a scanned paper is attested; none where the plan is refused."""
        steps = [] if self.refused else self.steps
        return tuple(step.signed.release.id for step in steps if step.scan and not step.unchanged)

    def add(self, row: int, entry: Any, problems: Sequence[Problem]) -> None:
        """Plan one row; its faults, those given here and those found, are added to `self.problems`."""
        self._note(row, problems)
        named = {problem.field for problem in problems}
        if entry is None and problems:
            return
        try:
            self.steps.append(self._plan(row, entry))
        except DocumentError as error:
            self._note(row, [fault for fault in error.problems if self._name_of(fault.field) not in named])

    def carry_out(self, progress: Progress) -> None:
        """Import every row, or none if there is a fatal problem."""
        if self.refused:
            return
        row = 0
        try:
            with self._consent.together():
                for step in track(progress, "Importing", self.steps):
                    row = step.row
                    self._carry_out(step)
        except ConflictError as error:
            # The subject was erased and has no rows left: only the key store still knows the identifier.
            self._note(row, [Problem("subject.id", error.message)])
        except UsageError as error:
            # A photograph isn't any more what it was when the row was planned.
            self._note(row, [Problem("reference", error.message)])

    def _carry_out(self, step: _Step) -> None:
        if step.subject is not None:
            who = step.subject
            self._consent.add_subject(who, after=self._consent.erased(who.legal_name, who.birth_date))
        if step.unchanged:
            return
        photos, accept = [photo_in(each) for each in step.photos], self._permissions.accept_reference
        release_id, officer = step.signed.release.id, self._permissions.officer
        if step.scan is None or officer is None:
            self._consent.import_signed(step.signed, photos, accept=accept)
            return
        self._consent.import_signed(step.signed)
        self._consent.attest(release_id, content_of(step.scan), officer)
        self._consent.add_references(release_id, photos, accept=accept)

    def _identifiers(self, *, unchanged: bool) -> tuple[str, ...]:
        steps = [] if self.refused else self.steps
        return tuple(step.signed.release.id for step in steps if step.unchanged is unchanged)

    def _note(self, row: int, problems: Sequence[Problem], *, fatal: bool = True, voids: bool = True) -> None:
        found = [RowProblem(row, self._name_of(one.field), one.message, fatal, voids) for one in problems]
        self.problems.extend(dict.fromkeys(found))

    def _plan(self, row: int, entry: object) -> _Step:
        given, document, photos, scan = self._read(entry)
        recorded = self._recorded(given)
        subject = recorded or given
        here = self._here(document.release.id)
        if here is None:
            require(each.under("release") for each in document.release.impossible_dates(self._consent.today))
        if here is None and recorded is not None:
            document = self._compared(row, document, subject, scan)
        release = document.release
        signed = _joined(here, document, subject)
        check_named(photos, release)
        signed = self._scans.attested(signed, subject, scan)
        if scan is not None and not signed.attestations:
            unattested = "isn't taken: name the key of the officer who attests it, --key FILE."
            self._note(row, [Problem("scan", unattested)], fatal=False)
        found = self._photos.look_at(photos, release)
        self._note(row, list(self._grants.against(row, document)))
        if here is None and not self._permissions.another_person:
            self._note(row, self._photos.others(row, release))
        for problem, is_fatal in found:
            self._note(row, [problem], fatal=is_fatal, voids=False)
        self._subjects[subject.id] = subject
        self._releases[release.id] = signed
        self._completion.note(signed)
        if recorded is None:
            self._people.add(subject)
        self._note_weaknesses(row, subject, signed, photos)
        ignored = [each for each in document.faults(subject) if each not in signed.problems(subject)]
        left_out = [Problem(each.field, f"isn't taken: {each.message}") for each in ignored]
        self._note(row, left_out, fatal=False, voids=False)
        gains = self._photos.are_gained(photos, release.id, flawed=bool(found))
        unchanged = signed == here and not gains
        self._note(row, replaced(self._consent, release.id) if unchanged else (), fatal=False)
        attests = scan if self._permissions.officer else None
        return _Step(row, None if recorded else given, signed, photos, attests, unchanged)

    def _compared(
        self, row: int, document: SignedRelease, subject: Subject, scan: File | None
    ) -> SignedRelease:
        """The release of a row as it is taken in beside those of the same person on record."""
        beside = compared(self._consent, document, subject, self._scans.digest(scan))
        self._note(row, beside.faults)
        self._note(row, beside.notes, fatal=False, voids=False)
        return beside.given

    def _read(self, entry: object) -> tuple[Subject, SignedRelease, list[File], File | None]:
        """Subject, release, photographs and scan of an entry; DocumentError that names its faults."""
        fields = Fields(self._completion.completed(entry) if isinstance(entry, dict) else entry)
        given = fields.section("subject", Subject.read)
        release = fields.section("release", Release.read)
        signatures = fields.sections("signatures", Signature.read)
        references, scan_name = fields.one_or_several("reference"), fields.text("scan", optional=True)
        photos, scan = list[File](), None
        try:
            photos = photos_beside(self._folder, references)
        except DocumentError as error:
            fields.problems.extend(error.problems)
        try:
            scan = beside(self._folder, scan_name, "scan") if scan_name else None
        except DocumentError as error:
            fields.problems.extend(error.problems)
        fields.finish()
        faults = []
        if release.subject != given.id:
            faults.append(Problem("release.subject", "isn't the identifier of the row's subject."))
        if given.former_keys:
            faults.append(Problem("subject.former_keys", "isn't taken from a file: amend the subject here."))
        if not signatures:
            faults += [each.under("release") for each in problems_of_wording(release)]
            faults += faults_of_law("release.terms.governing_law", release.terms.governing_law)
        require(faults)
        return given, SignedRelease(release, signatures), photos, scan

    def _note_weaknesses(
        self, row: int, subject: Subject, signed: SignedRelease, photos: Sequence[File]
    ) -> None:
        """Note why a release that is imported covers nothing yet."""
        weaknesses = [_in_entry(problem) for problem in signed.problems(subject)]
        if signed.signatures and signed.awaits(subject) is Role.GUARDIAN:
            weaknesses.append(Problem("signatures.guardian", "a minor's guardian hasn't signed."))
        ends = signed.release.terms.valid_until
        if ends is not None and ends < self._consent.today:
            weaknesses.append(Problem("release.terms.valid_until", "has passed."))
        elif weaknesses and photos:
            weaknesses.append(Problem("reference", "isn't kept while the signatures don't hold."))
        self._note(row, weaknesses, fatal=False)

    def _recorded(self, given: Subject) -> Subject | None:
        """The subject as on record or in an earlier row; raises DocumentError where they differ."""
        found = self._subjects.get(given.id)
        if found is None:
            try:
                found = self._consent.subject(given.id)
            except NotFoundError:
                if not is_chosen(given.id):
                    fault = Problem("subject.id", "is a name that the workspace itself uses; choose another.")
                    raise DocumentError([fault]) from None
                faults = [*self._strangeness(given), *given.impossible_dates(self._consent.today)]
                require(each.under("subject") for each in faults)
                return None
            except KeyDestroyedError:
                raise DocumentError([Problem("subject.id", "was an erased subject's.")]) from None
        before = found.to_json()
        require(
            Problem(f"subject.{name}", "differs from what is on record of this subject.")
            for name, value in given.to_json().items()
            if name not in ("created", "legal_name") and value and value != before[name]
        )
        if plain_name(given.legal_name) != plain_name(found.legal_name):
            require([Problem("subject.legal_name", "differs from what is on record of this subject.")])
        return found

    def _strangeness(self, given: Subject) -> Iterator[Problem]:
        """Why somebody who isn't on record may not be recorded, or only if an officer says so."""
        yield from given.weaknesses()
        if not self._permissions.another_person:
            for double in self._people.doubles(given):
                how = "name them by it" if double.field == "id" else "correct the birth date"
                yield Problem(double.field, f"{double} If it is them, {how}; else say --another-person.")
        erased = self._consent.erased(given.legal_name, given.birth_date)
        if erased is not None and not self._permissions.after_erasure:
            yield Problem("legal_name", f"{erased}. Did they agree anew? Say --after-erasure.")

    def _here(self, release_id: str) -> SignedRelease | None:
        if release_id in self._releases:
            return self._releases[release_id]
        try:
            return self._consent.release(release_id)
        except NotFoundError:
            return None
        except KeyDestroyedError:
            raise DocumentError([Problem("release.id", "was an erased subject's.")]) from None


def _joined(here: SignedRelease | None, given: SignedRelease, subject: Subject) -> SignedRelease:
    """The release as it will be on record."""
    if here is not None and here.roles and not given.roles:
        dated = replace(here.release, evidence=given.release.evidence)
        if dated == given.release:
            return here  # the draft of what was signed since
    try:
        return given.without_faulty(subject) if here is None else here.joined_by(given, subject)
    except ConflictError as error:
        raise DocumentError([Problem("release.id", error.message)]) from error


def _in_entry(problem: Problem) -> Problem:
    """A problem of a signed release, with its field named as in an entry."""
    return problem if problem.field.startswith("signatures") else problem.under("release")
