"""The papers: what consent makes of them is what was planted."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.log.memory import MemoryLogStore
from volenti.adapters.packs.memory import MemoryPackStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.consent.coverage import COVERED, coverage
from volenti.consent.importing import import_file
from volenti.consent.purpose import Grant, Use
from volenti.consent.service import Consent
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.core.clock import system_clock
from volenti.core.signing import SigningKey
from volenti.demo.casting import Casting, Flaw
from volenti.demo.releases import TERRITORY, entry, write_releases
from volenti.kinds import KINDS
from volenti.transparency.log import Log
from volenti.vault.event_log import EventLog
from volenti.vault.holder import Holders
from volenti.vault.records import Records
from volenti.vault.service import Vault

from .theatre import tell

USE = Use(Grant.GENERATIVE_TRAINING, TERRITORY, date(2026, 11, 22))


def _answer(body: dict[str, object]) -> str:
    signed = SignedRelease.from_json({"release": body["release"], "signatures": body["signatures"]})
    return coverage(Subject.from_json(body["subject"]), signed, USE).code


def test_every_covered_person_is_covered(casting: Casting) -> None:
    assert {_answer(entry(person)) for person in casting.covered} == {COVERED}


@pytest.mark.parametrize("flaw", Flaw)
def test_a_flawed_release_is_refused_for_its_flaw(casting: Casting, flaw: Flaw) -> None:
    assert _answer(entry(casting.flawed[flaw], flaw)) == flaw.value


def test_every_release_is_signed_with_the_subjects_own_key(casting: Casting) -> None:
    for person in casting.covered:
        body = entry(person)
        assert [each["public_key"] for each in body["signatures"]] == [str(person.key.public)]


def test_the_file_imports_as_it_is_and_tells_what_covers_nothing(casting: Casting, tmp_path: Path) -> None:
    listing = write_releases(tmp_path / "releases", casting)
    records = Records(MemoryRegister(), keys := MemoryKeyStore(), b"secret", KINDS, Holders())
    log = Log(MemoryLogStore(), "test.log", SigningKey(b"\x05" * 32))
    events = EventLog(log, records, system_clock)
    vault, detector = Vault(keys, MemoryPackStore(), b"\x06" * 32, Holders()), MemoryFaces()
    for person in casting.people:
        tell(detector, person.reference.data, (person.number,))
    consent = Consent(records, events, vault, detector, system_clock)
    found = import_file(consent, listing)
    assert len(found.imported) == 93
    assert not found.refused
    told = {problem.field for problem in found.problems}
    ended = "release.terms.valid_until"
    assert told == {"signatures.subject", "signatures.guardian", "reference", ended}
    assert consent.reference(casting.leaver.release_id) == casting.leaver.reference.data


def test_those_who_signed_nothing_are_nowhere_in_the_papers(casting: Casting, tmp_path: Path) -> None:
    text = write_releases(tmp_path / "releases", casting).read_text()
    assert len(json.loads(text)) == 93
    assert not [person for person in casting.unreleased if person.legal_name in text]


def test_the_same_seed_writes_the_same_papers(casting: Casting, tmp_path: Path) -> None:
    first, second = (write_releases(tmp_path / name, casting).read_bytes() for name in ("a", "b"))
    assert first == second
