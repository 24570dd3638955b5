"""Signings: opens sessions in which people sign on a page, and makes releases of what they signed.

A signing is all or nothing: the person, their release, the record of the signing and their photographs are
kept in one transaction, together with the key under which it was sent. What is sent twice is kept once.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from volenti.consent.attestation import Method
from volenti.consent.drafting import terms_in
from volenti.consent.onrecord import ReleaseOnRecord
from volenti.consent.purpose import Grants
from volenti.consent.reference import GivenPhoto
from volenti.consent.releasetext import evidence
from volenti.consent.service import Consent
from volenti.consent.subject import Subject
from volenti.core.canonical import Json
from volenti.core.clock import Clock
from volenti.core.codec import ELSEWHERE, decoded, encoded
from volenti.core.errors import ConflictError, MissingModelError, RefusedError, UsageError
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.core.shown import short_repr
from volenti.core.signing import SigningKey
from volenti.signings.ceremony import Ceremony, Device
from volenti.signings.checking import METHOD, check
from volenti.signings.draft import Drafts
from volenti.signings.envelope import EnvelopeKey
from volenti.signings.session import LATE, SigningSession
from volenti.users.token import name_of
from volenti.vault.event_log import EventLog
from volenti.vault.owner import CONTROLLER
from volenti.vault.records import Records

SESSION, SIGNED = "signing", "signed-here"
_NOT_GOOD = RefusedError(
    "This link isn't good any more.", "Ask whoever gave it to you for a new one; nothing was signed."
)

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedHere:
    """What came of one signing: the release, and how many of the photographs nobody can be enrolled by."""

    session: str = field(metadata=ELSEWHERE)
    release: str
    subject: str
    at: datetime
    unusable: int = 0

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class Sent:
    """What a device sent: what was signed, and the photographs."""

    ceremony: Ceremony
    photos: tuple[bytes, ...] = field(default=(), repr=False)

    __repr__ = short_repr


class Signings:
    """Opens, finds and closes sessions, and keeps what people sign in them."""

    def __init__(
        self,
        records: Records,
        events: EventLog,
        consent: Consent,
        signing: SigningKey,
        secret: bytes,
        clock: Clock,
    ) -> None:
        """signing: the workspace's key, which countersigns. secret: of which the envelopes' key is made."""
        self._records = records
        self._events = events
        self._consent = consent
        self._signing = signing
        self._clock = clock
        self.envelope = EnvelopeKey(secret)
        self.drafts = Drafts(records, clock)

    def open(self, session: SigningSession) -> SigningSession:
        """Keep a session that was just made; its link is good from now on."""
        session.check()
        with self._records.transaction():
            self._keep(session)
            self._events.record("signing-opened", {"signing": session.id}, (CONTROLLER,))
        _log.info("signing session opened", people=session.people)
        return session

    def close(self, identifier: str) -> SigningSession:
        """Close a session: its link is good no more. What was signed on devices before is still taken."""
        with self._records.transaction():
            session = self.session(identifier)
            if session.closed is None:
                session = replace(session, closed=self._clock())
                self._keep(session)
                self._events.record("signing-closed", {"signing": session.id}, (CONTROLLER,))
            self.drafts.drop_all(session.id)
        return session

    def sessions(self) -> list[SigningSession]:
        """Every session, the latest first."""
        found = map(SigningSession.read, self._records.find(SESSION))
        return sorted(found, key=lambda each: (each.opened, each.id), reverse=True)

    def session(self, identifier: str) -> SigningSession:
        """The session; NotFoundError where there is none."""
        return SigningSession.read(self._records.require(SESSION, identifier))

    def count(self, identifier: str) -> int:
        """How many people signed in a session and are still on record."""
        return self._records.count(SIGNED, parent=identifier)

    def signed(self, identifier: str) -> list[SignedHere]:
        """What was signed in a session, the earliest first."""
        found = [_signed(each.body, identifier) for each in self._records.find(SIGNED, parent=identifier)]
        return sorted(found, key=lambda each: (each.at, each.release))

    def linked(self, token: str, at: datetime | None = None) -> SigningSession:
        """The session behind a link; RefusedError where it isn't good at the moment (now by default)."""
        record = next(self._records.find(SESSION, parent=name_of(token)), None) if token else None
        if record is None:
            raise _NOT_GOOD
        session = SigningSession.read(record)
        now = self._clock()
        if not session.is_open_at(at or now) or now >= session.until + LATE:
            raise _NOT_GOOD
        return session

    def check_room(self, session: SigningSession) -> None:
        """Raise ConflictError where as many people signed in a session as it is for."""
        if self.count(session.id) >= session.people:
            raise ConflictError(
                "As many people have signed by this link as it is for.",
                "Tell whoever gave it to you; they can open another session.",
            )

    def done(self, token: str, key: str) -> SignedHere | None:
        """What came of the signing that was sent under a key; None where there is none.

        The link itself may be over: whoever signed gets their receipt all the same.
        """
        record = self._records.get(SIGNED, name_of(key)) if key else None
        if record is None:
            return None
        session = self.session(record.parent)
        return _signed(record.body, session.id) if name_of(session.token) == name_of(token) else None

    def look(self, token: str, photo: bytes) -> tuple[str, ...]:
        """What is wrong with a photograph that somebody is about to give (values of `Flaw`).

        Raises RefusedError where the link isn't good.
        """
        self.linked(token)
        [(_, flaws, _)] = self.flaws([photo])
        return flaws

    def flaws(self, photos: Sequence[bytes]) -> list[tuple[GivenPhoto, tuple[str, ...], bool]]:
        """Each photograph with what is wrong with it (values of `Flaw`), and whether it enrols nobody.

        Nothing of it is kept. Where no model is there to look with, nothing is found.
        """
        given = [GivenPhoto("The photograph", each) for each in photos]
        try:
            seen = self._consent.flaws_of(given, new("sub"))
        except MissingModelError:
            return [(each, (), False) for each in given]
        return [
            (photo, tuple(flaw.value for flaw in flaws), any(flaw.is_grave for flaw in flaws))
            for photo, flaws in seen
        ]

    def opened_envelope(self, envelope: bytes) -> Sent:
        """What a device sealed; UsageError where it doesn't open or isn't what a device writes."""
        try:
            said = json.loads(self.envelope.open(envelope))
            device = said["device"]
            vouched = None if device is None else Device(**device)
            photos = tuple(map(_bytes, said["photos"]))
            statement = str(said["statement"]).encode()
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError("What was sent can't be read.", "Open the link again, and sign.") from error
        return Sent(Ceremony.parse(statement, vouched), photos)

    def sign(self, token: str, sent: Sent) -> SignedHere:
        """Keep what somebody signed: the person, their release, the record, the photographs; or nothing.

        What was sent under the same key before is returned as it is. Raises RefusedError where the link
        isn't good, ConflictError where as many people signed as the session is for, DocumentError or
        UsageError for what can't be.
        """
        ceremony, now = sent.ceremony, self._clock()
        if (before := self.done(token, ceremony.key)) is not None:
            return before
        # A device's clock may be ahead; nobody signed later than now.
        session = self.linked(token, min(ceremony.signed_at, now))
        check(session, ceremony, sent.photos, now)
        usable, unusable = self._usable(sent.photos)
        with self._consent.together():
            if (before := self.done(token, ceremony.key)) is not None:
                return before
            self.check_room(session)
            done = self._keep_signed(session, ceremony, usable, len(unusable), now)
        _log.info("somebody signed on a page", photos=len(usable), unusable=len(unusable))
        return done

    def on_record(self, signed: SignedHere) -> ReleaseOnRecord:
        """The release that came of a signing."""
        return self._consent.on_record(signed.release)

    def _keep_signed(
        self,
        session: SigningSession,
        ceremony: Ceremony,
        photos: Sequence[GivenPhoto],
        unusable: int,
        now: datetime,
    ) -> SignedHere:
        consent = self._consent
        at = max(session.opened, min(ceremony.signed_at, now)).astimezone(UTC).replace(microsecond=0)
        erased = consent.erased(ceremony.name, ceremony.birth_date)
        if erased is not None and at.date().isoformat() <= erased.day:
            # It may be what they signed before they were erased, sent once more.
            raise RefusedError("Their data were erased since.", "Sign anew from tomorrow on.")
        subject = consent.add_subject(
            Subject(ceremony.name, ceremony.birth_date, ceremony.contact, guardian=ceremony.guardian),
            after=erased,
        )
        witness = "" if ceremony.witness is None else ceremony.witness.name
        shown = evidence(METHOD, witness, ceremony.language)
        release = consent.issue(
            subject.id,
            controller=session.controller,
            shoot=session.shoot.showing(photos),
            grants=Grants.only(*(name for name, is_yes in ceremony.answers.items() if is_yes)),
            terms=terms_in(
                ceremony.language,
                session.territory,
                min(at.date(), session.first_day),
                session.law,
                session.valid_until,
                session.sublicensing,
                session.compensation,
            ),
            evidence=replace(shown, signed_at=at),
        )
        record = ceremony.record(release.id, now)
        consent.attest(release.id, record, self._signing, signed_on=at.date(), method=Method.WEB_CEREMONY)
        if photos:
            consent.set_references(release.id, photos, accept=True)
        done = SignedHere(session.id, release.id, subject.id, at, unusable)
        self._records.put(
            SIGNED, name_of(ceremony.key), encoded(done), owners=(subject.id,), parent=session.id
        )
        self.drafts.drop(ceremony.key)
        return done

    def _usable(self, photos: Sequence[bytes]) -> tuple[list[GivenPhoto], list[GivenPhoto]]:
        """Photographs by which somebody can be enrolled, and the others, such as somebody else's."""
        from volenti.perception.sight.reference import Flaw

        seen = []
        for each, flaws, grave in self.flaws(photos):
            is_anothers = Flaw.ANOTHER_FACE in flaws or bool(self._consent.others_with([each.digest], ""))
            seen.append((each, grave or is_anothers))
        return [each for each, bad in seen if not bad], [each for each, bad in seen if bad]

    def _keep(self, session: SigningSession) -> None:
        self._records.put(
            SESSION, session.id, encoded(session), owners=(CONTROLLER,), parent=name_of(session.token)
        )


def _signed(body: Json, session: str) -> SignedHere:
    return decoded(SignedHere, body, session=session)


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
