"""Rows of an import that contradict something: a row above, or a release of the same person on record.

What counts has to be clear before anything is taken in, so that no answer is lost. A row that nobody signed
with a key of their own takes the place of a release on record for the same shoot where it is of the same
paper, was signed on a later day, or was signed on the same day and only allows less. Every other
contradiction is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from volenti.consent.contradiction import Said, are_about_one, are_of_one_shoot
from volenti.consent.document import Problem
from volenti.consent.onrecord import ReleaseOnRecord, Standing
from volenti.consent.release import VERSION, Release
from volenti.consent.service import Consent
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State
from volenti.consent.subject import Subject
from volenti.core.errors import NotFoundError

#: Releases that cover nothing any more, and can't begin to. One that was withdrawn says what was taken back.
_OVER = (Standing.SUPERSEDED, Standing.DEFECTIVE, Standing.ENDED)


@dataclass(frozen=True, slots=True)
class Compared:
    """A release that is to be taken in, beside those on record: with the one whose place it takes, if any.

    `faults` keep it out; `notes` say whose place it takes.
    """

    given: SignedRelease
    faults: Sequence[Problem] = ()
    notes: Sequence[Problem] = ()


def compared(consent: Consent, given: SignedRelease, subject: Subject, scan: str = "") -> Compared:
    """A release that isn't on record yet, beside those of the same person that are.

    scan: the SHA-256 of its scanned paper, where it is attested with it.
    """
    row, faults = Said(given.release), list[Problem]()
    before: list[tuple[str, list[str]]] = []
    for known in consent.all_on_record(subject):
        if known.today in _OVER or _is_settled(given.release, known.release):
            continue
        here, place = Said.of(known), _Place(given, known, scan, consent.today)
        again = row.brings_back(here) if are_about_one(given.release, known.release) else []
        if again:
            faults.append(_withdrawn(again, known.id))
        elif place.is_taken:
            before.append((known.id, place.differs))
        elif place.contradicts:
            faults.append(_unsettled(given, known.id, place.contradicts, is_earlier=row.day < here.day))
    if len(before) > 1:
        faults += [_unsettled(given, each, found, is_earlier=False) for each, found in before]
    if faults or not before:
        return Compared(given, faults)
    old, differs = before[0]
    told = f"differs from what release {old} of theirs says, which is on record: this row takes its place."
    successor = replace(given, release=replace(given.release, supersedes=old))
    return Compared(successor, (), [Problem(f"release.{differs[0]}", told)])


def replaced(consent: Consent, release_id: str) -> list[Problem]:
    """That another release took the place of the one that a row is of, where it is on record and one did."""
    with suppress(NotFoundError):
        if successor := consent.successor(release_id):
            one = successor.release.id
            told = (
                f"release {one} took this one's place, and counts. To change it: volenti release amend {one}"
            )
            return [Problem("release.id", f"{told}.")]
    return []


class _Place:
    """A row beside one release on record: whether it takes the release's place, or contradicts it."""

    def __init__(self, given: SignedRelease, known: ReleaseOnRecord, scan: str, today: date) -> None:
        self._given = given
        self._known = known
        self._row, self._here, self._today = Said(given.release), Said.of(known), today
        self._is_one_paper = any(each.scan == scan for each in known.signed.attestations)
        self._is_one_shoot = are_of_one_shoot(given.release, known.release, whenever=self._is_one_paper) and (
            self._is_one_paper or are_about_one(given.release, known.release)
        )

    @property
    def differs(self) -> list[str]:
        """The fields in which one of the two allows less, where both are of one shoot."""
        return self._row.differs(self._here, self._today) if self._is_one_shoot else []

    @property
    def is_taken(self) -> bool:
        """Whether it is plain that the row counts, and the release doesn't any more."""
        release = self._given.release
        is_typed = not self._given.signatures and release.supersedes is None and release.version == VERSION
        if not is_typed or not self.differs or self._known.state is State.WITHDRAWN:
            return False
        if self._is_one_paper or self._known.state is State.DRAFT or self._row.day > self._here.day:
            return True
        only_less = not self._here.allows_less(self._row, self._today)
        return only_less and self._row.day == self._here.day

    @property
    def contradicts(self) -> list[str]:
        """The fields in which the two can't count side by side."""
        if self._known.state in (State.DRAFT, State.WITHDRAWN):
            return []
        if self._row.day < self._here.day and self.differs:
            return self.differs
        return self._row.contradicts(self._here, self._today)


class RowGrants:
    """Compares each row's release with those of earlier rows, of the same person.

    A release that takes another's place may say something else.
    """

    def __init__(self, consent: Consent) -> None:
        self._consent = consent
        self._rows: dict[str, list[tuple[int, SignedRelease]]] = {}

    def against(self, row: int, given: SignedRelease) -> Iterator[Problem]:
        """The faults of a row that says something else than an earlier one."""
        rows, today = self._rows.setdefault(given.release.subject, []), self._consent.today
        said = Said(given.release)
        for earlier, other in rows:
            if _is_settled(given.release, other.release):
                continue
            # Nobody signed these with a key of their own: one of the two may be a slip, whichever is later.
            are_typed = not given.signatures and not other.signatures
            before = Said(other.release)
            is_one = are_typed and are_of_one_shoot(given.release, other.release)
            is_one &= are_about_one(given.release, other.release)
            found = said.differs(before, today) if is_one else said.contradicts(before, today)
            if found:
                told = (
                    f"row {earlier} says something else of {_named(found)}, for the same person and "
                    f"{'shoot' if is_one else 'pictures'}. Correct one of the two rows, or leave one out."
                )
                yield Problem(f"release.{found[0]}", told)
        rows.append((row, given))


def _is_settled(one: Release, other: Release) -> bool:
    """Whether one of the two says that it takes the other's place."""
    return one.id == other.id or one.supersedes == other.id or other.supersedes == one.id


def _withdrawn(fields: Sequence[str], known: str) -> Problem:
    told = (
        f"was withdrawn from release {known} of theirs after the day in signed_at. Say no; if they agreed "
        f"anew since, give that day, or write {known} into the column supersedes."
    )
    return Problem(f"release.{fields[0]}", told)


def _unsettled(given: SignedRelease, known: str, fields: Sequence[str], *, is_earlier: bool) -> Problem:
    """The fault that it isn't plain which of two counts, with what would make it so."""
    told = f"release {known} of theirs says something else of {_named(fields)}, for the same pictures."
    grants = [each.partition(".")[2] for each in fields if each.startswith("grants.")]
    one = f" --grant {grants[0]}" if len(grants) == len(fields) == 1 else ""
    other = "leave this row out" if is_earlier else f"volenti release withdraw {known}{one}"
    if given.signatures or given.release.supersedes is not None:
        what = other.capitalize() if is_earlier else f"Take back first what they don't agree to: {other}"
    else:
        named = f"If this row counts alone, write {known} into its column supersedes"
        what = (
            f"{named}; if the release does, {other}"
            if is_earlier
            else f"{named}; or say what doesn't: {other}"
        )
    return Problem(f"release.{fields[0]}", f"{told} {what}.")


def _named(fields: Sequence[str]) -> str:
    return ", ".join(each.partition(".")[2] for each in fields)
