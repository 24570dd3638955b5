"""A consent desk with the real vault behind it, in memory, and documents to lay on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.portraits import portrait
from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.log.memory import MemoryLogStore
from volenti.adapters.packs.memory import MemoryPackStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.adapters.register.sql import SqlRegister
from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.consent.purpose import Grant, Grants, Use
from volenti.consent.reference import GivenPhoto
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.service import Consent
from volenti.consent.signature import Role, sign
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Guardian, Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core.signing import SigningKey
from volenti.kinds import KINDS
from volenti.transparency.log import Log
from volenti.vault.event_log import EventLog
from volenti.vault.holder import Holders
from volenti.vault.ports import Register
from volenti.vault.records import Records
from volenti.vault.service import Vault

TODAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Hands:
    """Makes documents and keys the way a test wants them; every default is a plain yes."""

    key: SigningKey = field(default_factory=lambda: SigningKey(b"\x01" * 32))
    guardian_key: SigningKey = field(default_factory=lambda: SigningKey(b"\x02" * 32))
    day: date = date(2026, 11, 22)

    def subject(self, **changes: object) -> Subject:
        given = {"legal_name": "Ada Example", "birth_date": date(1990, 5, 17), "public_key": self.key.public}
        return Subject(**(given | {"id": "sub_ada"} | changes))

    def child(self, **changes: object) -> Subject:
        guardian = Guardian("Grace Example", "mother", self.guardian_key.public)
        given = {"legal_name": "Kim Example", "birth_date": date(2015, 1, 1), "guardian": guardian}
        given |= {"id": "sub_child"}
        return self.subject(**(given | changes))

    def shoot(self, reference: str = "") -> Shoot:
        return Shoot("Pat Photographer", date(2026, 11, 1), date(2026, 11, 2), reference)

    def terms(self, **changes: object) -> Terms:
        given = {"territory": ("DE", "FR"), "valid_from": date(2026, 1, 1), "governing_law": "DE"}
        return Terms(**(given | changes))

    def release(self, subject: Subject | None = None, **changes: object) -> Release:
        subject = subject or self.subject()
        given = {
            "id": "rel_1",
            "subject": subject.id,
            "legal_name": subject.legal_name,
            "birth_date": subject.birth_date,
            "controller": "Example Studio, 1 Example Street",
            "shoot": self.shoot(),
            "grants": Grants.only(Grant.GENERATIVE_TRAINING, Grant.COMMERCIAL),
            "terms": self.terms(),
            "evidence": evidence("electronic"),
        }
        return Release(**(given | changes))

    def signed(self, subject: Subject | None = None, **changes: object) -> SignedRelease:
        """Signed by an adult themselves, by a child's guardian for it."""
        subject = subject or self.subject()
        role = Role.GUARDIAN if subject.is_minor_on(self.day) else Role.SUBJECT
        key = self.guardian_key if role is Role.GUARDIAN else self.key
        return SignedRelease(self.release(subject, **changes)).signed_by(key, role, TODAY)

    def forged(self, subject: Subject | None = None, **changes: object) -> SignedRelease:
        """Signed with a key that isn't the subject's."""
        dated = self.signed(subject, **changes).release
        return SignedRelease(dated, (sign(dated.to_json(), SigningKey(b"\x09" * 32), Role.SUBJECT),))

    def use(self, purpose: Grant = Grant.GENERATIVE_TRAINING, place: str = "DE") -> Use:
        return Use(purpose, place, self.day)


@dataclass
class Desk:
    """Consent and everything behind it. The clock stands still unless a test moves it."""

    consent: Consent
    records: Records
    event_log: EventLog
    log: Log
    vault: Vault
    hands: Hands
    #: A sound reference photograph.
    photo: GivenPhoto
    detector: MemoryFaces
    now: datetime = TODAY

    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def events(self, kind: str) -> int:
        """How many events of a kind are on record, each matching its leaf in the log."""
        found = list(self.records.find("event", state=kind))
        assert all(self.event_log.opens(event.position) for event in found)
        return len(found)

    def enrolled(self, subject: Subject | None = None) -> Subject:
        return self.consent.add_subject(subject or self.hands.subject())

    def signed_release(self, subject: Subject | None = None, **changes: object) -> SignedRelease:
        """A release issued and signed here; the subject is enrolled if they aren't yet."""
        subject = subject or self.enrolled()
        release = self.draft(subject, **changes)
        if subject.is_minor_on(self.now.date()):
            return self.consent.sign(release.id, self.hands.guardian_key, Role.GUARDIAN)
        return self.consent.sign(release.id, self.hands.key)

    def draft(self, subject: Subject, **changes: object) -> Release:
        """A release issued here that nobody has signed."""
        given = {"controller": "Example Studio", "shoot": self.hands.shoot(), "terms": self.hands.terms()}
        given |= {"grants": Grants.only(Grant.GENERATIVE_TRAINING, Grant.COMMERCIAL)}
        return self.consent.issue(subject.id, **(given | changes))


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture(params=["memory", "sqlite"])
def register(request: pytest.FixtureRequest) -> Register:
    return MemoryRegister() if request.param == "memory" else SqlRegister("sqlite://")


@pytest.fixture
def desk(register: Register, hands: Hands) -> Desk:
    keys = MemoryKeyStore()
    records = Records(register, keys, b"secret", KINDS, Holders())
    log = Log(MemoryLogStore(), "example.test/log", SigningKey(b"\x07" * 32))
    vault = Vault(keys, MemoryPackStore(), b"\x08" * 32, Holders())

    def clock() -> datetime:
        return desk.now

    events = EventLog(log, records, clock)
    detector = MemoryFaces()
    consent = Consent(records, events, vault, detector, clock)
    desk = Desk(consent, records, events, log, vault, hands, portrait(detector, "ada"), detector)
    return desk
