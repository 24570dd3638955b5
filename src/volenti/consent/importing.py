"""Importing releases in bulk, from JSON or a table: all of a file or nothing.

A JSON file is a list of entries `{subject, release, signatures, reference}` in the forms of
`Subject.to_json`, `SignedRelease.to_json` and a photograph's path relative to the file, or a list of them;
`spreadsheet` documents the table that may take its place, as .csv or .xlsx. An unsigned release may leave out
identifiers, name and birth date, and is imported as a draft.

One faulty row keeps the whole file out, and every fault of every row is reported at once.
A release whose signatures don't hold is no fault of the file: it is imported and reported, and
covers nothing. Importing a file again changes nothing: a release is recognised by its identifier
or, where it has none, by its content.

A JSON file may also hold a single signed release, in the form of `SignedRelease.to_json`, of
somebody who is on record: `document_in` finds it, `import_document` takes it in.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from volenti.consent.columns import column_of
from volenti.consent.document import DocumentError, Problem, require
from volenti.consent.headings import Notation
from volenti.consent.importgrants import compared
from volenti.consent.importplan import ImportPlan
from volenti.consent.importreport import ImportReport, RowProblem
from volenti.consent.onrecord import ReleaseOnRecord
from volenti.consent.permissions import Permissions
from volenti.consent.purpose import Grant
from volenti.consent.reference import GivenPhoto
from volenti.consent.service import Consent
from volenti.consent.signed_release import SignedRelease
from volenti.consent.spreadsheet import rows_of
from volenti.consent.storedrelease import State, state_of
from volenti.consent.subject import Subject
from volenti.consent.tablefile import WORKBOOK, decoded, lines_of, lines_of_workbook
from volenti.core.canonical import Json, check_depth, parse_given
from volenti.core.errors import ConflictError, StorageError, UsageError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent, track

_log = Logger(__name__)
#: Largest file taken, in bytes.
FILE_BYTES_MAX = 256 * 2**20

_PLAIN, _NOBODY, _TOLD_NOBODY = Notation(), Permissions(), Silent()

#: A row: its number (0: the file itself), its entry, and what is wrong with it already.
_Row = tuple[int, Any, list[Problem]]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An import file in memory, with the files that it names by their names. Nothing of it is written."""

    data: bytes = field(repr=False)
    beside: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def suffix(self) -> str:
        """What kind of file it is, by its content."""
        if self.data.startswith(WORKBOOK):
            return ".xlsx"
        return ".json" if self.data.lstrip().startswith((b"[", b"{")) else ".csv"


def import_file(
    consent: Consent,
    path: Path | Uploaded,
    *,
    notation: Notation = _PLAIN,
    permissions: Permissions = _NOBODY,
    dry_run: bool = False,
    progress: Progress = _TOLD_NOBODY,
) -> ImportReport:
    """Import a `.json`, `.csv` or `.xlsx` file of releases, or only say what would happen.

    path: the file, or one in memory. notation: how a table is written. permissions: what an officer says
    about all its rows. Raises UsageError for another kind of file, StorageError where it can't be read.
    """
    kinds: dict[str, tuple[Callable[[bytes], Iterator[_Row]], Callable[[str], str]]] = {
        ".json": (_json_rows, str),
        ".csv": (lambda data: rows_of(lines_of(decoded(data, notation.encoding)), notation), column_of),
        ".xlsx": (lambda data: rows_of(lines_of_workbook(data), notation), column_of),
    }
    if not isinstance(path, Uploaded) and path.suffix.lower() not in kinds:
        raise UsageError(
            f"{path.name} is none of {', '.join(kinds)}.", "Save a table as .xlsx, or as CSV in UTF-8."
        )
    read, name_of = kinds[path.suffix.lower()]
    folder = path.beside if isinstance(path, Uploaded) else path.parent
    plan = ImportPlan(consent, folder, name_of, permissions)
    rows = 0
    with _log.timed("releases imported", dry_run=dry_run) as facts:
        for number, entry, problems in track(progress, "Reading rows", _rows(path, read)):
            rows += 1 if number else 0
            plan.add(number, entry, problems)
        if not dry_run:
            plan.carry_out(progress)
        report = ImportReport(
            plan.imported,
            tuple(plan.problems),
            plan.unchanged,
            rows,
            dry_run,
            attested=plan.attested,
            granted=_granted(plan),
            filled={} if path.suffix.lower() == ".json" else dict(notation.filled),
        )
        facts.update(rows=rows, imported=len(report.imported), unchanged=len(report.unchanged))
    _warn_of_problems(report)
    return report


def _granted(plan: ImportPlan) -> dict[str, int]:
    """In how many of the rows' releases each grant is a yes."""
    yes: Counter[str] = Counter()
    for step in () if plan.refused else plan.steps:
        yes.update(grant.value for grant in step.signed.release.grants.yes)
    return {grant.value: yes[grant.value] for grant in Grant}


def document_in(path: Path) -> Json | None:
    """The single release that a `.json` file holds; None where the file holds many, or isn't one.

    Raises UsageError where the file can't be read, or isn't JSON.
    """
    if path.suffix.lower() != ".json" or not path.is_file() or path.stat().st_size > FILE_BYTES_MAX:
        return None
    try:
        value = parse_given(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"Can't read {path}: {error.strerror}.", "Check the path.") from error
    except ValueError as error:
        raise UsageError(f"{path} isn't JSON.", "Check that it is the right file, whole.") from error
    return value if isinstance(value, dict) else None


def import_document(
    consent: Consent,
    document: Json,
    photos: Sequence[GivenPhoto] = (),
    *,
    dry_run: bool = False,
    accept: bool = False,
) -> ImportReport:
    """Import one release of somebody who is on record, or only say what would happen.

    photos: those that the release names. accept: whether doubtful ones are taken. Raises DocumentError where
    the document can't be read, and the errors of `Consent.import_signed`.
    """
    given = SignedRelease.from_json(document)
    subject = consent.subject(given.release.subject)
    consent.check_own(photos, subject.id)
    if given.release.id not in {each.release.id for each in consent.releases(subject.id)}:
        require(compared(consent, given, subject).faults)
    if dry_run:
        for photo in photos:
            given.release.check_reference(photo.data)
        consent.check_photos(photos, subject.id, given.release.id, accept=accept)
        adds, found = _adds(consent, given, subject), given.problems(subject)
        if given.release.id not in {each.release.id for each in consent.releases(subject.id)}:
            require(given.release.impossible_dates(consent.today))
        taken = ReleaseOnRecord(subject, given, _state(consent, given, subject))
    else:
        before = consent.changes
        found = consent.import_signed(given, photos, accept=accept)
        adds, taken = consent.changes > before, consent.on_record(given.release.id)
    names = (given.release.id,)
    voiding = taken.problems
    told = (RowProblem(0, each.field, each.message, fatal=False, voids=each in voiding) for each in found)
    report = ImportReport(names if adds else (), tuple(told), () if adds else names, 1, dry_run, taken)
    _log.info("release imported", imported=len(report.imported), state=taken.state.value, dry_run=dry_run)
    _warn_of_problems(report)
    return report


def _warn_of_problems(report: ImportReport) -> None:
    if report.problems:
        fatal = sum(problem.fatal for problem in report.problems)
        _log.warning("problems in imported releases", problems=len(report.problems), fatal=fatal)


def _adds(consent: Consent, given: SignedRelease, subject: Subject) -> bool:
    """Whether the given release would add something to what is on record."""
    here = next((each for each in consent.releases(subject.id) if each.release.id == given.release.id), None)
    if here is None:
        return True
    with suppress(ConflictError):
        return here.joined_by(given, subject) != here
    return True


def _state(consent: Consent, given: SignedRelease, subject: Subject) -> State:
    """The state that the given release would have, beside what is on record."""
    others = [each for each in consent.releases(subject.id) if each.release.id != given.release.id]
    return state_of(given, subject, consent.withdrawals(subject.id), others)


def _rows(path: Path | Uploaded, read: Callable[[bytes], Iterator[_Row]]) -> Iterator[_Row]:
    try:
        size = len(path.data) if isinstance(path, Uploaded) else path.stat().st_size
        if size > FILE_BYTES_MAX:
            yield 0, None, [Problem("", f"is larger than {FILE_BYTES_MAX} bytes; cut it into several.")]
            return
        data = path.data if isinstance(path, Uploaded) else path.read_bytes()
    except OSError as error:
        raise StorageError(f"Can't read the file: {error.strerror}.", "Check the path.") from error
    try:
        yield from read(data)
    except DocumentError as error:
        yield 0, None, list(error.problems)


def _json_rows(data: bytes) -> Iterator[_Row]:
    try:
        value = json.loads(decoded(data), object_pairs_hook=_object_of, parse_constant=_refuse_constant)
        check_depth(value)
    except DocumentError:
        raise  # isn't text
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _TwiceError) else "isn't JSON."
        yield 0, None, [Problem("", why)]
        return
    if not isinstance(value, list):
        yield 0, None, [Problem("", "isn't a list of entries.")]
        return
    for number, entry in enumerate(value, 1):
        yield number, entry, []


class _TwiceError(ValueError):
    """An object names a field twice: programs differ on which one counts, so what was signed is unclear."""


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _TwiceError("holds an object that names a field twice.")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
