"""Papers: scanned releases in a folder, each named after the release or the person that it is of.

A file is found by its name without the suffix: the identifier of a release, or the identifier, the name or
the pseudonym of somebody with one release that waits for a signature. All papers of a folder are attested, or
none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from volenti.consent.attestation import SCAN_BYTES_MAX, check_scan
from volenti.consent.document import DocumentError, Problem
from volenti.consent.names import plain_name
from volenti.consent.onrecord import ReleaseOnRecord
from volenti.consent.service import Consent
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State
from volenti.consent.subject import Subject
from volenti.core.digest import sha256
from volenti.core.errors import NotFoundError, UsageError
from volenti.core.signing import SigningKey

#: Files that systems leave in folders.
_LEFT_BY_SYSTEMS = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class PaperProblem:
    """What is wrong with one file."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file} {self.message}"


@dataclass(frozen=True, slots=True)
class AttestReport:
    """What was attested: identifiers of releases. `unchanged`: those whose paper was attested before.

    `problems` keep every paper out. After a dry run, `attested` are those that would be.
    """

    attested: tuple[str, ...]
    unchanged: tuple[str, ...] = ()
    problems: tuple[PaperProblem, ...] = ()
    dry_run: bool = False

    @property
    def refused(self) -> bool:
        """Whether a problem kept all papers out."""
        return bool(self.problems)


class Papers:
    """Attests scanned papers, one or a folder of them, with an officer's key."""

    def __init__(
        self, consent: Consent, officer: SigningKey, signed_on: date | None = None, role: Role | None = None
    ) -> None:
        """signed_on, role: of all papers, as `attesting.attested` takes them."""
        self._consent = consent
        self._officer = officer
        self._signed_on = signed_on
        self._role = role

    def attest(self, papers: dict[str, bytes], *, dry_run: bool = False) -> AttestReport:
        """Attest the papers of releases, by the releases' identifiers, or only say what would happen.

        Raises the errors of `Consent.attest`.
        """
        attested, unchanged = [], []
        with self._consent.together():
            for name, paper in papers.items():
                before = self._consent.release(name)
                if self._attested(before, paper) == before:
                    unchanged.append(name)
                    continue
                attested.append(name)
                if not dry_run:
                    self._consent.attest(
                        name, paper, self._officer, signed_on=self._signed_on, role=self._role
                    )
        return AttestReport(tuple(attested), tuple(unchanged), dry_run=dry_run)

    def attest_folder(self, folder: Path, *, dry_run: bool = False) -> AttestReport:
        """Attest every paper in a folder, or none where one of them can't be.

        Raises UsageError where the folder holds no paper.
        """
        found: dict[str, bytes] = {}
        problems, seen = [], set()
        for path in _files(folder):
            try:
                paper = _read(path)
                signed = self._release_of(path, sha256(paper))
                if signed.release.id in found or sha256(paper) in seen:
                    twice = "is a second file of one release, or the same scan twice."
                    raise DocumentError([Problem("", twice)])
                self._attested(signed, paper)
                found[signed.release.id] = paper
                seen.add(sha256(paper))
            except DocumentError as error:
                problems += [PaperProblem(path.name, _worded(each)) for each in error.problems]
        if problems:
            return AttestReport((), (), tuple(problems), dry_run)
        if not found:
            raise UsageError(
                f"There is no scanned paper in {folder}.", "Name a folder with PDFs, JPEGs, PNGs or TIFFs."
            )
        return self.attest(found, dry_run=dry_run)

    def _attested(self, signed: SignedRelease, paper: bytes) -> SignedRelease:
        if self._consent.state(signed.release.id) is State.WITHDRAWN:
            raise DocumentError([Problem("", "is of a release that was withdrawn: issue a new one.")])
        subject = self._consent.subject(signed.release.subject)
        return self._consent.attested(
            signed, subject, paper, self._officer, signed_on=self._signed_on, role=self._role
        )

    def _release_of(self, path: Path, digest: str) -> SignedRelease:
        """The release that a file is named after, or whose person it is. Raises DocumentError."""
        if self._is_release(path.stem):
            return self._consent.release(path.stem)
        people = self._people.get(_spoken(path.stem), [])
        if not people:
            told = "is named after no release and nobody on record: name it after one of these."
            raise DocumentError([Problem("", told)])
        releases = [each for one in people for each in self._consent.all_on_record(one)]
        before = [each for each in releases if _is_scanned(each, digest)]
        drafts = [each for each in releases if each.state is State.DRAFT]
        corrected = {each.release.supersedes for each in drafts}
        waiting = before or [each for each in drafts if each.id not in corrected]
        if len(waiting) != 1:
            many = ", ".join(each.id for each in waiting)
            nobody = "is of somebody who has no release that waits for a signature."
            told = f"could be of {many}: name it after the release." if many else nobody
            raise DocumentError([Problem("", told)])
        return waiting[0].signed

    def _is_release(self, name: str) -> bool:
        try:
            self._consent.state(name)
        except NotFoundError:
            return False
        return True

    @cached_property
    def _people(self) -> dict[str, list[Subject]]:
        found: dict[str, list[Subject]] = {}
        for each in self._consent.subjects():
            for name in dict.fromkeys(map(_spoken, (each.id, each.legal_name, each.pseudonym))):
                if name:
                    found.setdefault(name, []).append(each)
        return found


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        is_left = path.name.startswith(".") or path.name.lower() in _LEFT_BY_SYSTEMS
        if path.is_file() and not is_left:
            yield path


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > SCAN_BYTES_MAX:
            raise DocumentError([Problem("scan", f"is larger than {SCAN_BYTES_MAX} bytes.")])
        paper = path.read_bytes()
    except OSError:
        raise DocumentError([Problem("scan", "can't be read.")]) from None
    check_scan(paper)
    return paper


def _spoken(name: str) -> str:
    """A file's or a person's name as they are compared, with underscores and hyphens as spaces."""
    return plain_name(re.sub(r"[_-]+", " ", name))


def _is_scanned(release: ReleaseOnRecord, digest: str) -> bool:
    return any(each.scan == digest for each in release.signed.attestations)


def _worded(problem: Problem) -> str:
    return problem.message if problem.field in ("", "scan") else f"{problem.field} {problem.message}"
