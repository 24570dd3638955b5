"""Subjects: the people in the pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volenti.core.shown import short_repr
from volenti.workspace.given import public_key
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from volenti.clearance.gallery import SeenReference
    from volenti.consent.importing import ImportReport
    from volenti.consent.records import State
    from volenti.consent.subject import Subject
    from volenti.consent.withdrawal import Withdrawal
    from volenti.core.signing import PublicKey
    from volenti.vault.holder import Holding


@dataclass(frozen=True, slots=True)
class SubjectOnRecord:
    """Somebody on record, with the state of each of their releases by its identifier."""

    subject: Subject
    releases: Mapping[str, State]

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the subject."""
        return self.subject.id


@dataclass(frozen=True, slots=True)
class SubjectInFull(SubjectOnRecord):
    """Somebody on record with what they took back, oldest first, everything that is held of them, and what
    was seen in their reference photographs.
    """

    withdrawals: tuple[Withdrawal, ...]
    holdings: tuple[Holding, ...]
    references: tuple[SeenReference, ...] = ()

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the subject."""
        return self.subject.id


@dataclass(frozen=True, slots=True)
class SubjectAmendment:
    """What was on record of somebody before it was corrected, and what is on record since."""

    before: Subject
    after: Subject

    __repr__ = short_repr

    @property
    def changed(self) -> bool:
        """Whether anything was different."""
        return self.after != self.before

    @property
    def renamed(self) -> bool:
        """Whether the name or the birth date changed: releases that were signed say it as it was."""
        return (self.after.legal_name, self.after.birth_date) != (
            self.before.legal_name,
            self.before.birth_date,
        )


class Subjects(Noun):
    """The people in the pictures."""

    def add(
        self,
        name: str,
        birth_date: date,
        *,
        contact: str = "",
        pseudonym: str = "",
        notes: str = "",
        identity_check: str = "",
        key: PublicKey | Path | str | None = None,
        new_key: Path | str | None = None,
        guardian: str | None = None,
        guardian_relation: str | None = None,
        guardian_key: PublicKey | Path | str | None = None,
        guardian_new_key: Path | str | None = None,
        identifier: str | None = None,
    ) -> Subject:
        """Record one person, who has agreed to nothing yet; returns them as they are on record.

        name: the legal name, as in their papers. birth_date: the day of birth. contact: how to reach them.
        pseudonym: what to show instead of the name. notes: anything else. identity_check: how it was made
        sure who they are. key: their public key, also as text or the path of its file. new_key: make a
        key pair instead, and write the private key to this new file, for them to keep; where they can't be
        recorded, the file is removed again. guardian, guardian_relation, guardian_key, guardian_new_key: the
        same of who signs for a minor, by name, what they are to the minor, and key. identifier: random
        unless given; it should say nothing about them.
        Raises UsageError where two of these contradict each other, DocumentError where a text can't be,
        ConflictError where the identifier is taken.

        Example:
            ws.subjects.add("Ada Example", date(1990, 5, 17), new_key="ada.key")
        """
        from volenti.consent.enrolment import NewKeys, guardian_from
        from volenti.consent.subject import Subject
        from volenti.core.identifiers import new

        with NewKeys() as keys:
            theirs = keys.provide(_public(guardian_key), guardian_new_key)
            subject = Subject(
                name,
                birth_date,
                contact,
                pseudonym,
                notes,
                guardian_from(None, guardian, guardian_relation, theirs),
                identity_check,
                keys.provide(_public(key), new_key),
                id=identifier or new("sub"),
            )
            return self._parts.consent.add_subject(subject)

    def amend(
        self,
        subject: str,
        *,
        name: str | None = None,
        birth_date: date | None = None,
        contact: str | None = None,
        pseudonym: str | None = None,
        notes: str | None = None,
        identity_check: str | None = None,
        key: PublicKey | Path | str | None = None,
        new_key: Path | str | None = None,
        guardian: str | None = None,
        guardian_relation: str | None = None,
        guardian_key: PublicKey | Path | str | None = None,
        guardian_new_key: Path | str | None = None,
    ) -> SubjectAmendment:
        """Correct or complete what is on record of a person; returns what was and what is on record.

        subject: their identifier. What isn't given stays; an empty text takes a field out. Releases stay as
        they were signed. name, birth_date, contact, pseudonym, notes, identity_check, key, new_key, guardian,
        guardian_relation, guardian_key, guardian_new_key: as `add` takes them.
        Raises NotFoundError where there is no such person, ConflictError where a key on record would be
        replaced (what was signed with it would be void), UsageError and DocumentError as `add`.

        Example:
            ws.subjects.amend("sub_ada", contact="ada@example.org")
        """
        from volenti.consent.enrolment import NewKeys, guardian_from

        texts: dict[str, Any] = {
            "legal_name": name,
            "contact": contact,
            "pseudonym": pseudonym,
            "notes": notes,
            "identity_check": identity_check,
        }
        consent = self._parts.consent
        with NewKeys() as keys, consent.together():
            before = consent.subject(subject)
            theirs = keys.provide(_public(guardian_key), guardian_new_key)
            after = replace(
                before,
                birth_date=birth_date or before.birth_date,
                guardian=guardian_from(before.guardian, guardian, guardian_relation, theirs),
                public_key=keys.provide(_public(key), new_key) or before.public_key,
                **{field: text for field, text in texts.items() if text is not None},
            )
            if after != before:
                consent.amend(after)
        return SubjectAmendment(before, after)

    @staticmethod
    def template() -> str:
        """The header of an empty CSV file for bringing in people, who come with their releases.

        The same as `volenti.releases.template`, which says more. Needs no workspace.

        Example:
            volenti.subjects.template()
        """
        from volenti.consent.spreadsheet import template

        return template()

    def import_(
        self, file: Path | str, *, accept_reference: bool = False, dry_run: bool = False
    ) -> ImportReport:
        """Bring in people with their signed releases and reference photographs, from CSV or JSON.

        file: a `.csv` file with the template's columns, or a `.json` file with a list of entries.
        Everything or nothing: a fault in one row keeps the file out, and the report names every fault. A
        release whose signatures don't hold is imported and covers nothing. Importing again changes nothing.
        accept_reference: take photographs that are doubtful, as `ws.releases.issue` does; without it they are
        faults. dry_run: only say what would happen. Raises UsageError for another kind of file, StorageError
        where it can't be read, MissingModelError where photographs can't be looked at.

        Example:
            ws.subjects.import_("people.csv", dry_run=True)
        """
        from volenti.consent.importing import import_file

        return import_file(self._parts.consent, Path(file), dry_run=dry_run, accept=accept_reference)

    def show(self, subject: str) -> SubjectInFull:
        """One person, and everything that is held of them.

        subject: their identifier. Raises NotFoundError where there is no such person, KeyDestroyedError
        where they were erased.

        Example:
            ws.subjects.show("sub_ada").holdings
        """
        consent = self._parts.consent
        found = consent.subject(subject)
        return SubjectInFull(
            found,
            consent.states(subject),
            tuple(consent.withdrawals(subject)),
            tuple(self._parts.plans.holdings(subject)),
            tuple(self._parts.gallery.seen(subject)),
        )

    def show_references(self, subject: str, suffix: str = ".jpg") -> bytes:
        """Draw the faces by which somebody is enrolled on one sheet, cut out of their reference photographs.

        subject: their identifier. suffix: .jpg or .png. A photograph that wasn't looked at yet (`clear` does)
        is drawn whole, one that isn't a picture as a blank frame. Returns the sheet as a file's bytes. It
        isn't erased with them: whoever writes it down deletes it. Raises NotFoundError where there is no such
        person, or no photograph of theirs is here.

        Example:
            ws.subjects.show_references("sub_ada", ".png")
        """
        self._parts.consent.subject(subject)
        return self._parts.gallery.exhibit(subject, suffix)

    # Last, because below it `list` is the verb.
    def list(self) -> list[SubjectOnRecord]:
        """Everybody on record, by identifier, with the state of their releases; erased people aren't.

        Example:
            ws.subjects.list()
        """
        consent = self._parts.consent
        return [SubjectOnRecord(each, consent.states(each.id)) for each in consent.subjects()]


def _public(key: PublicKey | Path | str | None) -> PublicKey | None:
    return None if key is None else public_key(key)
