"""Releases: what each person agreed to, signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.consent.signature import Role
from volenti.core.errors import UsageError
from volenti.workspace.given import one_of, photos_of, signing_key
from volenti.workspace.paging import ReleasePages
from volenti.workspace.papers import ReleasePapers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from volenti.consent.due import Due
    from volenti.consent.onrecord import ReleaseOnRecord
    from volenti.consent.release import Release
    from volenti.consent.withdrawal import Withdrawal
    from volenti.core.signing import SigningKey
    from volenti.workspace.browsing import ReleasePage


class Releases(ReleasePapers, ReleasePages):
    """What each person agreed to, signed."""

    def issue(
        self,
        subject: str,
        *,
        controller: str,
        photographer: str,
        first_day: date,
        law: str,
        last_day: date | None = None,
        shoot: str = "",
        grant: Sequence[str] = (),
        territory: Sequence[str] = ("WORLD",),
        valid_from: date | None = None,
        valid_until: date | None = None,
        compensation: str = "",
        sublicensing: bool = False,
        reference: bytes | Path | str | Sequence[bytes | Path | str] | None = None,
        accept_reference: bool = False,
        language: str = "en",
        method: str = "electronic",
        witness: str = "",
    ) -> Release:
        """Write a release for somebody to read and sign; it covers nothing before that.

        subject: who is to sign. controller: to whom it is given, name and address. photographer: who took
        the pictures, from first_day to last_day (one day by default). shoot: the name that these pictures are
        added under; with it the release is about them alone. grant: names of `volenti.consent.purpose.Grant`
        that are a yes; every other one is a no. territory: country codes, or WORLD. law: the governing law,
        such as DE. valid_from: the first valid day; today by default. valid_until: the last one; until
        withdrawn by default. compensation: what they get for it. sublicensing: whether it may be passed on.
        reference: photographs of them, each as bytes or the path of a file or a folder, by which they are
        found in pictures; give them again to `sign`. Each shows one clear face, the same in all.
        accept_reference: take small, blurred, turned, cut, covered or unlike faces, which is recorded.
        language: what they read it in. method: how it is signed. witness: who sees it signed.
        Raises NotFoundError where there is no such person, UsageError for a language without a text or a
        photograph that isn't sound, ConflictError where it is somebody else's, MissingModelError where
        photographs can't be looked at, DocumentError that names each field that can't be as given.

        Example:
            ws.releases.issue(
                "sub_ada", controller="Example Studio, Berlin", photographer="Pat P.", law="DE",
                first_day=date(2026, 11, 1), grant=["generative-training", "biometric-templates"],
            )
        """
        from volenti.consent.drafting import terms_in
        from volenti.consent.purpose import Grants
        from volenti.consent.releasetext import evidence
        from volenti.consent.terms import Shoot

        photos, from_day = photos_of(reference), valid_from or self._parts.consent.today
        self._parts.consent.check_own(photos, subject)
        return self._parts.consent.issue(
            subject,
            controller=controller,
            shoot=Shoot(photographer, first_day, last_day or first_day, name=shoot).showing(photos),
            accepted=self._parts.consent.check_photos(photos, subject, accept=accept_reference),
            grants=Grants.only(*grant),
            terms=terms_in(language, territory, from_day, law, valid_until, sublicensing, compensation),
            evidence=evidence(method, witness, language),
        )

    def amend(
        self,
        release: str,
        *,
        grant: Sequence[str] = (),
        refuse: Sequence[str] = (),
        territory: Sequence[str] = (),
        valid_until: date | None = None,
        no_end: bool = False,
        compensation: str = "",
        sublicensing: bool | None = None,
        shoot: str | None = None,
        reference: bytes | Path | str | Sequence[bytes | Path | str] | None = None,
        accept_reference: bool = False,
        language: str = "",
    ) -> Release:
        """Write a release that takes the place of another once it is signed.

        release: the identifier of the other. The new one says what the other says but for what is given, and
        for what was withdrawn since: that is a no unless it is among `grant`.
        grant: names of grants that are a yes now. refuse: names of grants that are a no now. territory,
        valid_until, compensation, sublicensing, shoot: as `issue` takes them. no_end: valid until withdrawn.
        reference, accept_reference: as `issue` takes them, in place of the other's photographs.
        language: what they read it in; by default the language of the other, or English where there is no
        text in that. From the moment that the new one is signed the other covers nothing.
        Raises NotFoundError where there is no such release, UsageError where two of these contradict each
        other, DocumentError as `issue`.

        Example:
            ws.releases.amend("rel_1", grant=["commercial"], valid_until=date(2031, 12, 31))
        """
        from volenti.consent.drafting import amended

        consent = self._parts.consent
        known = consent.on_record(release)
        old = known.release
        changes = amended(
            known,
            grant=grant,
            refuse=refuse,
            territory=territory,
            valid_until=valid_until,
            no_end=no_end,
            compensation=compensation,
            sublicensing=sublicensing,
            shoot=shoot,
            language=language,
        )
        if photos := photos_of(reference):
            consent.check_own(photos, old.subject)
            changes["shoot"] = changes["shoot"].showing(photos)
            changes["accepted"] = consent.check_photos(photos, old.subject, accept=accept_reference)
        return consent.supersede(release, **changes)

    def sign(
        self,
        release: str,
        key: SigningKey | Path | str,
        *,
        role: Role | str = Role.SUBJECT,
        reference: bytes | Path | str | Sequence[bytes | Path | str] | None = None,
        accept_reference: bool = False,
    ) -> ReleaseOnRecord:
        """Sign a release; returns it as it is on record then. Signing it twice with one key changes nothing.

        release: its identifier. key: the private key of who signs, or the path of its file; it is used and
        not kept. role: as whom they sign, "subject" or "guardian". reference: the photographs that the
        release names, as `issue` takes them, which are sealed for them. accept_reference: as in `issue`.
        Raises NotFoundError where there is no such release, RefusedError where the key isn't the one on
        record for the role, ConflictError where the release was withdrawn, IntegrityError where a
        photograph isn't one named, UsageError where nobody can be known by one: nothing is signed then.

        Example:
            ws.releases.sign("rel_1", "ada.key", reference="ada.jpg")
        """
        consent, photos = self._parts.consent, photos_of(reference)
        named = consent.release(release).release
        for photo in photos:
            named.check_reference(photo.data)
        consent.check_own(photos, named.subject)
        consent.check_photos(photos, named.subject, release, accept=accept_reference)
        consent.sign(release, signing_key(key), one_of(Role, role))
        if photos and consent.on_record(release).is_in_force:
            consent.set_references(release, photos, accept=accept_reference)
        return consent.on_record(release)

    def verify(self, releases: Sequence[str] | None = None) -> Sequence[ReleaseOnRecord]:
        """Check signatures anew, against the document and the keys on record; returns what was checked.

        releases: identifiers; all that are signed by default. What is wrong with each is its `problems`.
        Raises NotFoundError where there is no such release.

        Example:
            [each for each in ws.releases.verify() if each.problems]
        """
        if releases:
            return [self._parts.consent.on_record(each) for each in releases]
        return [each for each in self.list() if each.signed.roles]

    def withdraw(
        self,
        release: str | None = None,
        *,
        subject: str | None = None,
        grant: str | None = None,
        shoot: str | None = None,
    ) -> Withdrawal | None:
        """Take back a yes; it counts from this moment, for reading, learning and serving.

        What was signed stays on record beside the withdrawal, which is returned. release: the identifier of
        one. subject: whose; all their releases then. grant: the name of one yes. shoot: the name of one
        shoot, whose pictures alone it is about. Repeating a withdrawal adds nothing. None is returned, and
        nothing recorded, where no release of theirs says yes to `grant`.
        Raises UsageError unless one of release and subject is given, NotFoundError where there is none such,
        DocumentError where `grant` isn't a grant.

        Example:
            ws.releases.withdraw(subject="sub_ada", grant="commercial")
        """
        if (release is None) == (subject is None):
            raise UsageError(
                "Say what is withdrawn: one release, or all of a person's.", "Name a RELEASE, or --subject."
            )
        from volenti.consent.purpose import Grant

        consent = self._parts.consent
        who = consent.release(str(release)).release.subject if subject is None else subject
        one = None if grant is None else Grant.named(grant)
        return consent.withdraw(who, release_id=release, grant=one, shoot=shoot)

    def due(self, days: int, *, subject: str | None = None) -> Sequence[Due]:
        """What falls due within so many days, earliest first: releases that end, minors who come of age.

        Only releases in force count. Delivered samples that no release covers any more are called back.

        days: from today on. subject: only this person's. Somebody who came of
        age before is listed as long as a release that their guardian signed is in force.
        Raises NotFoundError where there is no such person.

        Example:
            ws.releases.due(60)
        """
        from volenti.consent.due import due
        from volenti.consent.release_entry import ReleaseEntry

        consent = self._parts.consent
        if subject is None:
            releases = self._parts.directory.releases(self._parts.records, consent)
        else:
            person = consent.subject(subject)
            releases = [ReleaseEntry.of(each, person) for each in consent.stored(subject)]
        self._parts.recalls.call_back_all()
        return due(releases, consent.today, days)

    def show(self, release: str) -> ReleaseOnRecord:
        """One release, how far it has got, what is wrong with its signatures and what was taken back since.

        release: its identifier. `text()` of what is returned is what a person reads and signs, `notice()`
        the notice that goes with it, `signed` the signed document. Raises NotFoundError where there is none.

        Example:
            ws.releases.show("rel_1").text()
        """
        return self._parts.consent.on_record(release)

    def browse(
        self,
        words: str = "",
        *,
        standing: str | None = None,
        shoot: str | None = None,
        count: int = 50,
        page: int = 1,
    ) -> ReleasePage:
        """Find releases by whose they are and what they amount to today, one page of them, by name.

        words: as `ws.subjects.find` takes them; an empty text finds everybody's. standing: a value of
        `volenti.consent.onrecord.Standing`; or "ends soon", signed and over within 60 days; or "comes of
        age", signed by the guardian of somebody who signs for themselves by then. shoot: the shoot's name; an
        empty one finds those that name none. count: how many a page has. page: which page, from 1 on. Raises
        UsageError where there is no such standing, or count or page can't be.

        Example:
            ws.releases.browse(standing="ends soon").releases
        """
        from volenti.consent.onrecord import Standing
        from volenti.workspace.browsing import ENDS_SOON, OF_AGE, releases_page

        known = [*(each.value for each in Standing), ENDS_SOON, OF_AGE]
        if standing is not None and standing not in known:
            raise UsageError(f"There is no standing {standing!r}.", f"Choose one of: {', '.join(known)}.")
        return releases_page(self._parts, words, standing, shoot, count, page)

    # Last, because below it `list` is the verb.
    def list(self, subject: str | None = None) -> list[ReleaseOnRecord]:
        """Every release, how far it has got (`state`), and what it amounts to today (`today`).

        subject: only this person's. Raises NotFoundError where there is no such person.

        Example:
            ws.releases.list("sub_ada")
        """
        consent = self._parts.consent
        people = consent.subjects() if subject is None else [consent.subject(subject)]
        return [each for person in people for each in consent.all_on_record(person)]
