"""The plan of an import: what every row means for the register, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from volenti.consent.document import DocumentError, Fields, Problem, require
from volenti.consent.photofile import content_of, naming, photo_files
from volenti.consent.reference import ACCEPT, COMPARED_MAX
from volenti.consent.release import TYPE, VERSION, Release, SignedRelease
from volenti.consent.releasetext import problems_of_wording
from volenti.consent.service import Consent
from volenti.consent.signature import Role, Signature
from volenti.consent.subject import Subject
from volenti.consent.wording import WordingKind, wordings
from volenti.core import identifiers
from volenti.core.canonical import Json
from volenti.core.errors import ConflictError, KeyDestroyedError, NotFoundError, UsageError
from volenti.vault.owner import is_chosen


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something wrong in one row. A fatal problem keeps the file out; others are only reported. `voids`:
    whether the release covers nothing because of it.

    Rows of JSON count from 1; in CSV row 1 is the header. Row 0 is the file.
    """

    row: int
    field: str
    message: str
    fatal: bool = True
    voids: bool = True

    def __str__(self) -> str:
        place = f"row {self.row}" if self.row else "the file"
        return f"{place}, {self.field}: {self.message}" if self.field else f"{place} {self.message}"


@dataclass(frozen=True, slots=True)
class _Step:
    """One row that can be imported. `subject` is None where they are on record or in an earlier row."""

    row: int
    subject: Subject | None
    signed: SignedRelease
    photos: tuple[Path, ...]
    unchanged: bool


class ImportPlan:
    """Takes rows one by one, then carries them out together or not at all.

    folder: where references to photographs start. name_of: what a field is called in the file. accept:
    whether doubtful photographs are taken.
    """

    def __init__(
        self, consent: Consent, folder: Path, name_of: Callable[[str], str], *, accept: bool = False
    ) -> None:
        self.problems: list[RowProblem] = []
        self._consent = consent
        self._folder = folder.resolve()
        self._name_of = name_of
        self._accept = accept
        self._steps: list[_Step] = []
        self._subjects: dict[str, Subject] = {}
        self._releases: dict[str, SignedRelease] = {}
        self._releases_of: dict[str, list[SignedRelease]] = {}
        self._photos_of: dict[str, list[Path]] = {}

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

    def add(self, row: int, entry: Any, problems: Sequence[Problem]) -> None:
        """Plan one row; its faults, those given here and those found, are added to `self.problems`."""
        self._note(row, problems)
        named = {problem.field for problem in problems}
        if entry is None and problems:
            return
        try:
            self._steps.append(self._plan(row, entry))
        except DocumentError as error:
            self._note(row, [fault for fault in error.problems if self._name_of(fault.field) not in named])

    def carry_out(self) -> None:
        """Import every row, or none if there is a fatal problem."""
        if self.refused:
            return
        row = 0
        try:
            with self._consent.together():
                for step in self._steps:
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
            self._consent.add_subject(step.subject)
        if not step.unchanged:
            photos = [content_of(photo) for photo in step.photos]
            self._consent.import_signed(step.signed, photos, accept=self._accept)

    def _identifiers(self, *, unchanged: bool) -> tuple[str, ...]:
        steps = [] if self.refused else self._steps
        return tuple(step.signed.release.id for step in steps if step.unchanged is unchanged)

    def _note(self, row: int, problems: Sequence[Problem], *, fatal: bool = True, voids: bool = True) -> None:
        found = [RowProblem(row, self._name_of(one.field), one.message, fatal, voids) for one in problems]
        self.problems.extend(dict.fromkeys(found))

    def _plan(self, row: int, entry: object) -> _Step:
        fields = Fields(self._completed(entry) if isinstance(entry, dict) else entry)
        given = fields.section("subject", Subject.read)
        release = fields.section("release", Release.read)
        signatures = fields.sections("signatures", Signature.read)
        references = fields.one_or_several("reference")
        fields.finish()
        if release.subject != given.id:
            raise DocumentError([Problem("release.subject", "isn't the identifier of the row's subject.")])
        if not signatures:
            require(problem.under("release") for problem in problems_of_wording(release))
        recorded = self._recorded(given)
        subject = recorded or given
        here = self._here(release.id)
        given_release = SignedRelease(release, signatures)
        signed = _joined(here, given_release, subject)
        photos = tuple(photo_files(self._folder, references, release))
        accepts = self._look_at(row, photos, release)
        self._subjects[subject.id] = subject
        self._names[_name(subject.to_json())] = subject.id
        self._releases[release.id] = signed
        self._releases_of.setdefault(subject.id, []).append(signed)
        self._note_weaknesses(row, subject, signed, photos)
        ignored = [each for each in given_release.faults(subject) if each not in signed.problems(subject)]
        left_out = [Problem(each.field, f"isn't taken: {each.message}") for each in ignored]
        self._note(row, left_out, fatal=False, voids=False)
        lacks = bool(photos) and here is not None and self._consent.lacks_reference(release.id)
        unchanged = signed == here and not lacks and not accepts
        return _Step(row, None if recorded else given, signed, photos, unchanged)

    def _look_at(self, row: int, photos: Sequence[Path], release: Release) -> bool:
        """Note what is wrong with a row's photographs; returns whether something doubtful is accepted."""
        earlier = self._photos_of.setdefault(release.subject, [])
        given, beside = map(content_of, photos), [content_of(photo).data for photo in earlier[-COMPARED_MAX:]]
        found = self._consent.flaws_of(list(given), release.subject, release.id, beside)
        earlier.extend(photos)
        accepts = False
        for photo, flaws in found:
            for flaw in flaws:
                is_fatal = flaw.is_grave or not self._accept
                remedy = f"{flaw.remedy.rstrip('.')}, {ACCEPT}." if not flaw.is_grave else flaw.remedy
                message = f"{photo.name} {flaw.message} {remedy if is_fatal else 'It is taken all the same.'}"
                self._note(row, [Problem("reference", message)], fatal=is_fatal, voids=False)
                accepts = accepts or not is_fatal
        return accepts

    def _note_weaknesses(
        self, row: int, subject: Subject, signed: SignedRelease, photos: Sequence[Path]
    ) -> None:
        """Note why a release that is imported covers nothing yet."""
        weaknesses = [_in_entry(problem) for problem in signed.problems(subject)]
        if signed.signatures and signed.awaits(subject) is Role.GUARDIAN:
            weaknesses.append(Problem("signatures.guardian", "a minor's guardian hasn't signed."))
        if weaknesses and photos:
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
                require(each.under("subject") for each in given.weaknesses())
                return None
            except KeyDestroyedError:
                fault = Problem("subject.id", "was an erased subject's; choose another.")
                raise DocumentError([fault]) from None
        before = found.to_json()
        require(
            Problem(f"subject.{name}", "differs from what is on record of this subject.")
            for name, value in given.to_json().items()
            if name != "created" and value and value != before[name]
        )
        return found

    def _here(self, release_id: str) -> SignedRelease | None:
        if release_id in self._releases:
            return self._releases[release_id]
        try:
            return self._consent.release(release_id)
        except NotFoundError:
            return None
        except KeyDestroyedError:
            raise DocumentError([Problem("release.id", "was an erased subject's.")]) from None

    def _completed(self, entry: Json) -> Json:
        """The entry, with what it may leave out while it is unsigned filled in."""
        subject, release = entry.get("subject"), entry.get("release")
        if not isinstance(subject, dict) or not isinstance(release, dict) or entry.get("signatures"):
            return entry
        subject, release = dict(subject), dict(release)
        _set_default(subject, "id", lambda: self._known_subject(subject) or identifiers.new("sub"))
        _set_default(release, "type", lambda: TYPE)
        _set_default(release, "version", lambda: VERSION)
        _set_default(release, "subject", lambda: subject["id"])
        _set_default(release, "legal_name", lambda: subject.get("legal_name"))
        _set_default(release, "birth_date", lambda: subject.get("birth_date"))
        if release["version"] == VERSION:
            _complete_parts(release)
            release["shoot"] = naming(release.get("shoot"), self._folder, entry.get("reference"))
        _set_default(release, "id", lambda: self._known_release(release) or identifiers.new("rel"))
        return {**entry, "subject": subject, "release": release, "signatures": []}

    def _known_subject(self, subject: Json) -> str | None:
        """Identifier of the subject with this name and birth date, on record or in an earlier row."""
        return self._names.get(_name(subject))

    def _known_release(self, release: Json) -> str | None:
        """Identifier of the subject's release that says the same, dated or not."""
        for known in self._known_releases(str(release["subject"])):
            said = known.release.to_json()
            if all(said[name] == release.get(name) for name in said if name not in ("id", "evidence")):
                return known.release.id
        return None

    def _known_releases(self, subject_id: str) -> Iterator[SignedRelease]:
        yield from self._releases_of.get(subject_id, [])
        # An erased subject has no release that opens, and no row about them is imported anyway.
        with suppress(KeyDestroyedError):
            yield from self._consent.releases(subject_id)

    @cached_property
    def _names(self) -> dict[tuple[str, str], str]:
        """Identifiers of everybody known, by name and birth date; where two share both, the first one's."""
        recorded = list(self._consent.subjects())
        return {_name(subject.to_json()): subject.id for subject in reversed(recorded)}


def _joined(here: SignedRelease | None, given: SignedRelease, subject: Subject) -> SignedRelease:
    """The release as it will be on record."""
    try:
        return given.without_faulty(subject) if here is None else here.joined_by(given, subject)
    except ConflictError as error:
        raise DocumentError([Problem("release.id", error.message)]) from error


def _in_entry(problem: Problem) -> Problem:
    """A problem of a signed release, with its field named as in an entry."""
    return problem if problem.field.startswith("signatures") else problem.under("release")


def _complete_parts(release: Json) -> None:
    """Fill in what version 2 of the document added: an empty shoot name, and the digest of its notice."""
    shoot, shown = release.get("shoot"), release.get("evidence")
    if isinstance(shoot, dict):
        release["shoot"] = {"name": "", **shoot}
    if isinstance(shown, dict):
        which = (shown.get("language"), shown.get("notice_version"))
        for each in wordings(WordingKind.NOTICE):
            if (each.language, each.version) == which:
                release["evidence"] = {"notice_sha256": each.sha256, **shown}


def _set_default(values: Json, name: str, value: Callable[[], Any]) -> None:
    if values.get(name) is None:
        values[name] = value()


def _name(subject: Json) -> tuple[str, str]:
    return str(subject.get("legal_name")), str(subject.get("birth_date"))
