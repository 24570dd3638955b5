"""Subjects: the people in the pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volenti.workspace.given import public_key, signing_key
from volenti.workspace.looks import SubjectLooks
from volenti.workspace.paging import SubjectPages
from volenti.workspace.subject_portal import SubjectPortal
from volenti.workspace.subject_records import SubjectAmendment, SubjectInFull, SubjectOnRecord
from volenti.workspace.subject_tables import SubjectTables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from volenti.consent.subject import Subject
    from volenti.core.signing import PublicKey, SigningKey


class Subjects(SubjectTables, SubjectPortal, SubjectLooks, SubjectPages):
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
        another_person: bool = False,
        after_erasure: bool = False,
    ) -> Subject:
        """Record one person, who has agreed to nothing yet; returns them as they are on record.

        name: the legal name, as in their papers. birth_date: the day of birth. contact: how to reach them.
        pseudonym: what to show instead of the name. notes: anything else. identity_check: how it was made
        sure who they are. key: their public key, also as text or the path of its file. new_key: make a key
        pair instead, and write the private key to this new file, for them to keep; where they can't be
        recorded, the file is removed again. guardian, guardian_relation, guardian_key, guardian_new_key: the
        same of who signs for a minor, by name, what they are to the minor, and key. identifier: random unless
        given; it should say nothing about them. another_person: they aren't who is on record under the same
        name. after_erasure: somebody of this name and birth date was erased, and agreed anew; it is logged.
        Raises UsageError where two of these contradict each other, DocumentError where a text can't be,
        ConflictError where the identifier is taken, or they may be somebody who is on record or was erased.

        Example:
            ws.subjects.add("Ada Example", date(1990, 5, 17), new_key="ada.key")
        """
        from volenti.consent.doubles import check_new
        from volenti.consent.enrolment import NewKeys, guardian_from
        from volenti.consent.subject import Subject
        from volenti.core.identifiers import new

        consent = self._parts.consent
        with NewKeys() as keys, consent.together():
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
            erased = consent.erased(name, birth_date)
            check_new(
                subject, () if another_person else consent.subjects(), None if after_erasure else erased
            )
            return consent.add_subject(subject, after=erased)

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
        reason: str = "",
        officer_key: SigningKey | Path | str | None = None,
    ) -> SubjectAmendment:
        """Correct or complete what is on record of a person; returns what was and what is on record.

        subject: their identifier. What isn't given stays; an empty text takes a field out. Releases stay as
        they were signed. name, birth_date, contact, pseudonym, notes, identity_check, key, new_key, guardian,
        guardian_relation, guardian_key, guardian_new_key: as `add` takes them. A key that was lost is
        replaced on an officer's word: officer_key is the officer's private key, or the path of its file;
        reason says what happened and how it was made sure who they are. The old key stays on record for what
        it had signed by then, and counts for nothing else. Raises NotFoundError where there is no such
        person, ConflictError where a key on record would be replaced and no officer attests it, UsageError
        and DocumentError as `add`.

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
                after = consent.amend(
                    after, None if officer_key is None else signing_key(officer_key), reason
                )
        return SubjectAmendment(before, after)

    def distinguish(self, subject: str, other: str) -> None:
        """Put on record that two people are two, such as twins, although they look like one.

        From then on nobody is asked whether they are one person, nor whether a photograph of one is the
        other's. Pictures that come near to both are held as before. It is kept until one of them is erased.
        subject, other: their identifiers. Raises NotFoundError where there is no such person, UsageError
        where both are one.

        Example:
            ws.subjects.distinguish("sub_ada", "sub_ida")
        """
        self._parts.consent.distinguish(subject, other)

    def show(self, subject: str) -> SubjectInFull:
        """One person, and everything that is held of them.

        subject: their identifier. Raises NotFoundError where there is no such person, KeyDestroyedError
        where they were erased.

        Example:
            ws.subjects.show("sub_ada").holdings
        """
        from volenti.clearance.lookalikes import LookAlikes

        consent = self._parts.consent
        found = consent.subject(subject)
        return SubjectInFull(
            found,
            consent.standings(found),
            subject in consent.restricted(),
            LookAlikes(self._parts.records, consent).of(subject),
            tuple(consent.withdrawals(subject)),
            tuple(self._parts.plans.holdings(subject)),
            tuple(self._parts.gallery.seen(subject)),
        )

    # Last, because below it `list` is the verb.
    def list(self) -> Sequence[SubjectOnRecord]:
        """Everybody on record, by identifier, with what their releases amount to today; erased people aren't.

        Example:
            ws.subjects.list()
        """
        return self._on_record(self._parts.consent.subjects())


def _public(key: PublicKey | Path | str | None) -> PublicKey | None:
    return None if key is None else public_key(key)
