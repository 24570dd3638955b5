"""Signings: links by which people sign on a page of the web application, and what came of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from volenti.consent.onrecord import ReleaseOnRecord
    from volenti.perception.sight.reference import Flaw
    from volenti.signings.draft import Draft
    from volenti.signings.service import SignedHere
    from volenti.signings.session import SigningSession
    from volenti.signings.shown import ShownTexts

#: For how many hours a session is open unless something else is said.
HOURS = 12
#: What people are asked about unless something else is said.
ASKED = ("commercial", "generative-training", "synthetic-likeness", "biometric-templates", "redistribution")


@dataclass(frozen=True, slots=True)
class SigningOnRecord:
    """A session, whether people may sign in it now, and how many did and are still on record."""

    session: SigningSession
    is_open: bool
    count: int

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class SigningInFull:
    """A session with what was signed in it, the earliest first: each signing with its release."""

    signing: SigningOnRecord
    signed: Sequence[tuple[SignedHere, ReleaseOnRecord]]

    __repr__ = short_repr


class Signings(Noun):
    """Links by which people sign on a page of the web application, and what came of each."""

    def open(
        self,
        shoot: str,
        *,
        controller: str,
        photographer: str,
        law: str,
        first_day: date | None = None,
        last_day: date | None = None,
        ask: Sequence[str] = ASKED,
        territory: Sequence[str] = ("WORLD",),
        valid_until: date | None = None,
        compensation: str = "",
        sublicensing: bool = False,
        witness: bool = False,
        people: int = 50,
        hours: int = HOURS,
        language: Sequence[str] = ("en", "de", "es"),
    ) -> SigningSession:
        """Open a session: a link with which people sign for one shoot on their phones.

        shoot: the name that its pictures are added under. controller: to whom releases are given, name and
        address. photographer: who takes the pictures, from first_day (today) to last_day (the same). law: the
        governing law, such as DE. ask: the grants that people are asked about; every other one is a no.
        territory, valid_until, compensation, sublicensing: as `ws.releases.issue` takes them. witness:
        whether somebody else has to see it signed. people: how many may sign. hours: for how long the link is
        good. language: those that people may read in. Whoever has the link, `path` of what is returned after
        the web application's address, can sign; it opens nothing else. Raises UsageError where a grant isn't
        one, DocumentError that names each field that can't be as given.

        Example:
            ws.signings.open("march", controller="Example Studio, Berlin", photographer="Pat P.", law="DE")
        """
        from volenti.core.identifiers import new
        from volenti.signings.session import SigningSession, grants_in_order
        from volenti.users.token import new_token

        first = first_day or self._parts.consent.today
        now = self._parts.clock().astimezone(UTC).replace(microsecond=0)
        given = (shoot, photographer, first, last_day or first, controller, law, grants_in_order(ask))
        session = SigningSession(
            new("sgn"),
            new_token(),
            *given,
            tuple(territory),
            tuple(dict.fromkeys(language)),
            people,
            opened=now,
            until=now + timedelta(hours=hours),
            valid_until=valid_until,
            compensation=compensation,
            sublicensing=sublicensing,
            has_witness=witness,
        )
        return self._parts.signings.open(session)

    def show(self, signing: str) -> SigningInFull:
        """One session, and what was signed in it; who was erased since isn't named.

        signing: its identifier. Raises NotFoundError where there is none.

        Example:
            [release.subject.legal_name for _, release in ws.signings.show("sgn_1").signed]
        """
        service = self._parts.signings
        found = service.signed(signing)
        on_record = self._on_record(service.session(signing))
        return SigningInFull(on_record, tuple((each, service.on_record(each)) for each in found))

    def close(self, signing: str) -> SigningOnRecord:
        """Close a session: its link is good no more.

        What was signed on a device before that, and is sent within two weeks, is still taken. signing: its
        identifier. Raises NotFoundError where there is none.

        Example:
            ws.signings.close("sgn_1")
        """
        return self._on_record(self._parts.signings.close(signing))

    def linked(self, token: str) -> SigningSession:
        """Say in which session a link lets people sign.

        token: the link's. Raises RefusedError where it isn't good any more, ConflictError where as many
        people signed as the session is for.

        Example:
            ws.signings.linked(token).name
        """
        session = self._parts.signings.linked(token)
        self._parts.signings.check_room(session)
        return session

    def sealing_key(self) -> bytes:
        """The public key that devices seal to what was signed on them: an uncompressed point of P-256.

        Example:
            ws.signings.sealing_key()
        """
        return self._parts.signings.envelope.public

    def texts(self, token: str, *, language: str = "en") -> ShownTexts:
        """Say what somebody reads before they sign: the release text and the notice, cut into paragraphs.

        token: the link's. language: one of the session's. Raises RefusedError where the link isn't good any
        more, UsageError for another language.

        Example:
            [each.text for each in ws.signings.texts(token, language="de").text]
        """
        from volenti.signings.shown import shown_texts

        return shown_texts(self._parts.signings.linked(token), language)

    def look(self, token: str, photo: bytes) -> Sequence[Flaw]:
        """Say what is wrong with a photo that somebody is about to give; nothing of it is kept.

        Empty also where no model is there to look with. `is_grave` of a flaw says whether it enrols nobody.
        token: the link's. photo: its bytes. Raises RefusedError where the link isn't good any more.

        Example:
            [each.message for each in ws.signings.look(token, Path("ada.jpg").read_bytes())]
        """
        from volenti.perception.sight.reference import Flaw

        return tuple(map(Flaw, self._parts.signings.look(token, photo)))

    def keep_draft(
        self, token: str, key: str, fields: Mapping[str, str], photos: Sequence[bytes] = ()
    ) -> None:
        """Keep for two days what somebody filled in and hasn't signed; only who has the key can read it.

        token: the link's. key: 256 random bits as text, which the browser has and the workspace forgets.
        fields, photos: what was filled in, in place of what was kept before. Raises RefusedError where the
        link isn't good any more.

        Example:
            ws.signings.keep_draft(token, key, {"name": "Ada Example"})
        """
        from volenti.signings.draft import Draft

        session = self._parts.signings.linked(token)
        self._parts.signings.drafts.keep(session.id, key, Draft(dict(fields), tuple(photos)))

    def draft(self, token: str, key: str) -> Draft | None:
        """What was filled in under a key and not signed yet; None where there is none.

        token: the link's. key: as `keep_draft` takes it. Raises RefusedError where the link isn't good any
        more.

        Example:
            ws.signings.draft(token, key)
        """
        session = self._parts.signings.linked(token)
        return self._parts.signings.drafts.find(session.id, key)

    def sign(
        self, token: str, statement: bytes, photos: Sequence[bytes] = (), *, site: str = ""
    ) -> SignedHere:
        """Keep what somebody signed on a page: person, release, record and photographs, or nothing.

        token: the link's. statement: what was shown, answered and signed, as docs/formats/signing.md has it.
        photos: those that the statement names. What was sent under the same key before is returned, and
        nothing is kept twice. site: the application's address. Whoever gave an e-mail address gets a copy by
        letter, with a personal link where the site is given. Raises RefusedError where the link isn't good
        any more, ConflictError where as many people have signed as the session is for, UsageError for what
        can't be signed.

        Example:
            ws.signings.sign(token, statement)
        """
        from volenti.signings.ceremony import Ceremony
        from volenti.signings.service import Sent

        sent = Sent(Ceremony.parse(statement), tuple(photos))
        return self._copied(self._parts.signings.sign(token, sent), site)

    def receive(self, token: str, envelope: bytes, *, site: str = "") -> SignedHere:
        """Open what a device sealed to `sealing_key`, and keep it as `sign` does.

        token: the link's. envelope: the bytes that the device made. site: as `sign` takes it. It may have
        been signed without a network and sent later: what counts is that the session was open when it was
        signed. Raises as `sign`, and UsageError where it doesn't open.

        Example:
            ws.signings.receive(token, envelope)
        """
        service = self._parts.signings
        return self._copied(service.sign(token, service.opened_envelope(envelope)), site)

    def signed(self, token: str, key: str) -> ReleaseOnRecord | None:
        """The release that came of what was signed under a key, as it is on record; None where there is none.

        token: the link's, which may be over. key: the one that the statement holds.

        Example:
            ws.signings.signed(token, key)
        """
        found = self._parts.signings.done(token, key)
        return None if found is None else self._parts.signings.on_record(found)

    def _copied(self, signed: SignedHere, site: str) -> SignedHere:
        """What was signed; a copy goes to whoever gave an e-mail address, once however often it was sent."""
        from volenti.letters.letter import is_address
        from volenti.workspace.letters import Letters

        letters, who = Letters(self._parts), signed.subject
        is_sent = any(each.about == signed.release for each in letters.list(who))
        if not is_sent and is_address(self._parts.consent.subject(who).contact.strip()):
            link = f"{site}/me/enter/{self._parts.portal.link(who)}" if site else ""
            letters.send("signed-copy", who, about=signed.release, link=link, event=signed.release)
        return signed

    def _on_record(self, session: SigningSession) -> SigningOnRecord:
        service = self._parts.signings
        is_open = session.is_open_at(self._parts.clock())
        return SigningOnRecord(session, is_open, service.count(session.id))

    # Last, because below it `list` is the verb.
    def list(self) -> Sequence[SigningOnRecord]:
        """Every session, the latest first.

        Example:
            [each.session.path for each in ws.signings.list() if each.is_open]
        """
        return [self._on_record(each) for each in self._parts.signings.sessions()]
